package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/connection"
)

// anySize is the size that every task is below.
const anySize = int(^uint(0) >> 1)

// noMoreTasks is None, pickled in a protocol that all Pythons read: the word to end.
var noMoreTasks = []byte{0x80, 2, 'N', '.'}

// sendLoop sends tasks whenever signal was called.
func (w *worker) sendLoop() {
	for {
		select {
		case <-w.wake:
			w.sendTasks(anySize)
		case <-w.gone:
			return
		}
	}
}

// sendTasks sends what there is to send, messages of at most most bytes.
func (w *worker) sendTasks(most int) {
	if most == anySize {
		w.sending.Lock()
	} else if !w.sending.TryLock() {
		w.signal()
		return
	}
	defer w.sending.Unlock()
	batch, leave, later := w.pool.next(w, w.batch[:0], most)
	w.batch = batch
	for i, t := range batch {
		if w.conn.SendBuffers(context.Background(), t.body) != nil { // results have ended, or will
			w.unwritten = len(batch) - i
			return
		}
	}
	clear(batch)
	if leave {
		_ = w.conn.SendBytes(context.Background(), noMoreTasks)
		w.proc.expect(leaveTime)
	}
	if later {
		w.signal()
	}
}

// serve reads results until there are no more and the process is gone. It returns false if the
// worker crashed without having answered anything.
func (w *worker) serve() bool {
	p := w.pool
	go w.sendLoop()
	p.mu.Lock()
	w.slot.worker = w
	p.workersReady++
	p.markStarted()
	if p.terminated || p.broken != nil {
		w.kill()
	}
	p.mu.Unlock()
	w.sendTasks(aheadBytes)
	err := w.receive()
	close(w.gone)
	w.proc.expect(leaveTime)
	<-w.proc.exited
	_ = w.conn.Close()
	return w.onExit(err)
}

// receive takes results until the socket or the process ends.
func (w *worker) receive() error {
	go w.proc.limitReads(w.conn)
	for {
		msg, err := w.conn.RecvBytes(context.Background())
		if limit := (*connection.LimitError)(nil); errors.As(err, &limit) {
			if err := w.resultTooLong(limit); err != nil {
				return err
			}
			continue
		}
		if err != nil { // past its deadline where others hold the socket of a process that ended
			return err
		}
		if err := w.handleResult(msg); err != nil {
			w.pool.mu.Lock()
			w.kill()
			w.pool.mu.Unlock()
			return err
		}
	}
}

// handleResult gives a result to the task that it is for.
func (w *worker) handleResult(msg []byte) error {
	r, err := parseHead(msg)
	if err != nil {
		return err
	}
	t, err := w.popAnswered(func(t *task) error {
		if !r.nameless && (r.job != t.job.id || r.index != int64(t.index)) {
			return fmt.Errorf("a result of task %d of job %d arrived, want task %d of job %d",
				r.index, r.job, t.index, t.job.id)
		}
		return nil
	})
	if t != nil {
		t.job.finish(t, w.outcome(t, r, msg))
	}
	return err
}

// resultTooLong lets a task fail whose result is too long, and the worker go on: what it sends is read away.
// The task's own timeout bounds how long that takes.
func (w *worker) resultTooLong(limit *connection.LimitError) error {
	if _, err := w.conn.Discard(context.Background(), mostDiscarded, 0); err != nil {
		return err
	}
	t, err := w.popAnswered(func(*task) error { return nil }) // results come in the order of the tasks
	if t != nil {
		t.job.finish(t, outcome{err: &WorkerError{
			Func: t.job.fn.name, Worker: w.slot.number, Pid: w.proc.pid, Err: limit}})
	}
	return err
}

// mostDiscarded is the longest message that is read away; nothing that a Python has in its memory is
// longer.
const mostDiscarded = 1 << 46

// popAnswered takes the task off that the worker has answered, if it fits. It returns nil for a task that
// has ended otherwise.
func (w *worker) popAnswered(fits func(t *task) error) (*task, error) {
	p := w.pool
	p.mu.Lock()
	if len(w.sent) == 0 {
		p.mu.Unlock()
		return nil, errors.New("a result arrived and no task was waiting for one")
	}
	t := w.sent[0]
	if err := fits(t); err != nil {
		p.mu.Unlock()
		return nil, err
	}
	done := t.done
	t.done = true
	w.dequeue(t)
	if !done {
		p.stats.Done++
	}
	p.mu.Unlock()
	if w.conn.Transport().Buffered() == 0 {
		w.sendTasks(aheadBytes)
	}
	if done {
		return nil, nil
	}
	return t, nil
}

// dequeue takes the first of the sent tasks off, which has its answer. The caller holds mu.
func (w *worker) dequeue(t *task) {
	now := time.Now()
	w.sent[0] = nil
	w.sent = w.sent[1:]
	w.unread -= t.size
	w.answers++
	t.body = nil
	cost := now.Sub(w.since)
	if t.job.cost == 0 {
		t.job.cost = cost
	}
	t.job.cost += (cost - t.job.cost) / 4
	if len(w.sent) > 0 {
		w.begin(now)
	} else {
		w.sent = w.sent[:0]
	}
}

// outcome is what a result means for its task.
func (w *worker) outcome(t *task, r result, msg []byte) outcome {
	if r.ok {
		return outcome{message: msg, worker: w.slot.number, pid: w.proc.pid, naive: w.slot.pool.opts.Naive}
	}
	return outcome{err: remoteError(r, t.job.fn.name, w.slot.number, w.proc.pid)}
}
