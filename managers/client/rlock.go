package client

import "context"

// RLock is an RLock in a manager: a lock that its Owner may acquire again, and has to release as often, and that
// nobody else may release. All methods may be called concurrently; what one Owner's calls acquire is that Owner's,
// whichever goroutine calls.
type RLock struct {
	*Proxy
	owner *Owner
}

// OpenRLock makes an RLock, or finds a shared one, with an Owner of its own.
func (c *Client) OpenRLock(ctx context.Context, typeid string, args ...any) (*RLock, error) {
	return create(ctx, c, typeid, args, AsRLock)
}

// AsRLock wraps the proxy of an RLock, with an Owner of its own.
func AsRLock(p *Proxy) *RLock { return &RLock{p, p.client.NewOwner()} }

// WithOwner returns the same lock in the hands of another owner. Both share the reference that Close gives back.
func (l *RLock) WithOwner(o *Owner) *RLock { return &RLock{l.Proxy, o} }

// Owner returns whose calls the lock's are.
func (l *RLock) Owner() *Owner { return l.owner }

// Acquire waits until the owner has the lock once more, or ctx ends. If it was acquired just as ctx ended, Acquire
// returns nil.
func (l *RLock) Acquire(ctx context.Context) error { return l.asLock().Acquire(ctx) }

// TryAcquire acquires the lock if it can be had at once.
func (l *RLock) TryAcquire(ctx context.Context) (bool, error) { return l.asLock().TryAcquire(ctx) }

// Release releases the lock once. ErrRuntimeError says that the owner does not have it. It goes ahead where ctx has
// ended, so that a deferred Release does its work.
func (l *RLock) Release(ctx context.Context) error { return l.asLock().Release(ctx) }

// Locked reports whether somebody has the lock. Managers before Python 3.14 cannot tell; that is a *RemoteError.
func (l *RLock) Locked(ctx context.Context) (bool, error) { return l.asLock().Locked(ctx) }

func (l *RLock) asLock() *Lock { return &Lock{l.Proxy, l.owner} }
