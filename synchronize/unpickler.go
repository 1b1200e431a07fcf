package synchronize

import (
	"errors"

	"mpbridge/pickle"
)

// An Unpickler makes live what Python has pickled. One object of the pickle becomes one object here, however often it
// occurs: use one Unpickler for all that came in one pickle. It is for one goroutine.
type Unpickler struct {
	// Options are those of what is opened; Name and Mode mean nothing here.
	Options *Options

	// Buffer returns the shared memory that the pickled multiprocessing.heap.BufferWrapper of a Barrier stands for. Without
	// it a Barrier cannot be opened.
	Buffer func(v any) ([]byte, error)

	// Action returns what a pickled action of a Barrier does. Without it a Barrier that has one cannot be opened.
	Action func(v any) (func() error, error)

	seen   map[*pickle.Object]any
	opened []*pickle.Object // those in seen, in order
}

// opener returns what opens an object of a class; nil for a class that is not known.
func opener(class pickle.Global) func(*Unpickler, *pickle.Object) (any, error) {
	if class.Module != module {
		return nil
	}
	switch class.Name {
	case "Lock":
		return (*Unpickler).lock
	case "RLock":
		return (*Unpickler).rlock
	case "Semaphore":
		return (*Unpickler).semaphore
	case "BoundedSemaphore":
		return (*Unpickler).bounded
	case "Condition":
		return (*Unpickler).condition
	case "Event":
		return (*Unpickler).event
	case "Barrier":
		return (*Unpickler).barrier
	}
	return nil
}

// Knows tells whether a pickled value is of a class of this package.
func (u *Unpickler) Knows(v any) bool {
	o, ok := v.(*pickle.Object)
	if !ok {
		return false
	}
	g, ok := classOf(o)
	return ok && opener(g) != nil
}

// Object opens what a pickled value stands for: a *Lock, *RLock, *Semaphore, *BoundedSemaphore, *Condition, *Event or
// *Barrier. The error is a *StateError for what is none or is not as Python writes it, ErrNoName for what no other
// program can open, and otherwise that of Open.
func (u *Unpickler) Object(v any) (any, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, &StateError{What: "it is a " + pickle.TypeName(v)}
	}
	if x := u.seen[o]; x != nil {
		return x, nil
	}
	g, ok := classOf(o)
	open := opener(g)
	if !ok || open == nil || !o.HasState {
		return nil, &StateError{What: "it is a " + pickle.TypeName(v)}
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

// open opens the semaphore of an object of one of the four simple classes. limit is the one that the class has, or 0.
func (u *Unpickler) open(o *pickle.Object, class string, k kind, limit int) (*SemLock, error) {
	state, err := readSemState(o, class)
	if err != nil {
		return nil, err
	}
	if state.kind != k || limit != 0 && state.limit != limit {
		return nil, &StateError{class, "kind and maxvalue are not those of its class"}
	}
	return Open(state.name, state.limit, u.Options)
}

func (u *Unpickler) lock(o *pickle.Object) (any, error) {
	return anyOf(lockOf(u.open(o, "Lock", semaphore, 1)))
}

func (u *Unpickler) rlock(o *pickle.Object) (any, error) {
	return anyOf(rlockOf(u.open(o, "RLock", recursiveMutex, 1)))
}

func (u *Unpickler) semaphore(o *pickle.Object) (any, error) {
	return anyOf(semaphoreOf(u.open(o, "Semaphore", semaphore, SemValueMax)))
}

func (u *Unpickler) bounded(o *pickle.Object) (any, error) {
	return anyOf(boundedOf(u.open(o, "BoundedSemaphore", semaphore, 0)))
}

// anyOf keeps a nil pointer from becoming an interface that is not nil.
func anyOf[T any](x *T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}
