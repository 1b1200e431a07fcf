package synchronize

import "mpbridge/pickle"

// opener returns what opens an object of a class; nil for a class that is not known.
func opener(class pickle.Global) opening {
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
	o, _ := v.(*pickle.Object)
	g, ok := classOf(o)
	return ok && opener(g) != nil
}

// Object opens what a pickled value stands for: a *Lock, *RLock, *Semaphore, *BoundedSemaphore, *Condition, *Event or
// *Barrier. The error is a *StateError for what is none or is not as Python writes it, ErrNoName for what no other
// program can open, and otherwise that of Open.
func (u *Unpickler) Object(v any) (any, error) {
	o, _ := v.(*pickle.Object)
	g, ok := classOf(o)
	open := opener(g)
	if !ok || open == nil {
		return nil, &StateError{What: "it is a " + pickle.TypeName(v)}
	}
	return u.once(o, open)
}
