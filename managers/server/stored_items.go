package server

import (
	"errors"
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

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
		return slot{}, managers.ErrTypeError.New("object is not iterable")
	}
	if len(kv) != 2 {
		return slot{}, managers.ErrValueError.New(fmt.Sprintf(
			"dictionary update sequence element #%d has length %d; 2 is required", i, len(kv)))
	}
	return c.slotOf(kv[0], kv[1])
}

// mapping is an object whose keys and values another can take: update(proxy).
type mapping interface {
	size() int
	pairs() []slot
}

// mappingItems makes slots of a mapping or of a proxy of a dict.
func (c *Call) mappingItems(r pickle.Raw) ([]slot, error) {
	if e := c.referent(r); e != nil {
		d, ok := e.object.(mapping)
		if !ok {
			return nil, errNotMapping
		}
		if err := c.budget().MakeEach(d.size(), slotBytes); err != nil {
			return nil, err
		}
		slots := d.pairs()
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
	if s.key, err = c.storeDecoded(k); err != nil {
		return s, err
	}
	s.value, err = c.storeDecoded(v)
	return s, err
}

var errNotMapping = errors.New("managers: neither a mapping nor pairs")

// presentTuple returns cells as a tuple.
func (c *Call) presentTuple(cells ...any) (pickle.Tuple, error) {
	l, err := c.presentAll(cells)
	if err != nil {
		return nil, err
	}
	return l.Items, nil
}
