package server

import (
	"maps"
	"slices"
)

// method is one method of a type of object: its parameters and what it does once they are bound.
type method[T any] struct {
	sig    *Signature // nil: call looks at the arguments itself
	call   func(o T, c *Call) (any, error)
	hidden bool // answered, for clients of older Pythons, but not listed
}

// methods are what clients may call on one type of object, by name.
type methods[T any] map[string]method[T]

// list returns the names of the methods that are listed, or of the hidden ones, sorted.
func (m methods[T]) list(hidden bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if m[name].hidden == hidden {
			names = append(names, name)
		}
	}
	return names
}

// answer binds the call's arguments and calls the method.
func (m methods[T]) answer(o T, c *Call) (any, error) {
	f := m[c.Method]
	if f.sig != nil {
		if err := c.Bind(f.sig); err != nil {
			return nil, err
		}
	}
	return f.call(o, c)
}

// hide marks a method as hidden.
func hide[T any](m method[T]) method[T] {
	m.hidden = true
	return m
}

// def describes a method as a Python def does: the first required parameters have no default.
func def[T any](name string, f func(T, *Call) (any, error), required int, params ...string) method[T] {
	return method[T]{sig: &Signature{Name: name, Params: params, Required: required}, call: f}
}

// builtin describes a method of a type that is written in C, which takes no keywords and has its own
// way to complain.
func builtin[T any](name string, f func(T, *Call) (any, error), required, most int) method[T] {
	sig := &Signature{Name: name, Required: required, builtin: true}
	sig.Params = make([]string, most)
	return method[T]{sig: sig, call: f}
}
