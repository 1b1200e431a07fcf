package synchronize

import (
	"context"
	"errors"

	"mpbridge/pickle"
)

// Event is multiprocessing.Event. All methods may be called by any goroutine at any time.
type Event struct {
	cond *Condition // on a Lock
	flag turnstile  // 1 where the event is set

	parts parts
}

// NewEvent makes an event that is not set. Its semaphores have names that begin with the one in Options.
func NewEvent(o *Options) (*Event, error) { return build(o).event() }

// OpenEvent opens the event that NewEvent has made under a name.
func OpenEvent(name string, o *Options) (*Event, error) {
	b := &builder{options: o, open: true, base: name}
	return b.event()
}

func (b *builder) event() (*Event, error) {
	c := &Condition{lock: b.lock(), options: b.options.copy()}
	b.fill(c)
	e := &Event{cond: c, flag: b.semaphore("-flag")}
	parts, err := b.done()
	if err != nil {
		return nil, err
	}
	e.parts = parts
	return e, nil
}

// IsSet tells whether the event is set. It takes the lock for a moment, for which ctx is.
func (e *Event) IsSet(ctx context.Context) (set bool, err error) {
	err = e.locked(ctx, func() (held bool, err error) {
		set, err = e.look()
		return true, err
	})
	return set, err
}

// look tells whether the event is set. The lock is held.
func (e *Event) look() (bool, error) {
	if !e.flag.TryAcquire() {
		return false, nil
	}
	return true, e.flag.Release()
}

// Set sets the event and wakes all who wait for it. The error is that of Condition.Notify; the event is set even
// if it is a *SilentError, and Set may be called again to wake those who are silent.
func (e *Event) Set(ctx context.Context) error {
	return e.locked(ctx, func() (held bool, err error) {
		e.flag.TryAcquire()
		if err := e.flag.Release(); err != nil {
			return true, err
		}
		return true, e.cond.NotifyAll(ctx, nil)
	})
}

// Clear makes the event one that is not set.
func (e *Event) Clear(ctx context.Context) error {
	return e.locked(ctx, func() (held bool, err error) {
		e.flag.TryAcquire()
		return true, nil
	})
}

// Wait waits until the event is set. The error is that of Condition.Wait.
func (e *Event) Wait(ctx context.Context) error {
	return e.locked(ctx, func() (held bool, err error) {
		set, err := e.look()
		if set || err != nil {
			return true, err
		}
		held, err = e.cond.wait(ctx, nil)
		if err == nil || !held {
			return held, err
		}
		if set, lookErr := e.look(); set || lookErr != nil {
			return true, lookErr
		}
		return true, err
	})
}

// locked does something with the lock held, which tells whether it still is.
func (e *Event) locked(ctx context.Context, do func() (held bool, err error)) error {
	if err := e.cond.Acquire(ctx, nil); err != nil {
		return err
	}
	held, err := do()
	if !held {
		return err
	}
	return errors.Join(err, e.cond.Release(nil))
}

// Condition is the condition that the event is made of: see Condition.Repair. It is on a Lock.
func (e *Event) Condition() *Condition { return e.cond }

// Close ends the use of the event by this process: see SemLock.Close.
func (e *Event) Close() error { return e.parts.Close() }

// Unlink removes the names of the event: see SemLock.Unlink.
func (e *Event) Unlink() error { return e.parts.Unlink() }

// Names are the names that Unlink removes.
func (e *Event) Names() []string { return e.parts.Names() }

// MarshalPickle returns what becomes an Event of Python 3 when it is unpickled: see Pickler.
func (e *Event) MarshalPickle() (any, error) { return new(Pickler).Object(e) }

// toPickle writes the attributes _cond and _flag.
func (e *Event) toPickle(p *Pickler) (*pickle.Object, error) {
	parts, err := p.all(e.cond, e.flag)
	if err != nil {
		return nil, err
	}
	return instance("Event", pickle.NewDict("_cond", parts[0], "_flag", parts[1])), nil
}

// event reads what toPickle writes.
func (u *Unpickler) event(o *pickle.Object) (any, error) {
	attrs, ok := o.State.(*pickle.Dict)
	if !ok {
		return nil, &StateError{"Event", "its state is no dict"}
	}
	r := u.reader("Event")
	get := func(name string) any {
		v, _ := attrs.Get(name)
		return v
	}
	cond := r.condition(get("_cond"))
	if r.err == nil && !isA[*Lock](cond.lock) {
		r.fail("its Condition is on no Lock")
	}
	flag := r.semaphore(get("_flag"))
	if r.err == nil {
		r.distinct(append(cond.madeOf(), flag.Name())...)
	}
	e := &Event{cond: cond, flag: flag}
	var err error
	if e.parts, err = r.done(); err != nil {
		return nil, err
	}
	return e, nil
}
