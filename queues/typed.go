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
	frames frames                // of q, where it has any
	decode *pickle.DecodeOptions // those of q, for items that nobody else sees
}

// frames are items as they come.
type frames interface {
	getFrame(ctx context.Context) ([]byte, error)
	tryGetFrame() ([]byte, error)
	item(p []byte, err error) (pickle.Raw, error)
	decoding() pickle.DecodeOptions
}

// Of returns a queue as one of items of type T. Others may put what they like: see ItemError.
func Of[T any](q Items) Typed[T] {
	t := Typed[T]{q: q}
	if f, ok := q.(frames); ok {
		decode := f.decoding()
		decode.Alias = true
		t.frames, t.decode = f, &decode
	}
	return t
}

// Put is that of the queue.
func (t Typed[T]) Put(ctx context.Context, v T) error { return t.q.Put(ctx, v) }

// TryPut is that of the queue.
func (t Typed[T]) TryPut(v T) error { return t.q.TryPut(v) }

// Get is that of the queue. An item of another type is an *ItemError.
func (t Typed[T]) Get(ctx context.Context) (T, error) {
	if t.frames != nil {
		return t.decoded(t.frames.getFrame(ctx))
	}
	return typed[T](t.q.Get(ctx))
}

// TryGet is that of the queue. An item of another type is an *ItemError.
func (t Typed[T]) TryGet() (T, error) {
	if t.frames != nil {
		return t.decoded(t.frames.tryGetFrame())
	}
	return typed[T](t.q.TryGet())
}

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

// decoded decodes an item where it lies.
func (t Typed[T]) decoded(p []byte, err error) (v T, _ error) {
	if err != nil || t.decode.Unmarshal(p, &v) == nil {
		return v, err
	}
	return typed[T](t.frames.item(p, nil)) // which says what is wrong
}

// typed decodes an item.
func typed[T any](r pickle.Raw, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	if err := r.Unmarshal(&v); err != nil {
		return v, &ItemError{Raw: r, Err: err}
	}
	return v, nil
}
