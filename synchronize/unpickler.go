package synchronize

import (
	"errors"

	"mpbridge/pickle"
)

// An Unpickler makes live what Python has pickled. One object of the pickle becomes one object here, however
// often it occurs: use one Unpickler for all that came in one pickle. It is for one goroutine.
type Unpickler struct {
	// Options are those of what is opened; Name and Mode mean nothing here.
	Options *Options

	// Buffer returns the shared memory that the pickled multiprocessing.heap.BufferWrapper of a Barrier
	// stands for. Without it a Barrier cannot be opened.
	Buffer func(v any) ([]byte, error)

	// Action returns what a pickled action of a Barrier does. Without it a Barrier that has one cannot be opened.
	Action func(v any) (func() error, error)

	seen   map[*pickle.Object]any
	opened []*pickle.Object // those in seen, in order
}

// opening is what makes an object of a class live.
type opening func(*Unpickler, *pickle.Object) (any, error)

// once opens an object unless it is open already.
func (u *Unpickler) once(o *pickle.Object, open opening) (any, error) {
	if x := u.seen[o]; x != nil {
		return x, nil
	}
	x, err := open(u, o)
	if err != nil {
		return nil, err
	}
	if u.seen == nil {
		u.seen = map[*pickle.Object]any{}
	}
	u.seen[o] = x
	u.opened = append(u.opened, o)
	return x, nil
}

// Close closes all that was opened. Nothing has to be closed by itself then.
func (u *Unpickler) Close() error { return u.closeFrom(0) }

// closeFrom closes what was opened, but for the first n, and forgets it.
func (u *Unpickler) closeFrom(n int) error {
	var errs []error
	for _, o := range u.opened[n:] {
		errs = append(errs, u.seen[o].(part).Close())
		delete(u.seen, o)
	}
	u.opened = u.opened[:n]
	return errors.Join(errs...)
}

// classOf is the class of an object that is made as Python makes those of this package; o may be nil.
func classOf(o *pickle.Object) (pickle.Global, bool) {
	if o == nil {
		return pickle.Global{}, false
	}
	kind, class, _ := o.Made()
	g, ok := class.(pickle.Global)
	return g, ok && kind == pickle.NewObj
}
