package pickle

import "slices"

// This file finds the keys of a table, which are compared by their canonical forms.

// plain tells whether k is its own canonical form.
func plain(k any) bool {
	switch k.(type) {
	case string, int64, ByteString:
		return true
	}
	return false
}

// maxUnindexed is how many plain keys are searched one by one: below it that is faster than a map.
const maxUnindexed = 8

// find returns the place of k, or -1, and its canonical form.
func (t *table) find(k any, work *meter) (int, any, error) {
	ck, err := canonical(k, work)
	if err != nil {
		return -1, nil, err
	}
	if t.lazy {
		if err := t.buildIndex(work); err != nil {
			return -1, nil, err
		}
		t.lazy = false
	}
	if t.index != nil {
		if i, ok := t.index[ck]; ok {
			return i, ck, nil
		}
		return -1, ck, nil
	}
	for i := range t.entries {
		key := t.entries[i].Key
		if old, ok := key.(ByteString); ok {
			key = textKey(old)
		}
		if key == ck {
			return i, ck, nil
		}
	}
	return -1, ck, nil
}

func (t *table) has(k any) bool {
	i, _, err := t.find(k, nil)
	return err == nil && i >= 0
}

// set puts a value at k. The meter counts the work of a decoder; it may be nil.
func (t *table) set(k, v any, work *meter) error {
	i, ck, err := t.find(k, work)
	if err != nil {
		return err
	}
	if i >= 0 {
		t.entries[i].Value = v
		return nil
	}
	if t.index == nil && (len(t.entries) >= maxUnindexed || !plain(k)) {
		if err := t.buildIndex(work); err != nil {
			return err
		}
	}
	if t.index != nil {
		t.index[ck] = len(t.entries)
	}
	t.entries = append(t.entries, Pair{k, v})
	return nil
}

// takeDistinct makes pairs the entries of an empty table.
func (t *table) takeDistinct(pairs []Pair) { *t = table{entries: pairs, lazy: true} }

// expect makes room for n more entries.
func (t *table) expect(n int) {
	t.entries = slices.Grow(t.entries, n)
	if t.index == nil && !t.loose && len(t.entries) == 0 && n > maxUnindexed {
		t.index = make(map[any]int, n)
	}
}

func (t *table) buildIndex(work *meter) error {
	t.index = make(map[any]int, 2*len(t.entries))
	for i, e := range t.entries {
		if _, gone := e.Key.(tombstone); gone {
			continue
		}
		ck, err := canonical(e.Key, work)
		if err != nil {
			return err
		}
		t.index[ck] = i
	}
	return nil
}

// remove deletes k. The entries are compacted when half of them are gone.
func (t *table) remove(k any) bool {
	i, ck, err := t.find(k, nil)
	if err != nil || i < 0 {
		return false
	}
	delete(t.index, ck)
	t.entries[i] = Pair{Key: tombstone{}}
	t.dead++
	if t.dead > len(t.entries)/2 {
		t.compact()
	}
	return true
}

func (t *table) compact() {
	kept := make([]Pair, 0, t.len())
	for _, e := range t.entries {
		if _, gone := e.Key.(tombstone); !gone {
			kept = append(kept, e)
		}
	}
	t.entries, t.dead = kept, 0
	if t.index != nil {
		// The keys were compared before, so that no error can come.
		_ = t.buildIndex(nil)
	}
}

func (t *table) mustAdd(items []any) {
	for _, v := range items {
		if err := t.set(v, nil, nil); err != nil {
			panic(err)
		}
	}
}

// add is set for a decoder. Where the key is not a scalar the table turns loose: from then on keys
// are only collected, and settle compares them. It tells whether the table has turned loose just
// now.
func (t *table) add(k, v any, work *meter) (loosened bool, err error) {
	if !t.loose {
		switch k.(type) {
		case Tuple, *FrozenSet, *Object:
			t.loose, loosened = true, true
		default:
			return false, t.set(k, v, work)
		}
	}
	if err := hashable(k); err != nil {
		return loosened, err
	}
	t.entries = append(t.entries, Pair{k, v})
	return loosened, nil
}

// settle ends looseness: equal keys become one, the last value wins. Objects that are not the same
// object stay apart even where their content is equal, since in the dict that was pickled they were
// two keys; a search by content finds the first of them.
func (t *table) settle(work *meter) error {
	t.loose = false
	t.index = make(map[any]int, len(t.entries))
	kept := t.entries[:0]
	for _, e := range t.entries {
		ck, objects, err := canonicalKey(e.Key, work)
		if err != nil {
			return err
		}
		i, known := t.index[ck]
		if known && (!objects || sameKey(kept[i].Key, e.Key)) {
			kept[i].Value = e.Value
			continue
		}
		if !known {
			t.index[ck] = len(kept)
		}
		kept = append(kept, e)
	}
	clear(t.entries[len(kept):])
	t.entries = kept
	return nil
}

// sameKey tells whether two keys that hold objects are one Python object.
func sameKey(a, b any) bool {
	switch a := a.(type) {
	case *Object:
		return any(a) == b
	case *FrozenSet:
		return any(a) == b
	case Tuple:
		b, ok := b.(Tuple)
		return ok && len(a) == len(b) && len(a) > 0 && &a[0] == &b[0]
	}
	return false
}
