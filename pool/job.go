package pool

import (
	"context"
	"math"
	"time"

	"mpbridge/pickle"
)

// Kwargs are the keyword arguments of a call, given as its last argument.
type Kwargs = pickle.Kwargs

// outcome is how a task ended.
type outcome struct {
	message     []byte // the whole result, which was read as far as parseHead does; or
	err         error
	worker, pid int // who sent the message
	naive       *time.Location
}

// job is one call or one map: tasks that share a function, a context and a fate.
type job struct {
	id      int64
	fn      function
	timeout time.Duration // of one item
	retries int
	ahead   bool                     // tasks may wait in a worker's socket behind one another
	finish  func(t *task, o outcome) // takes what became of a task, once; called without locks
	retried func(item int, why error)
	release func() bool // ends the watch over the context

	// Under Pool.mu.
	pending []*task // oldest first
	queued  bool    // stands in Pool.ready
	ended   error   // why no task of it is to run any more
	cost    time.Duration
}

// task is one message to a worker.
type task struct {
	job   *job
	index int // its number in the job
	first int // the first of its items, counted from the beginning of the map
	items int // how many they are; 1 for a call
	body  [][]byte
	size  int

	// Under Pool.mu.
	done    bool // finish was called, or is about to be
	tries   int  // runs that the death of a worker ended
	unbegun int  // deaths of workers that had not read it
}

// limit is how long the task may run; 0 means for ever.
func (t *task) limit() time.Duration {
	if t.job.timeout > math.MaxInt64/time.Duration(t.items) {
		return math.MaxInt64
	}
	return t.job.timeout * time.Duration(t.items)
}

// openJob makes a job of the pool. It ends with closeJob, and ctx cancels it.
func (p *Pool) openJob(ctx context.Context, j *job) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refusal(); err != nil {
		return err
	}
	p.openJobs++
	p.jobs++
	j.id = p.jobs
	j.release = func() bool { return true }
	if ctx.Done() != nil {
		j.release = context.AfterFunc(ctx, func() { p.cancel(j, context.Cause(ctx)) })
	}
	return nil
}

// refusal says why there can be no new tasks. The caller holds mu.
func (p *Pool) refusal() error {
	switch {
	case p.broken != nil:
		return p.broken
	case p.terminated || p.closing:
		return ErrClosed
	}
	return nil
}

// closeJob ends a job. Tasks that wait are dropped, and nobody asks for those that run.
func (p *Pool) closeJob(j *job) {
	j.release()
	p.mu.Lock()
	p.dropPending(j, ErrClosed)
	p.openJobs--
	p.leaveIfDone()
	p.mu.Unlock()
}

// dropPending takes the waiting tasks out of a job and marks them as done. The caller holds mu.
func (p *Pool) dropPending(j *job, why error) []*task {
	if j.ended == nil {
		j.ended = why
	}
	tasks := j.pending
	j.pending = nil
	p.waiting -= len(tasks)
	for _, t := range tasks {
		t.done = true
	}
	return tasks
}

// cancel ends the tasks of a job with err and kills the workers that run them.
func (p *Pool) cancel(j *job, err error) {
	p.mu.Lock()
	tasks := p.dropPending(j, err)
	for _, s := range p.slots {
		if w := s.worker; w != nil && w.runs(j) {
			tasks = append(tasks, w.takeTasks()...)
			w.kill()
		}
	}
	p.mu.Unlock()
	finishAll(tasks, err)
}

func finishAll(tasks []*task, err error) {
	for _, t := range tasks {
		t.job.finish(t, outcome{err: err})
	}
}
