package pickle

import (
	"bytes"
	"math"
)

// Equal tells whether two values of the lossless graph are equal: numbers, strings and containers
// as Python compares them (1 == 1.0 == True), except that NaN equals NaN; objects by what makes
// them; a ByteString only with another one. Values that contain themselves are equal if they have
// the same shape. It takes time in proportion to the values, however deep they nest.
func Equal(a, b any) bool {
	c := comparer{todo: []Pair{{a, b}}}
	for len(c.todo) > 0 {
		last := len(c.todo) - 1
		p := c.todo[last]
		c.todo = c.todo[:last]
		if !c.equal(p.Key, p.Value) {
			return false
		}
	}
	return true
}

// comparer compares step by step: pairs still to compare, and pairs taken for equal because they
// were met before.
type comparer struct {
	todo []Pair
	seen map[[2]ident]bool
}

func (c *comparer) later(a, b any) { c.todo = append(c.todo, Pair{a, b}) }

// met tells whether this pair was compared, or begun, before.
func (c *comparer) met(a, b ident) bool {
	if a == b {
		return true
	}
	key := [2]ident{a, b}
	if c.seen[key] {
		return true
	}
	if c.seen == nil {
		c.seen = make(map[[2]ident]bool)
	}
	c.seen[key] = true
	return false
}

func (c *comparer) equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case ByteString:
		s, ok := b.(ByteString)
		return ok && a == s
	case []byte:
		s, ok := b.([]byte)
		return ok && bytes.Equal(a, s)
	case Tuple:
		t, ok := b.(Tuple)
		return ok && (c.met(tupleIdent(a), tupleIdent(t)) || c.items(a, t))
	case *List:
		l, ok := b.(*List)
		return ok && (c.met(pointerIdent(a), pointerIdent(l)) || c.items(a.Items, l.Items))
	case *ByteArray:
		s, ok := b.(*ByteArray)
		return ok && bytes.Equal(a.Bytes, s.Bytes)
	case *Dict:
		d, ok := b.(*Dict)
		return ok && (c.met(pointerIdent(a), pointerIdent(d)) || c.tables(&a.t, &d.t))
	case *Set:
		s, ok := b.(*Set)
		return ok && (c.met(pointerIdent(a), pointerIdent(s)) || c.tables(&a.t, &s.t))
	case *FrozenSet:
		s, ok := b.(*FrozenSet)
		return ok && (c.met(pointerIdent(a), pointerIdent(s)) || c.tables(&a.t, &s.t))
	case *Object:
		o, ok := b.(*Object)
		return ok && (c.met(pointerIdent(a), pointerIdent(o)) || c.objects(a, o))
	case Slice:
		s, ok := b.(Slice)
		return ok && c.items([]any{a.Start, a.Stop, a.Step}, []any{s.Start, s.Stop, s.Step})
	case Range:
		r, ok := b.(Range)
		return ok && c.items([]any{a.Start, a.Stop, a.Step}, []any{r.Start, r.Stop, r.Step})
	case Global, Ellipsis, NotImplemented:
		return a == b
	}
	return equalNumbers(a, b)
}

func equalNumbers(a, b any) bool {
	x, ok := numberKey(a)
	if !ok {
		return false
	}
	y, ok := numberKey(b)
	return ok && (x == y || isNaN(x) && isNaN(y))
}

func isNaN(v any) bool {
	switch v := v.(type) {
	case float64:
		return math.IsNaN(v)
	case complex128:
		return math.IsNaN(real(v)) || math.IsNaN(imag(v))
	}
	return false
}

func (c *comparer) items(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		c.later(a[i], b[i])
	}
	return true
}

// tables compares dicts or sets without regard to order. A key that is known by its identity alone,
// an object too large or too entangled for anything else, is compared with the key at the same
// place.
func (c *comparer) tables(a, b *table) bool {
	if a.len() != b.len() {
		return false
	}
	x, y := a.live(), b.live()
	for i, e := range x {
		at, ck, err := b.find(e.Key, nil)
		if err != nil {
			return false
		}
		switch {
		case at >= 0 && !hasObject(e.Key):
			c.later(e.Key, b.entries[at].Key)
			c.later(e.Value, b.entries[at].Value)
		case hasObject(e.Key) || isNaN(ck):
			c.later(e.Key, y[i].Key)
			c.later(e.Value, y[i].Value)
		default:
			return false
		}
	}
	return true
}

// hasObject tells whether a key may hold an object.
func hasObject(k any) bool {
	switch k.(type) {
	case *Object, Tuple, *FrozenSet:
		_, objects, err := canonicalKey(k, nil)
		return objects || err != nil
	}
	return false
}

func (c *comparer) objects(a, b *Object) bool {
	if a.Kind != b.Kind || a.HasState != b.HasState || len(a.Pairs) != len(b.Pairs) ||
		(a.Kwargs == nil) != (b.Kwargs == nil) {
		return false
	}
	c.later(a.Class, b.Class)
	c.later(a.Args, b.Args)
	c.later(a.State, b.State)
	c.later(a.Setter, b.Setter)
	if a.Kwargs != nil {
		c.later(a.Kwargs, b.Kwargs)
	}
	for i, p := range a.Pairs {
		c.later(p.Key, b.Pairs[i].Key)
		c.later(p.Value, b.Pairs[i].Value)
	}
	return c.items(a.Items, b.Items)
}
