package values

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"unicode/utf8"

	"mpbridge/pickle"
)

// maxIterated bounds what is made of a few bytes: a range can claim any number of elements.
const maxIterated = 1 << 24

// Iterate returns the elements of v as iter(v) gives them, or a TypeError for what is not iterable.
// A dict gives its keys, text its characters, bytes integers. An iterator that was pickled gives
// what is left of it.
func Iterate(v any) ([]any, error) { return (*Budget)(nil).Iterate(v) }

// Iterate is the function Iterate within the budget. Iterators in one another can claim to go on for years, so the nil
// Budget has wide bounds here.
func (w *Budget) Iterate(v any) ([]any, error) {
	if w == nil {
		w = NewBudget(BudgetLimits{Values: 4 * maxIterated, Bytes: 4 << 30, Steps: longestStep << 4}, nil, nil)
	}
	return w.iterate(v, maxNested)
}

// maxNested is how many iterators may be inside one another, as in enumerate(zip(...)).
const maxNested = 8

func (w *Budget) iterate(v any, depth int) ([]any, error) {
	switch v := v.(type) {
	case pickle.Tuple:
		return v, w.Step(1)
	case *pickle.List:
		return v.Items, w.Step(1)
	case *pickle.Set:
		return w.collect(v.Len(), v.All())
	case *pickle.FrozenSet:
		return w.collect(v.Len(), v.All())
	case *pickle.Dict:
		return w.keysOf(v)
	case string:
		return w.characters(v)
	case pickle.ByteString:
		return w.letters(string(v))
	case []byte:
		return w.integers(v)
	case *pickle.ByteArray:
		return w.integers(v.Bytes)
	case pickle.Range:
		return w.rangeItems(v)
	case *pickle.Object:
		if err := w.opens(v); err != nil {
			return nil, err
		}
		if items, ok, err := w.objectItems(v, depth-1); ok || err != nil {
			return items, err
		}
	}
	return nil, typeError("'%s' object is not iterable", TypeName(v))
}

func (w *Budget) collect(n int, all func(func(any) bool)) ([]any, error) {
	if err := w.MakeEach(n, ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, 0, n)
	for v := range all {
		items = append(items, v)
	}
	return items, nil
}

func (w *Budget) keysOf(d *pickle.Dict) ([]any, error) {
	if err := w.MakeEach(d.Len(), ValueBytes); err != nil {
		return nil, err
	}
	return keysOf(d), nil
}

// characters splits text; a lone surrogate takes three bytes.
func (w *Budget) characters(s string) ([]any, error) {
	if err := w.MakeEach(utf8.RuneCountInString(s), 2*ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, 0, utf8.RuneCountInString(s))
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		if n == 1 && s[0] >= utf8.RuneSelf {
			n = min(3, len(s))
		}
		items = append(items, s[:n])
		s = s[n:]
	}
	return items, nil
}

// letters splits a str of Python 2.
func (w *Budget) letters(s string) ([]any, error) {
	if err := w.MakeEach(len(s), 2*ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, len(s))
	for i := range len(s) {
		items[i] = pickle.ByteString(s[i : i+1])
	}
	return items, nil
}

func (w *Budget) integers(b []byte) ([]any, error) {
	if err := w.MakeEach(len(b), ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, len(b))
	for i, c := range b {
		items[i] = int64(c)
	}
	return items, nil
}

func (w *Budget) rangeItems(r pickle.Range) ([]any, error) {
	start, stop, step := toBig(r.Start), toBig(r.Stop), toBig(r.Step)
	if start == nil || stop == nil || step == nil || step.Sign() == 0 {
		return nil, typeError("a range of values that are not integers")
	}
	n := new(big.Int).Sub(stop, start)
	n.Add(n, step)
	n.Sub(n, big.NewInt(int64(step.Sign())))
	if err := w.leap(digitWork(int64(n.BitLen()))); err != nil {
		return nil, err
	}
	n.Quo(n, step)
	if n.Sign() <= 0 {
		return nil, nil
	}
	if !n.IsInt64() || n.Int64() > maxIterated {
		return nil, raise("MemoryError", "a range has more than %d elements, too many to be written out", maxIterated)
	}
	longest := max(start.BitLen(), stop.BitLen()) / 8
	if err := w.MakeEach(int(n.Int64()), ValueBytes+longest); err != nil {
		return nil, err
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
func (w *Budget) objectItems(o *pickle.Object, depth int) (items []any, ok bool, err error) {
	class, ok := o.Class.(pickle.Global)
	if !ok || depth < 0 {
		return nil, false, nil
	}
	args, _ := o.Args.(pickle.Tuple)
	switch class {
	case pickle.Global{Module: "builtins", Name: "iter"}:
		return w.iteratorItems(o, args, depth)
	case pickle.Global{Module: "builtins", Name: "reversed"}:
		return w.reversedItems(o, args, depth)
	case pickle.Global{Module: "builtins", Name: "enumerate"}:
		return w.enumerated(args, depth)
	case pickle.Global{Module: "builtins", Name: "zip"}:
		if hasTools(args) {
			return w.toolItems(o, depth)
		}
		return w.zipped(o, args, depth)
	case pickle.Global{Module: "builtins", Name: "list"},
		pickle.Global{Module: "builtins", Name: "tuple"}:
		items, err := w.first(args, depth)
		if err == nil && len(o.Items) > 0 {
			err = w.MakeEach(len(items)+len(o.Items), ValueBytes)
		}
		if err != nil {
			return nil, false, err
		}
		return append(items[:len(items):len(items)], o.Items...), true, nil
	}
	if items, ok, err := w.viewed(class, args); ok || err != nil {
		return items, ok, err
	}
	if s, ok := sequenceOf(o); ok {
		return s.Items, true, nil
	}
	if m, ok := mappingObject(w, o); ok {
		items, err := w.keysOf(m.Dict)
		return items, err == nil, err
	}
	for _, known := range []func(*pickle.Object, int) ([]any, bool, error){
		w.toolItems, w.userItems, w.arrayItems, w.pandasItems, w.otherItems} {
		if items, ok, err := known(o, depth); ok || err != nil {
			return items, ok, err
		}
	}
	return nil, false, w.Step(1)
}

// first iterates the first argument of a call, where there is one.
func (w *Budget) first(args pickle.Tuple, depth int) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	return w.iterate(args[0], depth)
}

// iteratorItems are those that a list_iterator, whose state is its place, has not given yet.
func (w *Budget) iteratorItems(o *pickle.Object, args pickle.Tuple, depth int) ([]any, bool, error) {
	if len(args) == 2 {
		return nil, false, typeError("'callable_iterator' object is not iterable here: this server runs no Python code")
	}
	items, err := w.first(args, depth)
	if at, ok := o.State.(int64); ok && o.HasState {
		items = items[min(max(at, 0), int64(len(items))):]
	}
	return items, len(args) > 0, err
}

// rowBytes is what a tuple of no elements takes.
const rowBytes = 48

// enumerated are the pairs of an enumerate object: its arguments are the iterator and the next number.
func (w *Budget) enumerated(args pickle.Tuple, depth int) ([]any, bool, error) {
	if len(args) != 2 {
		return nil, false, nil
	}
	start, ok := args[1].(int64)
	items, err := w.first(args, depth)
	if err == nil {
		err = w.Make(3*int64(len(items)), int64(len(items))*(rowBytes+2*ValueBytes))
	}
	if err != nil || !ok {
		return nil, false, err
	}
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = pickle.Tuple{start + int64(i), v}
	}
	return out, true, nil
}

// zipped are the tuples of a zip object, as many as the shortest of its iterators has.
func (w *Budget) zipped(o *pickle.Object, args pickle.Tuple, depth int) ([]any, bool, error) {
	columns := make([][]any, len(args))
	shortest, total := 0, 0
	for i, a := range args {
		items, err := w.iterate(a, depth)
		if plain := (*Error)(nil); errors.As(err, &plain) && plain.Class == "TypeError" {
			return nil, false, nil
		} else if err != nil {
			return nil, false, err
		}
		if total += len(items); total > maxIterated {
			return nil, false, raise("MemoryError", "a zip has more than %d elements, too many to be written out", maxIterated)
		}
		if columns[i] = items; i == 0 || len(items) < shortest {
			shortest = len(items)
		}
	}
	if o.State == true { // zip(..., strict=True)
		if err := sameLength(columns); err != nil {
			return nil, false, err
		}
	}
	if err := w.Make(int64(shortest)*int64(1+len(columns)), int64(shortest)*int64(rowBytes+len(columns)*ValueBytes/2)); err != nil {
		return nil, false, err
	}
	out := make([]any, shortest)
	for i := range out {
		row := make(pickle.Tuple, len(columns))
		for k, c := range columns {
			row[k] = c[i]
		}
		out[i] = row
	}
	return out, true, nil
}

// sameLength is the ValueError of zip for columns of which not all are as long as the first: it names the one that is at
// its end first, or that goes on.
func sameLength(columns [][]any) error {
	if len(columns) == 0 {
		return nil
	}
	at, how := 0, "shorter"
	for i, c := range columns {
		if len(c) < len(columns[at]) {
			at = i
		}
	}
	if at == 0 {
		how = "longer"
		at = slices.IndexFunc(columns, func(c []any) bool { return len(c) > len(columns[0]) })
	}
	before := "argument 1"
	switch {
	case at < 0:
		return nil
	case at > 1:
		before = fmt.Sprintf("arguments 1-%d", at)
	}
	return raise("ValueError", "zip() argument %d is %s than %s", at+1, how, before)
}

func (w *Budget) reversedItems(o *pickle.Object, args pickle.Tuple, depth int) ([]any, bool, error) {
	items, err := w.first(args, depth)
	if at, ok := o.State.(int64); ok && o.HasState {
		items = items[:min(max(at+1, 0), int64(len(items)))]
	}
	if err != nil {
		return nil, false, err
	}
	out, err := w.backwards(items)
	return out, len(args) > 0 && err == nil, err
}

// Mapping returns the items of a dict or of one of its subclasses: OrderedDict, defaultdict, Counter, and any other
// that its pickle sets items of. ok is false for anything else.
func Mapping(v any) (items []pickle.Pair, ok bool) {
	items, ok, _ = (*Budget)(nil).Mapping(v)
	return items, ok
}

// Mapping is the function Mapping within the budget.
func (w *Budget) Mapping(v any) (items []pickle.Pair, ok bool, err error) {
	if err := w.opens(v); err != nil {
		return nil, false, err
	}
	m, ok := mappingOf(w, v)
	if o, isObject := v.(*pickle.Object); isObject && !ok {
		_, items = subclassed(o)
		return items, items != nil, w.Step(1)
	}
	if !ok {
		return nil, false, w.Step(1)
	}
	if err := w.MakeEach(m.Dict.Len(), ValueBytes); err != nil {
		return nil, false, err
	}
	items = make([]pickle.Pair, 0, m.Dict.Len())
	for k, x := range m.Dict.All() {
		items = append(items, pickle.Pair{Key: k, Value: x})
	}
	return items, true, nil
}
