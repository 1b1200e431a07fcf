package client

import (
	"context"
	"iter"

	"mpbridge/pickle"
)

// Deque is a collections.deque in a manager. Indices below 0 count from the end, as in Python. Each method is one call.
// A manager of Python offers one where it registered collections.deque, with its methods of public names alone: Get,
// Set, Delete, Len and Contains need a manager of ours, or one that exposes them.
type Deque struct {
	*Proxy
}

// OpenDeque makes a deque, or finds a shared one. The arguments are those of collections.deque: an iterable, and maxlen.
func (c *Client) OpenDeque(ctx context.Context, typeid string, args ...any) (*Deque, error) {
	return create(ctx, c, typeid, args, AsDeque)
}

// AsDeque wraps the proxy of a deque.
func AsDeque(p *Proxy) *Deque { return &Deque{p} }

// Append adds an element at the end. Where the deque is at its maxlen, the first one goes.
func (d *Deque) Append(ctx context.Context, v any) error { return d.do(ctx, "append", v) }

// AppendLeft adds an element at the front. Where the deque is at its maxlen, the last one goes.
func (d *Deque) AppendLeft(ctx context.Context, v any) error { return d.do(ctx, "appendleft", v) }

// Extend adds elements at the end.
func (d *Deque) Extend(ctx context.Context, vs ...any) error {
	return d.do(ctx, "extend", &pickle.List{Items: vs})
}

// ExtendLeft adds elements at the front, one after the other: the last of them comes first.
func (d *Deque) ExtendLeft(ctx context.Context, vs ...any) error {
	return d.do(ctx, "extendleft", &pickle.List{Items: vs})
}

// Pop takes the last element, or fails with ErrIndexError.
func (d *Deque) Pop(ctx context.Context) (any, error) { return d.Call(ctx, "pop") }

// PopLeft takes the first element, or fails with ErrIndexError.
func (d *Deque) PopLeft(ctx context.Context) (any, error) { return d.Call(ctx, "popleft") }

// Insert adds an element before the one at index i. At its maxlen a deque takes none: ErrIndexError.
func (d *Deque) Insert(ctx context.Context, i int, v any) error { return d.do(ctx, "insert", i, v) }

// Remove takes out the first element that equals v, or fails with ErrValueError.
func (d *Deque) Remove(ctx context.Context, v any) error { return d.do(ctx, "remove", v) }

// Rotate moves n elements, one after the other, from the end to the front; a negative n the other way.
func (d *Deque) Rotate(ctx context.Context, n int) error { return d.do(ctx, "rotate", n) }

// Reverse reverses the deque in place.
func (d *Deque) Reverse(ctx context.Context) error { return d.do(ctx, "reverse") }

// Clear removes all elements.
func (d *Deque) Clear(ctx context.Context) error { return d.do(ctx, "clear") }

// Index returns the index of the first element that equals v, or fails with ErrValueError.
func (d *Deque) Index(ctx context.Context, v any) (int, error) { return d.count(ctx, "index", v) }

// Count returns how many elements equal v.
func (d *Deque) Count(ctx context.Context, v any) (int, error) { return d.count(ctx, "count", v) }

// Get returns the element at index i, or fails with ErrIndexError.
func (d *Deque) Get(ctx context.Context, i int) (any, error) { return d.Call(ctx, "__getitem__", i) }

// Set replaces the element at index i, or fails with ErrIndexError.
func (d *Deque) Set(ctx context.Context, i int, v any) error { return d.do(ctx, "__setitem__", i, v) }

// Delete removes the element at index i, or fails with ErrIndexError.
func (d *Deque) Delete(ctx context.Context, i int) error { return d.do(ctx, "__delitem__", i) }

// Len returns the number of elements.
func (d *Deque) Len(ctx context.Context) (int, error) { return d.count(ctx, "__len__") }

// Contains reports whether an element equals v.
func (d *Deque) Contains(ctx context.Context, v any) (bool, error) {
	return d.truth(ctx, "__contains__", v)
}

// Copy returns all elements.
func (d *Deque) Copy(ctx context.Context) (items []any, err error) {
	err = d.CallInto(ctx, &items, "copy")
	return items, err
}

// All yields the elements as Python's iter() does: it asks for one index after the other until there is
// none. An error is the last that it yields.
func (d *Deque) All(ctx context.Context) iter.Seq2[any, error] { return allItems(ctx, d.Get) }
