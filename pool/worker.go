package pool

import (
	"sync"
	"time"

	"mpbridge/connection"
)

// worker is a process that is ready for tasks. Two goroutines work for it: its slot's, which reads
// results, and sendLoop, which sends tasks; the slot's sends as well what is sure not to wait.
type worker struct {
	pool  *Pool
	slot  *slot
	proc  *process
	conn  *connection.Conn
	wake  chan struct{}
	gone  chan struct{} // closed when the results have ended
	timer *time.Timer   // of the task that runs, if its job has a limit

	sending   sync.Mutex // choosing tasks and writing them
	batch     []*task
	unwritten int // how many of sent, at its end, were not written whole

	// Under Pool.mu.
	sent    []*task // that have no answer yet; the worker is at the first
	since   time.Time
	unread  int // bytes of sent
	fed     int // tasks sent since it started
	answers int
	idle    bool // is in Pool.idle
	left    bool // was told to end
	killed  bool // is being killed
}

// runs tells whether w has unfinished tasks of j. The caller holds mu.
func (w *worker) runs(j *job) bool { return len(w.sent) > 0 && w.sent[0].job == j }

// take counts t as sent. The caller holds mu.
func (w *worker) take(t *task) {
	w.sent = append(w.sent, t)
	w.unread += t.size
	w.fed++
	if len(w.sent) == 1 {
		w.begin(time.Now())
	}
}

// begin notes that the first of the sent tasks begins now. The caller holds mu.
func (w *worker) begin(now time.Time) {
	w.since = now
	limit := w.sent[0].limit()
	switch {
	case limit == 0:
	case w.timer == nil:
		w.timer = time.AfterFunc(limit, w.onTimeout)
	default:
		w.timer.Reset(limit)
	}
}

// onTimeout kills the worker if its task has run out of time.
func (w *worker) onTimeout() {
	p := w.pool
	p.mu.Lock()
	if w.killed || len(w.sent) == 0 || w.sent[0].done {
		p.mu.Unlock()
		return
	}
	t := w.sent[0]
	limit := t.limit()
	left := limit - time.Since(w.since)
	if limit == 0 || left > 0 { // the timer was for the task before
		if limit > 0 {
			w.timer.Reset(left)
		}
		p.mu.Unlock()
		return
	}
	w.kill()
	// Another run of t has nothing to do with what this worker may still say about it.
	w.sent[0] = &task{job: t.job, index: t.index, size: t.size, done: true}
	err := &TimeoutError{Func: t.job.fn.name, After: limit, Worker: w.slot.number, Pid: w.proc.pid}
	again := p.retry(t)
	p.mu.Unlock()
	p.log(w.slot.number).Warn("task took too long", "worker", w.slot.number, "pid", w.proc.pid,
		"function", t.job.fn.name, "limit", limit)
	p.taskFailed(t, again, err)
}

// takeTasks marks the tasks that w has as done, and returns those that were not. The caller holds mu.
func (w *worker) takeTasks() (tasks []*task) {
	for _, t := range w.sent {
		if !t.done {
			t.done = true
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// kill has the worker killed, one way or another. The caller holds mu.
func (w *worker) kill() {
	if !w.killed {
		w.killed = true
		go w.proc.end(w.pool.graces())
	}
}

// tasksUsedUp tells whether w has got all tasks that it will ever get. The caller holds mu.
func (w *worker) tasksUsedUp() bool {
	most := w.pool.opts.MaxTasksPerChild
	return most > 0 && w.fed >= most
}

// signal has sendLoop look for tasks.
func (w *worker) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
