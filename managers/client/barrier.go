package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/managers"
)

// Barrier is a Barrier in a manager; Python 2 has none.
type Barrier struct {
	*Proxy
}

// OpenBarrier makes a barrier, or finds a shared one. The first argument is the number of parties.
func (c *Client) OpenBarrier(ctx context.Context, typeid string, args ...any) (*Barrier, error) {
	return create(ctx, c, typeid, args, AsBarrier)
}

// AsBarrier wraps the proxy of a Barrier.
func AsBarrier(p *Proxy) *Barrier { return &Barrier{p} }

// Wait waits until all parties do, and returns a number of its own from 0 on to each of them.
//
// Whoever gives up breaks the barrier for all, as in Python, where a timeout does: a deadline of ctx is
// passed on as the timeout, and a ctx that is cancelled aborts the barrier. The error is then both
// ErrBrokenBarrier and ctx's.
func (b *Barrier) Wait(ctx context.Context) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	own, cancel := outliving(ctx)
	defer cancel()
	var timeout any
	if end, ok := ctx.Deadline(); ok {
		timeout = max(time.Until(end), 0).Seconds()
	}
	aborted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(aborted)
		if errors.Is(ctx.Err(), context.Canceled) {
			_ = b.Abort(own)
		}
	})
	n, err := b.count(own, "wait", timeout)
	if !stop() {
		<-aborted
	}
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		<-ctx.Done() // its timer may be later than the manager's reply
	}
	if errors.Is(err, managers.ErrBrokenBarrier) && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return n, err
}

// Abort breaks the barrier: those that wait, and those that come, get ErrBrokenBarrier.
func (b *Barrier) Abort(ctx context.Context) error { return b.do(ctx, "abort") }

// Reset makes the barrier as new. Those that wait get ErrBrokenBarrier.
func (b *Barrier) Reset(ctx context.Context) error { return b.do(ctx, "reset") }

// Parties returns how many have to wait until all may pass.
func (b *Barrier) Parties(ctx context.Context) (int, error) {
	return b.count(ctx, "__getattribute__", "parties")
}

// Waiting returns how many wait now: n_waiting.
func (b *Barrier) Waiting(ctx context.Context) (int, error) {
	return b.count(ctx, "__getattribute__", "n_waiting")
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken(ctx context.Context) (bool, error) {
	return b.truth(ctx, "__getattribute__", "broken")
}
