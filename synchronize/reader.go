package synchronize

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"mpbridge/pickle"
)

// reader opens the parts of something from its state one by one. After the first error it does nothing.
type reader struct {
	u     *Unpickler
	class string
	mark  int   // how much was open before
	parts parts // those that nothing else in the pickle has opened
	err   error
}

func (u *Unpickler) reader(class string) *reader {
	return &reader{u: u, class: class, mark: len(u.opened)}
}

// object opens one part, of one of the classes: what it is made of is of others, so that nothing can contain
// itself.
func (r *reader) object(v any, classes map[string]opening) any {
	if r.err != nil {
		return nil
	}
	o, _ := v.(*pickle.Object)
	g, ok := classOf(o)
	open := classes[g.Name]
	if !ok || g.Module != module || open == nil {
		names := slices.Sorted(maps.Keys(classes))
		r.fail("a " + strings.Join(names, " or ") + " is missing")
		return nil
	}
	_, known := r.u.seen[o]
	x, err := r.u.once(o, open)
	if err != nil {
		r.err = err
		return nil
	}
	if p, ok := x.(part); ok && !known {
		r.parts = append(r.parts, p)
	}
	return x
}

func (r *reader) semaphore(v any) *Semaphore {
	s, _ := r.object(v, map[string]opening{"Semaphore": (*Unpickler).semaphore}).(*Semaphore)
	return s
}

func (r *reader) lock(v any) Locking {
	l, _ := r.object(v, map[string]opening{"Lock": (*Unpickler).lock, "RLock": (*Unpickler).rlock}).(Locking)
	return l
}

// fail is an error of the state, unless there is one already.
func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &StateError{r.class, what}
	}
}

// distinct fails unless all names are different: what takes from one semaphore what it puts into it would never end.
func (r *reader) distinct(names ...string) {
	slices.Sort(names)
	if len(slices.Compact(names)) < len(names) {
		r.fail("it has one semaphore twice")
	}
}

// done returns the parts. Where one failed everything that was opened for it is closed again.
func (r *reader) done() (parts, error) {
	if r.err == nil {
		return r.parts, nil
	}
	return nil, errors.Join(r.err, r.u.closeFrom(r.mark))
}
