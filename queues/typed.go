package queues

import (
	"context"
	"errors"
	"io"
	"iter"

	"mpbridge/pickle"
)

// Items are what all queues of this package do.
type Items interface {
	Put(ctx context.Context, v any) error
	TryPut(v any) error
	Get(ctx context.Context) (pickle.Raw, error)
	TryGet() (pickle.Raw, error)
}

// Typed is a queue whose items are of one Go type. All methods may be called by any goroutine at any time.
type Typed[T any] struct {
	q      Items
	decode *pickle.DecodeOptions
}

// Of returns a queue as one of items of type T. Others may put what they like: see ItemError.
func Of[T any](q Items) Typed[T] {
	var decode pickle.DecodeOptions
	if d, ok := q.(interface{ decoding() *pickle.DecodeOptions }); ok {
		decode = *d.decoding()
	}
	decode.Alias = true
	return Typed[T]{q, &decode}
}

// Put is that of the queue.
func (t Typed[T]) Put(ctx context.Context, v T) error { return t.q.Put(ctx, v) }

// TryPut is that of the queue.
func (t Typed[T]) TryPut(v T) error { return t.q.TryPut(v) }

// Get is that of the queue. An item of another type is an *ItemError.
func (t Typed[T]) Get(ctx context.Context) (T, error) { return t.value(t.q.Get(ctx)) }

// TryGet is that of the queue. An item of another type is an *ItemError.
func (t Typed[T]) TryGet() (T, error) { return t.value(t.q.TryGet()) }

// All takes one item after the other, and ends without an error at io.EOF. It goes on after an *ItemError and a
// *LimitError; any other error, that of ctx for example, is the last that it yields.
func (t Typed[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := t.Get(ctx)
			if err == io.EOF {
				return
			}
			goesOn := err == nil || errors.As(err, new(*ItemError)) || errors.As(err, new(*LimitError))
			if !yield(v, err) || !goesOn {
				return
			}
		}
	}
}

// value decodes an item, whose bytes nobody needs afterwards: values may lie in it.
func (t Typed[T]) value(r pickle.Raw, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	if err := r.WithOptions(t.decode).Unmarshal(&v); err != nil {
		return v, &ItemError{Raw: r, Err: err}
	}
	return v, nil
}
