package pickle

import (
	"iter"
)

// Dict is a Python dict: ordered, with any hashable key, keys compared as Python compares them (1
// == 1.0 == True). The zero Dict is empty and ready to use; a nil one, such as Object.Attrs may return, is read
// as an empty one. Reading it from several goroutines is safe as long as none changes it.
type Dict struct{ t table }

// Len returns the number of keys.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return d.t.len()
}

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

// Len returns the number of elements.
func (s *Set) Len() int { return s.t.len() }

// All yields the elements.
func (s *Set) All() iter.Seq[any] { return s.t.all() }

// FrozenSet is a Python frozenset.
type FrozenSet struct{ t table }

// Len returns the number of elements.
func (s *FrozenSet) Len() int { return s.t.len() }

// All yields the elements.
func (s *FrozenSet) All() iter.Seq[any] { return s.t.all() }

// sequence returns the items of a decoded list or tuple.
func sequence(v any) ([]any, bool) {
	switch v := v.(type) {
	case Tuple:
		return v, true
	case *List:
		return v.Items, true
	}
	return nil, false
}
