package synchronize

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// steps are what a wait does in the memory that others change meanwhile, each of them one atomic step. The
// test that tries all orders has steps of its own.
type steps interface {
	enter()         // counts a sleeper
	leave()         // takes him off
	tryLeave() bool // takes him off together with one of the value, unless that is zero
	over() error    // why the wait has to end
	sleep() error   // while the value is zero, or less
}

// sleepFor waits for a value to take. A sleeper that was woken looks at the value before it looks
// whether it should leave: otherwise the wake-up would be lost to the others.
func sleepFor(s steps) error {
	s.enter()
	for {
		if s.tryLeave() {
			return nil
		}
		err := s.over()
		if err == nil {
			err = s.sleep()
		}
		if err != nil {
			s.leave()
			return err
		}
	}
}

// Acquire takes one off the value, and waits where it is zero. The error is the cause of ctx, ErrClosed or
// ErrFault; nothing was taken then. Where there is one to take it is taken, even if ctx is over.
func (s *SemLock) Acquire(ctx context.Context) error {
	if ok, err := s.try(); ok || err != nil {
		return err
	}
	return s.wait(ctx)
}

// wait is the slow half of Acquire. One goroutine waits for the semaphore and the others for their turn, so
// that a thousand that wait take no thousand threads.
func (s *SemLock) wait(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-s.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-s.turn }()
	m := s.mem.Load()
	if m == nil {
		return ErrClosed
	}
	defer runtime.KeepAlive(m)
	err := s.waitInTurn(ctx, m)
	if err == nil {
		s.order.acquired()
	}
	return err
}

func (s *SemLock) waitInTurn(ctx context.Context, m *memory) (err error) {
	defer guard(debug.SetPanicOnFault(true), &err)
	if m.spin(s.spin) {
		return nil
	}
	w := waiter{word: m.word, sem: s, ctx: ctx}
	defer w.stopListening()
	return sleepFor(&w)
}

// spin looks for a value to take for a while.
func (w *word) spin(d time.Duration) bool {
	if d <= 0 {
		return w.try()
	}
	const looks = 100 // between two looks at the clock, which take longer
	for end := time.Now().Add(d); ; {
		for range looks {
			if uint32(w.load()) != 0 && w.try() {
				return true
			}
		}
		if !time.Now().Before(end) {
			return false
		}
	}
}

// waiter is a wait in the kernel.
type waiter struct {
	*word
	sem   *SemLock
	ctx   context.Context
	slept bool
	stop  func() bool // ends listening to ctx; nil before
}

// over resets the bell before it looks: whoever ends the wait afterwards rings it again.
func (w *waiter) over() error {
	w.sem.bell.reset()
	if w.sem.mem.Load() == nil {
		return ErrClosed
	}
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	return nil
}

func (w *waiter) sleep() error {
	if !w.slept {
		w.slept = true
		return sleepOn(w.futex(), firstSleep)
	}
	if w.stop == nil {
		w.stop = context.AfterFunc(w.ctx, w.sem.bell.ring)
	}
	return sleepOnBoth(w.futex(), &w.sem.bell.rung)
}

func (w *waiter) stopListening() {
	if w.stop != nil {
		w.stop()
	}
}
