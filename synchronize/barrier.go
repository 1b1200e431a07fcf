package synchronize

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"time"
	"unsafe"

	"mpbridge/internal/option"
)

// ErrBroken is returned by a Barrier that is broken: somebody has aborted it, did not wait any longer, or
// failed in its action. Python raises threading.BrokenBarrierError.
var ErrBroken = errors.New("synchronize: the barrier is broken")

// Barrier is multiprocessing.Barrier, which does not exist in Python 2. All methods may be called by any
// goroutine at any time.
type Barrier struct {
	parties int
	cond    *Condition // on an RLock
	memory  []byte
	state   *int32 // see the constants below
	count   *int32 // how many are in Wait
	options BarrierOptions
	parts   parts
}

// The states of a barrier: threading.Barrier.
const (
	filling   = 0
	draining  = 1
	resetting = -1
	broken    = -2
)

// BarrierOptions are what a Barrier has besides Options.
type BarrierOptions struct {
	Options

	// Timeout is how long Wait waits at most; zero means as long as its context.
	Timeout time.Duration

	// Action is called by whoever comes last, before the others go on. An error breaks the barrier.
	Action func() error

	// PythonAction is the value that Python unpickles as its action, such as a pickle.Global: whoever comes
	// last, Python or Go, calls the one it has.
	PythonAction any
}

// BarrierSize is how many bytes of shared memory a Barrier takes. They are aligned to 4.
const BarrierSize = 8

// NewBarrier makes a barrier for so many parties in memory that those who use it share, and that must stay
// while they do. Its semaphores have names that begin with the one in the options. Python gets the memory by
// Pickler.Buffer.
func NewBarrier(parties int, memory []byte, o *BarrierOptions) (*Barrier, error) {
	if o == nil {
		o = new(BarrierOptions)
	}
	if err := option.Check("synchronize",
		option.Int("parties", parties, 1, SemValueMax), option.Time("Timeout", o.Timeout, 0)); err != nil {
		return nil, err
	}
	b := &Barrier{parties: parties, options: *o}
	if err := b.setMemory(memory); err != nil {
		return nil, err
	}
	c, err := NewCondition(nil, &o.Options)
	if err != nil {
		return nil, err
	}
	b.cond, b.parts = c, c.parts
	*b.state, *b.count = filling, 0
	return b, nil
}

func (b *Barrier) setMemory(memory []byte) error {
	if len(memory) < BarrierSize {
		return &FormatError{What: "a barrier takes 8 bytes"}
	}
	p := unsafe.Pointer(unsafe.SliceData(memory))
	if uintptr(p)%4 != 0 {
		return &FormatError{What: "the memory of a barrier is not aligned to 4 bytes"}
	}
	b.memory, b.state, b.count = memory[:BarrierSize], (*int32)(p), (*int32)(unsafe.Add(p, 4))
	return nil
}

// Parties is how many have to wait until they go on together.
func (b *Barrier) Parties() int { return b.parties }

// NWaiting is how many wait, n_waiting in Python.
func (b *Barrier) NWaiting(ctx context.Context) (n int, err error) {
	err = b.locked(ctx, func(*Owner) error {
		if b.is(filling) {
			n = int(atomic.LoadInt32(b.count))
		}
		return nil
	})
	return n, err
}

// Broken tells whether the barrier is broken.
func (b *Barrier) Broken(ctx context.Context) (yes bool, err error) {
	err = b.locked(ctx, func(*Owner) error {
		yes = b.is(broken)
		return nil
	})
	return yes, err
}

func (b *Barrier) is(state int32) bool { return atomic.LoadInt32(b.state) == state }

// become changes the state and wakes all, who look at it. Those who are silent would stay at the barrier for ever: they
// have Options.Patience even if ctx is over, and are woken again until it is.
func (b *Barrier) become(ctx context.Context, me *Owner, state int32) error {
	atomic.StoreInt32(b.state, state)
	for {
		err := b.cond.NotifyAll(context.WithoutCancel(ctx), me)
		var silent *SilentError
		if !errors.As(err, &silent) || ctx.Err() != nil {
			return err
		}
	}
}

// locked does something with the lock held, and frees it if it still is.
func (b *Barrier) locked(ctx context.Context, do func(me *Owner) error) (err error) {
	me := NewOwner()
	if err := b.cond.Acquire(ctx, me); err != nil {
		return err
	}
	defer guard(debug.SetPanicOnFault(true), &err)
	defer func() {
		if b.cond.lock.holds(me) {
			err = errors.Join(err, b.cond.Release(me))
		}
	}()
	return do(me)
}
