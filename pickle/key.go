package pickle

import (
	"crypto/sha256"
	"math"
	"unsafe"
)

// The canonical form of a key is a comparable Go value that equals another one exactly if Python would take the two
// keys for the same. Strings, integers and floats are their own; everything that nests is spelled out as bytes.
type (
	keyNone  struct{}
	keyBig   string // of an integer beyond int64: sign and magnitude
	keyExact string // of a Fraction or Decimal that no int and no float is equal to
	keyBytes string // of a bytes
	keyUUID  [16]byte
	keyPath  string // its kind and its text
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

// KeyOptions says how KeyOf compares. The zero value compares as a Dict does.
type KeyOptions struct {
	// Meter, if not nil, is told of the memory that the key takes while it is written out, which may be exponentially
	// more than the value. Its error ends that and is returned as it is.
	Meter Meter
	// SetAsFrozenSet takes a set for a frozenset with its elements, as `s in s2` and s2.remove(s) do.
	SetAsFrozenSet bool
	// MaxDepth is how deep the key may nest, and MaxBytes how much content it may have; 0 means 200 and 64 MiB.
	MaxDepth, MaxBytes int
}

// KeyOf returns a comparable Go value that is equal for exactly the values that are one dict key or set element to
// Python. What holds a NaN equals nothing, itself included: a Go map never finds it. Objects of classes that are not
// known are equal where their content is.
//
// The error is an *UnhashableError, a *LimitError or that of the Meter.
func KeyOf(v any, o KeyOptions) (any, error) {
	w := keyWriter{work: meterOf(o.Meter), limit: maxKeyBytes, maxDepth: maxKeyDepth, whole: true}
	if o.MaxDepth != 0 {
		w.maxDepth = o.MaxDepth
	}
	if o.MaxBytes != 0 {
		w.limit = o.MaxBytes
	}
	if s, ok := v.(*Set); ok && o.SetAsFrozenSet {
		if err := w.unordered('{', &s.t); err != nil {
			return nil, err
		}
		return w.key(), nil
	}
	return w.canonical(v)
}

// KeySize returns how many bytes a key of KeyOf takes beside its place.
func KeySize(key any) int {
	switch k := key.(type) {
	case keyDeep:
		return valueBytes + len(k)
	case keyBig:
		return valueBytes + len(k)
	case keyExact:
		return valueBytes + len(k)
	case keyBytes:
		return valueBytes + len(k)
	case keyPath:
		return valueBytes + len(k)
	}
	return 0
}

// meter counts the bytes that the keys of one pickle make us look at, or tells a Meter of them.
type meter struct {
	left int
	tell Meter // nil where left counts
}

// meterOf returns a meter that tells m; nil for nil.
func meterOf(m Meter) *meter {
	if m == nil {
		return nil
	}
	return &meter{tell: m}
}

func (m *meter) spend(n int) error {
	switch {
	case m == nil:
		return nil
	case m.tell != nil:
		return m.tell.Spend(1, 2*n) // they are copied as the key grows
	}
	if m.left -= n; m.left < 0 {
		return &LimitError{What: "bytes of keys to compare", Limit: 0, Got: int64(-m.left)}
	}
	return nil
}

// room is how many bytes are left to be spent, as far as that is known, and less than most.
func (m *meter) room(most int) int {
	if m == nil || m.tell != nil {
		return most
	}
	return min(most, max(m.left, 0))
}

// drain spends without complaint.
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
	w := keyWriter{limit: work.room(maxKeyBytes), maxDepth: maxKeyDepth, work: work}
	ck, err = w.canonical(k)
	return ck, w.objects, err
}

func (w *keyWriter) canonical(k any) (any, error) {
	k = Plain(k)
	switch v := k.(type) {
	case nil:
		return keyNone{}, nil
	case int64:
		return k, nil
	case float64:
		return floatKey(v), nil
	case string:
		return k, w.work.spend(len(v))
	case ByteString:
		return textKey(v), w.work.spend(len(v))
	case []byte:
		// bytes are never written to, so that the key may share their memory.
		return keyBytes(unsafe.String(unsafe.SliceData(v), len(v))), w.work.spend(len(v))
	case Global:
		return k, w.work.spend(len(v.Module) + len(v.Name))
	case Ellipsis, NotImplemented:
		return k, nil
	case Tuple, *FrozenSet, Slice, Range:
		if err := w.add(k); err != nil {
			return nil, err
		}
		return w.key(), nil
	case *Object:
		return w.objectKey(v)
	}
	if ck, ok := numberKey(k); ok {
		return ck, nil
	}
	return nil, hashable(k)
}

func (w *keyWriter) objectKey(o *Object) (any, error) {
	if s, ok := sliceOf(o); ok {
		return w.canonical(s)
	}
	if known, ok, err := w.known(o); ok || err != nil {
		return known, err
	}
	if s, ok := setOf(o, w.work); ok {
		if err := w.add(s); err != nil {
			return nil, err
		}
		return w.key(), nil
	}
	switch alone, err := w.object(o); {
	case err != nil:
		return nil, err
	case alone:
		return o, nil
	}
	return w.key(), nil
}

// key is what was written.
func (w *keyWriter) key() any {
	switch {
	case w.never:
		return math.NaN()
	case len(w.buf) > longKey:
		return keyDigest{sha256.Sum256(w.buf), len(w.buf)}
	}
	return keyDeep(w.buf)
}

// textKey is the key of a str of Python 2: that of the str of Python 3, where both can read it.
func textKey(s ByteString) any {
	if !ascii(s) {
		return s
	}
	return string(s)
}
