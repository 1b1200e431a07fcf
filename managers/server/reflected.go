package server

import (
	"errors"
	"reflect"
)

// isNil reports whether v is no value, or a nil of some type.
func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// pointed returns a pointer to a copy of what is no pointer, so that it has all methods.
func pointed(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() == reflect.Pointer {
		return v
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}

var errNoValue = errors.New("managers: nil instead of an object")
