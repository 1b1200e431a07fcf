package server

import "time"

// census is a look at objects to which no client refers and of which no proxy is on its way: what is
// stored in others may keep them. Objects are asked without the table's lock, so that each is noted
// with the number of its changes.
type census struct {
	changes map[*entry]uint64
	holds   map[*entry][]*entry // of which objects each has proxies, as often as it has them
}

// census looks at the objects that were left by the given time.
func (t *objects) census(left time.Time) census {
	c := census{changes: make(map[*entry]uint64), holds: make(map[*entry][]*entry)}
	t.mu.RLock()
	for _, e := range t.by {
		if e.refs == 0 && e.pins == 0 && !e.byName() && !e.expires.After(left) {
			c.changes[e] = e.changes
		}
	}
	t.mu.RUnlock()
	for e := range c.changes {
		if held := e.held(); len(held) > 0 {
			c.holds[e] = held
		}
	}
	return c
}

// held returns the objects of which e has proxies, as often as it has them.
func (e *entry) held() (held []*entry) {
	if k, ok := e.object.(valueHolder); ok {
		k.eachStored(func(v *storedValue) { held = append(held, v.proxies...) })
	}
	return held
}

// orphans returns those that nothing keeps but each other: objects that nobody can reach. What has changed
// since it was looked at is none, nor is what stays for another reason, and neither is what these hold. The
// caller holds the table's mu.
func (c census) orphans(stays func(e *entry) bool) []*entry {
	var alive []*entry
	within := c.within()
	for e, changes := range c.changes {
		if !e.gone && (e.changes != changes || e.stored > within[e] || stays(e)) {
			alive = append(alive, e)
		}
	}
	kept := make(map[*entry]bool)
	for len(alive) > 0 {
		e := alive[len(alive)-1]
		alive = alive[:len(alive)-1]
		if !kept[e] {
			kept[e] = true
			alive = append(alive, c.holds[e]...)
		}
	}
	var lost []*entry
	for e := range c.changes {
		if !kept[e] && !e.gone {
			lost = append(lost, e)
		}
	}
	return lost
}

// within counts the proxies of each object that lie in objects of the census.
func (c census) within() map[*entry]int {
	n := make(map[*entry]int)
	for _, held := range c.holds {
		for _, e := range held {
			n[e]++
		}
	}
	return n
}

// standing calls f for each object that anybody refers to, with how many references there are: clients,
// proxies on their way, and proxies in objects that are themselves referred to. What only waits out its
// grace is left out, with what it alone keeps: in Python it is gone. Shared objects are in it even with
// none. f must not use the table.
func (t *objects) standing(f func(e *entry, refs int)) {
	c := t.census(endOfTime)
	t.mu.RLock()
	defer t.mu.RUnlock()
	lost, fewer := make(map[*entry]bool), make(map[*entry]int)
	for _, e := range c.orphans(func(*entry) bool { return false }) {
		lost[e] = true
		for _, x := range c.holds[e] {
			fewer[x]++
		}
	}
	for _, e := range t.by {
		refs := max(e.refs+e.stored+e.pins-fewer[e], 0)
		if e.byName() || refs > 0 && !lost[e] {
			f(e, refs)
		}
	}
}

// endOfTime is later than any grace ends.
var endOfTime = time.Unix(1<<40, 0)
