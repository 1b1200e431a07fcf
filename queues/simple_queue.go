package queues

import (
	"context"

	"mpbridge/pickle"
)

// SimpleQueue is multiprocessing.SimpleQueue: a pipe with a lock for each end. Put waits until the item is in the pipe,
// which holds some 64 KiB. All methods may be called by any goroutine at any time.
type SimpleQueue struct{ *pipeQueue }

// NewSimpleQueue makes a queue, for this process and those that it is pickled for.
func NewSimpleQueue(o *Options) (*SimpleQueue, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	q, err := makePipeQueue(o)
	if err != nil {
		return nil, err
	}
	return &SimpleQueue{q}, nil
}

// Put puts v into the pipe, and waits for room until ctx ends. Nothing was put then; but once part of a long item is in
// the pipe Put returns nil, and the rest follows by itself.
func (q *SimpleQueue) Put(ctx context.Context, v any) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f, err := q.frame(v)
	if err != nil {
		return err
	}
	o, err := q.out.put(f, nil)
	if o == nil {
		f.done()
		return err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
	}
	if q.out.withdraw(o) {
		return context.Cause(ctx)
	}
	select {
	case <-o.done:
		return o.err
	default:
		return nil
	}
}

// TryPut is Put without waiting: it fails with ErrFull where there is no room, or another process is putting something.
func (q *SimpleQueue) TryPut(v any) error {
	f, err := q.frame(v)
	if err != nil {
		return err
	}
	accepted, err := q.out.try(f)
	if err == nil && !accepted {
		err = ErrFull
	}
	return err
}

// simpleState is the state of a SimpleQueue: that which all have, in 2.7 as in 3.
func (p *Pickler) simpleState(q *SimpleQueue) (pickle.Tuple, error) { return p.pipeState(q.pipeQueue) }

func (u *Unpickler) simpleQueue(o *pickle.Object) (any, error) {
	const class = "SimpleQueue"
	state, err := stateOf(o, class, 4)
	if err != nil {
		return nil, err
	}
	q, err := u.pipeQueue(class, state)
	if err != nil {
		return nil, err
	}
	return &SimpleQueue{q}, nil
}
