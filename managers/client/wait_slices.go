package client

import (
	"context"
	"errors"
	"time"
)

// The slices in which a wait is cut: short at first, so that a quick cancel is quick.
const (
	firstSlice = 50 * time.Millisecond
	lastSlice  = time.Second
)

// slicePatience is how much longer than its slice a call may take before the server counts as gone.
const slicePatience = 30 * time.Second

// errNotYet is what a slice returns that brought nothing, where the server has no exception for that.
var errNotYet = errors.New("managers: not in time")

// waitSlice is one slice of a wait: a call that the server answers within sec seconds.
type waitSlice func(ctx context.Context, sec float64) error

// inSlices calls f with growing timeouts until it returns something else than again or ctx ends. f runs
// under a context that outlives ctx, but not the slice by much.
func inSlices(ctx context.Context, again error, f waitSlice) error {
	return slicing(ctx, again, func(ctx context.Context, sec float64) error {
		slice := time.Duration(sec * float64(time.Second))
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), slice+slicePatience)
		defer cancel()
		return f(own, sec)
	})
}

// slicing is inSlices that leaves f's context to f. A server that answers again before the slice is over,
// for whatever reason, is asked less and less often.
func slicing(ctx context.Context, again error, f waitSlice) error {
	pause := firstPause
	for slice := firstSlice; ; slice = min(2*slice, lastSlice) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if end, ok := ctx.Deadline(); ok {
			slice = min(slice, max(time.Until(end), 0))
		}
		began := time.Now()
		if err := f(ctx, slice.Seconds()); err == nil || !errors.Is(err, again) {
			return err
		}
		rest := slice - time.Since(began)
		if rest <= 0 && slice > 0 {
			pause = firstPause
			continue
		}
		select {
		case <-time.After(min(max(rest, firstPause), pause)):
		case <-ctx.Done():
		}
		pause = min(2*pause, lastPause)
	}
}

// patient returns a context for a call that the server answers at once: it outlives ctx, so that the
// reply is not abandoned.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), slicePatience)
}

// outliving returns a context that ends slicePatience after ctx has.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-own.Done():
		case <-time.After(slicePatience):
			cancel()
		}
	})
	return own, func() {
		stop()
		cancel()
	}
}
