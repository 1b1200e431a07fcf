package managers

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
)

// entry is an object that clients know by an ident.
type entry struct {
	ident   string
	object  Object
	typ     Type
	exposed []string          // in the order in which create lists them
	methods map[string]string // exposed names, by themselves: a look-up by bytes gives a string
	refs    int
	keep    bool // a shared instance: stays without references
}

func newEntry(ident string, o Object, t Type) *entry {
	e := &entry{ident: ident, object: o, typ: t, methods: make(map[string]string)}
	e.exposed = slices.Clone(o.Methods())
	for name := range t.MethodToTypeid {
		if !slices.Contains(e.exposed, name) {
			e.exposed = append(e.exposed, name)
		}
	}
	for _, name := range e.exposed {
		e.methods[name] = name
	}
	return e
}

// objects is the table of idents.
type objects struct {
	mu    sync.RWMutex // by and counts; never held across a call into an object
	by    map[string]*entry
	known map[Object]*entry
	made  uint64
	epoch string
	max   int
}

func newObjects(limit int) *objects {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
	return &objects{
		by:    make(map[string]*entry),
		known: make(map[Object]*entry),
		epoch: hex.EncodeToString(b[:]),
		max:   limit,
	}
}

// add gives o an ident, or finds the one it has, and counts one reference for the caller.
func (t *objects) add(o Object, typ Type) (*entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[o]
	if e == nil {
		if len(t.by) >= t.max {
			return nil, &LimitError{"objects", int64(t.max)}
		}
		e = t.enter(o, typ)
	}
	e.refs++
	return e, nil
}

// enter makes an entry. Idents are never used again: a number that grows, and a random part that
// differs from one server to the next.
func (t *objects) enter(o Object, typ Type) *entry {
	ident, keep := "", false
	if s, ok := o.(*shared); ok {
		ident, keep = s.ident, true
	} else {
		t.made++
		ident = fmt.Sprintf("%s%08x", t.epoch, t.made)
	}
	e := newEntry(ident, o, typ)
	e.keep = keep
	t.by[ident], t.known[o] = e, e
	return e
}

// keepShared makes sure that a shared instance is known by its ident before anybody created it, so that
// proxies of an earlier server find it.
func (t *objects) keepShared(s *shared, typ Type) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known[s] == nil {
		t.enter(s, typ)
	}
}

func (t *objects) find(ident []byte) *entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.by[string(ident)]
}

func (t *objects) incref(ident string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e == nil {
		return Raise(ErrKeyError, ident)
	}
	e.refs++
	return nil
}

func (t *objects) decref(ident string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	switch {
	case e == nil:
		return Raise(ErrKeyError, ident)
	case e.refs > 0:
		e.refs--
	case !e.keep:
		return Raise(ErrKeyError, ident)
	}
	if e.refs == 0 && !e.keep {
		delete(t.by, ident)
		delete(t.known, e.object)
	}
	return nil
}

// listing is what one object looks like in debug_info and in Stats.
type listing struct {
	ident  string
	object Object
	refs   int
}

// count returns how many objects clients hold references to.
func (t *objects) count() (n int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, e := range t.by {
		if e.refs > 0 {
			n++
		}
	}
	return n
}

// list lists the objects that clients hold references to, and the shared ones, sorted by ident.
func (t *objects) list() []listing {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []listing
	for _, e := range t.by {
		if e.refs > 0 || e.keep {
			out = append(out, listing{e.ident, e.object, e.refs})
		}
	}
	slices.SortFunc(out, func(a, b listing) int {
		if a.ident < b.ident {
			return -1
		}
		return 1
	})
	return out
}
