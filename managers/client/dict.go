package client

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// Dict is a dict in a manager. Each method is one call, so that of two programs which read a key
// and set it again one may overwrite what the other has set; a Lock of the manager prevents that.
type Dict struct {
	*Proxy
}

// OpenDict makes a dict, or finds a shared one. The arguments are those of Python's dict.
func (c *Client) OpenDict(ctx context.Context, typeid string, args ...any) (*Dict, error) {
	return create(ctx, c, typeid, args, AsDict)
}

// AsDict wraps the proxy of a dict.
func AsDict(p *Proxy) *Dict { return &Dict{p} }

// Get returns the value of key, or fails with ErrKeyError.
func (d *Dict) Get(ctx context.Context, key any) (any, error) {
	return d.Call(ctx, "__getitem__", key)
}

// GetInto is Get and stores the value in what dst points to, as pickle.Unmarshal does.
func (d *Dict) GetInto(ctx context.Context, key, dst any) error {
	return d.CallInto(ctx, dst, "__getitem__", key)
}

// GetDefault returns the value of key, or def: dict.get.
func (d *Dict) GetDefault(ctx context.Context, key, def any) (any, error) {
	return d.Call(ctx, "get", key, def)
}

// Set gives key a value.
func (d *Dict) Set(ctx context.Context, key, value any) error {
	return d.do(ctx, "__setitem__", key, value)
}

// Delete removes key, or fails with ErrKeyError.
func (d *Dict) Delete(ctx context.Context, key any) error {
	return d.do(ctx, "__delitem__", key)
}

// Len returns the number of keys.
func (d *Dict) Len(ctx context.Context) (int, error) { return d.count(ctx, "__len__") }

// Contains reports whether key is there.
func (d *Dict) Contains(ctx context.Context, key any) (bool, error) {
	return d.truth(ctx, "__contains__", key)
}

// Keys returns the keys, in the order of the dict.
func (d *Dict) Keys(ctx context.Context) ([]any, error) { return d.elements(ctx, "keys") }

// Values returns the values, in the order of the dict.
func (d *Dict) Values(ctx context.Context) ([]any, error) { return d.elements(ctx, "values") }

// Items returns keys and values, in the order of the dict.
func (d *Dict) Items(ctx context.Context) ([]pickle.Pair, error) {
	items, err := d.elements(ctx, "items")
	if err != nil {
		return nil, err
	}
	out := make([]pickle.Pair, len(items))
	for i, item := range items {
		if out[i], err = pairOf(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func pairOf(v any) (pickle.Pair, error) {
	t, ok := v.(pickle.Tuple)
	if !ok || len(t) != 2 {
		return pickle.Pair{}, fmt.Errorf("managers: a %s where (key, value) was expected",
			pickle.TypeName(v))
	}
	return pickle.Pair{Key: t[0], Value: t[1]}, nil
}

// Pop removes key and returns its value, or fails with ErrKeyError.
func (d *Dict) Pop(ctx context.Context, key any) (any, error) { return d.Call(ctx, "pop", key) }

// PopDefault removes key and returns its value, or def where there is none.
func (d *Dict) PopDefault(ctx context.Context, key, def any) (any, error) {
	return d.Call(ctx, "pop", key, def)
}

// PopItem removes one key, in Python 3 the last, and returns it with its value. ErrKeyError says that
// the dict was empty.
func (d *Dict) PopItem(ctx context.Context) (key, value any, err error) {
	v, err := d.Call(ctx, "popitem")
	if err != nil {
		return nil, nil, err
	}
	p, err := pairOf(v)
	return p.Key, p.Value, err
}

// SetDefault returns the value of key, which is set to def where there was none.
func (d *Dict) SetDefault(ctx context.Context, key, def any) (any, error) {
	return d.Call(ctx, "setdefault", key, def)
}

// Update sets keys and values from a map, a *pickle.Dict or a list of pairs; a last argument of type
// Kwargs sets more.
func (d *Dict) Update(ctx context.Context, args ...any) error {
	return d.do(ctx, "update", args...)
}

// Clear removes all keys.
func (d *Dict) Clear(ctx context.Context) error { return d.do(ctx, "clear") }

// Copy returns a copy, which is not a proxy.
func (d *Dict) Copy(ctx context.Context) (*pickle.Dict, error) {
	v, err := d.Call(ctx, "copy")
	if err != nil {
		return nil, err
	}
	if dict, ok := v.(*pickle.Dict); ok {
		return dict, nil
	}
	return nil, fmt.Errorf("managers: copy returned a %s, no dict", pickle.TypeName(v))
}

// Iter returns an iterator over the keys, which the caller closes. The manager raises a RuntimeError in
// it when the dict changes its size meanwhile; a manager of ours does where nobody else knows the dict, and
// otherwise answers with the keys as they are now, up to 2^20 of 64 MiB: then the iterator's Proxy is d's.
func (d *Dict) Iter(ctx context.Context) (*Iterator, error) {
	v, err := d.Call(ctx, "__iter__")
	if err != nil {
		return nil, err
	}
	if p, ok := v.(*Proxy); ok {
		return AsIterator(p), nil
	}
	if it, ok := IteratorOf(d.Proxy, v); ok {
		return it, nil
	}
	return nil, fmt.Errorf("managers: __iter__ returned a %s, no iterator", pickle.TypeName(v))
}

// All yields the keys and values of one moment, as maps.All does for a map: those that Items returns. Whoever has
// finished with them asks failed for the error that ended them early.
//
//	items, failed := settings.All(ctx)
//	for key, value := range items { ... }
//	if err := failed(); err != nil { ... }
func (d *Dict) All(ctx context.Context) (items iter.Seq2[any, any], failed func() error) {
	var err error
	items = func(yield func(any, any) bool) {
		var pairs []pickle.Pair
		if pairs, err = d.Items(ctx); err != nil {
			return
		}
		for _, p := range pairs {
			if !yield(p.Key, p.Value) {
				return
			}
		}
	}
	return items, func() error { return err }
}

// EachKey yields the keys: one by one from an iterator in the manager, or, where the dict has none, all
// that were there at first. An error is the last that it yields.
func (d *Dict) EachKey(ctx context.Context) iter.Seq2[any, error] {
	if !d.Has("__iter__") {
		return d.allAtOnce(ctx)
	}
	return func(yield func(any, error) bool) {
		it, err := d.Iter(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() {
			own, cancel := patient(ctx)
			defer cancel()
			_ = it.Close(own)
		}()
		it.All(ctx)(yield)
	}
}

func (d *Dict) allAtOnce(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		keys, err := d.Keys(ctx)
		for _, k := range keys {
			if !yield(k, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// ended yields an error that is not the end of an iteration.
func ended(err error, end managers.ExceptionClass, yield func(any, error) bool) {
	if !errors.Is(err, end) {
		yield(nil, err)
	}
}
