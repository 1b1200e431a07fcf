package pickle

import (
	"math"
	"strings"
)

// known returns the key of an object of a known class that is equal to others by its value: a number, an Instant, a
// UUID, a path, a slice; of what equals nothing it is a NaN. An object that has no hash is an error, unless it is part of
// another.
func (w *keyWriter) known(o *Object) (key any, ok bool, err error) {
	if err := w.work.spend(knownKey); err != nil {
		return nil, false, err
	}
	switch g, _, _ := o.class(); {
	case g.Module == "decimal", g.Module == "fractions":
		return w.exact(o)
	case g.Module == "uuid":
		id, err := asUUID(o)
		return keyUUID(id), err == nil, nil
	case strings.HasPrefix(g.Module, "pathlib"):
		return w.path(o)
	}
	if !w.inside && Unhashable(o) {
		return nil, false, &UnhashableError{Value: o}
	}
	if i, ok := InstantOf(o); ok {
		key, equal := i.Key()
		if !equal {
			return math.NaN(), true, nil
		}
		return key, true, nil
	}
	return nil, false, nil
}

func (w *keyWriter) path(o *Object) (key any, ok bool, err error) {
	p, ok := PathOf(o)
	if !ok {
		return nil, false, nil
	}
	kind := "p"
	if p.Windows {
		kind = "w"
	}
	return keyPath(kind + p.Text), true, w.work.spend(len(p.Text))
}

func (w *keyWriter) exact(o *Object) (key any, ok bool, err error) {
	n, ok := ExactOf(o)
	if !ok {
		return nil, false, nil
	}
	if d, isDecimal := n.(*Decimal); isDecimal && d.Signaling && !w.inside {
		return nil, false, &UnhashableError{Value: o, Signaling: true}
	}
	if err := w.work.spend(exactCost(n)); err != nil {
		return nil, false, err
	}
	return exactKey(n), true, nil
}

// sliceOf reads a slice whose parts Slice does not take, as numbers of numpy.
func sliceOf(o *Object) (s Slice, ok bool) {
	args := o.args()
	if !o.IsA("builtins", "slice") || len(args) != 3 {
		return s, false
	}
	return Slice{Start: args[0], Stop: args[1], Step: args[2]}, true
}

// container spells out a known container, as part of an object: its subclass does not tell it from another.
func (w *keyWriter) container(o *Object) (done bool, err error) {
	if m, ok := mappingOf(o, w.work); ok {
		return true, w.mutable(m.Dict)
	}
	if s, ok := SequenceOf(o); ok {
		if err := w.text('a', s.Class); err != nil {
			return true, err
		}
		return true, w.sequence('[', s.Items)
	}
	return false, nil
}

// object spells out an object's content. It tells whether it stands alone, and leaves nothing behind, where the content
// is too much or contains itself: such an object is known by its identity. An object inside it that fails makes the
// outer one fail, or else each level would try anew.
func (w *keyWriter) object(o *Object) (alone bool, err error) {
	w.objects = true
	from, depth, limit := len(w.buf), w.depth, w.limit
	if !w.whole {
		if w.work.room(1) == 0 {
			return true, nil
		}
		w.limit = min(limit, from+w.work.room(maxObjectKey))
	}
	w.inside = true
	err = w.objectParts(o)
	w.inside, w.limit = false, limit
	if err == nil || w.whole {
		return false, err
	}
	w.depth = depth
	w.work.drain(len(w.buf) - from)
	w.buf = w.buf[:from]
	return true, nil
}

func (w *keyWriter) objectParts(o *Object) error {
	kind, class, args := o.Made()
	var kwargs any
	if o.Kwargs != nil {
		kwargs = o.Kwargs
	}
	if err := w.sequence('o', []any{int64(kind), class, args, kwargs, o.HasState, o.State, o.Setter}); err != nil {
		return err
	}
	if err := w.sequence('[', o.Items); err != nil {
		return err
	}
	if err := w.open('=', len(o.Pairs)); err != nil {
		return err
	}
	for _, p := range o.Pairs {
		if err := w.sequence('(', []any{p.Key, p.Value}); err != nil {
			return err
		}
	}
	w.close()
	return nil
}
