package pool

import (
	"cmp"
	"context"
	"time"

	"mpbridge/pickle"
)

// Call calls a function with positional arguments, and keyword arguments if the last one is Kwargs,
// and converts its result to T as pickle.Assign does; a pickle.Raw is the result unopened.
//
// The function is "package.module:name", a pickle.Global, or a pickle.Raw of anything callable. Any
// of the arguments may be a pickle.Raw.
//
// An error is a *TaskError for an exception, an *EncodingError for a result that cannot be
// pickled, a *WorkerError if the worker died, a *TimeoutError, a *StartError if workers do not
// start any more, ErrClosed, ErrTerminated, or what ctx ended with. When ctx ends while the
// function runs, its worker is killed.
func Call[T any](ctx context.Context, c Caller, fn any, args ...any) (v T, err error) {
	r := c.Go(ctx, fn, args...)
	<-r.done
	err = r.out.to(&v)
	return v, err
}

// A Caller calls functions: a *Pool, or what its With returns.
type Caller interface {
	// Call is the function Call without converting the result.
	Call(ctx context.Context, fn any, args ...any) (pickle.Raw, error)
	// Go begins a call and does not wait for its end.
	Go(ctx context.Context, fn any, args ...any) *AsyncResult
}

// Call is the function Call without converting the result.
func (p *Pool) Call(ctx context.Context, fn any, args ...any) (pickle.Raw, error) {
	return p.With(nil).Call(ctx, fn, args...)
}

// Go begins a call and does not wait for its end; apply_async in Python. What can go wrong is told
// by the result. The arguments, as those of Call, are pickled before Go returns.
func (p *Pool) Go(ctx context.Context, fn any, args ...any) *AsyncResult {
	return p.With(nil).Go(ctx, fn, args...)
}

// With returns what calls functions with options of its own; nil means those of the pool.
func (p *Pool) With(o *CallOptions) Caller {
	c := caller{pool: p}
	if o != nil {
		c.o = *o
	}
	return c
}

// caller is a pool with options for its calls.
type caller struct {
	pool *Pool
	o    CallOptions
}

// Call is Pool.Call.
func (c caller) Call(ctx context.Context, fn any, args ...any) (pickle.Raw, error) {
	r := c.Go(ctx, fn, args...)
	<-r.done
	return r.out.raw()
}

// Go is Pool.Go.
func (c caller) Go(ctx context.Context, fn any, args ...any) *AsyncResult {
	args, kwargs := pickle.SplitKwargs(args)
	r := &AsyncResult{done: make(chan struct{})}
	if err := c.pool.begin(ctx, r, &c.o, fn, args, kwargs); err != nil {
		r.out.err = err
		close(r.done)
	}
	return r
}

// CallOptions are for one call. The zero value means those of the pool.
type CallOptions struct {
	// Timeout is instead of Options.TaskTimeout; negative means none.
	Timeout time.Duration
	// Retries is instead of Options.Retries; negative means none.
	Retries int
}

func (p *Pool) begin(ctx context.Context, r *AsyncResult, o *CallOptions, fn any, args []any,
	kwargs Kwargs) error {
	j, err := p.newJob(fn, o.Timeout, o.Retries)
	if err != nil {
		return err
	}
	j.finish = func(_ *task, out outcome) {
		r.out = out
		p.closeJob(j)
		close(r.done)
	}
	if err := p.openJob(ctx, j); err != nil {
		return err
	}
	r.cancel = func() { p.cancel(j, context.Canceled) }
	t, err := p.newTask(j, 0, 1, j.fn.value, pickle.Tuple(args), kwargs)
	if err == nil {
		err = p.enqueue(t)
	}
	if err != nil {
		p.closeJob(j)
	}
	return err
}

// newJob makes a job that is not open yet.
func (p *Pool) newJob(fn any, timeout time.Duration, retries int) (*job, error) {
	f, err := parseFunction(fn)
	if err != nil {
		return nil, err
	}
	return &job{fn: f, timeout: max(cmp.Or(timeout, p.opts.TaskTimeout), 0),
		retries: max(cmp.Or(retries, p.opts.Retries), 0)}, nil
}

// AsyncResult is a call whose end may still be to come. Its methods may be called from any
// goroutine.
type AsyncResult struct {
	done   chan struct{}
	cancel func()
	out    outcome
}

// Done is closed when the call has ended.
func (r *AsyncResult) Done() <-chan struct{} { return r.done }

// Wait waits until the call has ended, and returns its error, or what ctx ends with before.
func (r *AsyncResult) Wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.out.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Get waits as Wait does and converts the result to what v points to, which may be a pickle.Raw.
func (r *AsyncResult) Get(ctx context.Context, v any) error {
	if err := r.Wait(ctx); err != nil {
		return err
	}
	return r.out.to(v)
}

// Cancel ends the call, if it has not ended, with context.Canceled. If it runs, its worker is
// killed.
func (r *AsyncResult) Cancel() {
	if r.cancel != nil {
		r.cancel()
	}
}
