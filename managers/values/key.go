package values

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/big"
	"slices"

	"mpbridge/pickle"
)

// KeyUse says what a key is for, as far as the text of the TypeError depends on it.
type KeyUse int

// The uses of keys.
const (
	DictKey    KeyUse = iota // d[k], d.get(k), k in d
	SetElement               // s.add(k), s.discard(k); a set inside of none
	SetLookup                // k in s, s.remove(k), where a set k is taken for a frozenset
	Hash                     // hash(k)
)

// The canonical form of a key is a comparable Go value that equals another one exactly if Python
// would take the two keys for the same. Strings, numbers within int64 and the like stand for
// themselves; what nests is spelled out as bytes.
type (
	keyNone  struct{}
	keyBytes string
	keyBig   string // of an integer beyond int64
	keyDeep  string
	// keyDigest stands for a long keyDeep.
	keyDigest struct {
		sum [sha256.Size]byte
		n   int
	}
	keyNever struct{ nan float64 } // holds a NaN, and thus equals nothing
)

// KeyFor returns a comparable Go value that is equal for exactly the values that are one dict key
// or set element to Python. What holds a NaN equals nothing, itself included: a Go map never finds it.
// Unhashable values are a TypeError.
func KeyFor(v any, use KeyUse) (any, error) { return (*Budget)(nil).KeyFor(v, use) }

// KeyFor is the function KeyFor within the budget.
func (w *Budget) KeyFor(v any, use KeyUse) (any, error) {
	if err := w.Step(weight(v)); err != nil {
		return nil, err
	}
	m := w.Mark()
	k, err := w.keyFor(v, use)
	if err != nil {
		return nil, err
	}
	w.Free(m) // but for the key itself
	return k, w.Make(0, keySize(k))
}

// keySize is what a key takes beyond its place.
func keySize(k any) int64 {
	switch k := k.(type) {
	case keyDeep:
		return int64(len(k)) + ValueBytes
	case keyBig:
		return int64(len(k)) + ValueBytes
	case keyBytes:
		return int64(len(k)) + ValueBytes
	}
	return 0
}

func (w *Budget) keyFor(v any, use KeyUse) (any, error) {
	given := v
	v = plain(v)
	switch k := v.(type) {
	case string, int64:
		// v is returned as it came: a new interface would allocate.
		return v, nil
	case nil:
		return keyNone{}, nil
	case pickle.ByteString:
		if ascii(string(k)) {
			return string(k), nil
		}
		return v, nil
	case []byte:
		return keyBytes(k), nil
	case pickle.Global, pickle.Ellipsis, pickle.NotImplemented:
		return v, nil
	}
	kw := keyWriter{budget: w, outer: given, use: use}
	if n, ok := number(v); ok {
		if signals(n) {
			return nil, kw.refuse("Cannot hash a signaling NaN value")
		}
		return numberKey(n), nil
	}
	var err error
	if s, ok := v.(*pickle.Set); ok && use == SetLookup {
		err = kw.set(s)
	} else {
		err = kw.add(v)
	}
	switch {
	case err != nil:
		return nil, err
	case kw.never:
		return keyNever{math.NaN()}, nil
	}
	if len(kw.buf) > longKey {
		return keyDigest{sha256.Sum256(kw.buf), len(kw.buf)}, nil
	}
	return keyDeep(kw.buf), nil
}

// longKey is how long a key may be that is kept as it is written out, which may be exponentially longer
// than the value.
const longKey = 256

// numberKey returns the same for all numbers that are equal.
func numberKey(n any) any {
	switch n := n.(type) {
	case float64:
		if n != math.Trunc(n) || math.IsInf(n, 0) || math.IsNaN(n) {
			return n
		}
		if n >= -(1<<63) && n < 1<<63 {
			return int64(n)
		}
		whole, _ := big.NewFloat(n).Int(nil)
		return bigKey(whole)
	case *big.Int:
		return bigKey(n)
	case int64, complex128:
		return n
	}
	return exactKey(n)
}

func bigKey(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	sign := byte('+')
	if n.Sign() < 0 {
		sign = '-'
	}
	return keyBig(append([]byte{sign}, n.Bytes()...))
}

// keyWriter spells a key out, each value with a tag and a length, so that two spellings are equal
// only if the values are.
type keyWriter struct {
	budget *Budget
	buf    []byte
	depth  int
	never  bool // a NaN was met
	inside bool // within an object, whose content may be what Python cannot hash
	outer  any
	use    KeyUse
}

func (w *keyWriter) text(tag byte, s string) error {
	if len(w.buf)+len(s) > maxKey {
		return keyTooLong()
	}
	if err := w.grow(len(s)); err != nil {
		return err
	}
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(len(s)))
	w.buf = append(w.buf, s...)
	return nil
}

// grow counts n bytes more, with their tag and length: twice, for they are copied as the key grows.
func (w *keyWriter) grow(n int) error {
	const frame = 4
	if err := w.budget.Make(0, 2*int64(n+frame)); err != nil {
		return err
	}
	return w.budget.Step(1)
}

// open begins a container of n parts; close ends it.
func (w *keyWriter) open(tag byte, n int) error {
	if w.depth >= maxDepth {
		return tooDeep()
	}
	if len(w.buf)+n > maxKey {
		return keyTooLong()
	}
	if err := w.grow(0); err != nil {
		return err
	}
	w.depth++
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(n))
	return nil
}

func (w *keyWriter) close() { w.depth-- }

func (w *keyWriter) add(v any) error {
	v = plain(v)
	switch v := v.(type) {
	case nil:
		return w.text('N', "")
	case string:
		return w.text('s', v)
	case pickle.ByteString:
		if ascii(string(v)) {
			return w.text('s', string(v))
		}
		return w.text('S', string(v))
	case []byte:
		return w.text('b', string(v))
	case pickle.Tuple:
		return w.sequence('(', v)
	case *pickle.FrozenSet:
		return w.set(v)
	case pickle.Global:
		if err := w.text('g', v.Module); err != nil {
			return err
		}
		return w.text('.', v.Name)
	case pickle.Ellipsis:
		return w.text('e', "")
	case pickle.NotImplemented:
		return w.text('n', "")
	case pickle.Slice:
		return w.sequence(':', []any{v.Start, v.Stop, v.Step})
	case pickle.Range:
		r := plainRange(v)
		return w.sequence('r', []any{r[0], r[1], r[2]})
	}
	if n, ok := number(v); ok {
		if signals(n) && !w.inside {
			return w.refuse("Cannot hash a signaling NaN value")
		}
		return w.number(numberKey(n))
	}
	if o, ok := v.(*pickle.Object); ok {
		return w.object(o)
	}
	if w.inside {
		return w.mutable(v)
	}
	return w.unhashable(v)
}

func (w *keyWriter) unhashable(v any) error {
	return w.refuse("unhashable type: '" + TypeName(v) + "'")
}

// refuse is the TypeError that hash() raises with the text reason, as the use of the key words it.
func (w *keyWriter) refuse(reason string) error {
	switch w.use {
	case DictKey:
		return typeError("cannot use '%s' as a dict key (%s)", qualified(w.outer), reason)
	case SetElement, SetLookup:
		return typeError("cannot use '%s' as a set element (%s)", qualified(w.outer), reason)
	}
	return typeError("%s", reason)
}

func (w *keyWriter) number(n any) error {
	var b [16]byte
	switch n := n.(type) {
	case int64:
		return w.text('i', string(binary.AppendVarint(b[:0], n)))
	case keyBig:
		return w.text('I', string(n))
	case keyDeep:
		return w.text('q', string(n))
	case float64:
		w.never = w.never || math.IsNaN(n)
		return w.text('f', string(binary.BigEndian.AppendUint64(b[:0], math.Float64bits(n))))
	case complex128:
		re, im := real(n)+0, imag(n)+0 // -0.0 is 0.0
		w.never = w.never || math.IsNaN(re) || math.IsNaN(im)
		bits := binary.BigEndian.AppendUint64(b[:0], math.Float64bits(re))
		return w.text('c', string(binary.BigEndian.AppendUint64(bits, math.Float64bits(im))))
	}
	w.never = true
	return nil
}

func (w *keyWriter) sequence(tag byte, items []any) error {
	if err := w.open(tag, len(items)); err != nil {
		return err
	}
	for _, v := range items {
		if err := w.add(v); err != nil {
			return err
		}
	}
	w.close()
	return nil
}

// set spells out the elements in an order of its own: that of their spelling.
func (w *keyWriter) set(v any) error {
	n, all, _ := setOf(v)
	return w.unordered('{', n, func(part func(func() error) error) error {
		for v := range all {
			if err := part(func() error { return w.add(v) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// unordered sorts the parts that list spells out one by one.
func (w *keyWriter) unordered(tag byte, n int, list func(func(func() error) error) error) error {
	if err := w.open(tag, n); err != nil {
		return err
	}
	start := len(w.buf)
	var parts []string
	err := list(func(write func() error) error {
		from := len(w.buf)
		err := write()
		parts = append(parts, string(w.buf[from:]))
		return err
	})
	if err != nil {
		return err
	}
	// Sorting copies, once more at each level.
	m := w.budget.Mark()
	defer w.budget.Free(m)
	if err := w.budget.MakeEach(len(parts), ValueBytes); err != nil {
		return err
	}
	if err := w.budget.Make(0, int64(len(w.buf)-start)); err != nil {
		return err
	}
	slices.Sort(parts)
	w.buf = w.buf[:start]
	for _, p := range parts {
		w.buf = append(w.buf, p...)
	}
	w.close()
	return nil
}

// mutable spells out what is part of an object and never a key by itself.
func (w *keyWriter) mutable(v any) error {
	switch v := v.(type) {
	case *pickle.List:
		return w.sequence('[', v.Items)
	case *pickle.Set:
		return w.set(v)
	case *pickle.ByteArray:
		return w.text('b', string(v.Bytes))
	case *pickle.Dict:
		return w.unordered('d', v.Len(), func(part func(func() error) error) error {
			for k, v := range v.All() {
				if err := part(func() error { return w.sequence('=', []any{k, v}) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return w.unhashable(v)
}

// object spells out a value of a known class by its value, any other by its content.
func (w *keyWriter) object(o *pickle.Object) error {
	m := w.budget.Mark()
	defer w.budget.Free(m)
	if err := w.budget.opens(o); err != nil {
		return err
	}
	if done, err := w.known(o); done {
		return err
	}
	outer := w.inside
	w.inside = true
	err := w.content(o)
	w.inside = outer
	return err
}

func (w *keyWriter) content(o *pickle.Object) error {
	pairs := make([]any, 0, 2*len(o.Pairs))
	for _, p := range o.Pairs {
		pairs = append(pairs, p.Key, p.Value)
	}
	var kwargs any
	if o.Kwargs != nil {
		kwargs = o.Kwargs
	}
	class, args, ok := classOf(o)
	var parts []any
	if ok {
		parts = []any{class, args}
	} else {
		parts = []any{o.Class, o.Args}
	}
	parts = append(parts, kwargs, o.HasState, o.State, o.Setter)
	if err := w.sequence('o', parts); err != nil {
		return err
	}
	if err := w.sequence('[', o.Items); err != nil {
		return err
	}
	return w.sequence('[', pairs)
}
