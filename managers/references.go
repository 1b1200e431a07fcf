package managers

import (
	"time"
)

// Three kinds of references keep an object: those that clients count by incref and decref, proxies
// that are stored in other objects, and proxies on their way to a client.

// incref counts a reference of a client with the key of that name. An object that was about to go stays.
func (t *objects) incref(ident, key string) error {
	many := false
	err := t.change(ident, func(e *entry) bool {
		if many = e.refs >= t.maxRefs; many {
			return false
		}
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
			return e.keep
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

// belongs tells whether a client with the key of that name made the object, or was given a proxy of it. What
// is shared by name belongs to all.
func (e *entry) belongs(key string) bool {
	if e.keep {
		return true
	}
	e.table.mu.RLock()
	defer e.table.mu.RUnlock()
	_, ok := e.of[key]
	return ok
}

// change changes the entry of an ident by f, which returns false where it cannot.
func (t *objects) change(ident string, f func(e *entry) bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e == nil || !f(e) {
		return Raise(ErrKeyError, ident)
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
		t.changed(e)
	}
}

// changed notes that references came or went. What no client refers to is looked at again when its
// time is over; stored proxies may keep it then, or may be part of what nobody can reach.
func (t *objects) changed(e *entry) {
	e.changes++
	if e.refs > 0 || e.pins > 0 || e.keep || e.gone || t.closed {
		return
	}
	e.fades = time.Now().Add(t.grace)
	t.fading = append(t.fading, fade{e, e.fades})
	if len(t.fading) == 1 {
		t.schedule()
	}
}

// schedule sets the timer to the next end.
func (t *objects) schedule() {
	wait := max(time.Until(t.fading[0].at), 0)
	if t.timer == nil {
		t.timer = time.AfterFunc(wait, func() { t.sweep(false) })
		return
	}
	t.timer.Reset(wait)
}

// sweep removes the objects whose time is over, or all that nobody refers to where room is needed.
func (t *objects) sweep(now bool) {
	removed, suspicion := t.fadeOut(now)
	if suspicion {
		removed = append(removed, t.unreachable()...)
	}
	for _, e := range removed {
		e.forget()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fading) > 0 && !t.closed {
		t.schedule()
	}
}

// fadeOut removes what is over and has no references at all. suspicion says that there is something
// of which proxies are stored: it may be kept by nothing but itself.
func (t *objects) fadeOut(now bool) (removed []*entry, suspicion bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	clock := time.Now()
	n := 0
	for ; n < len(t.fading) && (now || !t.fading[n].at.After(clock)); n++ {
		f := t.fading[n]
		switch e := f.e; {
		case !e.fades.Equal(f.at) || e.gone || e.refs > 0 || e.pins > 0:
		case e.stored == 0:
			t.remove(e)
			removed = append(removed, e)
		default:
			suspicion = true
		}
	}
	t.fading = append(t.fading[:0:0], t.fading[n:]...)
	return removed, suspicion
}

func (t *objects) remove(e *entry) {
	e.gone = true
	delete(t.by, e.ident)
	delete(t.known, e.key)
}

// unreachable removes what no client can reach through any chain of stored proxies: a list that holds
// itself, say.
func (t *objects) unreachable() (removed []*entry) {
	suspects, roots := t.suspects()
	reached := reach(roots)
	t.mu.Lock()
	defer t.mu.Unlock()
	for e, changes := range suspects {
		if !reached[e] && e.changes == changes && !e.gone {
			t.remove(e)
			removed = append(removed, e)
		}
	}
	return removed
}

// suspects splits the table: what is kept by stored proxies alone, and since long enough, with the
// number of its changes, and the rest.
func (t *objects) suspects() (suspects map[*entry]uint64, roots []*entry) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	clock := time.Now()
	suspects = make(map[*entry]uint64)
	for _, e := range t.by {
		if e.refs == 0 && e.pins == 0 && !e.keep && !e.fades.After(clock) {
			suspects[e] = e.changes
		} else {
			roots = append(roots, e)
		}
	}
	return suspects, roots
}

// reach follows stored proxies. Objects are asked without the table's lock: what changes meanwhile is
// noticed by its changes.
func reach(todo []*entry) map[*entry]bool {
	reached := make(map[*entry]bool)
	for len(todo) > 0 {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[e] {
			continue
		}
		reached[e] = true
		if k, ok := e.object.(keeper); ok {
			k.eachKept(func(v *kept) { todo = append(todo, v.proxies...) })
		}
	}
	return reached
}

// forget lets go of what a removed object kept.
func (e *entry) forget() {
	if k, ok := e.object.(keeper); ok {
		var held []*entry
		k.eachKept(func(v *kept) { held = append(held, v.proxies...) })
		if len(held) > 0 {
			e.table.drop(held)
		}
	}
	e.close()
}
