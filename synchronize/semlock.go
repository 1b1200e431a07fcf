package synchronize

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// SemLock is the semaphore that everything here is made of, _multiprocessing.SemLock. All methods may be
// called by any goroutine at any time.
type SemLock struct {
	mem   atomic.Pointer[memory] // nil once closed
	limit uint32
	name  string
	spin  time.Duration
	order order

	turn chan struct{} // has room for the goroutine that waits in the kernel
	bell bell          // wakes it; only who has the turn listens
	done chan struct{} // closed by Close
	once sync.Once
}

func newSemLock(m *memory, name string, limit int, o *Options) *SemLock {
	s := &SemLock{
		limit: uint32(limit), name: name, spin: o.spin(), order: orderOf(name, m),
		turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.mem.Store(m)
	return s
}

// Name is the name of the semaphore, "" for one in memory that was given to At or Place.
func (s *SemLock) Name() string { return s.name }

// MaxValue is the value beyond which the semaphore cannot be released.
func (s *SemLock) MaxValue() int { return int(s.limit) }

// Value is the value of this moment, 0 for what is closed or gone.
func (s *SemLock) Value() int {
	n, _ := s.value()
	return n
}

func (s *SemLock) value() (n int, err error) {
	m := s.mem.Load()
	if m == nil {
		return 0, ErrClosed
	}
	defer guard(debug.SetPanicOnFault(true), &err)
	n = int(uint32(m.load()))
	runtime.KeepAlive(m)
	return n, nil
}

// TryAcquire takes one off the value, and returns false where it is zero: acquire(False). Of what is closed
// or gone it returns false.
func (s *SemLock) TryAcquire() bool {
	ok, _ := s.try()
	return ok
}

func (s *SemLock) try() (ok bool, err error) {
	m := s.mem.Load()
	if m == nil {
		return false, ErrClosed
	}
	defer guard(debug.SetPanicOnFault(true), &err)
	if ok = m.try(); ok {
		s.order.acquired()
	}
	runtime.KeepAlive(m)
	return ok, nil
}

// Release adds one to the value and wakes who waits. The error is ErrReleased where the value has reached
// MaxValue, ErrClosed or ErrFault. Unlike Python it compares and adds in one step, so that two who release at
// once cannot both get past the limit.
func (s *SemLock) Release() (err error) {
	m := s.mem.Load()
	if m == nil {
		return ErrClosed
	}
	defer guard(debug.SetPanicOnFault(true), &err)
	s.order.releasing()
	posted, wake := m.post(s.limit)
	if wake {
		err = wakeOne(m.futex())
	}
	runtime.KeepAlive(m)
	if !posted {
		return ErrReleased
	}
	return err
}

// Close ends the use of the semaphore by this process. Those who wait get ErrClosed; Close waits for them to
// leave, and after it the memory given to At or Place may go, unless another method is still running. The
// name and what others do stay as they are. It may be called again.
func (s *SemLock) Close() error {
	s.once.Do(func() {
		s.mem.Store(nil)
		close(s.done)
		s.bell.ring()
		s.turn <- struct{}{} // and keeps it
	})
	return nil
}
