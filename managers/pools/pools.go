package pools

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"mpbridge/internal/option"
	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"
	"mpbridge/pool"
)

// Options say what clients may have.
type Options struct {
	// Pool describes the workers: interpreter, folders, environment. Workers, Initializer and
	// MaxTasksPerChild are what clients ask for.
	Pool pool.Options
	// MaxWorkers is how many workers there may be at once, in all pools; 0 means one per processor.
	MaxWorkers int
	// Authkey is the server's, by which workers reach the objects of which they get proxies; nil where
	// they may not.
	Authkey []byte
}

// Pools are the pools that clients made. Its methods may be called concurrently.
type Pools struct {
	opts Options
	ends sync.WaitGroup

	mu     sync.Mutex // all below
	left   int        // workers that may still be started
	open   map[*poolObject]struct{}
	closed bool
}

// Register registers the typeid Pool with a server, before Serve. The typeids AsyncResult and Iterator must be
// registered, as RegisterSyncManager does. Close ends what clients leave behind; it must be called after the
// server's Shutdown. Options out of their range are a *pickle.OptionError; nil means all defaults.
func Register(s *server.Server, opts *Options) (*Pools, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.MaxWorkers = cmp.Or(o.MaxWorkers, runtime.GOMAXPROCS(0))
	if err := option.Check("pools", option.Int("MaxWorkers", o.MaxWorkers, 1, math.MaxInt32)); err != nil {
		return nil, err
	}
	if err := o.Pool.Check(); err != nil {
		return nil, err
	}
	p := &Pools{opts: o, left: o.MaxWorkers, open: make(map[*poolObject]struct{})}
	err := s.RegisterType("Pool", server.Type{
		New: p.create, Concurrent: true,
		MethodToTypeid: map[string]string{
			"apply_async": "AsyncResult", "map_async": "AsyncResult", "starmap_async": "AsyncResult",
			"imap": "Iterator", "imap_unordered": "Iterator",
		},
	})
	return p, err
}

// Close terminates all pools and returns when their workers are gone.
func (p *Pools) Close() {
	p.mu.Lock()
	p.closed = true
	var all []*poolObject
	for o := range p.open {
		all = append(all, o)
	}
	p.mu.Unlock()
	for _, o := range all {
		_ = o.Close()
	}
	p.ends.Wait()
}

// sigPool is Pool.__init__ of Lib/multiprocessing/pool.py, without its context.
var sigPool = &server.Signature{Name: "Pool.__init__",
	Params: []string{"processes", "initializer", "initargs", "maxtasksperchild"}}

var errClosed = errors.New("pools: the server stops")

func (p *Pools) create(c *server.Call) (server.Object, error) {
	if err := c.Bind(sigPool); err != nil {
		return nil, err
	}
	opts, err := p.options(c)
	if err != nil {
		return nil, err
	}
	if opts.Workers, err = p.reserve(c); err != nil {
		return nil, err
	}
	started, err := pool.New(c.Context(), &opts)
	if err != nil {
		p.giveBack(opts.Workers)
		return nil, asException(err)
	}
	o := &poolObject{pools: p, pool: started, workers: opts.Workers, ended: make(chan struct{})}
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.open[o] = struct{}{}
	}
	p.mu.Unlock()
	if closed {
		started.Terminate()
		return nil, errClosed
	}
	return o, nil
}

// options are those of one pool.
func (p *Pools) options(c *server.Call) (pool.Options, error) {
	opts := p.opts.Pool
	var initializer any
	if v := c.Value(1); c.Given(1) && !v.IsNone() {
		initializer = v.Clone()
		args, err := elements(c, 2)
		if err != nil {
			return opts, err
		}
		for _, a := range args {
			opts.InitArgs = append(opts.InitArgs, a)
		}
	}
	if c.Given(3) && !c.Value(3).IsNone() {
		n, err := c.Int(3, 0)
		if err != nil {
			return opts, err
		}
		if n < 1 {
			return opts, managers.ErrValueError.New("maxtasksperchild must be a positive int or None")
		}
		opts.MaxTasksPerChild = n
	}
	var err error
	opts.Initializer, err = p.trusted(initializer)
	return opts, err
}

// trusted makes a callable of an initializer, perhaps nil, that gives the worker the server's key before:
// a manager's own workers have it because they are its children. Unpickling the callable does that, and
// leaves the initializer.
func (p *Pools) trusted(initializer any) (any, error) {
	if p.opts.Authkey == nil {
		return initializer, nil
	}
	if initializer == nil {
		initializer = global("builtins", "int") // it takes no arguments and does nothing
	}
	self := call(global("multiprocessing.process", "current_process"))
	trust := call(global("builtins", "setattr"), self, "authkey", p.opts.Authkey)
	return pickle.NewRaw(call(global("operator", "getitem"),
		&pickle.List{Items: []any{trust, initializer}}, int64(1)), nil)
}

func global(module, name string) pickle.Global { return pickle.Global{Module: module, Name: name} }

// call is a call that unpickling makes.
func call(f pickle.Global, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: f, Args: pickle.Tuple(args)}
}

// reserve takes the number of workers that a client asks for from those that may still be started.
func (p *Pools) reserve(c *server.Call) (int, error) {
	n, some := 0, c.Given(0) && !c.Value(0).IsNone()
	if some {
		var err error
		if n, err = c.Int(0, 0); err != nil {
			return 0, err
		}
		if n < 1 {
			return 0, managers.ErrValueError.New("Number of processes must be at least 1")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !some {
		n = max(min(runtime.NumCPU(), p.left), 1)
	}
	switch {
	case p.closed:
		return 0, errClosed
	case n > p.left:
		return 0, managers.ErrRuntimeError.New(fmt.Sprintf(
			"this server has %d of %d workers left for pools", p.left, p.opts.MaxWorkers))
	}
	p.left -= n
	return n, nil
}

func (p *Pools) giveBack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left += n
}

// elements returns the elements of the iterable argument for parameter i, none where it is not given.
func elements(c *server.Call, i int) ([]pickle.Raw, error) {
	if !c.Given(i) {
		return nil, nil
	}
	return c.Iterate(c.Value(i).Clone())
}
