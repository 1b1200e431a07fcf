package server

import (
	"errors"
	"fmt"
	"math/big"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// The arguments of methods that CPython has in C, as Objects/abstract.c reads them.

// number returns the integer argument for parameter i.
func (c *Call) number(i int) (int, error) {
	v, err := c.open(c.bound.values[i])
	if err != nil {
		return 0, err
	}
	return values.Ssize(v)
}

// factor is number for list.__mul__, which has a text of its own: wrap_indexargfunc.
func (c *Call) factor(i int) (int, error) {
	v, err := c.open(c.bound.values[i])
	if err != nil {
		return 0, err
	}
	if n, ok := values.Integer(v); ok {
		if _, tooLarge := n.(*big.Int); tooLarge {
			return 0, managers.ErrOverflowError.New("cannot fit '" + values.TypeName(v) + "' into an index-sized integer")
		}
	}
	return values.Ssize(v)
}

// count returns the argument for parameter i, or def where it was not given, of what Python counts down from, or up to,
// and only compares: a number that no whole number is equal to, or that is beyond most, is never reached, as most is
// not. What is below 0 is -1, and what is between 0 and 1 is small.
func (c *Call) count(i, def, most, small int) (int, error) {
	if !c.Given(i) {
		return def, nil
	}
	v, err := c.open(c.Value(i))
	if err != nil {
		return 0, err
	}
	n, err := values.Whole(v)
	if err == nil {
		return max(min(n, most), -1), nil
	}
	switch t := timeoutOf(v); {
	case !t.number:
		return 0, err
	case t.sec < 0:
		return -1, nil
	case t.sec < 1:
		return small, nil
	}
	return most, nil
}

// sliceBound returns the argument for parameter i as a place in a sequence, where numbers that are too
// large are as good as the largest: _PyEval_SliceIndexNotNone.
func (c *Call) sliceBound(i int) (int, error) {
	v, err := c.open(c.bound.values[i])
	if err != nil {
		return 0, err
	}
	return values.SliceIndex(v)
}

// equalCell compares a cell with a decoded value.
func (o *opener) equalCell(cell, v any) (bool, error) {
	b := o.budget()
	m := b.Mark()
	x, err := o.decodeCell(cell)
	if err != nil {
		return false, err
	}
	same, err := b.Equal(x, v)
	b.Free(m) // what was made for this alone
	return same, err
}

// key returns the argument for parameter i as a key.
func (c *Call) key(r pickle.Raw, use values.KeyUse) (any, error) {
	v, err := c.argument(r)
	if err != nil {
		return nil, err
	}
	return c.budget().KeyFor(v, use)
}

// Iterate returns the elements of an iterable that a client sent, still pickled: of a list or a tuple as
// they are, of whatever else Python can iterate over after it was unpickled. What is not iterable is a
// TypeError. What it takes is bounded by the limits of one call; see Limits.
func (c *Call) Iterate(r pickle.Raw) ([]pickle.Raw, error) { return c.opener().iterate(r) }

// Iterate is Call.Iterate without the limits of a call.
func Iterate(r pickle.Raw) ([]pickle.Raw, error) { return (*opener)(nil).iterate(r) }

func (o *opener) iterate(r pickle.Raw) ([]pickle.Raw, error) {
	if parts, err := o.elements(r); err == nil {
		return parts, nil
	} else if !isShape(err) {
		return nil, err
	}
	v, err := o.open(r)
	if err != nil {
		return nil, err
	}
	items, err := o.budget().Iterate(v)
	if exc := managers.AsException(err); exc != nil {
		return nil, exc
	} else if err != nil {
		return nil, err
	}
	if err := o.budget().MakeEach(len(items), rawBytes); err != nil {
		return nil, err
	}
	out := make([]pickle.Raw, len(items))
	how := o.encoding(pickle.EncodeOptions{})
	for i, it := range items {
		if out[i], err = pickle.NewRaw(it, how); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isShape reports whether an error says that a value is neither a list nor a tuple.
func isShape(err error) bool { return errors.As(err, new(*pickle.ShapeError)) }

// elements takes a list or a tuple apart without opening its elements: see pickle.Raw.Elements.
func (o *opener) elements(r pickle.Raw) ([]pickle.Raw, error) {
	if o == nil || r.Size() <= smallRaw {
		return r.Elements()
	}
	parts, err := r.WithOptions(&o.decode).Elements()
	for i := range parts {
		parts[i] = parts[i].WithOptions(o.plain)
	}
	return parts, err
}

// storeKey makes a cell of a key.
func (c *Call) storeKey(r pickle.Raw, use values.KeyUse) (by, cell any, err error) {
	if by, err = c.key(r, use); err != nil {
		return nil, nil, err
	}
	cell, err = c.store(r)
	return by, cell, err
}

// elementsOf returns the elements of an iterable argument, or of the object that it is a proxy of.
func (c *Call) elementsOf(r pickle.Raw) ([]any, error) {
	if items, ok, err := c.elementsOfReferent(r); ok || err != nil {
		return items, err
	}
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	return c.budget().Iterate(v)
}

// elementsOfReferent returns the elements of the object that an argument is a proxy of; ok is false where it is none.
func (c *Call) elementsOfReferent(r pickle.Raw) (items []any, ok bool, err error) {
	cells, ok, err := c.cellsOf(r)
	if err != nil || !ok {
		return nil, false, err
	}
	defer drop(cells...)
	items, err = c.opener().decodeCells(cells)
	return items, true, err
}

// noAttribute is the AttributeError of an object's attribute.
func noAttribute(class, name string) error {
	return managers.ErrAttributeError.New(fmt.Sprintf("'%s' object has no attribute '%s'", class, name))
}
