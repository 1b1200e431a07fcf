package values

import (
	"errors"
	"strings"

	"mpbridge/pickle"
)

// This file orders objects of classes that the server does not know, by what their pickles show: members of
// enums and instances of subclasses of int, str or tuple by the value that they were made of, as Python does;
// any other by its fields, as a dataclass with order=True compares them.

// alike returns a and b as what they have in common: where one is an object whose class may be a subclass of
// the other's, it becomes the value that it was made of.
func alike(a, b any) (any, any) {
	x, ok1 := a.(*pickle.Object)
	y, ok2 := b.(*pickle.Object)
	switch {
	case ok1 && ok2:
		m, ok1 := baseOf(x)
		n, ok2 := baseOf(y)
		if ok1 && ok2 && sameKind(m, n) {
			return m, n
		}
		if _, isNumber := number(y); ok1 && isNumber && isNumeric(m) {
			return m, b
		}
		if _, isNumber := number(x); ok2 && isNumber && isNumeric(n) {
			return a, n
		}
	case ok1:
		if m, ok := baseOf(x); ok && sameKind(m, b) {
			return m, b
		}
	case ok2:
		if n, ok := baseOf(y); ok && sameKind(a, n) {
			return a, n
		}
	}
	return a, b
}

func isNumeric(v any) bool {
	_, ok := number(v)
	return ok
}

// sameKind tells whether two values may have an order among each other.
func sameKind(a, b any) bool {
	if _, ok := pickle.Text(a); ok {
		_, ok = pickle.Text(b)
		return ok
	}
	if _, ok := bytesOf(a); ok {
		_, ok = bytesOf(b)
		return ok
	}
	if _, ok := a.(pickle.Tuple); ok {
		_, ok = b.(pickle.Tuple)
		return ok
	}
	return isNumeric(a) && isNumeric(b)
}

// baseOf returns what an object of an unknown class was made of: the value of an enum's member, the int, str or
// tuple that an instance of a subclass is. A namedtuple pickles as a call of its class with its elements.
func baseOf(o *pickle.Object) (any, bool) {
	if g, _, ok := classOf(o); !ok || withoutFields(g) {
		return nil, false
	}
	if v, ok := pickle.Member(o); ok {
		return v, true
	}
	args, _ := o.Args.(pickle.Tuple)
	if o.Kind != pickle.NewObj || len(args) == 0 || o.HasState && o.State != nil || len(o.Items)+len(o.Pairs) > 0 {
		return nil, false
	}
	return args, true
}

// withoutFields tells whether a class is of the standard library, whose objects have the order that is known
// or none.
func withoutFields(g pickle.Global) bool {
	module, _, _ := strings.Cut(g.Module, ".")
	return strings.Contains(" builtins types collections copyreg _codecs operator functools itertools array io _io "+
		"decimal fractions datetime zoneinfo uuid pathlib re queue threading weakref random ", " "+module+" ") ||
		isExceptionName(g)
}

// orderFields compares two objects of one class field by field, in the order in which they were set. Which fields
// a class leaves out, as dataclasses.field(compare=False) does, cannot be seen: fields behind the first that have
// no order count as equal.
func (c *comparer) orderFields(op Op, a, b *pickle.Object) (bool, error) {
	x, y, ok := fieldsOf(a, b)
	if !ok {
		return false, unordered(op, a, b)
	}
	at, err := c.firstDifference(x, y)
	if err != nil {
		return false, err
	}
	if at == len(x) {
		return op.holds(0), nil
	}
	less, err := c.compare(op, x[at], y[at])
	if e := (*Error)(nil); at > 0 && errors.As(err, &e) && e.Class == "TypeError" {
		return op.holds(0), nil
	}
	return less, err
}

// fieldsOf returns the values of the fields that two objects of one class have, in one order.
func fieldsOf(a, b *pickle.Object) (x, y []any, ok bool) {
	g, _, ok := classOf(a)
	h, _, ok2 := classOf(b)
	if !ok || !ok2 || g != h || withoutFields(g) {
		return nil, nil, false
	}
	if m, isList := a.State.(*pickle.List); isList { // of a dataclass with slots, from Python 3.11 on
		n, isList := b.State.(*pickle.List)
		return m.Items, itemsOr(n), isList && len(m.Items) == len(n.Items) && len(m.Items) > 0
	}
	for i, m := range dictsOf(a.State) {
		n := dictsOf(b.State)
		if i >= len(n) || m.Len() != n[i].Len() {
			return nil, nil, false
		}
		for k, v := range m.All() {
			w, ok := n[i].Get(k)
			if !ok {
				return nil, nil, false
			}
			x, y = append(x, v), append(y, w)
		}
	}
	return x, y, len(x) > 0 && len(dictsOf(a.State)) == len(dictsOf(b.State))
}

func itemsOr(l *pickle.List) []any {
	if l == nil {
		return nil
	}
	return l.Items
}

// dictsOf are the dicts of a state: that of the object's attributes, and that of its slots.
func dictsOf(state any) (out []*pickle.Dict) {
	switch s := state.(type) {
	case *pickle.Dict:
		return []*pickle.Dict{s}
	case pickle.Tuple:
		for _, part := range s {
			d, ok := part.(*pickle.Dict)
			if ok {
				out = append(out, d)
			} else if part != nil {
				return nil
			}
		}
	}
	return out
}
