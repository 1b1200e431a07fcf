package values

import (
	"math/big"
	"unicode/utf8"

	"mpbridge/pickle"
)

// maxIterated bounds what is made of a few bytes: a range can claim any number of elements.
const maxIterated = 1 << 24

// Iterate returns the elements of v as iter(v) gives them, or a TypeError for what is not iterable.
// A dict gives its keys, text its characters, bytes integers. An iterator that was pickled gives
// what is left of it.
func Iterate(v any) ([]any, error) { return iterate(v, maxNested) }

// maxNested is how many iterators may be inside one another, as in enumerate(zip(...)).
const maxNested = 8

func iterate(v any, depth int) ([]any, error) {
	switch v := v.(type) {
	case pickle.Tuple:
		return v, nil
	case *pickle.List:
		return v.Items, nil
	case *pickle.Set:
		return collect(v.Len(), v.All()), nil
	case *pickle.FrozenSet:
		return collect(v.Len(), v.All()), nil
	case *pickle.Dict:
		return mapping{dict: v}.keys(), nil
	case string:
		return characters(v), nil
	case pickle.ByteString:
		items := make([]any, len(v))
		for i := range len(v) {
			items[i] = v[i : i+1]
		}
		return items, nil
	case []byte:
		return integers(v), nil
	case *pickle.ByteArray:
		return integers(v.Bytes), nil
	case pickle.Range:
		return rangeItems(v)
	case *pickle.Object:
		if items, ok := objectItems(v, depth-1); ok {
			return items, nil
		}
	}
	return nil, typeError("'%s' object is not iterable", TypeName(v))
}

func collect(n int, all func(func(any) bool)) []any {
	items := make([]any, 0, n)
	for v := range all {
		items = append(items, v)
	}
	return items
}

// characters splits text; a lone surrogate takes three bytes.
func characters(s string) []any {
	items := make([]any, 0, len(s))
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		if n == 1 && s[0] >= utf8.RuneSelf {
			n = min(3, len(s))
		}
		items = append(items, s[:n])
		s = s[n:]
	}
	return items
}

func integers(b []byte) []any {
	items := make([]any, len(b))
	for i, c := range b {
		items[i] = int64(c)
	}
	return items
}

func rangeItems(r pickle.Range) ([]any, error) {
	start, stop, step := toBig(r.Start), toBig(r.Stop), toBig(r.Step)
	if start == nil || stop == nil || step == nil || step.Sign() == 0 {
		return nil, typeError("range of what are no integers")
	}
	n := new(big.Int).Sub(stop, start)
	n.Add(n, step)
	n.Sub(n, big.NewInt(int64(step.Sign())))
	n.Quo(n, step)
	if n.Sign() <= 0 {
		return nil, nil
	}
	if !n.IsInt64() || n.Int64() > maxIterated {
		return nil, raise("MemoryError", "range is too long to be spelled out")
	}
	items := make([]any, n.Int64())
	for i := range items {
		if start.IsInt64() {
			items[i] = start.Int64()
		} else {
			items[i] = new(big.Int).Set(start)
		}
		start.Add(start, step)
	}
	return items, nil
}

func toBig(v any) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return new(big.Int).Set(v)
	case bool:
		if v {
			return big.NewInt(1)
		}
		return new(big.Int)
	}
	return nil
}

// objectItems are the elements of the iterables of the standard library that pickles make by a
// call.
func objectItems(o *pickle.Object, depth int) ([]any, bool) {
	class, ok := o.Class.(pickle.Global)
	if !ok || depth < 0 {
		return nil, false
	}
	args, _ := o.Args.(pickle.Tuple)
	switch class {
	case pickle.Global{Module: "builtins", Name: "iter"}:
		return iteratorItems(o, args, depth)
	case pickle.Global{Module: "builtins", Name: "reversed"}:
		return reversedItems(o, args, depth)
	case pickle.Global{Module: "builtins", Name: "enumerate"}:
		return enumerated(args, depth)
	case pickle.Global{Module: "builtins", Name: "zip"}:
		return zipped(args, depth)
	case pickle.Global{Module: "builtins", Name: "list"},
		pickle.Global{Module: "builtins", Name: "tuple"}:
		items := first(args, depth)
		return append(items[:len(items):len(items)], o.Items...), true
	}
	if s, ok := sequenceOf(o); ok {
		return s.items, true
	}
	if m, ok := mappingObject(o); ok {
		return m.keys(), true
	}
	return nil, false
}

// first iterates the first argument of a call, where there is one that can be iterated.
func first(args pickle.Tuple, depth int) []any {
	if len(args) == 0 {
		return nil
	}
	items, err := iterate(args[0], depth)
	if err != nil {
		return nil
	}
	return items
}

// iteratorItems are those that a list_iterator, whose state is its place, has not given yet.
func iteratorItems(o *pickle.Object, args pickle.Tuple, depth int) ([]any, bool) {
	items := first(args, depth)
	if at, ok := o.State.(int64); ok && o.HasState {
		items = items[min(max(at, 0), int64(len(items))):]
	}
	return items, len(args) > 0
}

// enumerated are the pairs of an enumerate object: its arguments are the iterator and the next number.
func enumerated(args pickle.Tuple, depth int) ([]any, bool) {
	items := first(args, depth)
	if len(args) != 2 {
		return nil, false
	}
	start, ok := args[1].(int64)
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = pickle.Tuple{start + int64(i), v}
	}
	return out, ok
}

// zipped are the tuples of a zip object, as many as the shortest of its iterators has.
func zipped(args pickle.Tuple, depth int) ([]any, bool) {
	columns := make([][]any, len(args))
	shortest, total := 0, 0
	for i, a := range args {
		items, err := iterate(a, depth)
		if total += len(items); err != nil || total > maxIterated {
			return nil, false
		}
		if columns[i] = items; i == 0 || len(items) < shortest {
			shortest = len(items)
		}
	}
	out := make([]any, shortest)
	for i := range out {
		row := make(pickle.Tuple, len(columns))
		for k, c := range columns {
			row[k] = c[i]
		}
		out[i] = row
	}
	return out, true
}

func reversedItems(o *pickle.Object, args pickle.Tuple, depth int) ([]any, bool) {
	items := first(args, depth)
	if at, ok := o.State.(int64); ok && o.HasState {
		items = items[:min(max(at+1, 0), int64(len(items)))]
	}
	out := make([]any, len(items))
	for i, v := range items {
		out[len(items)-1-i] = v
	}
	return out, len(args) > 0
}

// Mapping returns the items of a dict or of one of its subclasses in the standard library:
// OrderedDict, defaultdict, Counter. ok is false for anything else.
func Mapping(v any) (items []pickle.Pair, ok bool) {
	m, ok := mappingOf(v)
	if !ok {
		return nil, false
	}
	items = make([]pickle.Pair, 0, m.dict.Len())
	for k, x := range m.dict.All() {
		items = append(items, pickle.Pair{Key: k, Value: x})
	}
	return items, true
}
