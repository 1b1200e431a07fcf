package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// worker is a process that is ready for tasks. Two goroutines work for it: its slot's, which reads
// results, and feed, which sends tasks; the slot's sends as well what is sure not to wait.
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
	sent      []*task // that have no answer yet; the worker is at the first
	since     time.Time
	unread    int // bytes of sent
	fed       int // tasks sent since it started
	answers   int
	idle      bool // is in Pool.idle
	left      bool // was told to end
	condemned bool // is being killed
}

// anySize is the size that every task is below.
const anySize = int(^uint(0) >> 1)

// farewell is None, pickled in a protocol that all Pythons read: the word to end.
var farewell = []byte{0x80, 2, 'N', '.'}

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
		w.timer = time.AfterFunc(limit, w.overdue)
	default:
		w.timer.Reset(limit)
	}
}

// overdue kills the worker if its task has run out of time.
func (w *worker) overdue() {
	p := w.pool
	p.mu.Lock()
	if w.condemned || len(w.sent) == 0 || w.sent[0].done {
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
	w.condemn()
	// Another run of t has nothing to do with what this worker may still say about it.
	w.sent[0] = &task{job: t.job, index: t.index, size: t.size, done: true}
	err := &TimeoutError{Func: t.job.fn.name, After: limit, Worker: w.slot.number, Pid: w.proc.pid}
	again := p.again(t)
	p.mu.Unlock()
	p.opts.Logger.Warn("task took too long", "worker", w.slot.number, "pid", w.proc.pid,
		"function", t.job.fn.name, "limit", limit)
	if !again {
		t.job.finish(t, outcome{err: err})
	}
}

// forsake marks the tasks that w has as done, and returns those that were not. The caller holds mu.
func (w *worker) forsake() (tasks []*task) {
	for _, t := range w.sent {
		if !t.done {
			t.done = true
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// condemn has the worker killed, one way or another. The caller holds mu.
func (w *worker) condemn() {
	if !w.condemned {
		w.condemned = true
		go w.proc.end(w.pool.graces())
	}
}

// spent tells whether w has got all tasks that it will ever get. The caller holds mu.
func (w *worker) spent() bool {
	most := w.pool.opts.MaxTasksPerChild
	return most > 0 && w.fed >= most
}

// signal has feed look for tasks.
func (w *worker) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

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

// serve reads results until there are no more and the process is gone. It returns false if the worker
// crashed without having answered anything.
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

// bury ends the tasks of a worker that is gone: the one that it was at fails, the others, which it
// cannot have begun, go back.
func (w *worker) bury(cause error) (lived bool) {
	w.sending.Lock() // the socket is closed: nothing is being written, or not for long
	defer w.sending.Unlock()
	p := w.pool
	p.mu.Lock()
	left := w.left
	w.left = true // and gets no more tasks
	w.slot.worker = nil
	p.workersReady--
	p.unidle(w)
	if w.timer != nil {
		w.timer.Stop()
	}
	lost := w.sent
	w.sent = nil
	expected := left || w.condemned || w.spent() && len(lost) == 0
	if !expected {
		p.counts.Deaths++
	}
	var first *task
	if len(lost) > 0 && !lost[0].done && !p.unbegun(w, lost, cause) {
		if first = lost[0]; p.again(first) {
			first = nil
		}
		lost = lost[1:]
	}
	p.giveBack(lost)
	p.wakeIdle(p.waiting) // one that was woken for a task may be this one
	lived = expected || w.answers > 0
	p.mu.Unlock()
	err := w.deathError(cause)
	if !expected {
		p.opts.Logger.Warn("worker died", "worker", w.slot.number, "pid", w.proc.pid,
			"exit", w.proc.exit.String())
	}
	if first != nil {
		err.Func = first.job.fn.name
		first.job.finish(first, outcome{err: err})
	}
	return lived
}

// deathError says how the worker ended.
func (w *worker) deathError(cause error) *WorkerError {
	e := &WorkerError{Worker: w.slot.number, Pid: w.proc.pid, Exit: w.proc.exit,
		Stderr: w.proc.lastLines()}
	if !connection.IsDisconnect(cause) && !errors.Is(cause, os.ErrDeadlineExceeded) {
		e.Err = cause
	}
	return e
}

// unidle takes w out of the idle workers. The caller holds mu.
func (p *Pool) unidle(w *worker) {
	for i, other := range p.idle {
		if other == w {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			break
		}
	}
	w.idle = false
}

// again puts a task that the death of a worker ended back to its job if it has another try; else it
// marks it as done. The caller holds mu.
func (p *Pool) again(t *task) bool {
	t.tries++
	if t.tries <= t.job.retries && t.job.ended == nil && p.broken == nil && !p.terminated {
		p.requeue([]*task{t})
		return true
	}
	t.done = true
	p.counts.Failed++
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

// giveBack puts the tasks that a dead worker had not begun back to their jobs. The caller holds mu.
func (p *Pool) giveBack(tasks []*task) {
	kept := tasks[:0:0]
	for _, t := range tasks {
		if !t.done && t.job.ended == nil && p.broken == nil && !p.terminated {
			kept = append(kept, t)
		}
	}
	p.requeue(kept)
}

// start starts a process and makes it ready for tasks.
func (s *slot) start() (*worker, error) {
	p := s.pool
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-p.stop:
			cancel()
		case <-stop:
		}
	}()
	select {
	case p.starting <- struct{}{}:
		defer func() { <-p.starting }()
	case <-ctx.Done():
		return nil, errStopped
	}
	proc, conn, err := p.spawn(s.number)
	if err != nil {
		return nil, &StartError{Python: p.python, Err: err}
	}
	_ = conn.SetDeadline(time.Now().Add(p.opts.StartTimeout))
	if err = p.greet(ctx, s, proc, conn); err == nil {
		_ = conn.SetDeadline(time.Time{})
		return &worker{pool: p, slot: s, proc: proc, conn: conn, wake: make(chan struct{}, 1),
			gone: make(chan struct{})}, nil
	}
	if !connection.IsDisconnect(err) {
		proc.end(nil)
	}
	proc.expect(leaveTime)
	<-proc.exited
	_ = conn.Close()
	if errors.Is(err, context.Canceled) {
		return nil, errStopped
	}
	failed := &StartError{Python: p.python, Exit: proc.exit, Stderr: proc.lastLines()}
	if !connection.IsDisconnect(err) {
		failed.Err = err
	}
	return nil, failed
}

// errGreeting says that the first message is none that worker.py sends.
var errGreeting = errors.New("a message that is no greeting")

// errStopped is the error of a start that was no longer wanted.
var errStopped = errors.New("pool: stopped while starting")

// greet goes through the messages before the first task; see the package comment.
func (p *Pool) greet(ctx context.Context, s *slot, proc *process, conn *connection.Conn) error {
	msg, err := conn.RecvBytesContext(ctx)
	if err != nil {
		return err
	}
	o, err := parseHello(msg)
	if err != nil {
		return err
	}
	p.learn(o)
	setup, err := p.setup(s.number, o)
	if err != nil {
		return err
	}
	if err := conn.SendBytesContext(ctx, setup); err != nil {
		return err
	}
	init, err := p.initializer(o)
	if err != nil {
		return err
	}
	if err := conn.SendBuffersContext(ctx, init); err != nil {
		return err
	}
	if msg, err = conn.RecvBytesContext(ctx); err != nil {
		return err
	}
	r, err := parseResult(msg)
	if err != nil || r.ok {
		return err
	}
	return remoteError(r, p.startName(), s.number, proc.pid)
}

// learn notes what the workers, which all run the same interpreter, can read.
func (p *Pool) learn(o *pickle.EncodeOptions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.encode == nil {
		p.encode = o
		p.long = o.Protocol >= 5 // both came with 3.8
	}
}

// parseHello reads (highest protocol, whether str is bytes).
func parseHello(msg []byte) (*pickle.EncodeOptions, error) {
	var fields []any
	if err := pickle.Unmarshal(msg, &fields); err != nil {
		return nil, err
	}
	if len(fields) != 2 {
		return nil, errGreeting
	}
	highest, isInt := fields[0].(int64)
	native, isBool := fields[1].(bool)
	if !isInt || !isBool || highest < 2 {
		return nil, errGreeting
	}
	return &pickle.EncodeOptions{Protocol: int(min(highest, pickle.HighestProtocol)),
		NativeBytes: native}, nil
}
