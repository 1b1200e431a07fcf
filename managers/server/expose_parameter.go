package server

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"time"

	"mpbridge/pickle"
)

// parameter is one that clients give an argument for.
type parameter struct {
	typ     reflect.Type
	spelled bool // it has structs whose fields Python spells in another way
}

var (
	rawType         = reflect.TypeFor[pickle.Raw]()
	unmarshalerType = reflect.TypeFor[pickle.Unmarshaler]()
	marshalerType   = reflect.TypeFor[pickle.Marshaler]()
)

// value converts an argument. Its error is a *pickle.TypeError for what is of another type.
func (p *parameter) value(c *Call, r pickle.Raw) (reflect.Value, error) {
	if p.typ == rawType {
		return reflect.ValueOf(c.cloneRaw(r)), nil
	}
	if v, ok := c.exposedValue(r, p.typ); ok {
		return v, nil
	}
	into := reflect.New(p.typ)
	if !p.spelled {
		return into.Elem(), c.Unmarshal(r, into.Interface())
	}
	v, err := c.open(r)
	if err != nil {
		return into, err
	}
	if v, err = spell(v, p.typ); err != nil {
		return into, err
	}
	return into.Elem(), c.opener().assign(into.Interface(), v)
}

// exposedValue returns the Go value that r is a proxy of, if t is its type.
func (c *Call) exposedValue(r pickle.Raw, t reflect.Type) (reflect.Value, bool) {
	if t.Kind() != reflect.Pointer {
		return reflect.Value{}, false
	}
	e := c.referent(r)
	if e == nil {
		return reflect.Value{}, false
	}
	v := reflect.ValueOf(e.object)
	if x, ok := e.object.(exposed); ok {
		v = reflect.ValueOf(x.value)
	}
	return v, v.Type() == t
}

// checkParameter tells whether anything that a client sends can become a t.
func checkParameter(t reflect.Type) error {
	own := func(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshalerType) }
	for _, part := range parts(t, own) {
		switch k := part.Kind(); {
		case k == reflect.Interface && part.NumMethod() > 0:
			return fmt.Errorf("no value says how to make a parameter of type %s", goName(part))
		case k == reflect.Chan || k == reflect.Func || k == reflect.UnsafePointer:
			return fmt.Errorf("a parameter cannot be a %s", goName(part))
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

// pythonKind is what Python calls what can become a t.
func pythonKind(t reflect.Type) string {
	if name, ok := pythonKinds[t]; ok {
		return name
	}
	switch k := t.Kind(); {
	case k == reflect.Pointer:
		return pythonKind(t.Elem()) + " or None"
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
	return goName(t)
}
