package client

import (
	"context"
	"time"
)

// Condition is a Condition in a manager. It is a lock, too; Wait, Notify and NotifyAll are for the
// Owner that acquired it and fail with ErrRuntimeError for others.
//
// A Condition that was made with a lock of its caller's, c.OpenCondition(ctx, "Condition", lock), shares
// that lock: use lock and condition WithOwner one Owner. Python 3's manager stores a proxy there, which is not
// able to wait on an RLock; a Lock works, and so does Python 2.
type Condition struct {
	*Lock
}

// OpenCondition makes a condition, or finds a shared one, with an Owner of its own.
func (c *Client) OpenCondition(ctx context.Context, typeid string, args ...any) (*Condition, error) {
	return create(ctx, c, typeid, args, AsCondition)
}

// AsCondition wraps the proxy of a Condition, with an Owner of its own.
func AsCondition(p *Proxy) *Condition { return &Condition{AsLock(p)} }

// WithOwner returns the same condition in the hands of another owner.
func (c *Condition) WithOwner(o *Owner) *Condition { return &Condition{c.Lock.WithOwner(o)} }

// Wait releases the lock, waits for a notification until ctx ends, and has the lock again when it
// returns, also with an error, except for ErrOwnerLost. Having the lock again may take as long as others
// keep it.
//
// Wait may return without a notification, as any condition may: look again at what is waited for, or use
// WaitFor. It does so after a second or two, for a notification of the moment in which a slice of the wait has
// ended and the lock is not had again reaches nobody. A manager of Python 2 does not say whether there was one,
// so there Wait returns within a second.
func (c *Condition) Wait(ctx context.Context) error {
	began := time.Now()
	return slicing(ctx, errNotYet, func(ctx context.Context, sec float64) error {
		// The reply comes when the lock is had again, for which there is no bound while ctx lasts.
		own, cancel := outliving(ctx)
		defer cancel()
		r, err := c.owner.call(own, c.Proxy, unchanged, "wait", sec)
		if err != nil || r.IsNone() {
			return err
		}
		notified, err := truthOf(r)
		if err == nil && !notified && time.Since(began) < lastSlice {
			return errNotYet
		}
		return err
	})
}

// WaitFor waits until predicate, which is called with the lock held, returns true or an error, or ctx
// ends.
func (c *Condition) WaitFor(
	ctx context.Context, predicate func(ctx context.Context) (bool, error),
) error {
	for {
		if ok, err := predicate(ctx); ok || err != nil {
			return err
		}
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
}

// Notify wakes up to n of those that wait. They go on when the lock is released.
func (c *Condition) Notify(ctx context.Context, n int) error {
	return c.now(ctx, "notify", n)
}

// NotifyAll wakes all that wait.
func (c *Condition) NotifyAll(ctx context.Context) error { return c.now(ctx, "notify_all") }

func (c *Condition) now(ctx context.Context, method string, args ...any) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	own, cancel := patient(ctx)
	defer cancel()
	_, err := c.owner.call(own, c.Proxy, unchanged, method, args...)
	return err
}
