package synchronize

import (
	"errors"

	"mpbridge/pickle"
)

// Lock is multiprocessing.Lock: a semaphore of 1. Any goroutine of any process may release it.
type Lock struct{ *SemLock }

// NewLock makes a lock that is free.
func NewLock(o *Options) (*Lock, error) { return lockOf(Create(1, 1, o)) }

// OpenLock opens the lock of a name.
func OpenLock(name string, o *Options) (*Lock, error) { return lockOf(Open(name, 1, o)) }

func lockOf(s *SemLock, err error) (*Lock, error) {
	if err != nil {
		return nil, err
	}
	return &Lock{s}, nil
}

// Locked tells whether somebody holds the lock: Lock.locked() of Python 3.14.
func (l *Lock) Locked() bool { return l.Value() == 0 }

// Repair frees a lock whose holder has died, which nothing but the caller knows. Of a lock that is free it
// returns false and leaves it as it is.
func (l *Lock) Repair() (bool, error) { return repair(l.SemLock) }

// repair releases what is taken.
func repair(s *SemLock) (bool, error) {
	err := s.Release()
	if errors.Is(err, ErrReleased) {
		return false, nil
	}
	return err == nil, err
}

// MarshalPickle returns what becomes a Lock of Python 3 when it is unpickled: see Pickler.
func (l *Lock) MarshalPickle() (any, error) { return new(Pickler).Object(l) }

func (l *Lock) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.sem(l.SemLock, "Lock", semaphore)
}
