package pyfunc

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"mpbridge/pickle"
)

var (
	unmarshalerType = reflect.TypeFor[pickle.Unmarshaler]()
	marshalerType   = reflect.TypeFor[pickle.Marshaler]()
	errorType       = reflect.TypeFor[error]()
)

// CheckParameter tells whether anything that Python passes can become a t.
func CheckParameter(t reflect.Type) error {
	own := func(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshalerType) }
	for _, part := range parts(t, own) {
		switch k := part.Kind(); {
		case k == reflect.Interface && part.NumMethod() > 0:
			return fmt.Errorf("no value says how to make a parameter of type %s", GoName(part))
		case k == reflect.Chan || k == reflect.Func || k == reflect.UnsafePointer:
			return fmt.Errorf("a parameter cannot be a %s", GoName(part))
		}
	}
	return nil
}

// CheckResult tells whether Python can be sent a t.
func CheckResult(t reflect.Type) error {
	own := func(t reflect.Type) bool { return t.Implements(marshalerType) }
	for _, part := range parts(t, own) {
		k := part.Kind()
		unfit := k == reflect.Chan || k == reflect.Func || k == reflect.UnsafePointer
		if unfit || part == errorType {
			return fmt.Errorf("a result cannot be a %s", GoName(part))
		}
	}
	return nil
}

// parts returns t and what it points to or is a container of, but for what skip knows how to
// handle. It does not look into structs: a dict need not name all fields.
func parts(t reflect.Type, skip func(reflect.Type) bool) []reflect.Type {
	out := []reflect.Type{t}
	for i := 0; i < len(out); i++ {
		t := out[i]
		var inner []reflect.Type
		switch k := t.Kind(); {
		case skip(t):
			out = slices.Delete(out, i, i+1)
			i--
		case k == reflect.Map:
			inner = []reflect.Type{t.Key(), t.Elem()}
		case k == reflect.Pointer || k == reflect.Slice || k == reflect.Array:
			inner = []reflect.Type{t.Elem()}
		}
		for _, in := range inner {
			if !slices.Contains(out, in) {
				out = append(out, in)
			}
		}
	}
	return out
}

// pythonKinds are the types for which Python has a name of its own.
var pythonKinds = map[reflect.Type]string{
	reflect.TypeFor[time.Time]():     "datetime.datetime",
	reflect.TypeFor[time.Duration](): "datetime.timedelta",
	reflect.TypeFor[big.Int]():       "int",
	reflect.TypeFor[big.Rat]():       "fractions.Fraction",
}

// Kind is what Python calls what can become a t.
func Kind(t reflect.Type) string {
	if name, ok := pythonKinds[t]; ok {
		return name
	}
	switch k := t.Kind(); {
	case k == reflect.Pointer:
		return Kind(t.Elem()) + " or None"
	case k == reflect.Bool:
		return "bool"
	case k >= reflect.Int && k <= reflect.Uintptr:
		return "int"
	case k == reflect.Float32 || k == reflect.Float64:
		return "float"
	case k == reflect.Complex64 || k == reflect.Complex128:
		return "complex"
	case k == reflect.String:
		return "str"
	case (k == reflect.Slice || k == reflect.Array) && t.Elem().Kind() == reflect.Uint8:
		return "bytes"
	case k == reflect.Slice || k == reflect.Array:
		return "list"
	case k == reflect.Map || k == reflect.Struct:
		return "dict"
	}
	return GoName(t)
}

// GoName is the name of a type with its package and without paths.
func GoName(t reflect.Type) string {
	return importPath.ReplaceAllString(strings.TrimLeft(t.String(), "*"), "")
}

// importPath is what stands before the name of a package in a type's parameters.
var importPath = regexp.MustCompile(`[^\[\],* ]*/`)
