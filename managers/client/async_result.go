package client

import (
	"context"
)

// AsyncResult is what a pool in a manager answers to apply_async and map_async: a result that is
// not there yet. Waiting takes nothing away, so a ctx may end it and another call may wait again.
type AsyncResult struct {
	*Proxy
}

// AsAsyncResult wraps the proxy of an AsyncResult.
func AsAsyncResult(p *Proxy) *AsyncResult { return &AsyncResult{p} }

// Ready reports whether the result is there.
func (a *AsyncResult) Ready(ctx context.Context) (bool, error) { return a.truth(ctx, "ready") }

// Successful reports whether the function raised nothing. Before the result is there that is an error:
// ErrValueError, before Python 3.7 an AssertionError.
func (a *AsyncResult) Successful(ctx context.Context) (bool, error) {
	return a.truth(ctx, "successful")
}

// Wait waits until the result is there, or ctx ends, which is noticed within a second.
func (a *AsyncResult) Wait(ctx context.Context) error {
	return inSlices(ctx, errNotYet, func(ctx context.Context, sec float64) error {
		if err := a.do(ctx, "wait", sec); err != nil {
			return err
		}
		ready, err := a.Ready(ctx)
		if err == nil && !ready {
			return errNotYet
		}
		return err
	})
}

// Get waits until the result is there and returns it. What the function raised is a *RemoteError.
func (a *AsyncResult) Get(ctx context.Context) (any, error) {
	if err := a.Wait(ctx); err != nil {
		return nil, err
	}
	return a.Call(ctx, "get")
}

// GetInto is Get and stores the result in what dst points to, as pickle.Unmarshal does.
func (a *AsyncResult) GetInto(ctx context.Context, dst any) error {
	if err := a.Wait(ctx); err != nil {
		return err
	}
	return a.CallInto(ctx, dst, "get")
}
