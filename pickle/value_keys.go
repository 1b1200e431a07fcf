package pickle

// This file has what dicts and sets do with keys.

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

// Add adds v. The error is that of Dict.Set.
func (s *Set) Add(v any) error { return s.t.set(v, nil, nil) }

// Contains tells whether v is in the set.
func (s *Set) Contains(v any) bool { return s.t.has(v) }

// Delete removes v and tells whether it was there.
func (s *Set) Delete(v any) bool { return s.t.remove(v) }

// NewFrozenSet makes a frozenset. It panics when an item is unhashable.
func NewFrozenSet(items ...any) *FrozenSet {
	s := new(FrozenSet)
	s.t.mustAdd(items)
	return s
}

// Contains tells whether v is in the set.
func (s *FrozenSet) Contains(v any) bool { return s.t.has(v) }
