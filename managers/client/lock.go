package client

import "context"

// Lock is a Lock in a manager.
//
// It acquires and releases as its Owner, though anybody may release it, as in Python. Release it before Close, and
// before the Client's. Its methods never abandon a request that may acquire; a context that ends is noticed within a
// second. All methods may be called concurrently.
type Lock struct {
	*Proxy
	owner *Owner
}

// OpenLock makes a lock, or finds a shared one, with an Owner of its own.
func (c *Client) OpenLock(ctx context.Context, typeid string, args ...any) (*Lock, error) {
	return create(ctx, c, typeid, args, AsLock)
}

// AsLock wraps the proxy of a Lock, with an Owner of its own.
func AsLock(p *Proxy) *Lock { return &Lock{p, p.client.NewOwner()} }

// WithOwner returns the same lock in the hands of another owner. Both share the reference that Close gives back.
func (l *Lock) WithOwner(o *Owner) *Lock { return &Lock{l.Proxy, o} }

// Owner returns whose calls the lock's are.
func (l *Lock) Owner() *Owner { return l.owner }

func (l *Lock) try(ctx context.Context, args ...any) (bool, error) {
	r, err := l.owner.call(ctx, l.Proxy, acquired, "acquire", args...)
	if err != nil {
		return false, err
	}
	return truthOf(r)
}

// Acquire waits until the owner has the lock, or ctx ends. If it was acquired just as ctx ended, Acquire returns nil.
func (l *Lock) Acquire(ctx context.Context) error { return l.client.acquire(ctx, l.try) }

// TryAcquire acquires the lock if it can be had at once.
func (l *Lock) TryAcquire(ctx context.Context) (bool, error) { return acquireNow(ctx, l.try) }

// Release releases the lock once. ErrRuntimeError says that it was not acquired (Python 2 raises its thread.error
// instead). It goes ahead where ctx has ended, so that a deferred Release does its work.
func (l *Lock) Release(ctx context.Context) error {
	own, cancel := patient(ctx)
	defer cancel()
	_, err := l.owner.call(own, l.Proxy, released, "release")
	return err
}

// Locked reports whether somebody has the lock. Managers before Python 3.14 cannot tell; that is a *RemoteError.
func (l *Lock) Locked(ctx context.Context) (bool, error) { return l.truth(ctx, "locked") }
