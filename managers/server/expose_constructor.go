package server

import (
	"fmt"
	"maps"
	"reflect"

	"mpbridge/internal/pyfunc"
	"mpbridge/managers/queue"
)

var (
	objectType = reflect.TypeFor[Object]()
	queueType  = reflect.TypeFor[*queue.Queue]()
)

// isObject reports whether values of a type are objects as they are.
func isObject(t reflect.Type) bool { return t.Implements(objectType) || t == queueType }

// asObject returns a value that is an object as it is.
func asObject(v any) (o Object, ok bool) {
	if q, ok := v.(*queue.Queue); ok && q != nil {
		return QueueObject(q), true
	}
	o, ok = v.(Object)
	return o, ok
}

// constructed is the type of the objects that the function v makes.
func constructed(typeid string, v reflect.Value, o RegisterOptions) (Type, error) {
	own := typeid
	if _, ok := o.Params[""]; ok {
		own = ""
	}
	f, err := newFunction(typeid, v.Type(), o.Params[own])
	if err != nil {
		return Type{}, err
	}
	if f.results != 1 {
		return Type{}, fmt.Errorf("a constructor returns one value, not %d", f.results)
	}
	o.Params = maps.Clone(o.Params)
	delete(o.Params, own)
	made := v.Type().Out(0)
	if isObject(made) {
		if !made.Comparable() {
			return Type{}, fmt.Errorf("a constructor of a %s, which == cannot compare: return a pointer",
				pyfunc.GoName(made))
		}
		if o.Exposed != nil || len(o.Params) > 0 {
			return Type{}, errObject
		}
		t := Type{MethodToTypeid: o.MethodToTypeid, Access: o.Access, Concurrent: true}
		t.New = func(c *Call) (Object, error) { return f.construct(c, v, nil) }
		return t, nil
	}
	if k := made.Kind(); k != reflect.Pointer && k != reflect.Interface {
		made = reflect.PointerTo(made)
	}
	class, err := newGoClass(typeid, made, o)
	if err != nil {
		return Type{}, err
	}
	t := class.registered()
	t.New = func(c *Call) (Object, error) { return f.construct(c, v, class) }
	return t, nil
}

// construct calls a constructor. Without a class, what it makes is an Object.
func (f *function) construct(c *Call, fn reflect.Value, class *goClass) (Object, error) {
	out, err := f.run(c, nil, fn)
	if err != nil {
		return nil, err
	}
	if isNil(out[0]) {
		return nil, errNoValue
	}
	v := out[0].Interface()
	if class != nil {
		return class.wrap(v)
	}
	o, _ := asObject(v)
	return o, nil
}
