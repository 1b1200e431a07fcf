package server

import (
	"maps"
	"slices"
	"time"

	"mpbridge/managers"
)

// Three kinds of references keep an object: those that clients count by incref and decref, proxies
// that are stored in other objects, and proxies on their way to a client.

// incref counts a reference of a client with the key of that name. An object that was about to go stays.
func (t *objects) incref(ident, key string) error {
	many := false
	err := t.change(ident, func(e *entry) bool {
		if many = e.refs >= t.limits.MaxReferences; many {
			return false
		}
		e.increfs++
		e.others = e.others || e.increfs > 1
		e.refs++
		e.of[key]++
		return true
	})
	if many {
		return t.tooManyReferences()
	}
	return err
}

// decref takes one back: one of those that clients with the same key count, so that nobody takes an object
// from under another key. Only who may do everything takes back any. Without references the object goes,
// after a while.
func (t *objects) decref(ident, key string, any bool) error {
	return t.change(ident, func(e *entry) bool {
		switch {
		case e.refs == 0 || e.of[key] == 0 && !any:
			return e.byName()
		case e.of[key] > 0:
			e.of[key]--
		}
		e.refs--
		return true
	})
}

// give notes that a client with the key of that name is sent proxies of objects.
func (t *objects) give(es []*entry, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range es {
		e.of[key] += 0
	}
}

// belongs reports whether a client with the key of that name made the object, or was given a proxy of it. What
// is shared by name belongs to all.
func (e *entry) belongs(key string) bool {
	if e.byName() {
		return true
	}
	e.table.mu.RLock()
	defer e.table.mu.RUnlock()
	_, ok := e.of[key]
	return ok
}

// spread reports whether others than who made the object may have a proxy of it, or have had one: whose proxy
// makes a call cannot be known then. A proxy of Python counts a reference when it is made, for the first time
// when it takes over the one that create has counted.
func (e *entry) spread() bool {
	if e.byName() {
		return true
	}
	e.table.mu.RLock()
	defer e.table.mu.RUnlock()
	return e.others || e.refs > 1
}

// change changes the entry of an ident by f, which returns false where it cannot.
func (t *objects) change(ident string, f func(e *entry) bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e == nil || !f(e) {
		return managers.ErrKeyError.New(ident)
	}
	t.changed(e)
	return nil
}

// hold counts a stored proxy of the object, and returns nil where there is no such object.
func (t *objects) hold(ident string) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e != nil {
		e.stored++
		e.others = true
		e.changes++
	}
	return e
}

// drop counts stored proxies off.
func (t *objects) drop(es []*entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range es {
		e.stored--
		t.changed(e)
	}
}

// pin counts proxies on their way by n, which may be negative.
func (t *objects) pin(es []*entry, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range es {
		e.pins += n
		e.others = true
		t.changed(e)
	}
}

// changed notes that references came or went. What no client refers to is looked at again when its
// time is over; stored proxies may keep it then, or may be part of what nobody can reach.
func (t *objects) changed(e *entry) {
	e.changes++
	e.lapsed.Store(false)
	if e.refs > 0 || e.pins > 0 || e.keep || e.gone || t.closed {
		return
	}
	e.expires = time.Now().Add(t.limits.ObjectGrace)
	e.share.expiring.add(e)
	if t.rings.IsZero() {
		t.schedule(e.expires)
	}
}

// schedule sets the timer.
func (t *objects) schedule(at time.Time) {
	t.rings = at
	wait := max(time.Until(at), 0)
	if t.timer == nil {
		t.timer = time.AfterFunc(wait, t.expireAll)
	} else {
		t.timer.Reset(wait)
	}
}

// expireAll removes the objects whose time is over.
func (t *objects) expireAll() {
	t.mu.Lock()
	all := slices.Collect(maps.Values(t.shares))
	t.mu.Unlock()
	t.sweep(time.Now(), all...)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rings = time.Time{}
	var next time.Time
	for _, s := range t.shares {
		if at := s.expiring.next(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if !next.IsZero() && !t.closed {
		t.schedule(next)
	}
}

// sweep removes, of what keys have made, the objects whose time is over at the given time.
func (t *objects) sweep(clock time.Time, shares ...*share) {
	var removed []*entry
	suspicion := false
	for _, s := range shares {
		gone, suspicious := t.sweepExpired(clock, s)
		removed, suspicion = append(removed, gone...), suspicion || suspicious
	}
	if suspicion {
		removed = append(removed, t.unreachable()...)
	}
	for _, e := range removed {
		e.forget()
	}
}

// sweepExpired removes what is over and has no references at all. suspicion says that there is something
// of which proxies are stored: it may be kept by nothing but itself.
func (t *objects) sweepExpired(clock time.Time, s *share) (removed []*entry, suspicion bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := s.expiring.take(clock); e != nil; e = s.expiring.take(clock) {
		switch {
		case e.refs > 0 || e.pins > 0 || t.closed:
		case e.stored > 0 && e.member == nil:
			suspicion = true
		case t.stays(e):
		default:
			t.remove(e)
			removed = append(removed, e)
		}
	}
	return removed, suspicion
}

// stays reports whether an object to which no client refers is needed all the same. What ends that looks at it
// again. The caller holds mu.
func (t *objects) stays(e *entry) bool {
	e.lapsed.Store(true) // before it is looked at: what ends in this moment is seen by one of the two
	return e.calls.Load() > 0 || e.member != nil && e.member.stays(e)
}

// remove makes an object unknown. The caller holds mu.
func (t *objects) remove(e *entry) {
	e.gone = true
	delete(t.by, e.ident)
	delete(t.known, e.key)
	t.discharge(e)
	if e.member != nil {
		e.member.left(t, e)
	}
}

// unreachable removes what no client can reach through any chain of stored proxies: a list that holds
// itself, say.
func (t *objects) unreachable() []*entry {
	c := t.census(time.Now())
	t.mu.Lock()
	defer t.mu.Unlock()
	removed := c.orphans(t.stays)
	for _, e := range removed {
		t.remove(e)
	}
	return removed
}

// forget lets go of what a removed object kept.
func (e *entry) forget() {
	if held := e.held(); len(held) > 0 {
		e.table.drop(held)
	}
	e.close()
}
