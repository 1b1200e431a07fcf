package server

import (
	"errors"
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// What a dict takes from others: update, |, fromkeys.

var sigUpdate = &Signature{Name: "dict.update", Params: make([]string, 1), builtin: true}

func (d *dict) callUpdate(c *Call) (any, error) {
	if err := sigUpdate.checkBuiltin(len(c.Args()), 0); err != nil {
		return nil, err
	}
	return nil, d.update(c)
}

// update takes the items of the call's arguments: one mapping or iterable of pairs, and keywords.
func (d *dict) update(c *Call) error {
	var slots []slot
	if len(c.Args()) > 0 {
		var err error
		if slots, err = c.itemsOf(c.Args()[0]); err != nil {
			return err
		}
	}
	for _, kw := range c.Kwargs() {
		cell, err := c.keep(kw.Value)
		if err != nil {
			dropSlots(slots)
			return err
		}
		name := string(kw.Name)
		slots = append(slots, slot{name, wire.NativeText(name, c.Dialect()), cell})
	}
	return d.store(slots)
}

var errNotMapping = errors.New("managers: neither a mapping nor pairs")

// itemsOf makes slots of a mapping, of a proxy of a dict, or of an iterable of pairs.
func (c *Call) itemsOf(r pickle.Raw) ([]slot, error) {
	slots, err := c.mappingItems(r)
	if err != errNotMapping {
		return slots, err
	}
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	if pairs, ok, err := c.budget().KeyedItems(v); err != nil {
		return nil, err
	} else if ok {
		return c.slotsOf(pairs)
	}
	pairs, err := c.budget().Iterate(v)
	if err != nil {
		return nil, err
	}
	if err := c.budget().MakeEach(len(pairs), slotBytes); err != nil {
		return nil, err
	}
	slots = make([]slot, 0, len(pairs))
	for i, p := range pairs {
		s, err := c.pairSlot(i, p)
		if err != nil {
			dropSlots(slots)
			return nil, err
		}
		slots = append(slots, s)
	}
	return slots, nil
}

// pairSlot makes a slot of element i of an iterable of pairs.
func (c *Call) pairSlot(i int, pair any) (slot, error) {
	kv, err := c.budget().Iterate(pair)
	if err != nil {
		return slot{}, managers.Raise(managers.ErrTypeError, "object is not iterable")
	}
	if len(kv) != 2 {
		return slot{}, managers.Raise(managers.ErrValueError, fmt.Sprintf(
			"dictionary update sequence element #%d has length %d; 2 is required", i, len(kv)))
	}
	return c.slotOf(kv[0], kv[1])
}

// mappingItems makes slots of a mapping or of a proxy of a dict.
func (c *Call) mappingItems(r pickle.Raw) ([]slot, error) {
	if e := c.referent(r); e != nil {
		d, ok := e.object.(*dict)
		if !ok {
			return nil, errNotMapping
		}
		if err := c.budget().MakeEach(d.size(), slotBytes); err != nil {
			return nil, err
		}
		slots := d.slots()
		for _, s := range slots {
			hold([]any{s.key, s.value})
		}
		return slots, nil
	}
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	pairs, ok, err := c.budget().Mapping(v)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNotMapping
	}
	return c.slotsOf(pairs)
}

// slotsOf makes slots of decoded items.
func (c *Call) slotsOf(pairs []pickle.Pair) ([]slot, error) {
	if err := c.budget().MakeEach(len(pairs), slotBytes); err != nil {
		return nil, err
	}
	slots := make([]slot, 0, len(pairs))
	for _, p := range pairs {
		s, err := c.slotOf(p.Key, p.Value)
		if err != nil {
			dropSlots(slots)
			return nil, err
		}
		slots = append(slots, s)
	}
	return slots, nil
}

// slotOf makes a slot of a decoded key and value.
func (c *Call) slotOf(k, v any) (s slot, err error) {
	if s.by, err = c.budget().KeyFor(k, values.DictKey); err != nil {
		return s, err
	}
	if s.key, err = c.keepValue(k); err != nil {
		return s, err
	}
	s.value, err = c.keepValue(v)
	return s, err
}

// withMapping answers with what f makes of the items of the argument: NotImplemented where it is no mapping.
func (c *Call) withMapping(f func(other []slot) (any, error)) (any, error) {
	other, err := c.mappingItems(c.Value(0))
	if err == errNotMapping {
		return pickle.NotImplemented{}, nil
	} else if err != nil {
		return nil, err
	}
	defer dropSlots(other)
	return f(other)
}

// merged is a new dict with the items of both, in order: those of second win.
func (c *Call) merged(first, second []slot) (any, error) {
	if err := c.budget().MakeEach(len(first)+len(second), 2*slotBytes); err != nil {
		return nil, err
	}
	t := newKeyed()
	for _, s := range append(first[:len(first):len(first)], second...) {
		t.set(s.by, s.key, s.value)
	}
	out := &pickle.Dict{}
	return out, fillDict(out, &presenter{call: c}, t.all(maxItems))
}

// dropSlots lets go of the cells of slots.
func dropSlots(slots []slot) {
	for _, s := range slots {
		drop(s.key, s.value)
	}
}

func (d *dict) callOr(c *Call) (any, error) {
	return c.withMapping(func(other []slot) (any, error) { return c.merged(d.slots(), other) })
}

func (d *dict) callRor(c *Call) (any, error) {
	return c.withMapping(func(other []slot) (any, error) { return c.merged(other, d.slots()) })
}

// callIor returns the whole dict, as the method that it stands for does.
func (d *dict) callIor(c *Call) (any, error) {
	slots, err := c.itemsOf(c.Value(0))
	if err == nil {
		err = d.store(slots)
	}
	if err != nil {
		return nil, err
	}
	return d.Value(c)
}

func (d *dict) callFromkeys(c *Call) (any, error) {
	keys, err := c.elementsOf(c.Value(0))
	if err != nil {
		return nil, err
	}
	b := c.budget()
	if err := b.MakeEach(len(keys), slotBytes+2*values.ValueBytes); err != nil {
		return nil, err
	}
	seen := make(map[any]struct{}, len(keys))
	pairs := make([]pickle.Pair, 0, len(keys))
	for _, k := range keys {
		by, err := b.KeyFor(k, values.DictKey)
		if err != nil {
			return nil, err
		}
		if _, again := seen[by]; !again {
			seen[by] = struct{}{}
			pairs = append(pairs, pickle.Pair{Key: k, Value: c.Value(1)})
		}
	}
	out := new(pickle.Dict)
	out.SetDistinct(pairs)
	return out, nil
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
	items, err = c.opener().values(cells)
	return items, true, err
}
