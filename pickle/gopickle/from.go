package gopickle

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/nlpodyssey/gopickle/types"

	"mpbridge/pickle"
)

// TypeError says that a value is of a type that neither gopickle nor package pickle knows.
type TypeError struct{ GoType reflect.Type }

// Error names the type.
func (e *TypeError) Error() string {
	return fmt.Sprintf("gopickle: %v is not one of gopickle's types", e.GoType)
}

// FromTypes returns a value in gopickle's types as one of package pickle's lossless graph. The
// error is a *pickle.LimitError for what nests too deep, a *TypeError for a type that is neither,
// and wraps pickle.ErrUnhashable for a dict key that Python could not hash.
func FromTypes(v any) (any, error) {
	c := fromTypes{done: make(map[any]any)}
	return c.value(v)
}

type fromTypes struct {
	done  map[any]any // by pointer
	depth int
}

func (c *fromTypes) value(v any) (any, error) {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer {
		if p.IsNil() {
			return nil, nil
		}
		if w, ok := c.done[v]; ok {
			return w, nil
		}
	}
	if err := deeper(&c.depth); err != nil {
		return nil, err
	}
	w, err := c.convert(v)
	c.depth--
	return w, err
}

func (c *fromTypes) convert(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, float64, string, []byte, int64, complex128, *big.Int, pickle.Slice, pickle.Range,
		pickle.Ellipsis, pickle.NotImplemented, pickle.ByteString, pickle.Global:
		return v, nil
	case int:
		return int64(v), nil
	case *types.ByteArray:
		b := &pickle.ByteArray{Bytes: *v}
		c.done[v] = b
		return b, nil
	case *types.Tuple:
		t := make(pickle.Tuple, len(*v))
		c.done[v] = t
		return t, c.fill(t, *v)
	case *types.List:
		l := &pickle.List{Items: make([]any, len(*v))}
		c.done[v] = l
		return l, c.fill(l.Items, *v)
	case *types.Dict:
		return c.dict(v)
	case *types.Set:
		s := pickle.NewSet()
		c.done[v] = s
		for e := range *v {
			w, err := c.value(e)
			if err == nil {
				err = s.Add(w)
			}
			if err != nil {
				return nil, err
			}
		}
		return s, nil
	case *types.FrozenSet:
		return c.frozenSet(v)
	}
	return c.object(v)
}

func (c *fromTypes) fill(dst, src []any) (err error) {
	for i, v := range src {
		if dst[i], err = c.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (c *fromTypes) dict(d *types.Dict) (*pickle.Dict, error) {
	out := new(pickle.Dict)
	c.done[d] = out
	for _, e := range *d {
		p, err := c.pair(e.Key, e.Value)
		if err == nil {
			err = out.Set(p.Key, p.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *fromTypes) pair(k, v any) (p pickle.Pair, err error) {
	if p.Key, err = c.value(k); err != nil {
		return p, err
	}
	p.Value, err = c.value(v)
	return p, err
}

// frozenSet makes a set of elements that are all there: a frozenset cannot be filled later.
func (c *fromTypes) frozenSet(s *types.FrozenSet) (any, error) {
	var items []any
	for e := range *s {
		w, err := c.value(e)
		if err == nil {
			err = pickle.NewDict().Set(w, nil)
		}
		if err != nil {
			return nil, err
		}
		items = append(items, w)
	}
	out := pickle.NewFrozenSet(items...)
	c.done[s] = out
	return out, nil
}

// classOf returns the class for which gopickle has a type of its own.
func classOf(v any) (pickle.Global, bool) {
	switch v := v.(type) {
	case *types.GenericClass:
		return pickle.Global{Module: v.Module, Name: v.Name}, true
	case *types.OrderedDictClass:
		return pickle.Global{Module: "collections", Name: "OrderedDict"}, true
	case *types.ObjectClass:
		return pickle.Global{Module: "builtins", Name: "object"}, true
	case *types.Reconstructor:
		return pickle.Global{Module: "copyreg", Name: "_reconstructor"}, true
	case *types.Array:
		return pickle.Global{Module: "array", Name: "_array_reconstructor"}, true
	}
	return pickle.Global{}, false
}

func (c *fromTypes) object(v any) (any, error) {
	if g, ok := classOf(v); ok {
		return g, nil
	}
	switch v := v.(type) {
	case *types.GenericObject:
		args := make(pickle.Tuple, len(v.ConstructorArgs))
		out := &pickle.Object{Kind: pickle.NewObj, Args: args}
		c.done[v] = out
		if v.Class != nil {
			out.Class, _ = classOf(v.Class)
		}
		return out, c.fill(args, v.ConstructorArgs)
	case *types.OrderedDict:
		return c.orderedDict(v)
	case *Instance:
		return c.instance(v)
	}
	return nil, &TypeError{reflect.TypeOf(v)}
}

func (c *fromTypes) orderedDict(d *types.OrderedDict) (any, error) {
	out := &pickle.Object{
		Class: pickle.Global{Module: "collections", Name: "OrderedDict"},
		Args:  pickle.Tuple{},
	}
	c.done[d] = out
	for e := d.List.Front(); e != nil; e = e.Next() {
		entry, ok := e.Value.(*types.OrderedDictEntry)
		if !ok {
			return nil, fmt.Errorf("gopickle: an OrderedDict holds %T", e.Value)
		}
		p, err := c.pair(entry.Key, entry.Value)
		if err != nil {
			return nil, err
		}
		out.Pairs = append(out.Pairs, p)
	}
	return out, nil
}

func (c *fromTypes) instance(v *Instance) (any, error) {
	out := &pickle.Object{Kind: v.Kind, HasState: v.HasState}
	c.done[v] = out
	var err error
	for _, part := range []struct {
		to   *any
		from any
	}{{&out.Class, v.Class}, {&out.State, v.State}, {&out.Setter, v.Setter}} {
		if *part.to, err = c.value(part.from); err != nil {
			return nil, err
		}
	}
	args := pickle.Tuple{}
	if v.Args != nil {
		args = make(pickle.Tuple, len(*v.Args))
		if err := c.fill(args, *v.Args); err != nil {
			return nil, err
		}
	}
	out.Args = args
	if v.Kwargs != nil {
		if out.Kwargs, err = c.dict(v.Kwargs); err != nil {
			return nil, err
		}
	}
	if len(v.Items) > 0 {
		out.Items = make([]any, len(v.Items))
		if err := c.fill(out.Items, v.Items); err != nil {
			return nil, err
		}
	}
	for _, e := range v.Pairs {
		p, err := c.pair(e.Key, e.Value)
		if err != nil {
			return nil, err
		}
		out.Pairs = append(out.Pairs, p)
	}
	return out, nil
}
