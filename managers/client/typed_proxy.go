package client

import (
	"context"
	"fmt"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// create makes an object and wraps its proxy.
func create[P any](
	ctx context.Context, c *Client, typeid string, args []any, as func(*Proxy) P,
) (P, error) {
	p, err := c.Open(ctx, typeid, args...)
	if err != nil {
		var none P
		return none, err
	}
	return as(p), nil
}

// do calls a method whose result says nothing.
func (p *Proxy) do(ctx context.Context, method string, args ...any) error {
	_, err := p.CallRaw(ctx, method, args...)
	return err
}

// truth calls a method whose result is a bool.
func (p *Proxy) truth(ctx context.Context, method string, args ...any) (bool, error) {
	r, err := p.CallRaw(ctx, method, args...)
	if err != nil {
		return false, err
	}
	return truthOf(r)
}

// count calls a method whose result is an int.
func (p *Proxy) count(ctx context.Context, method string, args ...any) (n int, err error) {
	err = p.CallInto(ctx, &n, method, args...)
	return n, err
}

// elements calls a method whose result is a sequence.
func (p *Proxy) elements(ctx context.Context, method string, args ...any) ([]any, error) {
	v, err := p.Call(ctx, method, args...)
	if err != nil {
		return nil, err
	}
	items, ok := elements(v)
	if !ok {
		return nil, fmt.Errorf("managers: %s returned a %s, no list", method, pickle.TypeName(v))
	}
	return items, nil
}

// truthOf reads a bool. Python 2's RLock says 1 where it was acquired again.
func truthOf(r pickle.Raw) (bool, error) {
	v, err := r.Any()
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	}
	return false, fmt.Errorf("managers: a %s where a bool was expected", pickle.TypeName(v))
}

// elements returns what a sequence holds. The views of a dict travel as a call of list (register of
// dict views, Lib/multiprocessing/managers.py).
func elements(v any) ([]any, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return v.Items, true
	case pickle.Tuple:
		return v, true
	case *pickle.Object:
		args, _ := v.Args.(pickle.Tuple)
		if v.IsA("builtins", "list") && len(args) == 1 {
			if l, ok := args[0].(*pickle.List); ok {
				return l.Items, true
			}
		}
		for _, view := range []string{"dict.keys", "dict.values", "dict.items"} { // from multiprocess, whose dill pickles them
			if v.IsA("builtins", view) {
				items, err := values.Iterate(v)
				return items, err == nil
			}
		}
	}
	return nil, false
}
