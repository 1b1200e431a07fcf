package synchronize

import (
	"context"
	"errors"
	"sync/atomic"

	"mpbridge/pickle"
)

// ErrNotOwner is returned by what only the holder of a lock may do. Python raises an AssertionError.
var ErrNotOwner = errors.New("synchronize: the lock is not held by who uses it")

// Owner is who holds an RLock, or a Condition on one. In Python that is a thread; goroutines have no
// identity, so it is said. Each goroutine, or whatever else acts for itself, has an Owner of its own and may
// use it for all locks; no two use one at the same time.
type Owner struct{ _ byte }

// NewOwner returns an owner that is like no other.
func NewOwner() *Owner { return new(Owner) }

// RLock is multiprocessing.RLock: its owner may acquire it again and has to release it as often. Who owns it
// and how often is known in his process only, to the one RLock that he acquired; others see that it is taken. All
// methods may be called by any goroutine at any time.
type RLock struct {
	sem *SemLock

	owner atomic.Pointer[Owner]
	count int // how often the owner has it; his alone
}

// NewRLock makes a lock that is free.
func NewRLock(o *Options) (*RLock, error) { return rlockOf(Create(1, 1, o)) }

// OpenRLock opens the lock of a name.
func OpenRLock(name string, o *Options) (*RLock, error) { return rlockOf(Open(name, 1, o)) }

func rlockOf(s *SemLock, err error) (*RLock, error) {
	if err != nil {
		return nil, err
	}
	return &RLock{sem: s}, nil
}

// Acquire takes the lock for its owner, and waits while another one has it. The error is that of
// SemLock.Acquire, or ErrNotOwner for no owner at all.
func (l *RLock) Acquire(ctx context.Context, me *Owner) error {
	if me == nil {
		return ErrNotOwner
	}
	if l.again(me) {
		return nil
	}
	if err := l.sem.Acquire(ctx); err != nil {
		return err
	}
	l.took(me, 1)
	return nil
}

// TryAcquire takes the lock unless another owner has it.
func (l *RLock) TryAcquire(me *Owner) bool {
	if me == nil {
		return false
	}
	if l.again(me) {
		return true
	}
	if !l.sem.TryAcquire() {
		return false
	}
	l.took(me, 1)
	return true
}

// again counts one more for who has the lock. Nobody else can make him have it, or not.
func (l *RLock) again(me *Owner) bool {
	if l.owner.Load() != me {
		return false
	}
	l.count++
	return true
}

func (l *RLock) took(me *Owner, count int) {
	l.count = count
	l.owner.Store(me)
}

// Release gives back one Acquire; the last one frees the lock. The error is ErrNotOwner where me does not hold it,
// else that of SemLock.Release.
func (l *RLock) Release(me *Owner) error {
	if !l.Owned(me) {
		return ErrNotOwner
	}
	if l.count--; l.count > 0 {
		return nil
	}
	l.owner.Store(nil)
	return l.sem.Release()
}

// Owned tells whether me holds the lock.
func (l *RLock) Owned(me *Owner) bool { return me != nil && l.owner.Load() == me }

// Locked tells whether somebody holds the lock.
func (l *RLock) Locked() bool { return l.sem.Value() == 0 }

// Name is the name of the lock.
func (l *RLock) Name() string { return l.sem.Name() }

// Repair frees a lock whose holder has died, which nothing but the caller knows. Of a lock that is free, or that
// somebody holds by this RLock, it returns false and leaves it as it is.
func (l *RLock) Repair() (bool, error) {
	if l.owner.Load() != nil {
		return false, nil
	}
	return repair(l.sem)
}

// Close ends the use of the lock by this process: see SemLock.Close. Who holds it should release it before.
func (l *RLock) Close() error { return l.sem.Close() }

// Unlink removes the name: see SemLock.Unlink.
func (l *RLock) Unlink() error { return l.sem.Unlink() }

// MarshalPickle returns what becomes an RLock of Python 3 when it is unpickled: see Pickler.
func (l *RLock) MarshalPickle() (any, error) { return new(Pickler).Object(l) }

func (l *RLock) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.sem(l.sem, "RLock", recursiveMutex)
}
