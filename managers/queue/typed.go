package queue

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// Typed is a queue whose items are of one Go type. All methods may be called concurrently.
type Typed[T any] struct {
	*Queue
}

// Of returns a queue as one of items of type T. Clients may put what they like: see ItemError.
func Of[T any](q *Queue) Typed[T] { return Typed[T]{q} }

// ItemError says that an item was taken that is no value of the type that was asked for. It is not lost: it is here, and
// Put puts it back at the end. errors.As finds the *pickle.TypeError in it.
type ItemError struct {
	// Raw is the item, still pickled.
	Raw pickle.Raw
	// Err says what is wrong with it.
	Err error
}

// Error says what is wrong with the item.
func (e *ItemError) Error() string { return fmt.Sprintf("queue: an item: %v", e.Err) }

// Unwrap returns Err.
func (e *ItemError) Unwrap() error { return e.Err }

// Put puts v into the queue, and waits for room until ctx ends: see Queue.Put.
func (t Typed[T]) Put(ctx context.Context, v T) error { return t.Queue.Put(ctx, v) }

// TryPut is Put without waiting: it fails with ErrFull.
func (t Typed[T]) TryPut(v T) error { return t.Queue.TryPut(v) }

// Get takes the next item for good, and waits for one until ctx ends. One of another type is an *ItemError.
func (t Typed[T]) Get(ctx context.Context) (T, error) { return typed[T](t.Queue.Get(ctx)) }

// TryGet is Get without waiting: it fails with ErrEmpty.
func (t Typed[T]) TryGet() (T, error) { return typed[T](t.Queue.TryGet()) }

// All takes one item after the other, and ends without an error when the queue is shut down and empty. It goes on after
// an *ItemError; any other error, that of ctx for example, is the last that it yields.
func (t Typed[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return each(func() (T, error) { return t.Get(ctx) })
}

// All takes one item after the other for good, and ends without an error when the queue is shut down and empty. An
// error, that of ctx for example, is the last that it yields.
func (q *Queue) All(ctx context.Context) iter.Seq2[pickle.Raw, error] {
	return each(func() (pickle.Raw, error) { return q.Get(ctx) })
}

// typed decodes an item.
func typed[T any](r pickle.Raw, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	if err := r.Unmarshal(&v); err != nil {
		return v, &ItemError{r, err}
	}
	return v, nil
}

func each[T any](next func() (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := next()
			if errors.Is(err, managers.ErrShutDown) {
				return
			}
			goesOn := err == nil || errors.As(err, new(*ItemError))
			if !yield(v, err) || !goesOn {
				return
			}
		}
	}
}
