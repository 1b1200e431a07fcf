package gopickle

import (
	"fmt"
	"math"
	"math/big"
	"unsafe"

	"github.com/nlpodyssey/gopickle/types"

	"mpbridge/pickle"
)

// maxDepth is how deep values may nest to be converted.
const maxDepth = 10_000

// Instance is an object for which gopickle has no type: one with state, items or keywords, or made
// by something other than a class with a name. Its parts are gopickle's types.
type Instance struct {
	Kind     pickle.ObjectKind
	Class    any
	Args     *types.Tuple
	Kwargs   *types.Dict // nil unless Kind is NewObjEx
	State    any
	HasState bool
	Setter   any
	Items    []any
	Pairs    []types.DictEntry
}

// identity tells values apart by where they lie.
type identity struct {
	at   unsafe.Pointer
	size int
}

func identityOf(v any) (id identity, ok bool) {
	switch v := v.(type) {
	case pickle.Tuple:
		return identity{unsafe.Pointer(unsafe.SliceData(v)), len(v)}, len(v) > 0
	case *pickle.List:
		return identity{unsafe.Pointer(v), -1}, v != nil
	case *pickle.Dict:
		return identity{unsafe.Pointer(v), -1}, v != nil
	case *pickle.Set:
		return identity{unsafe.Pointer(v), -1}, v != nil
	case *pickle.FrozenSet:
		return identity{unsafe.Pointer(v), -1}, v != nil
	case *pickle.ByteArray:
		return identity{unsafe.Pointer(v), -1}, v != nil
	case *pickle.Object:
		return identity{unsafe.Pointer(v), -1}, v != nil
	}
	return identity{}, false
}

// ToTypes returns a value of package pickle's lossless graph in gopickle's types. The error is a
// *pickle.LimitError for what nests too deep, and wraps pickle.ErrUnhashable for a set of bytes,
// which gopickle's sets cannot hold.
func ToTypes(v any) (any, error) {
	c := toTypes{done: make(map[identity]any)}
	return c.value(v)
}

type toTypes struct {
	done  map[identity]any
	depth int
}

func deeper(depth *int) error {
	if *depth++; *depth > maxDepth {
		return &pickle.LimitError{What: "levels", Limit: maxDepth, Got: int64(*depth)}
	}
	return nil
}

func (c *toTypes) value(v any) (any, error) {
	id, shared := identityOf(v)
	if shared {
		if w, ok := c.done[id]; ok {
			return w, nil
		}
	}
	if err := deeper(&c.depth); err != nil {
		return nil, err
	}
	w, err := c.convert(v, id)
	c.depth--
	return w, err
}

func (c *toTypes) convert(v any, id identity) (any, error) {
	switch v := v.(type) {
	case int64:
		if v < math.MinInt || v > math.MaxInt {
			return big.NewInt(v), nil
		}
		return int(v), nil
	case pickle.ByteString:
		return string(v), nil
	case *pickle.ByteArray:
		b := types.NewByteArrayFromSlice(v.Bytes)
		c.done[id] = b
		return b, nil
	case pickle.Tuple:
		t := make(types.Tuple, len(v))
		if len(v) > 0 {
			c.done[id] = &t
		}
		return &t, c.fill(t, v)
	case *pickle.List:
		l := make(types.List, len(v.Items))
		c.done[id] = &l
		return &l, c.fill(l, v.Items)
	case *pickle.Dict:
		return c.dict(v, id)
	case *pickle.Set:
		s := types.NewSet()
		c.done[id] = s
		return s, c.elements(v.All(), func(e any) { s.Add(e) })
	case *pickle.FrozenSet:
		return c.frozenSet(v, id)
	case pickle.Global:
		return types.NewGenericClass(v.Module, v.Name), nil
	case *pickle.Object:
		return c.object(v, id)
	}
	return v, nil
}

func (c *toTypes) fill(dst, src []any) (err error) {
	for i, v := range src {
		if dst[i], err = c.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (c *toTypes) dict(d *pickle.Dict, id identity) (*types.Dict, error) {
	out := types.NewDict()
	c.done[id] = out
	for k, v := range d.All() {
		if err := c.pair(k, v, out.Set); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *toTypes) pair(k, v any, set func(k, v any)) error {
	key, err := c.value(k)
	if err != nil {
		return err
	}
	value, err := c.value(v)
	if err != nil {
		return err
	}
	set(key, value)
	return nil
}

// elements converts the elements of a set. gopickle's sets are Go maps, which cannot hold bytes.
func (c *toTypes) elements(all func(func(any) bool), add func(any)) (err error) {
	all(func(v any) bool {
		var w any
		if w, err = c.value(v); err != nil {
			return false
		}
		if b, ok := w.([]byte); ok {
			err = fmt.Errorf("gopickle: a set of %s: %w", pickle.TypeName(b), pickle.ErrUnhashable)
			return false
		}
		add(w)
		return true
	})
	return err
}

func (c *toTypes) frozenSet(s *pickle.FrozenSet, id identity) (any, error) {
	out := new(types.FrozenSet)
	c.done[id] = out
	var items []any
	if err := c.elements(s.All(), func(e any) { items = append(items, e) }); err != nil {
		return nil, err
	}
	*out = *types.NewFrozenSetFromSlice(items)
	return out, nil
}

func (c *toTypes) object(o *pickle.Object, id identity) (any, error) {
	if o.IsA("collections", "OrderedDict") && !o.HasState && o.Kind == pickle.Reduce && emptyArgs(o) {
		return c.orderedDict(o, id)
	}
	g, named := o.Class.(pickle.Global)
	plain := !o.HasState && o.Kwargs == nil && len(o.Items) == 0 && len(o.Pairs) == 0
	if named && plain && o.Kind == pickle.NewObj {
		out := &types.GenericObject{Class: types.NewGenericClass(g.Module, g.Name)}
		c.done[id] = out
		args, _ := o.Args.(pickle.Tuple)
		out.ConstructorArgs = make([]any, len(args))
		return out, c.fill(out.ConstructorArgs, args)
	}
	return c.instance(o, id)
}

func emptyArgs(o *pickle.Object) bool {
	args, ok := o.Args.(pickle.Tuple)
	return ok && len(args) == 0 && len(o.Items) == 0
}

func (c *toTypes) orderedDict(o *pickle.Object, id identity) (any, error) {
	out := types.NewOrderedDict()
	c.done[id] = out
	for _, p := range o.Pairs {
		err := c.pair(p.Key, p.Value, func(k, v any) {
			if _, ok := k.([]byte); !ok {
				out.Set(k, v)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if out.Len() != len(o.Pairs) {
		return nil, fmt.Errorf("gopickle: a key of an OrderedDict: %w", pickle.ErrUnhashable)
	}
	return out, nil
}

func (c *toTypes) instance(o *pickle.Object, id identity) (any, error) {
	out := &Instance{Kind: o.Kind, HasState: o.HasState}
	c.done[id] = out
	var err error
	for _, part := range []struct {
		to   *any
		from any
	}{{&out.Class, o.Class}, {&out.State, o.State}, {&out.Setter, o.Setter}} {
		if *part.to, err = c.value(part.from); err != nil {
			return nil, err
		}
	}
	args, _ := o.Args.(pickle.Tuple)
	t := make(types.Tuple, len(args))
	if err := c.fill(t, args); err != nil {
		return nil, err
	}
	out.Args = &t
	if o.Kwargs != nil {
		kwargs, err := c.value(o.Kwargs)
		if err != nil {
			return nil, err
		}
		out.Kwargs = kwargs.(*types.Dict)
	}
	out.Items = make([]any, len(o.Items))
	if err := c.fill(out.Items, o.Items); err != nil {
		return nil, err
	}
	for _, p := range o.Pairs {
		err := c.pair(p.Key, p.Value, func(k, v any) {
			out.Pairs = append(out.Pairs, types.DictEntry{Key: k, Value: v})
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
