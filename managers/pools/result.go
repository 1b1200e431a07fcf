package pools

import (
	"context"
	"iter"

	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// asyncResult is multiprocessing.pool.AsyncResult.
type asyncResult struct {
	done  chan struct{} // closed when what follows is there
	value any
	err   error
}

// await waits for a result beside the call, and calls back before it is ready. The callbacks are arguments
// at and at+1 of the call, where it has such.
func (o *poolObject) await(c *server.Call, at int, wait func() (any, error)) *asyncResult {
	r := &asyncResult{done: make(chan struct{})}
	success, failure := callback(c, at), callback(c, at+1)
	o.pools.ends.Go(func() {
		defer close(r.done)
		r.value, r.err = wait()
		if r.err != nil {
			r.err = asException(r.err)
			o.callBack(failure, r.err)
			return
		}
		o.callBack(success, r.value)
	})
	return r
}

// callback returns a callable argument, or nil.
func callback(c *server.Call, i int) any {
	if !c.Given(i) || c.Value(i).IsNone() {
		return nil
	}
	return c.Value(i).Clone()
}

// callBack lets a worker call back. What the callback raises concerns nobody.
func (o *poolObject) callBack(f any, v any) {
	if f == nil {
		return
	}
	if err, ok := v.(error); ok {
		exc := managers.AsException(err)
		if exc == nil {
			exc = managers.ErrRuntimeError.New(err.Error())
		}
		v = exc
	}
	_, _ = o.pool.Call(context.Background(), f, v)
}

// resultMethods are those of an AsyncResult: Lib/multiprocessing/pool.py.
var resultMethods = server.Methods[*asyncResult]{
	"get":        server.Def(server.RoleAdmin, "AsyncResult.get", (*asyncResult).callGet, 0, "timeout"),
	"wait":       server.Def(server.RoleAdmin, "AsyncResult.wait", (*asyncResult).callWait, 0, "timeout"),
	"ready":      server.Def(server.RoleAdmin, "AsyncResult.ready", (*asyncResult).callReady, 0),
	"successful": server.Def(server.RoleAdmin, "AsyncResult.successful", (*asyncResult).callSuccessful, 0),
}

var resultMethodNames = resultMethods.Names()

// Methods lists what clients may call.
func (*asyncResult) Methods() []string { return resultMethodNames }

// Call answers one call.
func (r *asyncResult) Call(c *server.Call) (any, error) { return resultMethods.Call(r, c) }

// String is what Python shows, without the address in memory.
func (*asyncResult) String() string { return "<multiprocessing.pool.AsyncResult object>" }

func (r *asyncResult) callReady(*server.Call) (any, error) { return r.ready(), nil }

func (r *asyncResult) callSuccessful(*server.Call) (any, error) {
	if !r.ready() {
		return nil, managers.ErrValueError.New("the result is not ready")
	}
	return r.err == nil, nil
}

func (r *asyncResult) callGet(c *server.Call) (any, error) {
	ctx, err := until(c, 0)
	if err != nil {
		return nil, err
	}
	defer ctx.cancel()
	v, err := r.get(ctx)
	if ctx.timedOut() && !r.ready() {
		return nil, managers.ErrTimeoutError
	}
	return v, err
}

// callWait tells nobody what the result is, nor whether there is one.
func (r *asyncResult) callWait(c *server.Call) (any, error) {
	ctx, err := until(c, 0)
	if err != nil {
		return nil, err
	}
	defer ctx.cancel()
	if _, err := r.get(ctx); !ctx.timedOut() && !r.ready() {
		return nil, err
	}
	return nil, nil
}

func (r *asyncResult) ready() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// get waits for the result until ctx ends.
func (r *asyncResult) get(ctx context.Context) (any, error) {
	if r.ready() {
		return r.value, r.err
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// limited is the context of a call that ends at its timeout, too.
type limited struct {
	context.Context
	call   context.Context
	cancel context.CancelFunc
}

// until makes the context of a call whose parameter i is a timeout.
func until(c *server.Call, i int) (*limited, error) {
	end, err := c.Timeout(i)
	if err != nil {
		return nil, err
	}
	l := &limited{Context: c.Context(), call: c.Context(), cancel: func() {}}
	if !end.IsZero() {
		l.Context, l.cancel = context.WithDeadline(c.Context(), end)
	}
	return l, nil
}

// timedOut reports whether the timeout ended the context, and not the call.
func (l *limited) timedOut() bool { return l.Err() != nil && l.call.Err() == nil }

// result is one value of an iterator.
type result struct {
	value pickle.Raw
	err   error
}

// iterator is multiprocessing.pool.IMapIterator.
type iterator struct {
	results chan result
	cancel  context.CancelFunc
}

// run passes the results on until there are no more or nobody wants them.
func (it *iterator) run(ctx context.Context, results iter.Seq2[pickle.Raw, error]) {
	defer close(it.results)
	for v, err := range results {
		select {
		case it.results <- result{v, err}:
		case <-ctx.Done():
			return
		}
	}
}

// iteratorMethods are those of an IMapIterator.
var iteratorMethods = server.Methods[*iterator]{
	"next":     server.Def(server.RoleAdmin, "IMapIterator.next", (*iterator).callNext, 0, "timeout"),
	"__next__": server.Def(server.RoleAdmin, "IMapIterator.next", (*iterator).callNext, 0, "timeout"),
}

var iteratorMethodNames = iteratorMethods.Names()

// Methods lists what clients may call.
func (*iterator) Methods() []string { return iteratorMethodNames }

// Call answers one call.
func (it *iterator) Call(c *server.Call) (any, error) { return iteratorMethods.Call(it, c) }

// String is what Python shows, without the address in memory.
func (*iterator) String() string { return "<multiprocessing.pool.IMapIterator object>" }

func (it *iterator) callNext(c *server.Call) (any, error) {
	ctx, err := until(c, 0)
	if err != nil {
		return nil, err
	}
	defer ctx.cancel()
	select {
	case r, ok := <-it.results:
		return r.next(ok)
	default:
	}
	select {
	case r, ok := <-it.results:
		return r.next(ok)
	case <-ctx.Done():
		if ctx.timedOut() {
			return nil, managers.ErrTimeoutError
		}
		return nil, context.Cause(ctx)
	}
}

func (r result) next(ok bool) (any, error) {
	switch {
	case !ok:
		return nil, managers.ErrStopIteration
	case r.err != nil:
		return nil, asException(r.err)
	}
	return r.value, nil
}

// Close ends the iteration: nobody refers to it any more.
func (it *iterator) Close() error {
	it.cancel()
	return nil
}
