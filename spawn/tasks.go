package spawn

import (
	"context"
	"fmt"
	"strings"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// tasks are what the workers of pools and executors do: calls of functions that a Python program names.
type tasks struct {
	known crew
	self  *CurrentProcess
}

// The functions of Python's own that tasks call to call others.
var (
	mapStar      = pickle.Global{Module: "multiprocessing.pool", Name: "mapstar"}
	starMapStar  = pickle.Global{Module: "multiprocessing.pool", Name: "starmapstar"}
	reraises     = pickle.Global{Module: "multiprocessing.pool", Name: "_helper_reraises_exception"}
	processChunk = pickle.Global{Module: "concurrent.futures.process", Name: "_process_chunk"}
)

// callable is something that a task calls.
type callable struct {
	g     pickle.Global
	bound bound
	f     *function // nil for functions of Python's own
}

// find returns what a task calls. The error is an AttributeError that names it, as Python's is where a module does not have
// what a pickle wants from it.
func (t *tasks) find(fn any) (callable, error) {
	g, b, ok := unwrap(fn)
	if !ok {
		return callable{}, managers.ErrAttributeError.New(fmt.Sprintf(
			"this worker is a Go program, which cannot call an object of type %s", pickle.TypeName(fn)))
	}
	f := t.known.find(g)
	if f == nil && g != mapStar && g != starMapStar && g != reraises && g != processChunk {
		return callable{}, managers.ErrAttributeError.New(fmt.Sprintf(
			"this worker is a Go program, which has no function %s%s", spelled(g), t.offer()))
	}
	return callable{g, b, f}, nil
}

// offered is how many functions an error names.
const offered = 20

func (t *tasks) offer() string {
	names := t.known.names()
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > offered {
		names, more = names[:offered], ", ..."
	}
	return "; it has " + strings.Join(names, ", ") + more
}

// call does a task.
func (t *tasks) call(ctx context.Context, fn any, args []any, kwargs *pickle.Dict) (any, error) {
	c, err := t.find(fn)
	if err != nil {
		return nil, err
	}
	all := c.bound.with(args, kwargs)
	if c.f != nil {
		return t.one(ctx, c.f, all.args, all.kwargs)
	}
	switch c.g {
	case reraises:
		return nil, reraised(all.args)
	case processChunk:
		if len(all.args) == 2 {
			return t.each(ctx, all.args[0], all.args[1], true)
		}
	default:
		if pair, ok := only(all.args).(pickle.Tuple); ok && len(pair) == 2 {
			return t.each(ctx, pair[0], pair[1], c.g == starMapStar)
		}
	}
	return nil, managers.ErrTypeError.New(c.g.Name + "() was called with other arguments than Python calls it")
}

func only(args []any) any {
	if len(args) == 1 {
		return args[0]
	}
	return nil
}

// one calls a function of Go's once.
func (t *tasks) one(ctx context.Context, f *function, args []any, kwargs *pickle.Dict) (result any, err error) {
	err = guarded(func() (err error) {
		result, err = f.call(ctx, t.self, args, kwargs)
		return err
	})
	return result, at(f, err)
}

// each calls a function for each of several items, which are its arguments, or with stars lists of them. The first
// error ends it, as in Python.
func (t *tasks) each(ctx context.Context, fn, items any, stars bool) (any, error) {
	c, err := t.find(fn)
	if err != nil {
		return nil, err
	}
	values, ok := sequence(items)
	if !ok || c.f == nil {
		return nil, managers.ErrTypeError.New("a chunk of a map is not what Python makes of it")
	}
	results := &pickle.List{Items: make([]any, 0, len(values))}
	for _, v := range values {
		args := []any{v}
		if stars {
			if args, ok = sequence(v); !ok {
				return nil, managers.ErrTypeError.New(fmt.Sprintf(
					"%s() argument after * must be an iterable, not %s", c.f.name, pickle.TypeName(v)))
			}
		}
		all := c.bound.with(args, nil)
		r, err := t.one(ctx, c.f, all.args, all.kwargs)
		if err != nil {
			return nil, err
		}
		results.Items = append(results.Items, r)
	}
	return results, nil
}

// sequence are the items of a tuple or list.
func sequence(v any) ([]any, bool) {
	switch v := v.(type) {
	case pickle.Tuple:
		return v, true
	case *pickle.List:
		return v.Items, true
	}
	return nil, false
}

// reraised is the error of a task that stands for an exception of the iterable of a map.
func reraised(args []any) error { return &sentError{only(args)} }
