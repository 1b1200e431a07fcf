package pool

import (
	"time"
)

// enqueue puts a task at the end of its job.
func (p *Pool) enqueue(t *task) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := t.job
	switch {
	case j.ended != nil:
		return j.ended
	case p.broken != nil:
		return p.broken
	case p.terminated:
		return ErrTerminated
	}
	j.pending = append(j.pending, t)
	p.offer(j, 1)
	return nil
}

// requeue puts tasks that were not done back to the head of their jobs, the first of them first.
// The caller holds mu.
func (p *Pool) requeue(tasks []*task) {
	for i := len(tasks) - 1; i >= 0; i-- {
		j := tasks[i].job
		j.pending = append([]*task{tasks[i]}, j.pending...)
		p.offer(j, 1)
	}
}

// offer counts n tasks that were added to a job and finds a worker for them. The caller holds mu.
func (p *Pool) offer(j *job, n int) {
	p.waiting += n
	if !j.queued {
		j.queued = true
		p.ready = append(p.ready, j)
	}
	if !p.paused {
		p.wakeIdle(n)
	}
}

// wakeIdle wakes up to n workers that have nothing to do. The caller holds mu.
func (p *Pool) wakeIdle(n int) {
	for n > 0 && len(p.idle) > 0 {
		w := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		w.idle = false
		w.signal()
		n--
	}
}

// wakeAll has every worker look what there is to do. The caller holds mu.
func (p *Pool) wakeAll() { p.wakeIdle(len(p.idle)) }

// leaveIfDone lets the workers leave when the last job of a closed pool has ended. The caller holds
// mu.
func (p *Pool) leaveIfDone() {
	if !p.closing || p.openJobs > 0 {
		return
	}
	p.wakeAll()
	for _, s := range p.slots {
		if s.worker == nil {
			s.cancel()
		}
	}
	p.finishIfLast()
}

// next gives the tasks to send to w now, appended to batch. With leave it is the word to end
// instead. With later there is a task, but it is longer than most bytes. The tasks count as sent.
func (p *Pool) next(w *worker, batch []*task, most int) (out []*task, leave, later bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.killed || w.left {
		return batch, false, false
	}
	j := p.choose(w)
	if j == nil {
		return batch, p.idleOrLeave(w), false
	}
	for n := p.room(w, j); n > 0 && len(j.pending) > 0; n-- {
		t := j.pending[0]
		if len(w.sent) > 0 && w.unread+t.size > aheadBytes {
			break
		}
		if later = t.size > most; later {
			break
		}
		j.pending[0] = nil
		j.pending = j.pending[1:]
		p.waiting--
		w.take(t)
		batch = append(batch, t)
	}
	p.rotate(j)
	return batch, false, later
}

// choose gives the job whose turn it is, or, for a worker that has tasks, the same job again if it
// is the only one and may be sent ahead. The caller holds mu.
func (p *Pool) choose(w *worker) *job {
	for len(p.ready) > 0 && len(p.ready[0].pending) == 0 {
		p.ready[0].queued = false
		p.ready = p.ready[1:]
	}
	if len(p.ready) == 0 || p.paused || w.slot.retired || w.tasksUsedUp() {
		return nil
	}
	j := p.ready[0]
	if len(w.sent) > 0 && (w.sent[0].job != j || len(p.ready) > 1) {
		return nil
	}
	return j
}

// room is how many tasks of j may be sent to w now: one, and more if they are so short that the
// time between two of them would be lost. The caller holds mu.
func (p *Pool) room(w *worker, j *job) int {
	window := 1
	if j.ahead && j.cost > 0 {
		share := (len(j.pending) + len(w.sent)) / max(p.size, 1)
		window += min(p.opts.SendAhead, int(aheadTime/max(j.cost, time.Microsecond)), share)
	}
	if have := len(w.sent); have > window/2 {
		return 0
	}
	room := window - len(w.sent)
	if p.opts.MaxTasksPerChild > 0 {
		room = min(room, p.opts.MaxTasksPerChild-w.fed)
	}
	return room
}

// rotate puts j behind the other jobs. The caller holds mu.
func (p *Pool) rotate(j *job) {
	if len(p.ready) > 1 {
		p.ready = append(p.ready[1:], j)
	}
}

// idleOrLeave notes a worker that has nothing to do as idle, or returns true if it is to end. The caller
// holds mu.
func (p *Pool) idleOrLeave(w *worker) (leave bool) {
	if len(w.sent) > 0 || w.tasksUsedUp() {
		return false
	}
	if w.slot.retired || p.closing && p.openJobs == 0 {
		w.left = true
		p.wakeIdle(p.waiting) // it may have been woken for a task
		return true
	}
	if !w.idle {
		w.idle = true
		p.idle = append(p.idle, w)
	}
	return false
}
