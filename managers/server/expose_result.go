package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"mpbridge/internal/pyfunc"
	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// setResult checks the results of a function of type t, of which the one becomes an object of
// typeid; "" is what it becomes by itself.
func (f *function) setResult(t reflect.Type, typeid string) error {
	f.typeid = typeid
	f.iterates = f.results == 1 && isIterable(t.Out(0))
	switch {
	case typeid != "" && f.results != 1:
		return fmt.Errorf("%d results cannot become a %s", f.results, typeid)
	case typeid != "":
		return nil
	case f.iterates:
		f.typeid = iteratorTypeid
		return nil
	}
	for i := range f.results {
		if err := checkResult(t.Out(i)); err != nil {
			return err
		}
	}
	return nil
}

// checkResult reports whether clients can be sent a t.
func checkResult(t reflect.Type) error {
	if isIterable(t) {
		return fmt.Errorf("a %s is not the only result", pyfunc.GoName(t))
	}
	return pyfunc.CheckResult(t)
}

// answer calls the function for a client.
func (f *function) answer(c *Call, fn reflect.Value) (any, error) {
	if f.iterates {
		return f.iterate(c, fn)
	}
	out, err := f.run(c, nil, fn)
	if err != nil {
		return nil, err
	}
	if f.typeid != "" {
		return c.wrap(f.typeid, out[0].Interface())
	}
	switch len(out) {
	case 0:
		return nil, nil
	case 1:
		return out[0].Interface(), nil
	}
	all := make(pickle.Tuple, len(out))
	for i, v := range out {
		all[i] = v.Interface()
	}
	return all, nil
}

// run calls the function and returns its results without the error. life is the context of what it
// begins, nil means that of the call.
func (f *function) run(c *Call, life context.Context, fn reflect.Value) ([]reflect.Value, error) {
	in, err := f.arguments(c, life)
	if err != nil {
		return nil, err
	}
	out := fn.Call(in)
	if !f.fails {
		return out, nil
	}
	if err, _ := out[f.results].Interface().(error); err != nil {
		return nil, c.failure(err)
	}
	return out[:f.results], nil
}

// wrap makes an object of a result.
func (c *Call) wrap(typeid string, v any) (Object, error) {
	if isNil(reflect.ValueOf(v)) {
		return nil, errNoValue
	}
	if o, ok := c.server.objectOf(v); ok {
		return o, nil
	}
	t, ok := c.server.registry.get(typeid)
	if !ok {
		return nil, managers.ErrKeyError.New(typeid)
	}
	if t.wrap == nil {
		return nil, fmt.Errorf("managers: method %s made no %s", c.Method, typeid)
	}
	return t.wrap(v)
}

// failure is the error of a method as the client gets it.
func (c *Call) failure(err error) error {
	if errors.Is(err, context.Canceled) && c.session != nil && c.session.watch != nil &&
		c.session.watch.Err() != nil {
		return waits.ErrGone // or the server stops: there is nobody to tell
	}
	if exc := managers.AsException(err); exc != nil {
		return exc
	}
	return managers.ErrRuntimeError.New(withoutPaths(err))
}

// withoutPaths is the text of an error without the paths of the files that it is about.
func withoutPaths(err error) string {
	text := err.Error()
	for todo := []error{err}; len(todo) > 0; {
		err := todo[0]
		todo = todo[1:]
		switch e := err.(type) {
		case *fs.PathError:
			text = strings.ReplaceAll(text, e.Error(), e.Op+": "+e.Err.Error())
		case *os.LinkError:
			text = strings.ReplaceAll(text, e.Error(), e.Op+": "+e.Err.Error())
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if inner := e.Unwrap(); inner != nil {
				todo = append(todo, inner)
			}
		case interface{ Unwrap() []error }:
			todo = append(todo, e.Unwrap()...)
		}
	}
	return text
}
