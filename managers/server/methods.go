package server

import (
	"maps"
	"slices"
)

// Method is one method of a type of objects: who may call it, its parameters, and what it does. See Def.
type Method[T any] struct {
	access    Role
	signature *Signature // nil: call looks at the arguments itself
	call      func(o T, c *Call) (any, error)
	hidden    bool
}

// Def describes a method as a Python def does: the first required parameters have no default. Callers find the
// arguments bound: see Call.Value. The name, as in "Queue.put", is how a TypeError calls it. Besides RoleAdmin, which may
// call everything, access says who may.
func Def[T any](access Role, name string, f func(T, *Call) (any, error), required int, params ...string) Method[T] {
	return Method[T]{access: access, signature: &Signature{Name: name, Params: params, Required: required}, call: f}
}

// builtin describes a method of a type that is written in C, which takes no keywords and has its own
// way to complain.
func builtin[T any](access Role, name string, f func(T, *Call) (any, error), required, most int) Method[T] {
	sig := &Signature{Name: name, Required: required, builtin: true, Params: make([]string, most)}
	return Method[T]{access: access, signature: sig, call: f}
}

// Hidden is the method as one that is answered, for clients of older Pythons, but not listed.
func (m Method[T]) Hidden() Method[T] {
	m.hidden = true
	return m
}

// Methods is all that clients may call on one type of object, by name: what Object.Methods and Object.Call of the type
// hand on to, and what Type.Access is made of. It must not change once it is in use.
type Methods[T any] map[string]Method[T]

// Names returns the names of the methods that are listed, sorted.
func (m Methods[T]) Names() []string { return m.names(false) }

// names returns the names of the methods that are listed, or of the hidden ones, sorted.
func (m Methods[T]) names(hidden bool) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if m[name].hidden == hidden {
			names = append(names, name)
		}
	}
	return names
}

// Access says which roles may call each method, as Type.Access does.
func (m Methods[T]) Access() map[string]Role {
	access := make(map[string]Role, len(m))
	for name, method := range m {
		access[name] = method.access
	}
	return access
}

// Call binds the call's arguments and calls the method of o that it names.
func (m Methods[T]) Call(o T, c *Call) (any, error) {
	f := m[c.Method]
	if f.signature != nil {
		if err := c.Bind(f.signature); err != nil {
			return nil, err
		}
	}
	return f.call(o, c)
}
