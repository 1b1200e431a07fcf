package managers

import (
	"context"
	"errors"
	"time"

	"mpbridge/pickle"
)

// Put puts v into the queue, as a client's put(v) does, and waits for room until ctx ends. v is pickled
// unless it is a pickle.Raw. It fails with ErrShutDown after a shutdown.
func (q *Queue) Put(ctx context.Context, v any) error {
	r, err := pickle.NewRaw(v, nil)
	if err != nil {
		return err
	}
	it, err := q.newItem(nil, r)
	if err != nil {
		return err
	}
	return localError(ctx, q.put(newLocal(ctx), it, forEver))
}

// TryPut is Put without waiting: it fails with ErrFull.
func (q *Queue) TryPut(v any) error {
	r, err := pickle.NewRaw(v, nil)
	if err != nil {
		return err
	}
	it, err := q.newItem(nil, r)
	if err != nil {
		return err
	}
	return q.put(nil, it, patience{})
}

// Get takes the next item for good, and waits for one until ctx ends. Lease takes it on lease.
func (q *Queue) Get(ctx context.Context) (pickle.Raw, error) {
	it, _, err := q.get(newLocal(ctx), 1, true, time.Time{})
	if err != nil {
		return pickle.Raw{}, localError(ctx, err)
	}
	return q.keepFor(it), nil
}

// keepFor gives an item to this program for good, also where the queue lends to others.
func (q *Queue) keepFor(it *item) pickle.Raw {
	if q.lent != nil {
		q.mu.Lock()
		q.forgetItem(it)
		woken := q.refill()
		q.unlock()
		wakeAll(woken)
	} else {
		q.received(it)
	}
	it.drop()
	return it.raw
}

// TryGet is Get without waiting: it fails with ErrEmpty.
func (q *Queue) TryGet() (pickle.Raw, error) {
	it, _, err := q.get(nil, 1, false, time.Time{})
	if err != nil {
		return pickle.Raw{}, err
	}
	return q.keepFor(it), nil
}

// TaskDone counts one item off, as task_done() does.
func (q *Queue) TaskDone() error { return q.taskDone() }

// Join waits until every item was counted off, or ctx ends.
func (q *Queue) Join(ctx context.Context) error {
	return localError(ctx, q.join(newLocal(ctx)))
}

// Shutdown is Python's Queue.shutdown(immediate).
func (q *Queue) Shutdown(immediate bool) { q.shutdown(immediate) }

// local is a goroutine of this program that waits.
type local struct {
	ctx   context.Context
	woken chan struct{}
}

func newLocal(ctx context.Context) *local { return &local{ctx, make(chan struct{}, 1)} }

func (l *local) waker() waker { return l }

func (l *local) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *local) gone() bool { return l.ctx.Err() != nil }

// park waits for a wake or for the context. The queues never give it a time: ctx has it.
func (l *local) park(time.Time) error {
	select {
	case <-l.woken:
		return nil
	case <-l.ctx.Done():
		return errGone
	}
}

func localError(ctx context.Context, err error) error {
	if errors.Is(err, errGone) {
		return context.Cause(ctx)
	}
	return err
}
