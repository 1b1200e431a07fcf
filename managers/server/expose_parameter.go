package server

import (
	"reflect"

	"mpbridge/internal/pyfunc"
	"mpbridge/pickle"
)

// parameter is one that clients give an argument for.
type parameter struct {
	typ     reflect.Type
	spelled bool // it has structs whose fields Python spells in another way
}

var rawType = reflect.TypeFor[pickle.Raw]()

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
	if v, err = pyfunc.Spell(v, p.typ); err != nil {
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
