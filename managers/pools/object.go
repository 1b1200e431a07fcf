package pools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"
	"mpbridge/pool"
)

// poolObject is one Pool as clients see it.
type poolObject struct {
	pools   *Pools
	pool    *pool.Pool
	workers int
	once    sync.Once
	ended   chan struct{} // closed when the workers of a terminated pool are gone

	mu         sync.Mutex // all below
	closed     bool       // no tasks any more
	terminated bool
}

// methods are those of a pool, with their parameters as Lib/multiprocessing/pool.py declares them. They are an admin's.
var methods = server.Methods[*poolObject]{
	"apply":          server.Def(server.RoleAdmin, "Pool.apply", (*poolObject).apply, 1, "func", "args", "kwds"),
	"apply_async":    server.Def(server.RoleAdmin, "Pool.apply_async", (*poolObject).applyAsync, 1, "func", "args", "kwds", "callback", "error_callback"),
	"map":            server.Def(server.RoleAdmin, "Pool.map", (*poolObject).mapAll, 2, "func", "iterable", "chunksize"),
	"map_async":      server.Def(server.RoleAdmin, "Pool.map_async", (*poolObject).mapAsync, 2, "func", "iterable", "chunksize", "callback", "error_callback"),
	"starmap":        server.Def(server.RoleAdmin, "Pool.starmap", (*poolObject).starmap, 2, "func", "iterable", "chunksize"),
	"starmap_async":  server.Def(server.RoleAdmin, "Pool.starmap_async", (*poolObject).starmapAsync, 2, "func", "iterable", "chunksize", "callback", "error_callback"),
	"imap":           server.Def(server.RoleAdmin, "Pool.imap", (*poolObject).imap, 2, "func", "iterable", "chunksize"),
	"imap_unordered": server.Def(server.RoleAdmin, "Pool.imap_unordered", (*poolObject).imapUnordered, 2, "func", "iterable", "chunksize"),
	"close":          server.Def(server.RoleAdmin, "Pool.close", (*poolObject).close, 0),
	"join":           server.Def(server.RoleAdmin, "Pool.join", (*poolObject).join, 0),
	"terminate":      server.Def(server.RoleAdmin, "Pool.terminate", (*poolObject).terminate, 0),
}

var methodNames = methods.Names()

// Methods lists what clients may call.
func (o *poolObject) Methods() []string { return methodNames }

// Call answers one call.
func (o *poolObject) Call(c *server.Call) (any, error) {
	v, err := methods.Call(o, c)
	if err != nil {
		return nil, asException(err)
	}
	return v, nil
}

// String is what Python shows.
func (o *poolObject) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	state := "RUN"
	if o.closed {
		state = "CLOSE"
	}
	return fmt.Sprintf("<multiprocessing.pool.Pool state=%s pool_size=%d>", state, o.workers)
}

func (o *poolObject) apply(c *server.Call) (any, error) {
	r, err := o.beginApply(c)
	if err != nil {
		return nil, err
	}
	return r.get(c.Context())
}

func (o *poolObject) applyAsync(c *server.Call) (any, error) { return o.beginApply(c) }

func (o *poolObject) beginApply(c *server.Call) (*asyncResult, error) {
	args, err := elements(c, 1)
	if err != nil {
		return nil, err
	}
	given := make([]any, len(args), len(args)+1)
	for i, a := range args {
		given[i] = a
	}
	var kwargs map[string]any
	if c.Given(2) {
		err := c.Unmarshal(c.Value(2), &kwargs)
		if limit := (*pickle.LimitError)(nil); errors.As(err, &limit) {
			return nil, err
		} else if err != nil {
			return nil, managers.ErrTypeError.New("kwds must be a dict with str keys")
		}
	}
	// The client may leave: the task goes on, as in Python.
	r := o.pool.Go(context.Background(), c.Value(0).Clone(), append(given, managers.Kwargs(kwargs))...)
	return o.await(c, 3, func() (any, error) {
		var v pickle.Raw
		err := r.Get(context.Background(), &v)
		return v, err
	}), nil
}

func (o *poolObject) mapAll(c *server.Call) (any, error) {
	r, err := o.beginMap(c, false)
	if err != nil {
		return nil, err
	}
	return r.get(c.Context())
}

func (o *poolObject) starmap(c *server.Call) (any, error) {
	r, err := o.beginMap(c, true)
	if err != nil {
		return nil, err
	}
	return r.get(c.Context())
}

func (o *poolObject) mapAsync(c *server.Call) (any, error)     { return o.beginMap(c, false) }
func (o *poolObject) starmapAsync(c *server.Call) (any, error) { return o.beginMap(c, true) }

func (o *poolObject) beginMap(c *server.Call, star bool) (*asyncResult, error) {
	items, err := elements(c, 1)
	if err != nil {
		return nil, err
	}
	if err := o.running(); err != nil {
		return nil, err
	}
	opts := &pool.MapOptions{Star: star}
	if opts.Chunk, err = chunk(c, 0); err != nil {
		return nil, err
	}
	f := c.Value(0).Clone()
	return o.await(c, 3, func() (any, error) {
		out, err := pool.Map[pickle.Raw](context.Background(), o.pool, f, items, opts)
		if err != nil {
			return nil, err
		}
		list := &pickle.List{Items: make([]any, len(out))}
		for i, v := range out {
			list.Items[i] = v
		}
		return list, nil
	}), nil
}

// chunk reads the argument chunksize.
func chunk(c *server.Call, def int) (int, error) {
	if !c.Given(2) || c.Value(2).IsNone() {
		return def, nil
	}
	n, err := c.Int(2, def)
	if err == nil && n < 1 {
		err = managers.ErrValueError.New(fmt.Sprintf("Chunksize must be 1+, not %d", n))
	}
	return n, err
}

func (o *poolObject) imap(c *server.Call) (any, error)          { return o.beginIMap(c, true) }
func (o *poolObject) imapUnordered(c *server.Call) (any, error) { return o.beginIMap(c, false) }

func (o *poolObject) beginIMap(c *server.Call, ordered bool) (any, error) {
	items, err := elements(c, 1)
	if err != nil {
		return nil, err
	}
	if err := o.running(); err != nil {
		return nil, err
	}
	n, err := chunk(c, 1)
	if err != nil {
		return nil, err
	}
	imap := pool.IMapUnordered[pickle.Raw, pickle.Raw]
	if ordered {
		imap = pool.IMap[pickle.Raw, pickle.Raw]
	}
	ctx, cancel := context.WithCancel(context.Background())
	results := imap(ctx, o.pool, c.Value(0).Clone(), slices.Values(items), &pool.MapOptions{Chunk: n})
	it := &iterator{results: make(chan result, 16), cancel: cancel}
	o.pools.ends.Go(func() { it.run(ctx, results) })
	return it, nil
}

// running is the error for calls of a pool that takes no tasks any more.
func (o *poolObject) running() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return pool.ErrClosed
	}
	return nil
}

func (o *poolObject) close(*server.Call) (any, error) {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.pool.Close()
	return nil, nil
}

func (o *poolObject) join(c *server.Call) (any, error) {
	if o.running() == nil {
		return nil, managers.ErrValueError.New("Pool is still running")
	}
	o.mu.Lock()
	terminated := o.terminated
	o.mu.Unlock()
	if terminated {
		return o.awaitEnd(c)
	}
	return nil, o.pool.Join(c.Context())
}

func (o *poolObject) terminate(c *server.Call) (any, error) {
	_ = o.Close()
	return o.awaitEnd(c)
}

func (o *poolObject) awaitEnd(c *server.Call) (any, error) {
	select {
	case <-o.ended:
		return nil, nil
	case <-c.Context().Done():
		return nil, context.Cause(c.Context())
	}
}

// Close terminates the pool: nobody refers to it any more, or somebody asked for it. It does not wait.
func (o *poolObject) Close() error {
	o.once.Do(func() {
		o.mu.Lock()
		o.closed, o.terminated = true, true
		o.mu.Unlock()
		o.pools.ends.Go(func() {
			defer close(o.ended)
			o.pool.Terminate()
			o.pools.mu.Lock()
			delete(o.pools.open, o)
			o.pools.left += o.workers
			o.pools.mu.Unlock()
		})
	})
	return nil
}

// asException is an error of a pool as the client gets it.
func asException(err error) error {
	var remote *pool.TaskError
	var encoding *pool.EncodingError
	switch {
	case errors.As(err, &remote):
		return remote.Exception
	case errors.As(err, &encoding):
		return errMaybeEncoding.New(encoding.Reason, encoding.Value)
	case errors.Is(err, pool.ErrClosed), errors.Is(err, pool.ErrTerminated):
		return managers.ErrValueError.New("Pool not running")
	}
	return err
}

// errMaybeEncoding says that the result of a task cannot be pickled: Lib/multiprocessing/pool.py.
var errMaybeEncoding = managers.NewExceptionClass("multiprocessing.pool", "MaybeEncodingError")
