package server

import "slices"

// keyed is what dict and set have in common: cells in the order in which they came, found by what
// Python compares keys by.
type keyed struct {
	index map[any]int // by what the key is compared by; a NaN is never found
	slots []slot      // removed ones stay until there are too many of them
	live  int

	changes uint64 // grows with each change
	loose   bool   // of an operand: it was made of an iterable that is no set
}

type slot struct {
	by         any // what the key is compared by; nil where the slot was removed
	key, value any // cells
}

func newKeyed() keyed { return keyed{index: make(map[any]int)} }

func (k *keyed) len() int { return k.live }

// find returns the slot of a key, or nil.
func (k *keyed) find(by any) *slot {
	i, ok := k.index[by]
	if !ok {
		return nil
	}
	return &k.slots[i]
}

// set gives a key its value and returns the cells that are not needed any more: the old value, and the
// new key where an equal one is there.
func (k *keyed) set(by, key, value any) (old []any) {
	k.changes++
	if s := k.find(by); s != nil {
		old = []any{s.value, key}
		s.value = value
		return old
	}
	k.index[by] = len(k.slots)
	k.slots = append(k.slots, slot{by, key, value})
	k.live++
	return nil
}

// remove takes a key out and returns its slot.
func (k *keyed) remove(by any) (slot, bool) {
	i, ok := k.index[by]
	if !ok {
		return slot{}, false
	}
	return k.removeAt(i), true
}

// removeAt takes the slot at place i out.
func (k *keyed) removeAt(i int) slot {
	k.changes++
	s := k.slots[i]
	delete(k.index, s.by)
	k.slots[i] = slot{}
	k.live--
	for n := len(k.slots); n > 0 && k.slots[n-1].by == nil; n-- {
		k.slots = k.slots[:n-1]
	}
	if len(k.slots) > 16 && k.live < len(k.slots)/2 {
		k.compact()
	}
	return s
}

func (k *keyed) compact() {
	k.slots = slices.DeleteFunc(k.slots, func(s slot) bool { return s.by == nil })
	clear(k.index) // NaNs, too
	for i, s := range k.slots {
		k.index[s.by] = i
	}
}

// slotBytes is what a slot takes, with its place in the index.
const slotBytes = 128

// all returns a copy of up to n slots in order.
func (k *keyed) all(n int) []slot {
	n = min(n, k.len())
	out := make([]slot, 0, n)
	for _, s := range k.slots {
		if len(out) == n {
			break
		}
		if s.by != nil {
			out = append(out, s)
		}
	}
	return out
}

// keys returns the cells of up to n keys in order.
func (k *keyed) keys(n int) []any {
	n = min(n, k.len())
	out := make([]any, 0, n)
	for _, s := range k.slots {
		if len(out) == n {
			break
		}
		if s.by != nil {
			out = append(out, s.key)
		}
	}
	return out
}

// clear empties the table and returns the cells that were in it.
func (k *keyed) clear() []any {
	old := make([]any, 0, 2*k.len())
	for _, s := range k.slots {
		old = append(old, s.key, s.value)
	}
	changes := k.changes + 1
	*k = newKeyed()
	k.changes = changes
	return old
}

// dropSlots lets go of the cells of slots.
func dropSlots(slots []slot) {
	for _, s := range slots {
		drop(s.key, s.value)
	}
}
