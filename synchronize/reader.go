package synchronize

import (
	"errors"

	"mpbridge/pickle"
)

// reader opens the parts of something from its state one by one. After the first error it does nothing.
type reader struct {
	u     *Unpickler
	class string
	parts parts // those that nothing else in the pickle has opened
	err   error
}

// object opens one part, whatever its class.
func (r *reader) object(v any) any {
	if r.err != nil {
		return nil
	}
	o, _ := v.(*pickle.Object)
	_, known := r.u.seen[o]
	x, err := r.u.Object(v)
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
	s, ok := r.object(v).(*Semaphore)
	if !ok {
		r.fail("a Semaphore is missing")
	}
	return s
}

// fail is an error of the state, unless there is one already.
func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &StateError{r.class, what}
	}
}

// done returns the parts. Where one failed the others are closed again, and the Unpickler knows them no more.
func (r *reader) done() (parts, error) {
	if r.err == nil {
		return r.parts, nil
	}
	for o, x := range r.u.seen {
		for _, p := range r.parts {
			if x == any(p) {
				delete(r.u.seen, o)
			}
		}
	}
	return nil, errors.Join(r.err, r.parts.Close())
}
