package client

import (
	"context"
)

// Semaphore is a Semaphore or a BoundedSemaphore in a manager. It has no owner: whoever wants to
// may release it. Acquire never abandons a request that may acquire; a context that ends is noticed
// within a second.
type Semaphore struct {
	*Proxy
}

// OpenSemaphore makes a semaphore, or finds a shared one.
func (c *Client) OpenSemaphore(ctx context.Context, typeid string, args ...any) (*Semaphore, error) {
	return create(ctx, c, typeid, args, AsSemaphore)
}

// OpenBoundedSemaphore is Semaphore; what kind it is, the manager's type says.
func (c *Client) OpenBoundedSemaphore(
	ctx context.Context, typeid string, args ...any,
) (*Semaphore, error) {
	return create(ctx, c, typeid, args, AsSemaphore)
}

// AsSemaphore wraps the proxy of a Semaphore or a BoundedSemaphore.
func AsSemaphore(p *Proxy) *Semaphore { return &Semaphore{p} }

func (s *Semaphore) try(ctx context.Context, args ...any) (bool, error) {
	return s.truth(ctx, "acquire", args...)
}

// Acquire waits until the counter is above zero and takes one off, or ctx ends.
func (s *Semaphore) Acquire(ctx context.Context) error { return s.client.acquire(ctx, s.try) }

// TryAcquire takes one off if it can be had at once.
func (s *Semaphore) TryAcquire(ctx context.Context) (bool, error) {
	return acquireNow(ctx, s.try)
}

// Release adds one. A BoundedSemaphore that is full refuses with ErrValueError. It goes ahead where ctx
// has ended, so that a deferred Release does its work.
func (s *Semaphore) Release(ctx context.Context) error {
	own, cancel := patient(ctx)
	defer cancel()
	return s.do(own, "release")
}
