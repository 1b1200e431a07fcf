package server

import (
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/wire"
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
		cell, err := c.store(kw.Value)
		if err != nil {
			dropSlots(slots)
			return err
		}
		name := string(kw.Name)
		slots = append(slots, slot{name, wire.NativeText(name, c.Dialect()), cell})
	}
	return d.store(slots)
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
