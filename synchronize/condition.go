package synchronize

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// ErrLockLost is wrapped by the error of a wait that could not take its lock again: somebody else has kept it
// for longer than Options.Patience after the wait was over. The lock is not held then.
var ErrLockLost = errors.New("synchronize: the lock was not to be had again")

// SilentError says that a Condition has woken some who did not say that they are awake: they are stopped, or
// dead, or slow. They count as sleeping again, so that the next notify wakes them.
type SilentError struct {
	Missing int
	Err     error // the cause of the context, or context.DeadlineExceeded where Options.Patience was over
}

// Error says how many are missing.
func (e *SilentError) Error() string {
	return fmt.Sprintf("synchronize: %d that were woken are not awake: %v", e.Missing, e.Err)
}

// Unwrap returns Err.
func (e *SilentError) Unwrap() error { return e.Err }

// Condition is multiprocessing.Condition. Its methods may be called by any goroutine that holds its lock; me
// is who holds it, and means nothing where the lock is a Lock.
type Condition struct {
	lock Locking
	// sleeping counts who waits, woken who has stopped waiting and was not taken off sleeping yet; who waits
	// sleeps on queue.
	sleeping, woken, queue turnstile

	parts   parts
	options Options
}

// turnstile is what a Condition needs of a semaphore; the test that tries all orders has another one.
type turnstile interface {
	Acquire(ctx context.Context) error
	TryAcquire() bool
	Release() error
	Value() int
}

// Acquire takes the lock.
func (c *Condition) Acquire(ctx context.Context, me *Owner) error { return c.lock.acquire(ctx, me) }

// Release frees the lock.
func (c *Condition) Release(me *Owner) error { return c.lock.release(me) }

// Locking is the lock that the condition is on.
func (c *Condition) Locking() Locking { return c.lock }

// Wait frees the lock, waits until it is notified, and takes the lock again. The error is the cause of ctx
// where that is over first, or ErrNotOwner where me does not hold the lock. The lock is held when Wait returns,
// unless errors.Is(err, ErrLockLost), or what the condition is made of is closed or gone.
func (c *Condition) Wait(ctx context.Context, me *Owner) error {
	_, err := c.wait(ctx, me)
	return err
}

// wait is Wait, and tells whether the lock is held. The error does not: the cause of a context can be anything.
func (c *Condition) wait(ctx context.Context, me *Owner) (held bool, err error) {
	if !c.lock.holds(me) {
		return false, ErrNotOwner
	}
	if err := c.sleeping.Release(); err != nil {
		return true, err
	}
	count, err := c.lock.let(me)
	if err != nil {
		c.sleeping.TryAcquire()
		return false, err
	}
	err = c.queue.Acquire(ctx)
	if wokenErr := c.woken.Release(); err == nil {
		err = wokenErr
	}
	if lostErr := c.retake(ctx, me, count); lostErr != nil {
		return false, errors.Join(err, lostErr)
	}
	return true, err
}

// retake takes the lock again, with patience if the context is over: others that were woken have it first.
func (c *Condition) retake(ctx context.Context, me *Owner, count int) error {
	err := c.lock.retake(ctx, me, count)
	if err == nil || ctx.Err() == nil {
		return err
	}
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.options.patience())
	defer cancel()
	if err = c.lock.retake(patient, me, count); errors.Is(err, context.DeadlineExceeded) {
		return ErrLockLost
	}
	return err
}

// WaitFor waits until what it calls, with the lock held, returns true. The error is that of Wait.
func (c *Condition) WaitFor(ctx context.Context, me *Owner, predicate func() bool) error {
	_, err := c.waitFor(ctx, me, predicate)
	return err
}

// waitFor is WaitFor, and tells whether the lock is held.
func (c *Condition) waitFor(ctx context.Context, me *Owner, predicate func() bool) (held bool, err error) {
	for !predicate() {
		held, err := c.wait(ctx, me)
		if !held {
			return false, err
		}
		if err != nil && !predicate() {
			return true, err
		}
	}
	return true, nil
}

// NotifyAll is Notify of all who wait.
func (c *Condition) NotifyAll(ctx context.Context, me *Owner) error {
	return c.Notify(ctx, me, math.MaxInt)
}

// Notify wakes up to n of those who wait, and waits until they say that they are awake, which they do at
// once: it is how Python does it. That takes Options.Patience at most, where some of them are stopped or
// dead; then Options.Gone is asked, and if it does not explain them the error is a *SilentError, as it is
// where ctx is over first. The lock is held before and after.
func (c *Condition) Notify(ctx context.Context, me *Owner, n int) error {
	if !c.lock.holds(me) {
		return ErrNotOwner
	}
	drain(ctx, c.queue) // there is something only if a process died while it notified
	for i := 0; goesOn(ctx, i) && c.woken.TryAcquire(); i++ {
		c.sleeping.TryAcquire() // of those whose wait was over by itself
	}
	n = min(n, c.sleeping.Value()) // nobody begins to sleep while the lock is held
	woken := 0
	for woken < n && goesOn(ctx, woken) && c.sleeping.TryAcquire() {
		if err := c.queue.Release(); err != nil {
			return err
		}
		woken++
	}
	missing, err := c.awaitWoken(ctx, woken)
	if missing > 0 && ctx.Err() == nil { // they had all the time that they may have
		missing -= c.options.gone(missing)
	}
	drain(ctx, c.queue)
	if missing == 0 {
		return nil
	}
	for range missing {
		if err := c.sleeping.Release(); err != nil {
			return err
		}
	}
	return &SilentError{missing, err}
}

// awaitWoken waits for n to say that they are awake, and returns how many did not.
func (c *Condition) awaitWoken(ctx context.Context, n int) (missing int, err error) {
	if n == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.patience())
	defer cancel()
	for ; n > 0; n-- {
		if err := c.woken.Acquire(ctx); err != nil {
			return n, err
		}
	}
	return 0, nil
}

// drain takes all there is.
func drain(ctx context.Context, s turnstile) {
	for i := 0; goesOn(ctx, i) && s.TryAcquire(); i++ {
	}
}

// goesOn reports whether a loop whose rounds a peer's counter sets may go on: more sleepers than a system has processes
// are counted by nobody honest, and are counted off for as long as the context lasts.
func goesOn(ctx context.Context, rounds int) bool { return rounds&0xffff != 0xffff || ctx.Err() == nil }

// Repair says that n processes have died while they waited. Python's next notify would wait for them for
// ever, and one that does so already goes on. Nothing else has to be held or done. Whoever says so of more
// than have died makes Python's next notify fail.
func (c *Condition) Repair(n int) error {
	for range n {
		if err := c.woken.Release(); err != nil {
			return err
		}
	}
	return nil
}
