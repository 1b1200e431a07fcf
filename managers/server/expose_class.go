package server

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"mpbridge/internal/pyfunc"
)

// goClass is what clients may call on values of one Go type.
type goClass struct {
	typ     reflect.Type // a pointer, or the interface that a constructor returns
	names   []string     // of the methods, sorted
	methods map[string]*function
	typeids map[string]string // of the methods whose result becomes an object
	access  map[string]Role
}

var (
	errNoMethods = errors.New("there are no methods to expose")
	stringerType = reflect.TypeFor[fmt.Stringer]()
)

// newGoClass describes the methods of t that o exposes.
func newGoClass(typeid string, t reflect.Type, o RegisterOptions) (*goClass, error) {
	all, err := methodsOf(t, o.Exposed)
	if err != nil {
		return nil, err
	}
	c := &goClass{typ: t, methods: make(map[string]*function), typeids: make(map[string]string),
		access: o.Access}
	c.names = slices.Sorted(maps.Keys(all))
	if len(c.names) == 0 {
		return nil, errNoMethods
	}
	if err := c.checkNames(o); err != nil {
		return nil, err
	}
	for _, name := range c.names {
		m := all[name]
		f, err := newFunction(className(t, typeid)+"."+name, m.Type, o.Params[name])
		if err == nil {
			err = f.setResult(m.Type, o.MethodToTypeid[name])
		}
		if err != nil {
			return nil, fmt.Errorf("method %s: %w", m.Name, err)
		}
		f.goName, c.methods[name] = m.Name, f
		if f.typeid != "" {
			c.typeids[name] = f.typeid
		}
	}
	return c, nil
}

// methodsOf returns methods of t by their Python names, with types that name no receiver: those
// that are asked for, or all.
func methodsOf(t reflect.Type, exposed []string) (map[string]reflect.Method, error) {
	all, twice := make(map[string]reflect.Method), make(map[string]string)
	apart := standingApart(t)
	for i := range t.NumMethod() {
		m := t.Method(i)
		name := pyfunc.Snake(m.Name)
		if !m.IsExported() || exposed != nil && !slices.Contains(exposed, name) ||
			exposed == nil && slices.Contains(apart, m.Name) {
			continue
		}
		if other, ok := all[name]; ok {
			twice[name] = other.Name
		}
		if t.Kind() != reflect.Interface {
			m.Type = withoutReceiver(m.Type)
		}
		all[name] = m
	}
	for name, other := range twice {
		return nil, fmt.Errorf("methods %s and %s are both %s in Python",
			other, all[name].Name, name)
	}
	for _, name := range exposed {
		if _, ok := all[name]; !ok {
			return nil, fmt.Errorf("there is no method %q to expose", name)
		}
	}
	return all, nil
}

// standingApart returns the Go names of methods that are exposed only where they are asked for:
// String, and what an embedded mutex brings with it.
func standingApart(t reflect.Type) (names []string) {
	if t.Implements(stringerType) {
		names = append(names, "String")
	}
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return names
	}
	for _, f := range reflect.VisibleFields(t.Elem()) {
		if !f.Anonymous || f.Type.PkgPath() != "sync" {
			continue
		}
		own := reflect.PointerTo(f.Type)
		for i := range own.NumMethod() {
			names = append(names, own.Method(i).Name)
		}
	}
	return names
}

// withoutReceiver is the type of a method as a value.
func withoutReceiver(t reflect.Type) reflect.Type {
	in := make([]reflect.Type, 0, t.NumIn())
	for i := 1; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	out := make([]reflect.Type, 0, t.NumOut())
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return reflect.FuncOf(in, out, t.IsVariadic())
}

// checkNames checks that all names are a method's, and that Python can use them.
func (c *goClass) checkNames(o RegisterOptions) error {
	for _, name := range c.names {
		if !pyfunc.IsName(name) {
			return fmt.Errorf("method %q has no name that every Python can use", name)
		}
	}
	for name, result := range o.MethodToTypeid {
		if !slices.Contains(c.names, name) {
			return fmt.Errorf("no method %q whose result becomes a %s", name, result)
		}
		if result == "" {
			return fmt.Errorf("the result of method %q becomes an object without a typeid", name)
		}
	}
	for name := range o.Params {
		if !slices.Contains(c.names, name) {
			return fmt.Errorf("no method %q to name the parameters of", name)
		}
	}
	for name := range o.Access {
		if !slices.Contains(c.names, name) {
			return fmt.Errorf("no method %q to give access to", name)
		}
	}
	return nil
}

// registered is the type of objects of this class, except for New.
func (c *goClass) registered() Type {
	return Type{MethodToTypeid: c.typeids, Access: c.access, Concurrent: true, wrap: c.wrap}
}

// wrap makes an object of a value that a constructor or a method returned.
func (c *goClass) wrap(value any) (Object, error) {
	v := reflect.ValueOf(value)
	if isNil(v) {
		return nil, errNoValue
	}
	if v = pointed(v); !v.Type().AssignableTo(c.typ) {
		return nil, fmt.Errorf("managers: a %s where a %s is registered",
			pyfunc.GoName(v.Type()), pyfunc.GoName(c.typ))
	}
	return exposed{class: c, value: v.Interface(), owned: true}, nil
}

// className is what messages call a class: the type's name, where it has one.
func className(t reflect.Type, typeid string) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		return typeid
	}
	return name
}
