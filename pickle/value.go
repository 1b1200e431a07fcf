package pickle

import (
	"fmt"
	"iter"

	"mpbridge/internal/printable"
)

// Dict is a Python dict: ordered, with any hashable key, keys compared as Python compares them (1
// == 1.0 == True). The zero Dict is empty and ready to use; a nil one, such as Object.Attrs may return, is read
// as an empty one. Reading it from several goroutines is safe as long as none changes it.
type Dict struct{ t table }

// NewDict makes a dict of keys and values in turn. It panics when their number is odd or a key is
// unhashable: for keys that come from elsewhere there is Set.
func NewDict(pairs ...any) *Dict {
	if len(pairs)%2 != 0 {
		panic("pickle: NewDict of an odd number of keys and values")
	}
	d := new(Dict)
	for i := 0; i < len(pairs); i += 2 {
		if err := d.Set(pairs[i], pairs[i+1]); err != nil {
			panic(err)
		}
	}
	return d
}

// Len returns the number of keys.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return d.t.len()
}

// Get returns the value of k. Go numbers of any type find the Python number that they equal.
func (d *Dict) Get(k any) (any, bool) {
	if d == nil {
		return nil, false
	}
	i, _, err := d.t.find(k, nil)
	if err != nil || i < 0 {
		return nil, false
	}
	return d.t.entries[i].Value, true
}

// Set gives k a value: a new key stands at the end, a known one keeps its place. The error wraps
// ErrUnhashable, or is a *LimitError for a key that is too large or nests too deep to compare.
func (d *Dict) Set(k, v any) error { return d.t.set(k, v, nil) }

// SetWithin is Set, and tells a Meter of the memory that comparing the key takes: written out, it may be exponentially
// longer than in memory. The Meter's error is returned as it is, and nothing is set.
func (d *Dict) SetWithin(m Meter, k, v any) error { return d.t.set(k, v, meterOf(m)) }

// SetDistinct gives a dict that is empty all its items at once, without comparing the keys: no two of them
// may be equal. A Raw can be a key. It is meant for dicts that are written and not searched; the first search
// compares the keys, so that it must not run beside another.
func (d *Dict) SetDistinct(pairs []Pair) { d.t.takeDistinct(pairs) }

// Delete removes k and tells whether it was there.
func (d *Dict) Delete(k any) bool { return d.t.remove(k) }

// All yields keys and values in order.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(k, v any) bool) {
		if d == nil {
			return
		}
		for _, e := range d.t.entries {
			if _, gone := e.Key.(tombstone); !gone && !yield(e.Key, e.Value) {
				return
			}
		}
	}
}

// Set is a Python set. Its elements compare as the keys of a Dict do; it keeps them in the order in
// which they came. The zero Set is empty and ready to use.
type Set struct{ t table }

// NewSet makes a set. It panics when an item is unhashable.
func NewSet(items ...any) *Set {
	s := new(Set)
	s.t.mustAdd(items)
	return s
}

// DistinctSet makes a set of items of which no two are equal: see Dict.SetDistinct.
func DistinctSet(items []any) *Set {
	pairs := make([]Pair, len(items))
	for i, v := range items {
		pairs[i].Key = v
	}
	s := new(Set)
	s.t.takeDistinct(pairs)
	return s
}

// Len returns the number of elements.
func (s *Set) Len() int { return s.t.len() }

// Add adds v. The error is that of Dict.Set.
func (s *Set) Add(v any) error { return s.t.set(v, nil, nil) }

// Contains tells whether v is in the set.
func (s *Set) Contains(v any) bool { return s.t.has(v) }

// Delete removes v and tells whether it was there.
func (s *Set) Delete(v any) bool { return s.t.remove(v) }

// All yields the elements.
func (s *Set) All() iter.Seq[any] { return s.t.all() }

// FrozenSet is a Python frozenset.
type FrozenSet struct{ t table }

// NewFrozenSet makes a frozenset. It panics when an item is unhashable.
func NewFrozenSet(items ...any) *FrozenSet {
	s := new(FrozenSet)
	s.t.mustAdd(items)
	return s
}

// Len returns the number of elements.
func (s *FrozenSet) Len() int { return s.t.len() }

// Contains tells whether v is in the set.
func (s *FrozenSet) Contains(v any) bool { return s.t.has(v) }

// All yields the elements.
func (s *FrozenSet) All() iter.Seq[any] { return s.t.all() }

// TypeName returns what Python calls the type of a decoded value: "int", "list",
// "datetime.datetime". For a Go value that stands for none of Python's it returns the Go type.
func TypeName(v any) string { return typeName(v) }

// maxTypeName bounds the name of a class, in bytes: in a pickle anything can be one.
const maxTypeName = 200

func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case *ndarray:
		return "numpy " + v.dtype.String()
	case bool:
		return "bool"
	case float64, float32:
		return "float"
	case complex128, complex64:
		return "complex"
	case string:
		return "str"
	case ByteString:
		return "str (of Python 2)"
	case []byte:
		return "bytes"
	case *ByteArray:
		return "bytearray"
	case Tuple:
		return "tuple"
	case *List:
		return "list"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case *FrozenSet:
		return "frozenset"
	case Ellipsis:
		return "ellipsis"
	case NotImplemented:
		return "NotImplementedType"
	case Slice:
		return "slice"
	case Range:
		return "range"
	case Global:
		return printable.Line("global "+v.String(), maxTypeName)
	case *Object:
		return printable.Line(v.typeName(), maxTypeName)
	}
	if _, ok := integer(v); ok {
		return "int"
	}
	return fmt.Sprintf("%T", v)
}

// Text returns the text of a decoded str of either Python: a string, or a ByteString whatever its bytes.
func Text(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case ByteString:
		return string(v), true
	}
	return "", false
}
