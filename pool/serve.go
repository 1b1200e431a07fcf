package pool

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// anySize is the size that every task is below.
const anySize = int(^uint(0) >> 1)

// farewell is None, pickled in a protocol that all Pythons read: the word to end.
var farewell = []byte{0x80, 2, 'N', '.'}

// feed sends tasks whenever signal was called.
func (w *worker) feed() {
	for {
		select {
		case <-w.wake:
			w.pump(anySize)
		case <-w.gone:
			return
		}
	}
}

// pump sends what there is to send, messages of at most most bytes.
func (w *worker) pump(most int) {
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
		if w.conn.SendBuffers(t.body) != nil { // results have ended, or will
			w.unwritten = len(batch) - i
			return
		}
	}
	clear(batch)
	if leave {
		_ = w.conn.SendBytes(farewell)
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
	go w.feed()
	p.mu.Lock()
	w.slot.worker = w
	p.workersReady++
	p.startedNow()
	if p.terminated || p.broken != nil {
		w.condemn()
	}
	p.mu.Unlock()
	w.pump(aheadBytes)
	err := w.receive()
	close(w.gone)
	w.proc.expect(leaveTime)
	<-w.proc.exited
	_ = w.conn.Close()
	return w.bury(err)
}

// receive takes results until the socket or the process ends.
func (w *worker) receive() error {
	go w.proc.limitReads(w.conn)
	for {
		msg, err := w.conn.RecvBytes()
		if errors.Is(err, os.ErrDeadlineExceeded) { // others hold the socket of a process that ended
			return err
		}
		if err != nil {
			return err
		}
		if err := w.answered(msg); err != nil {
			w.pool.mu.Lock()
			w.condemn()
			w.pool.mu.Unlock()
			return err
		}
	}
}

// answered gives a result to the task that it is for.
func (w *worker) answered(msg []byte) error {
	r, err := parseHead(msg)
	if err != nil {
		return err
	}
	p := w.pool
	p.mu.Lock()
	if len(w.sent) == 0 {
		p.mu.Unlock()
		return errors.New("a result that nobody asked for")
	}
	t := w.sent[0]
	if !r.nameless && (r.job != t.job.id || r.index != int64(t.index)) {
		p.mu.Unlock()
		return fmt.Errorf("the result of task %d of job %d, not of %d of %d",
			r.index, r.job, t.index, t.job.id)
	}
	done := t.done
	t.done = true
	w.dequeue(t)
	if !done {
		p.counts.Done++
	}
	p.mu.Unlock()
	if w.conn.Buffered() == 0 {
		w.pump(aheadBytes)
	}
	if !done {
		t.job.finish(t, w.outcome(t, r, msg))
	}
	return nil
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
		return outcome{message: msg, worker: w.slot.number, pid: w.proc.pid}
	}
	return outcome{err: remoteError(r, t.job.fn.name, w.slot.number, w.proc.pid)}
}
