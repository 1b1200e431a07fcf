package synchronize

import "context"

// Locking is what a Condition can be on: a *Lock or an *RLock.
type Locking interface {
	Close() error
	Unlink() error
	Name() string
	Locked() bool
	Repair() (bool, error)

	acquire(ctx context.Context, me *Owner) error
	release(me *Owner) error
	holds(me *Owner) bool
	// let frees the lock however often it was acquired, and takes it as often again.
	let(me *Owner) (count int, err error)
	retake(ctx context.Context, me *Owner, count int) error

	picklable
}

func (l *Lock) acquire(ctx context.Context, _ *Owner) error { return l.Acquire(ctx) }
func (l *Lock) release(*Owner) error                        { return l.Release() }

// holds believes who says that he holds a Lock, which knows no owner, unless nobody does.
func (l *Lock) holds(*Owner) bool                                 { return l.Locked() }
func (l *Lock) let(*Owner) (int, error)                           { return 1, l.Release() }
func (l *Lock) retake(ctx context.Context, _ *Owner, _ int) error { return l.Acquire(ctx) }

func (l *RLock) acquire(ctx context.Context, me *Owner) error { return l.Acquire(ctx, me) }
func (l *RLock) release(me *Owner) error                      { return l.Release(me) }
func (l *RLock) holds(me *Owner) bool                         { return l.Owned(me) }

func (l *RLock) let(me *Owner) (int, error) {
	if !l.Owned(me) {
		return 0, ErrNotOwner
	}
	count := l.count
	l.owner.Store(nil)
	return count, l.sem.Release()
}

func (l *RLock) retake(ctx context.Context, me *Owner, count int) error {
	if err := l.sem.Acquire(ctx); err != nil {
		return err
	}
	l.took(me, count)
	return nil
}

// isA tells whether a lock is of a type.
func isA[T Locking](l Locking) bool {
	_, ok := l.(T)
	return ok
}
