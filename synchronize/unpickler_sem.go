package synchronize

import "mpbridge/pickle"

// open opens the semaphore of an object of one of the four simple classes. limit is the one that the class
// has, or 0.
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
