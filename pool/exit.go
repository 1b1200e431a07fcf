package pool

import (
	"errors"
	"os"

	"mpbridge/connection"
	"mpbridge/internal/guard"
)

// onExit ends the tasks of a worker that is gone: the one that it was at fails, the others, which it
// cannot have begun, go back.
func (w *worker) onExit(cause error) (lived bool) {
	w.sending.Lock() // the socket is closed: nothing is being written, or not for long
	defer w.sending.Unlock()
	p := w.pool
	p.mu.Lock()
	left := w.left
	w.left = true // and gets no more tasks
	w.slot.worker = nil
	p.workersReady--
	p.removeIdle(w)
	if w.timer != nil {
		w.timer.Stop()
	}
	lost := w.sent
	w.sent = nil
	expected := left || w.killed || w.tasksUsedUp() && len(lost) == 0
	if !expected {
		p.stats.Deaths++
	}
	var first *task
	again := false
	if len(lost) > 0 && !lost[0].done && !p.unbegun(w, lost, cause) {
		first = lost[0]
		again = p.retry(first)
		lost = lost[1:]
	}
	p.requeueUnstarted(lost)
	p.wakeIdle(p.waiting) // one that was woken for a task may be this one
	lived = expected || w.answers > 0
	p.mu.Unlock()
	err := w.deathError(cause)
	if !expected {
		p.log(w.slot.number).Warn("worker died", "worker", w.slot.number, "pid", w.proc.pid,
			"exit", w.proc.exit.String())
	}
	if first != nil {
		err.Func = first.job.fn.name
		p.taskFailed(first, again, err)
	}
	return lived
}

// taskFailed tells those who wait that a run of the task has failed, and whether there will be another.
func (p *Pool) taskFailed(t *task, again bool, why error) {
	switch {
	case !again:
		t.job.finish(t, outcome{err: why})
	case t.job.retried != nil:
		_ = guard.Apart(p.opts.Logger, "Retried", func() error {
			t.job.retried(t.first, why)
			return nil
		})
	}
}

// deathError says how the worker ended.
func (w *worker) deathError(cause error) *WorkerError {
	e := &WorkerError{Worker: w.slot.number, Pid: w.proc.pid, Exit: w.proc.exit,
		Stderr: w.proc.lastLines()}
	if !connection.IsDisconnect(cause) && !errors.Is(cause, os.ErrDeadlineExceeded) {
		e.Err = cause
	}
	if w.proc.lost != nil {
		e.Err = w.proc.lost
	}
	return e
}

// removeIdle takes w out of the idle workers. The caller holds mu.
func (p *Pool) removeIdle(w *worker) {
	for i, other := range p.idle {
		if other == w {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			break
		}
	}
	w.idle = false
}

// retry puts a task that the death of a worker ended back to its job if it has another try; else it
// marks it as done. The caller holds mu.
func (p *Pool) retry(t *task) bool {
	t.tries++
	if t.tries <= t.job.retries && t.job.ended == nil && p.broken == nil && !p.terminated {
		p.requeue([]*task{t})
		return true
	}
	t.done = true
	p.stats.Failed++
	return false
}

// unbegun tells whether the first task of a worker that died cannot have begun: it was not written
// whole, or the system says that it was thrown away unread. The caller holds mu and sending.
func (p *Pool) unbegun(w *worker, lost []*task, cause error) bool {
	if w.unwritten < len(lost) && (len(lost) > 1 || !connection.IsReset(cause)) {
		return false
	}
	lost[0].unbegun++
	return lost[0].unbegun <= maxUnbegun
}

// requeueUnstarted puts the tasks that a dead worker had not begun back to their jobs. The caller holds mu.
func (p *Pool) requeueUnstarted(tasks []*task) {
	kept := tasks[:0:0]
	for _, t := range tasks {
		if !t.done && t.job.ended == nil && p.broken == nil && !p.terminated {
			kept = append(kept, t)
		}
	}
	p.requeue(kept)
}
