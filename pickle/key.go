package pickle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"slices"
	"unsafe"
)

// The canonical form of a key is a comparable Go value that equals another one exactly if Python
// would take the two keys for the same. Strings and integers are their own; everything that nests
// is spelled out as bytes.
type (
	keyNone  struct{}
	keyBig   string // of an integer beyond int64: sign and magnitude
	keyBytes string // of a bytes
	keyDeep  string // of a tuple, frozenset, slice, range, object: see keyWriter

	// keyDigest stands for a keyDeep longer than longKey: written out, a key may be exponentially longer
	// than it is in memory.
	keyDigest struct {
		sum [sha256.Size]byte
		n   int
	}
)

// longKey is how long a key may be that is kept as it is written out.
const longKey = 256

// meter counts the bytes that the keys of one pickle make us look at.
type meter struct{ left int }

func (m *meter) spend(n int) error {
	if m == nil {
		return nil
	}
	if m.left -= n; m.left < 0 {
		return &LimitError{What: "bytes of keys to compare", Limit: 0, Got: int64(-m.left)}
	}
	return nil
}

// empty tells whether all is spent; drain spends without complaint.
func (m *meter) empty() bool { return m != nil && m.left <= 0 }

func (m *meter) drain(n int) {
	if m != nil {
		m.left -= min(m.left, n)
	}
}

// knownKey is how many bytes reading an object of a known class counts as.
const knownKey = 16

// freeKey is how long a string may be to be hashed without being counted.
const freeKey = 64

// canonical returns the canonical form of a key.
func canonical(k any, work *meter) (any, error) {
	// k is returned as it came: putting its string into a new interface would allocate.
	switch s := k.(type) {
	case string:
		if len(s) > freeKey {
			return k, work.spend(len(s))
		}
		return k, nil
	case int64:
		return k, nil
	}
	ck, _, err := canonicalKey(k, work)
	return ck, err
}

// canonicalKey is canonical for keys of any type; it also tells whether an Object is in the key that is known by its
// content alone.
func canonicalKey(k any, work *meter) (ck any, objects bool, err error) {
	k = Plain(k)
	switch v := k.(type) {
	case nil:
		return keyNone{}, false, nil
	case int64:
		return k, false, nil
	case string:
		return k, false, work.spend(len(v))
	case ByteString:
		return textKey(v), false, work.spend(len(v))
	case []byte:
		// bytes are never written to, so that the key may share their memory.
		return keyBytes(unsafe.String(unsafe.SliceData(v), len(v))), false, work.spend(len(v))
	case Global:
		return k, false, work.spend(len(v.Module) + len(v.Name))
	case Ellipsis, NotImplemented:
		return k, false, nil
	case Tuple, *FrozenSet, Slice, Range, *Object:
		return deepKey(k, work)
	}
	if ck, ok := numberKey(k); ok {
		return ck, false, nil
	}
	return nil, false, hashable(k)
}

// hashable says at once that a value can never be a key.
func hashable(k any) error {
	switch k.(type) {
	case *List, *Dict, *Set, *ByteArray:
		return fmt.Errorf("pickle: %w: %s", ErrUnhashable, TypeName(k))
	case nil, string, ByteString, []byte, Global, Ellipsis, NotImplemented, Tuple, *FrozenSet,
		Slice, Range, *Object:
		return nil
	}
	if _, ok := numberKey(k); ok {
		return nil
	}
	return fmt.Errorf("pickle: %w: %T", ErrUnhashable, k)
}

// numberKey gives all numbers that are equal in Python one key.
func numberKey(k any) (any, bool) {
	switch k := k.(type) {
	case bool:
		if k {
			return int64(1), true
		}
		return int64(0), true
	case float64:
		return floatKey(k), true
	case float32:
		return floatKey(float64(k)), true
	case complex128:
		if imag(k) == 0 {
			return floatKey(real(k)), true
		}
		return k, true
	case complex64:
		return numberKey(complex128(k))
	}
	i, ok := integer(k)
	if b, isBig := i.(*big.Int); isBig {
		return bigKey(b), ok
	}
	return i, ok
}

func floatKey(f float64) any {
	if f != math.Trunc(f) || math.IsInf(f, 0) || math.IsNaN(f) {
		return f
	}
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	b, _ := new(big.Float).SetFloat64(f).Int(nil)
	return bigKey(b)
}

func bigKey(b *big.Int) any {
	if b.IsInt64() {
		return b.Int64()
	}
	sign := []byte{'+'}
	if b.Sign() < 0 {
		sign[0] = '-'
	}
	return keyBig(append(sign, b.Bytes()...))
}

// deepKey spells out a key that nests.
func deepKey(k any, work *meter) (any, bool, error) {
	w := keyWriter{limit: maxKeyBytes, work: work}
	if work != nil {
		w.limit = min(w.limit, max(work.left, 0))
	}
	if o, ok := k.(*Object); ok {
		if known, ok := objectKey(o); ok {
			return known, false, work.spend(knownKey)
		}
		if !w.object(o) {
			return o, true, work.spend(len(w.buf))
		}
	} else if err := w.add(k); err != nil {
		return nil, false, err
	}
	if err := work.spend(len(w.buf)); err != nil {
		return nil, false, err
	}
	if w.never {
		return math.NaN(), w.objects, nil
	}
	if len(w.buf) > longKey {
		return keyDigest{sha256.Sum256(w.buf), len(w.buf)}, w.objects, nil
	}
	return keyDeep(w.buf), w.objects, nil
}

// keyWriter spells a key out as bytes, each value with a tag and a length, so that two spellings
// are equal only if the values are.
type keyWriter struct {
	buf     []byte
	depth   int
	limit   int // bytes that buf may grow to
	work    *meter
	objects bool // an Object was met
	inside  bool // within an Object: what Python could not hash has content too
	never   bool // what equals nothing was met, such as a NaN: no map finds the key
}

func (w *keyWriter) text(tag byte, s string) error {
	if len(s) > w.limit-len(w.buf) {
		return &LimitError{What: "bytes in a key", Limit: int64(w.limit), Got: int64(len(w.buf) + len(s))}
	}
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(len(s)))
	w.buf = append(w.buf, s...)
	return nil
}

func (w *keyWriter) open(tag byte, n int) error {
	if w.depth++; w.depth > maxKeyDepth {
		return &LimitError{What: "levels in a key", Limit: maxKeyDepth, Got: int64(w.depth)}
	}
	if n > w.limit-len(w.buf) {
		return &LimitError{What: "bytes in a key", Limit: int64(w.limit), Got: int64(len(w.buf) + n)}
	}
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(n))
	return nil
}

func (w *keyWriter) add(v any) error {
	v = Plain(v)
	switch v := v.(type) {
	case nil:
		return w.text('N', "")
	case string:
		return w.text('s', v)
	case ByteString:
		if _, ascii := textKey(v).(string); ascii {
			return w.text('s', string(v))
		}
		return w.text('S', string(v))
	case []byte:
		return w.text('b', unsafe.String(unsafe.SliceData(v), len(v)))
	case Tuple:
		return w.sequence('(', v)
	case *FrozenSet:
		return w.unordered('{', &v.t)
	case Global:
		if err := w.text('g', v.Module); err != nil {
			return err
		}
		return w.text('.', v.Name)
	case Ellipsis:
		return w.text('e', "")
	case NotImplemented:
		return w.text('n', "")
	case Slice:
		return w.sequence(':', []any{v.Start, v.Stop, v.Step})
	case Range:
		return w.sequence('r', rangeKey(v))
	case *Object:
		if known, ok := objectKey(v); ok {
			if err := w.work.spend(knownKey); err != nil {
				return err
			}
			return w.number(known)
		}
		if w.inside {
			return w.objectParts(v)
		}
		if !w.object(v) {
			// The address stands for the object. It stays true: the key's owner holds the object.
			at := uint64(uintptr(unsafe.Pointer(v)))
			return w.text('p', string(binary.BigEndian.AppendUint64(nil, at)))
		}
		return nil
	}
	if n, ok := numberKey(v); ok {
		return w.number(n)
	}
	if w.inside {
		return w.mutable(v)
	}
	return hashable(v)
}

func (w *keyWriter) number(n any) error {
	var b [16]byte
	switch n := n.(type) {
	case int64:
		return w.text('i', string(binary.AppendVarint(b[:0], n)))
	case keyBig:
		return w.text('I', string(n))
	case keyRat:
		return w.text('q', string(n))
	case keyUUID:
		return w.text('U', string(n[:]))
	case Instant:
		return w.sequence('t', n.Parts())
	case float64:
		w.never = w.never || math.IsNaN(n) && !w.inside
		return w.text('f', string(binary.BigEndian.AppendUint64(b[:0], math.Float64bits(n))))
	case complex128:
		re := binary.BigEndian.AppendUint64(b[:0], math.Float64bits(real(n)))
		return w.text('c', string(binary.BigEndian.AppendUint64(re, math.Float64bits(imag(n)))))
	}
	return ErrUnhashable
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
	w.depth--
	return nil
}

// unordered spells out a set or dict: its entries are sorted by their spelling.
func (w *keyWriter) unordered(tag byte, t *table) error {
	if err := w.open(tag, t.len()); err != nil {
		return err
	}
	start := len(w.buf)
	var parts []string
	for _, e := range t.entries {
		if _, gone := e.Key.(tombstone); gone {
			continue
		}
		from := len(w.buf)
		if err := w.add(e.Key); err != nil {
			return err
		}
		if tag == 'd' {
			if err := w.add(e.Value); err != nil {
				return err
			}
		}
		parts = append(parts, string(w.buf[from:]))
	}
	// Sorting copies, once more at each level: that is work too.
	if err := w.work.spend(len(w.buf) - start); err != nil {
		return err
	}
	slices.Sort(parts)
	w.buf = w.buf[:start]
	for _, p := range parts {
		w.buf = append(w.buf, p...)
	}
	w.depth--
	return nil
}

// mutable spells out what Python cannot hash but what an object's state is made of.
func (w *keyWriter) mutable(v any) error {
	switch v := v.(type) {
	case *List:
		return w.sequence('[', v.Items)
	case *Dict:
		return w.unordered('d', &v.t)
	case *Set:
		return w.unordered('<', &v.t)
	case *ByteArray:
		return w.text('B', string(v.Bytes))
	}
	return hashable(v)
}

// object spells out an object's content. It returns false, and leaves nothing behind, where the
// content is too much or contains itself: such an object is known by its identity. An object inside
// it that fails makes the outer one fail, or else each level would try anew.
func (w *keyWriter) object(o *Object) bool {
	w.objects = true
	if w.work.empty() {
		return false
	}
	from, depth, limit := len(w.buf), w.depth, w.limit
	w.inside, w.limit = true, min(limit, from+maxObjectKey)
	err := w.objectParts(o)
	w.inside, w.limit, w.depth = false, limit, depth
	if err == nil {
		return true
	}
	w.work.drain(len(w.buf) - from)
	w.buf = w.buf[:from]
	return false
}

func (w *keyWriter) objectParts(o *Object) error {
	if err := w.open('o', int(o.Kind)); err != nil {
		return err
	}
	for _, v := range []any{o.Class, o.Args, o.HasState, o.State, o.Setter} {
		if err := w.add(v); err != nil {
			return err
		}
	}
	if o.Kwargs != nil {
		if err := w.add(o.Kwargs); err != nil {
			return err
		}
	}
	if err := w.sequence('[', o.Items); err != nil {
		return err
	}
	if err := w.open('d', len(o.Pairs)); err != nil {
		return err
	}
	for _, p := range o.Pairs {
		if err := w.sequence('(', []any{p.Key, p.Value}); err != nil {
			return err
		}
	}
	w.depth -= 2
	return nil
}
