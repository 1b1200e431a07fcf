package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mpbridge/pickle"
)

// TypedQueue is a Queue whose items are Ts.
type TypedQueue[T any] struct {
	*Queue

	// PutBack says that Get gives an item that is not a T back to the queue, by ItemError.PutBack, before it
	// returns the *ItemError: for queues that others read too. Whoever calls Get again at once may get the same
	// item again. It must not be changed while Get runs.
	PutBack bool
}

// OpenQueueOf is Client.OpenQueue for items of one Go type.
func OpenQueueOf[T any](ctx context.Context, c *Client, typeid string, args ...any) (*TypedQueue[T], error) {
	q, err := c.OpenQueue(ctx, typeid, args...)
	if err != nil {
		return nil, err
	}
	return &TypedQueue[T]{Queue: q}, nil
}

// Get takes the next item, and waits for one until ctx ends. For an item that is not a T the error is an
// *ItemError, which has the item: it is not lost.
func (q *TypedQueue[T]) Get(ctx context.Context) (v T, err error) {
	it, err := q.take(ctx)
	if err != nil {
		return v, err
	}
	if err = q.client.decodeInto(ctx, it.raw, &v); err == nil {
		return v, nil
	}
	wrong := q.misfit(it, err)
	if q.PutBack {
		own, cancel := patient(ctx)
		defer cancel()
		if err := wrong.PutBack(own); err != nil {
			wrong.Err = errors.Join(wrong.Err, err)
		}
	}
	var none T
	return none, wrong
}

// Put puts v, and waits for room until ctx ends.
func (q *TypedQueue[T]) Put(ctx context.Context, v T) error { return q.Queue.Put(ctx, v) }

// ItemError says that an item was taken out of a queue and is not what was asked for: no value of the Go
// type, or one that cannot be decoded. It has the item. errors.As finds the *pickle.TypeError in it.
type ItemError struct {
	// Raw is the item, still pickled.
	Raw pickle.Raw
	// Err says what is wrong with it.
	Err error
	// Returned says that the item is in the queue again.
	Returned bool

	queue    *Queue
	delivery *Delivery
}

// Error says what is wrong with the item.
func (e *ItemError) Error() string {
	if e.Returned {
		return fmt.Sprintf("managers: an item, which is in the queue again: %v", e.Err)
	}
	return fmt.Sprintf("managers: an item: %v", e.Err)
}

// Unwrap returns Err.
func (e *ItemError) Unwrap() error { return e.Err }

var errNoQueue = errors.New("managers: an ItemError that came from no queue")

func (q *Queue) misfit(it taken, err error) *ItemError {
	return &ItemError{Raw: it.raw, Err: err, queue: q, delivery: it.delivery}
}

// PutBack gives the item back to its queue, once: to its old place where the queue leases its items, which
// counts as a delivery; else to the end, waiting for room until ctx ends, and with a task_done for the item
// that was taken, so that join counts it once. Whoever does not call it, on a queue that leases, still has the
// item until TaskDone or the end of the lease.
func (e *ItemError) PutBack(ctx context.Context) error {
	if e.Returned {
		return nil
	}
	if e.queue == nil {
		return errNoQueue
	}
	if e.delivery != nil {
		e.queue.forget(e.delivery)
		if _, err := e.delivery.Nack(ctx, 0); err != nil { // false: the lease has ended, and it is back already
			return err
		}
		e.Returned = true
		return nil
	}
	if err := e.queue.Put(ctx, e.Raw); err != nil {
		return err
	}
	e.Returned = true
	if !e.queue.Has("task_done") {
		return nil
	}
	_, err := e.queue.CallRaw(ctx, "task_done")
	return err
}

// forget takes a delivery out of those that TaskDone acknowledges.
func (q *Queue) forget(d *Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.pending, d); i >= 0 {
		q.pending = slices.Delete(q.pending, i, i+1)
	}
}
