package synchronize

import "mpbridge/pickle"

// Semaphore is multiprocessing.Semaphore: its value has no limit but SemValueMax.
type Semaphore struct{ *SemLock }

// NewSemaphore makes a semaphore of a value.
func NewSemaphore(value int, o *Options) (*Semaphore, error) {
	return semaphoreOf(Create(value, SemValueMax, o))
}

// OpenSemaphore opens the semaphore of a name.
func OpenSemaphore(name string, o *Options) (*Semaphore, error) {
	return semaphoreOf(Open(name, SemValueMax, o))
}

func semaphoreOf(s *SemLock, err error) (*Semaphore, error) {
	if err != nil {
		return nil, err
	}
	return &Semaphore{s}, nil
}

// MarshalPickle returns what becomes a Semaphore of Python 3 when it is unpickled: see Pickler.
func (s *Semaphore) MarshalPickle() (any, error) { return new(Pickler).Object(s) }

func (s *Semaphore) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.sem(s.SemLock, "Semaphore", semaphore)
}

// BoundedSemaphore is multiprocessing.BoundedSemaphore: its value has the limit that it began with.
type BoundedSemaphore struct{ *SemLock }

// NewBoundedSemaphore makes a semaphore of a value of at least 1, which is its limit.
func NewBoundedSemaphore(value int, o *Options) (*BoundedSemaphore, error) {
	return boundedOf(Create(value, value, o))
}

// OpenBoundedSemaphore opens the semaphore of a name, with the limit that others use it with.
func OpenBoundedSemaphore(name string, limit int, o *Options) (*BoundedSemaphore, error) {
	return boundedOf(Open(name, limit, o))
}

func boundedOf(s *SemLock, err error) (*BoundedSemaphore, error) {
	if err != nil {
		return nil, err
	}
	return &BoundedSemaphore{s}, nil
}

// MarshalPickle returns what becomes a BoundedSemaphore of Python 3 when it is unpickled: see Pickler.
func (s *BoundedSemaphore) MarshalPickle() (any, error) { return new(Pickler).Object(s) }

func (s *BoundedSemaphore) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.sem(s.SemLock, "BoundedSemaphore", semaphore)
}
