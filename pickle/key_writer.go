package pickle

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"
)

// keyWriter spells a key out as bytes, each value with a tag and a length, so that two spellings
// are equal only if the values are.
type keyWriter struct {
	buf      []byte
	depth    int
	maxDepth int
	limit    int // bytes that buf may grow to
	work     *meter
	whole    bool // an object whose content is too much is an error; else it is known by its identity
	objects  bool // an Object was met that is known by its content alone
	inside   bool // within an Object: what Python could not hash has content too
	never    bool // what equals nothing was met, such as a NaN: no map finds the key
}

// frameBytes are what a value's tag and length take at the most, more or less.
const frameBytes = 4

func (w *keyWriter) text(tag byte, s string) error {
	if len(s) > w.limit-len(w.buf) {
		return &LimitError{What: "bytes in a key", Limit: int64(w.limit), Got: int64(len(w.buf) + len(s))}
	}
	if err := w.work.spend(len(s) + frameBytes); err != nil {
		return err
	}
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(len(s)))
	w.buf = append(w.buf, s...)
	return nil
}

// open begins a value of n parts; close ends it.
func (w *keyWriter) open(tag byte, n int) error {
	if w.depth >= w.maxDepth {
		return &LimitError{What: "levels in a key", Limit: int64(w.maxDepth), Got: int64(w.depth) + 1}
	}
	if n > w.limit-len(w.buf) {
		return &LimitError{What: "bytes in a key", Limit: int64(w.limit), Got: int64(len(w.buf) + n)}
	}
	if err := w.work.spend(frameBytes); err != nil {
		return err
	}
	w.depth++
	w.buf = binary.AppendUvarint(append(w.buf, tag), uint64(n))
	return nil
}

func (w *keyWriter) close() { w.depth-- }

func (w *keyWriter) add(v any) error {
	v = Plain(v)
	switch v := v.(type) {
	case nil:
		return w.text('N', "")
	case string:
		return w.text('s', v)
	case int64:
		return w.number(v)
	case ByteString:
		if ascii(v) {
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
		return w.part(v)
	}
	if n, ok := numberKey(v); ok {
		return w.number(n)
	}
	if w.inside {
		return w.mutable(v)
	}
	return hashable(v)
}

// part spells out an object that is part of a key.
func (w *keyWriter) part(o *Object) error {
	if s, ok := sliceOf(o); ok {
		return w.add(s)
	}
	if known, ok, err := w.known(o); err != nil {
		return err
	} else if ok {
		return w.number(known)
	}
	if s, ok := setOf(o, w.work); ok {
		return w.add(s)
	}
	if w.inside {
		if done, err := w.container(o); done || err != nil {
			return err
		}
		return w.objectParts(o)
	}
	alone, err := w.object(o)
	if alone {
		// The address stands for the object. It stays true: the key's owner holds the object.
		at := uint64(uintptr(unsafe.Pointer(o)))
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, 'p'), at)
	}
	return err
}

// number spells out a key that is no keyDeep.
func (w *keyWriter) number(n any) error {
	var b [16]byte
	switch n := n.(type) {
	case int64:
		return w.text('i', string(binary.AppendVarint(b[:0], n)))
	case keyBig:
		return w.text('I', string(n))
	case keyExact:
		return w.text('q', string(n))
	case keyUUID:
		return w.text('U', string(n[:]))
	case keyPath:
		return w.text('/', string(n))
	case Instant:
		return w.sequence('t', n.Parts())
	case float64:
		w.never = w.never || math.IsNaN(n)
		return w.text('f', string(binary.BigEndian.AppendUint64(b[:0], math.Float64bits(n))))
	case complex128:
		re, im := real(n)+0, imag(n)+0 // -0.0 is 0.0
		w.never = w.never || math.IsNaN(re) || math.IsNaN(im)
		bits := binary.BigEndian.AppendUint64(b[:0], math.Float64bits(re))
		return w.text('c', string(binary.BigEndian.AppendUint64(bits, math.Float64bits(im))))
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
	w.close()
	return nil
}

// unordered spells out a set or dict: its entries are sorted by their spelling.
func (w *keyWriter) unordered(tag byte, t *table) error {
	if err := w.open(tag, t.len()); err != nil {
		return err
	}
	start := len(w.buf)
	parts := make([]string, 0, min(t.len(), w.limit))
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
	if err := w.work.spend(len(w.buf) - start + len(parts)*valueBytes/2); err != nil {
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

// mutable spells out what Python cannot hash but what an object's state is made of.
func (w *keyWriter) mutable(v any) error {
	switch v := v.(type) {
	case *List:
		return w.sequence('[', v.Items)
	case *Dict:
		return w.unordered('d', &v.t)
	case *Set:
		return w.unordered('{', &v.t)
	case *ByteArray:
		return w.text('b', string(v.Bytes))
	}
	return hashable(v)
}
