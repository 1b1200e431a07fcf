package pickle

import "iter"

// table is what dicts and sets have in common: entries in order and, once there are enough of them,
// an index by canonical key.
type table struct {
	entries []Pair
	index   map[any]int // canonical key → place; nil while the keys are few and plain
	dead    int         // tombstones among the entries
	// loose is true while a decoder appends keys that cannot be compared yet, because an object in
	// them may still get its state. No table leaves the decoder loose.
	loose bool
	// lazy is true while the keys, all different, have not been compared: the index is made when one is
	// looked for.
	lazy bool
}

// tombstone stands for a deleted key until the table is compacted.
type tombstone struct{}

func (t *table) len() int { return len(t.entries) - t.dead }

// named returns what stands under a text that is ASCII, whichever Python has written it. No other key is compared, so that
// the objects that are read with it may be keys themselves.
func (t *table) named(name string) (any, bool) {
	if t.index != nil {
		i, ok := t.index[name]
		if !ok {
			return nil, false
		}
		return t.entries[i].Value, true
	}
	for _, e := range t.entries {
		key := e.Key
		if old, ok := key.(ByteString); ok {
			key = string(old)
		}
		if key == name {
			return e.Value, true
		}
	}
	return nil, false
}

func (t *table) all() iter.Seq[any] {
	return func(yield func(v any) bool) {
		for _, e := range t.entries {
			if _, gone := e.Key.(tombstone); !gone && !yield(e.Key) {
				return
			}
		}
	}
}

// live returns the entries without tombstones. The result is read only.
func (t *table) live() []Pair {
	if t.dead == 0 {
		return t.entries
	}
	kept := make([]Pair, 0, t.len())
	for _, e := range t.entries {
		if _, gone := e.Key.(tombstone); !gone {
			kept = append(kept, e)
		}
	}
	return kept
}
