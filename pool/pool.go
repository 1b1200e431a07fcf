package pool

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"mpbridge/internal/option"
	"mpbridge/internal/peerlog"
	"mpbridge/pickle"
)

// Pool is a number of Python processes that call functions. Its methods may be called from any
// goroutine. It must be closed: by Close and Join, or by Terminate.
type Pool struct {
	opts    Options
	python  string
	spawner *spawner
	servers *forkServers // nil with Spawn
	output  output
	peers   *peerlog.Limiter // of what workers cause in the log
	// starting bounds how many workers start at once: more than there are processors would only
	// make the first of them later.
	starting chan struct{}
	started  chan struct{} // closed when a first worker is there, or the pool is broken
	done     chan struct{} // closed when the last process is gone

	mu       sync.Mutex
	encode   *pickle.EncodeOptions // for the workers; set before the first is ready, and then for good
	long     bool                  // they read messages beyond 2**31-1 bytes
	slots    []*slot               // all that have a goroutine
	size     int                   // those of them that are not retired
	ready    []*job
	idle     []*worker
	waiting  int   // tasks in jobs
	jobs     int64 // job numbers given out
	openJobs int   // jobs that have not ended
	stats    Stats

	paused, closing, terminated bool
	broken                      error
	workersReady                int
	isStarted, isDone           bool
}

// New starts a pool and returns when its first worker is ready for tasks. It fails if none comes to
// that: with a *StartError, or with what ctx ends with. After New, ctx means nothing to the pool.
func New(ctx context.Context, opts *Options) (*Pool, error) {
	o, err := opts.check()
	if err != nil {
		return nil, err
	}
	p := &Pool{opts: o, started: make(chan struct{}), done: make(chan struct{}),
		starting: make(chan struct{}, runtime.NumCPU())}
	if p.python, err = interpreter(&o); err != nil {
		return nil, err
	}
	if o.Initializer != nil {
		if _, err := parseFunction(o.Initializer); err != nil {
			return nil, err
		}
	}
	p.peers = peerlog.New(o.Logger, peerlog.Usual)
	p.output.init(&p.opts, p.peers)
	p.spawner = newSpawner()
	if o.StartMethod == Forkserver {
		p.servers = newForkServers(p)
	}
	p.mu.Lock()
	p.grow(o.Workers)
	p.mu.Unlock()
	select {
	case <-p.started:
	case <-ctx.Done():
		p.Terminate()
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	err = p.broken
	p.mu.Unlock()
	if err != nil {
		<-p.done
		return nil, err
	}
	return p, nil
}

// Close lets all tasks finish, and the workers after them; new tasks are refused with ErrClosed. It
// does not wait: see Join. A paused pool is resumed.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closing, p.paused = true, false
	p.wakeAll()
	p.leaveIfDone()
}

// Join waits until the last process of a closed pool is gone. If ctx ends before, it returns the
// cause and leaves the pool as it is.
func (p *Pool) Join(ctx context.Context) error {
	p.mu.Lock()
	ending := p.closing || p.terminated || p.broken != nil
	p.mu.Unlock()
	if !ending {
		return errors.New("pool: Join before Close")
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Terminate fails all tasks with ErrTerminated, kills all processes, by SIGTERM and then SIGKILL, and
// returns when the last of them is gone. It may be called at any time, and more than once.
func (p *Pool) Terminate() {
	p.mu.Lock()
	p.terminated = true
	tasks := p.abandonTasks()
	p.finishIfLast()
	p.mu.Unlock()
	finishAll(tasks, ErrTerminated)
	<-p.done
}

// abandonTasks takes all tasks away, those that run included, and has the workers killed. The caller
// holds mu.
func (p *Pool) abandonTasks() (tasks []*task) {
	for _, j := range p.ready {
		tasks = append(tasks, p.dropPending(j, ErrTerminated)...)
	}
	for _, s := range p.slots {
		s.cancel()
		if s.worker != nil {
			tasks = append(tasks, s.worker.takeTasks()...)
			s.worker.kill()
		}
	}
	return tasks
}

// Pause keeps further tasks from being started; running tasks go on.
func (p *Pool) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = !p.closing
}

// Resume undoes Pause.
func (p *Pool) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = false
	p.wakeAll()
}

// Resize changes the number of workers to n, at least 1. New ones start at once; those with the
// highest numbers leave when they have done what they are at.
func (p *Pool) Resize(n int) error {
	if err := option.Check("pool", option.Int("Workers", n, 1, maxWorkers)); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refusal(); err != nil {
		return err
	}
	p.shrink(n)
	p.grow(n)
	p.wakeAll()
	return nil
}

// Stats is what a pool has and has done.
type Stats struct {
	Workers  int // as many as there should be
	Ready    int // workers that are ready for tasks or at one
	Idle     int // those that have none
	Queued   int // tasks that no worker has
	Done     int // tasks that were answered, with a result or an exception
	Failed   int // tasks that ended otherwise
	Deaths   int // workers that died with a task, or without being told to
	Replaced int // workers that were started in the place of another
}

// Stats returns a snapshot.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.stats
	c.Workers, c.Ready, c.Idle, c.Queued = p.size, p.workersReady, len(p.idle), p.waiting
	return c
}
