package queues

import (
	"context"
	"errors"
	"slices"
	"sync"

	"mpbridge/internal/pipeend"
)

// writer puts frames into a pipe that several processes write, in the order of its calls.
//
// What there is room for leaves at once. The rest is left to a goroutine, which runs for as long as anything waits. Like the
// reader it does not hold the lock while it waits for room, unless part of a frame is in the pipe already.
type writer struct {
	end  *pipeend.End
	lock lock
	life context.Context // ends when the goroutine should, whatever waits

	kill  context.CancelCauseFunc
	ended func()
	open  context.Context // ends with close
	shut  context.CancelCauseFunc

	mu      sync.Mutex // what follows, and writing to the end
	waiting []*outgoing
	begun   bool          // part of waiting[0] is in the pipe, and the lock is held
	idle    chan struct{} // closed when the goroutine has ended; nil if there is none
	closed  bool          // nothing more is taken, and the end is closed when nothing waits
	err     error         // of every later put
}

// newWriter makes a writer. ended is called once, when it was closed and nothing waits any more.
func newWriter(end *pipeend.End, l lock, ended func()) *writer {
	w := &writer{end: end, lock: l, ended: ended}
	w.life, w.kill = context.WithCancelCause(context.Background())
	w.open, w.shut = context.WithCancelCause(context.Background())
	return w
}

// put writes a frame, or leaves it to the goroutine; then it returns an outgoing, whose memory is still the caller's
// until it is done or detached. lost is called if it never leaves.
func (w *writer) put(f *frame, lost func()) (*outgoing, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole, err := w.now(f)
	if whole || err != nil {
		return nil, err
	}
	return w.later(f, lost), nil
}

// try is put of what leaves at once, or begins to. false means that nothing of it has.
func (w *writer) try(f *frame) (accepted bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	running := w.idle != nil
	whole, err := w.now(f)
	if whole || err != nil || running || !w.begun {
		return whole, err
	}
	f.detach()
	w.later(f, nil)
	return true, nil
}

// now writes what there is room for. The caller holds mu.
func (w *writer) now(f *frame) (whole bool, err error) {
	switch {
	case w.err != nil:
		return false, w.err
	case w.closed:
		return false, ErrClosed
	case w.idle != nil || !w.lock.TryAcquire():
		return false, nil
	}
	n, err := w.end.Write(f.vec)
	if n > 0 && !f.advance(n) {
		w.begun = true
		return false, nil
	}
	w.unlock()
	if errors.Is(err, pipeend.ErrWouldBlock) {
		return false, nil
	}
	w.err = err
	return err == nil, err
}

// unlock releases the lock. It fails where somebody else has done so already, who may.
func (w *writer) unlock() { _ = w.lock.Release() }

// later leaves a frame to the goroutine. The caller holds mu.
func (w *writer) later(f *frame, lost func()) *outgoing {
	o := &outgoing{frame: f, done: make(chan struct{}), lost: lost}
	w.waiting = append(w.waiting, o)
	if w.idle == nil {
		w.idle = make(chan struct{})
		go w.run()
	}
	return o
}

// withdraw takes back what has not begun to leave, without calling lost, and tells whether it could. If not, the frame
// leaves, and the caller's memory is its own again.
func (w *writer) withdraw(o *outgoing) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.waiting {
		if other == o && (i > 0 || !w.begun) {
			w.waiting = slices.Delete(w.waiting, i, i+1)
			return true
		}
	}
	o.frame.detach()
	return false
}

// detach gives what waits memory of its own.
func (w *writer) detach(o *outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.frame.detach()
}

// run is the goroutine.
func (w *writer) run() {
	for {
		step := w.step
		if !w.wait() {
			step = w.abandon
		}
		then, lost := step()
		for _, o := range lost {
			o.giveBack()
		}
		switch then {
		case endClosed:
			w.finish()
			return
		case end:
			return
		}
	}
}

// next is what the goroutine does after a step.
type next uint8

const (
	goOn      next = iota
	end            // nothing waits
	endClosed      // and nothing will
)

// finish closes what a closed writer holds.
func (w *writer) finish() {
	_ = w.end.Close()
	w.ended()
}

// wait waits for room, then for the lock. false says that life has ended, and the lock was not taken.
func (w *writer) wait() bool {
	if w.end.AwaitWrite(w.life) != nil {
		return false
	}
	w.mu.Lock()
	begun := w.begun
	w.mu.Unlock()
	return begun || w.lock.Acquire(w.life) == nil
}

// step writes once, with the lock held.
func (w *writer) step() (then next, lost []*outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) > 0 {
		if err := w.write(); err != nil {
			w.err, w.begun = err, false // nobody reads any more
			lost = w.lose(err)
		}
	}
	if !w.begun {
		w.unlock()
	}
	if len(w.waiting) > 0 {
		return goOn, lost
	}
	return w.stop(), lost
}

// abandon leaves what waits where it is; part of a frame may be in the pipe, and the lock is held then.
func (w *writer) abandon() (next, []*outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = ErrClosed
	if w.begun {
		w.err = ErrTorn
	}
	lost := w.lose(w.err)
	return w.stop(), lost
}

// stop says that the goroutine ends. The caller holds mu.
func (w *writer) stop() next {
	close(w.idle)
	w.idle = nil
	if w.closed {
		return endClosed
	}
	return end
}

// lose gives up all that waits. The caller holds mu, and calls giveBack of each without it.
func (w *writer) lose(err error) []*outgoing {
	lost := w.waiting
	w.waiting = nil
	for _, o := range lost {
		o.finish(err)
	}
	return lost
}

// write writes what waits, as far as there is room: the rest of a frame, a long one, or as many short ones as a pipe
// takes whole or not at all.
func (w *writer) write() error {
	vec := w.waiting[0].frame.vec
	if total := w.waiting[0].frame.left(); !w.begun && total <= joined {
		for _, o := range w.waiting[1:] {
			if total += o.frame.left(); total > joined {
				break
			}
			vec = append(vec[:len(vec):len(vec)], o.frame.vec...)
		}
	}
	n, err := w.end.Write(vec)
	if errors.Is(err, pipeend.ErrWouldBlock) {
		return nil
	}
	for n > 0 {
		o := w.waiting[0]
		part := min(n, o.frame.left())
		n -= part
		if w.begun = !o.frame.advance(part); !w.begun {
			o.finish(nil)
			w.waiting = w.waiting[1:]
		}
	}
	return err
}

// join waits until nothing waits, or ctx ends.
func (w *writer) join(ctx context.Context) error {
	w.mu.Lock()
	idle, err := w.idle, w.err
	w.mu.Unlock()
	if idle == nil {
		return err
	}
	select {
	case <-idle:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// cancel gives up what waits, after close also what has begun, and returns how many frames that were.
func (w *writer) cancel() int {
	w.mu.Lock()
	keep := 0
	if w.begun {
		keep = min(1, len(w.waiting)) // what was abandoned has begun as well
	}
	if w.closed {
		w.kill(ErrClosed)
	}
	lost := slices.Clone(w.waiting[keep:])
	w.waiting = slices.Delete(w.waiting, keep, len(w.waiting))
	for _, o := range lost {
		o.finish(ErrClosed)
	}
	w.mu.Unlock()
	for _, o := range lost {
		o.giveBack()
	}
	return len(lost)
}

// close takes no more frames, and closes the end when those that wait have left.
func (w *writer) close() {
	w.mu.Lock()
	last := w.idle == nil && !w.closed
	w.closed = true
	w.shut(ErrClosed)
	w.mu.Unlock()
	if last {
		w.finish()
	}
}

// outgoing is a frame that waits.
type outgoing struct {
	frame *frame
	done  chan struct{} // closed when it has left, or err says why not
	err   error
	lost  func() // called when it will not leave; may be nil
}

func (o *outgoing) finish(err error) {
	o.err = err
	close(o.done)
}

func (o *outgoing) giveBack() {
	if o.lost != nil {
		o.lost()
	}
}
