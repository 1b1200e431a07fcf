package client

import (
	"context"
	"fmt"
	"iter"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// List is a list in a manager. Indices below 0 count from the end, as in Python. Each method is
// one call.
type List struct {
	*Proxy
}

// OpenList makes a list, or finds a shared one. The argument, if there is one, is what it holds at first.
func (c *Client) OpenList(ctx context.Context, typeid string, args ...any) (*List, error) {
	return create(ctx, c, typeid, args, AsList)
}

// AsList wraps the proxy of a list.
func AsList(p *Proxy) *List { return &List{p} }

// Get returns the element at index i, or fails with ErrIndexError.
func (l *List) Get(ctx context.Context, i int) (any, error) {
	return l.Call(ctx, "__getitem__", i)
}

// GetInto is Get and stores the element in what dst points to, as pickle.Unmarshal does.
func (l *List) GetInto(ctx context.Context, i int, dst any) error {
	return l.CallInto(ctx, dst, "__getitem__", i)
}

// Set replaces the element at index i, or fails with ErrIndexError.
func (l *List) Set(ctx context.Context, i int, v any) error {
	return l.do(ctx, "__setitem__", i, v)
}

// Delete removes the element at index i, or fails with ErrIndexError.
func (l *List) Delete(ctx context.Context, i int) error { return l.do(ctx, "__delitem__", i) }

// Len returns the number of elements.
func (l *List) Len(ctx context.Context) (int, error) { return l.count(ctx, "__len__") }

// Contains reports whether an element equals v.
func (l *List) Contains(ctx context.Context, v any) (bool, error) {
	return l.truth(ctx, "__contains__", v)
}

// Append adds an element at the end.
func (l *List) Append(ctx context.Context, v any) error { return l.do(ctx, "append", v) }

// Extend adds elements at the end.
func (l *List) Extend(ctx context.Context, vs ...any) error {
	return l.do(ctx, "extend", &pickle.List{Items: vs})
}

// Insert adds an element before the one at index i.
func (l *List) Insert(ctx context.Context, i int, v any) error {
	return l.do(ctx, "insert", i, v)
}

// Pop removes the last element and returns it, or fails with ErrIndexError.
func (l *List) Pop(ctx context.Context) (any, error) { return l.Call(ctx, "pop") }

// PopAt removes the element at index i and returns it, or fails with ErrIndexError.
func (l *List) PopAt(ctx context.Context, i int) (any, error) { return l.Call(ctx, "pop", i) }

// Remove removes the first element that equals v, or fails with ErrValueError.
func (l *List) Remove(ctx context.Context, v any) error { return l.do(ctx, "remove", v) }

// Index returns where the first element is that equals v, or fails with ErrValueError.
func (l *List) Index(ctx context.Context, v any) (int, error) {
	return l.count(ctx, "index", v)
}

// Count returns how many elements equal v.
func (l *List) Count(ctx context.Context, v any) (int, error) {
	return l.count(ctx, "count", v)
}

// Reverse reverses the list in place.
func (l *List) Reverse(ctx context.Context) error { return l.do(ctx, "reverse") }

// Sort sorts the list in place, and keeps the order of equal elements. ErrTypeError says that Python 3
// cannot compare two of them.
func (l *List) Sort(ctx context.Context, reverse bool) error {
	return l.do(ctx, "sort", managers.Kwargs{"reverse": reverse})
}

// Repeat makes the list n times as long: l *= n. Python's manager sends the entire list back.
func (l *List) Repeat(ctx context.Context, n int) error { return l.do(ctx, "__imul__", n) }

// Slice returns l[start:stop:step]. nil stands for what Python lets out.
func (l *List) Slice(ctx context.Context, start, stop, step any) ([]any, error) {
	s, err := sliceOf(start, stop, step)
	if err != nil {
		return nil, err
	}
	return l.elements(ctx, "__getitem__", s)
}

// SetSlice replaces l[start:stop:step] by vs. With a step other than 1 their number must be the same.
func (l *List) SetSlice(ctx context.Context, start, stop, step any, vs ...any) error {
	s, err := sliceOf(start, stop, step)
	if err != nil {
		return err
	}
	return l.do(ctx, "__setitem__", s, &pickle.List{Items: vs})
}

// DeleteSlice removes l[start:stop:step].
func (l *List) DeleteSlice(ctx context.Context, start, stop, step any) error {
	s, err := sliceOf(start, stop, step)
	if err != nil {
		return err
	}
	return l.do(ctx, "__delitem__", s)
}

// sliceOf makes a slice of ints and nils.
func sliceOf(parts ...any) (pickle.Slice, error) {
	for i, part := range parts {
		switch part := part.(type) {
		case nil, int64:
		case int:
			parts[i] = int64(part)
		default:
			return pickle.Slice{}, fmt.Errorf("managers: a slice of %T, want int or nil", part)
		}
	}
	return pickle.Slice{Start: parts[0], Stop: parts[1], Step: parts[2]}, nil
}

// Clear removes all elements.
func (l *List) Clear(ctx context.Context) error { return l.DeleteSlice(ctx, nil, nil, nil) }

// Copy returns all elements.
func (l *List) Copy(ctx context.Context) ([]any, error) { return l.Slice(ctx, nil, nil, nil) }

// All yields the elements as Python's iter() does: it asks for one index after the other until there is
// none. An error is the last that it yields.
func (l *List) All(ctx context.Context) iter.Seq2[any, error] { return allItems(ctx, l.Get) }

// allItems yields what get returns for 0, 1, 2 and so on, until ErrIndexError.
func allItems(
	ctx context.Context, get func(ctx context.Context, i int) (any, error),
) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for i := 0; ; i++ {
			v, err := get(ctx, i)
			if err != nil {
				ended(err, managers.ErrIndexError, yield)
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}
