package sharedmem

import (
	"context"
	"errors"
)

// Locker is the lock of a Value or an Array, which other processes take, too: a *synchronize.Lock is one, and ByOwner makes one of a
// *synchronize.RLock, which is what stock Python gives to them.
type Locker interface {
	// Acquire takes the lock, and waits for it until ctx is over.
	Acquire(ctx context.Context) error
	// Release frees it.
	Release() error
}

// OwnedLock is a lock that wants to be told who takes it: a *synchronize.RLock.
type OwnedLock[Owner any] interface {
	Acquire(ctx context.Context, me Owner) error
	Release(me Owner) error
}

// ByOwner makes a Locker of a lock that wants to be told who takes it: each time it is somebody new.
//
//	sharedmem.ByOwner(rlock, synchronize.NewOwner)
//
// So it is not taken twice by one who has it. What holds the lock by itself, and uses the value meanwhile, uses Obj.
func ByOwner[Owner any](lock OwnedLock[Owner], newOwner func() Owner) Locker {
	return &byOwner[Owner]{lock: lock, newOwner: newOwner}
}

type byOwner[Owner any] struct {
	lock     OwnedLock[Owner]
	newOwner func() Owner
	holder   Owner // whoever has the lock; guarded by it
}

func (l *byOwner[Owner]) Acquire(ctx context.Context) error {
	me := l.newOwner()
	if err := l.lock.Acquire(ctx, me); err != nil {
		return err
	}
	l.holder = me
	return nil
}

func (l *byOwner[Owner]) Release() error { return l.lock.Release(l.holder) }

func (l *byOwner[Owner]) bare() any { return l.lock }

// bare is what ByOwner made a Locker of, or the Locker.
func bare(l Locker) any {
	if l, ok := l.(interface{ bare() any }); ok {
		return l.bare()
	}
	return l
}

// locked calls f while it holds the lock.
func locked(ctx context.Context, l Locker, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Release()) }()
	return f()
}
