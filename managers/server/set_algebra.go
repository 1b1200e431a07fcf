package server

import (
	"errors"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// The algebra of sets. Each operation is a function of two tables; how a method reads its arguments
// and what it does with the result is the same for all of them.

// algebra makes a new table of two. Where elements are equal, those of the first are kept, except for intersection.
type algebra func(a, b *keyed) keyed

func union(a, b *keyed) keyed {
	out := newKeyed()
	for _, t := range []*keyed{a, b} {
		for _, s := range t.slots {
			if s.by != nil && out.find(s.by) == nil {
				out.set(s.by, s.key, nil)
			}
		}
	}
	return out
}

// intersection has the elements of b where equal ones have different spellings, unless a is smaller and b is a set:
// set_intersection in Objects/setobject.c.
func intersection(a, b *keyed) keyed {
	if b.loose || b.len() <= a.len() {
		a, b = b, a
	}
	return filter(a, func(by any) bool { return b.find(by) != nil })
}

func difference(a, b *keyed) keyed {
	return filter(a, func(by any) bool { return b.find(by) == nil })
}

func symmetric(a, b *keyed) keyed {
	left, right := difference(a, b), difference(b, a)
	return union(&left, &right)
}

func filter(t *keyed, in func(by any) bool) keyed {
	out := newKeyed()
	for _, s := range t.slots {
		if s.by != nil && in(s.by) {
			out.set(s.by, s.key, nil)
		}
	}
	return out
}

// relation compares two tables.
type relation func(a, b *keyed) bool

func subset(a, b *keyed) bool { d := difference(a, b); return d.len() == 0 }

func superset(a, b *keyed) bool { return subset(b, a) }

func properSubset(a, b *keyed) bool { return a.len() < b.len() && subset(a, b) }

func properSuperset(a, b *keyed) bool { return properSubset(b, a) }

func disjoint(a, b *keyed) bool { i := intersection(a, b); return i.len() == 0 }

var errNotSet = errors.New("managers: not a set")

// elements makes slots of an argument: a set, a frozenset, a proxy of a set, or, unless only sets
// count, any iterable. It reports whether it was a set.
func (c *Call) elements(r pickle.Raw, setsOnly bool) (slots []slot, isSet bool, err error) {
	if e := c.referent(r); e != nil {
		if s, ok := e.object.(*set); ok {
			if err := c.budget().MakeEach(s.size(), slotBytes); err != nil {
				return nil, true, err
			}
			slots := s.slots()
			for _, e := range slots {
				hold([]any{e.key})
			}
			return slots, true, nil
		}
		if !setsOnly {
			if cells, ok, err := c.cellsOf(r); ok || err != nil {
				if err != nil {
					return nil, false, err
				}
				slots, err = c.slotsOfCells(cells)
				return slots, false, err
			}
		}
	}
	v, err := c.argument(r)
	if err != nil {
		return nil, false, err
	}
	switch s := v.(type) {
	case *pickle.Set, *pickle.FrozenSet:
		isSet = true
	case *pickle.Object:
		var of *pickle.FrozenSet
		if of, isSet = c.budget().SetOf(s); isSet {
			v = of
		}
	}
	if setsOnly && !isSet {
		return nil, false, errNotSet
	}
	items, err := c.budget().Iterate(v)
	if err != nil {
		return nil, isSet, err
	}
	slots, err = c.elementSlots(items)
	return slots, isSet, err
}

// elementUse says how an element is refused that has no hash: set_intersection, which issubset
// calls, hashes by itself, and has another text (Objects/setobject.c).
func (c *Call) elementUse() values.KeyUse {
	switch c.Method {
	case "intersection", "intersection_update", "issubset":
		return values.Hash
	}
	return values.SetElement
}

// elementSlots makes slots of decoded elements.
func (c *Call) elementSlots(items []any) ([]slot, error) {
	if err := c.budget().MakeEach(len(items), slotBytes); err != nil {
		return nil, err
	}
	slots := make([]slot, 0, len(items))
	for _, it := range items {
		by, err := c.budget().KeyFor(it, c.elementUse())
		if err == nil {
			var cell any
			if cell, err = c.storeDecoded(it); err == nil {
				slots = append(slots, slot{by, cell, nil})
			}
		}
		if err != nil {
			dropSlots(slots)
			return nil, err
		}
	}
	return slots, nil
}

// slotsOfCells makes slots of what another object keeps.
func (c *Call) slotsOfCells(cells []any) ([]slot, error) {
	if err := c.budget().MakeEach(len(cells), slotBytes); err != nil {
		drop(cells...)
		return nil, err
	}
	slots := make([]slot, len(cells))
	for i, cell := range cells {
		by, err := c.keyOf(cell)
		if err != nil {
			drop(cells...)
			return nil, err
		}
		slots[i] = slot{by, cell, nil}
	}
	return slots, nil
}

// keyOf is what a cell is compared by as an element of a set.
func (c *Call) keyOf(cell any) (any, error) {
	b := c.budget()
	m := b.Mark()
	v, err := c.opener().decodeCell(cell)
	if err != nil {
		return nil, err
	}
	by, err := b.KeyFor(v, values.SetElement)
	b.Free(m)
	return by, err
}

// operand is an argument as a table. Its cells are dropped once the result was made.
func (c *Call) operand(r pickle.Raw, setsOnly bool) (t keyed, release func(), err error) {
	slots, isSet, err := c.elements(r, setsOnly)
	if err != nil {
		return t, nil, err
	}
	t = newKeyed()
	t.loose = !isSet
	for _, s := range slots {
		if t.find(s.by) == nil {
			t.set(s.by, s.key, nil)
		}
	}
	return t, func() { dropSlots(slots) }, nil
}

// taken is a copy of the set's table for a call that is going to work with it, and which of the set's changes
// it is a copy of.
func (s *set) taken(c *Call) (own keyed, at uint64, err error) {
	if err := c.budget().MakeEach(s.size(), 2*slotBytes); err != nil {
		return own, 0, err
	}
	s.mu.RLock()
	slots, at := s.table.all(maxItems), s.table.changes
	s.mu.RUnlock()
	own = newKeyed()
	for _, e := range slots {
		own.set(e.by, e.key, nil)
	}
	return own, at, nil
}

// showSet returns a table as a set or frozenset.
func (c *Call) showSet(t keyed, class string) (any, error) {
	l, err := c.presentAll(t.keys(maxItems))
	if err != nil {
		return nil, err
	}
	return setValue(l, class), nil
}

// operator is a method like __or__, which knows nothing but sets.
func operator(f algebra) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		return s.operate(c, "set", func(own, other *keyed) keyed { return f(own, other) })
	}
}

// reflected is a method like __ror__: the set stands on the right, and the result is of the type of
// what stands on the left.
func reflected(f algebra) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		class := "set"
		if v, err := c.open(c.Value(0)); err == nil {
			if _, ok := v.(*pickle.FrozenSet); ok {
				class = "frozenset"
			}
		}
		return s.operate(c, class, func(own, other *keyed) keyed { return f(other, own) })
	}
}

func (s *set) operate(c *Call, class string, f algebra) (any, error) {
	return c.withSet(func(other *keyed) (any, error) {
		own, err := s.combined(c, f, []keyed{*other})
		if err != nil {
			return nil, err
		}
		return c.showSet(own, class)
	})
}

// withSet answers with what f makes of the argument, which must be a set: NotImplemented where it is none.
func (c *Call) withSet(f func(other *keyed) (any, error)) (any, error) {
	other, release, err := c.operand(c.Value(0), true)
	if err == errNotSet {
		return pickle.NotImplemented{}, nil
	} else if err != nil {
		return nil, err
	}
	defer release()
	return f(&other)
}

// compared is a method like __lt__.
func compared(f relation) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		return c.withSet(func(other *keyed) (any, error) {
			own, _, err := s.taken(c)
			return err == nil && f(&own, other), err
		})
	}
}

// related is a method like issubset, which takes any iterable.
func related(f relation) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		other, release, err := c.operand(c.Value(0), false)
		if err != nil {
			return nil, err
		}
		defer release()
		own, _, err := s.taken(c)
		return err == nil && f(&own, &other), err
	}
}

// inPlace is a method like __ior__, which returns the whole set.
func inPlace(f algebra) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		return c.withSet(func(other *keyed) (any, error) {
			if err := s.become(c, f, []keyed{*other}); err != nil {
				return nil, err
			}
			return s.Value(c)
		})
	}
}

// combined is a method like union, which takes any number of iterables.
func combined(f algebra) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		others, release, err := c.operands()
		if err != nil {
			return nil, err
		}
		defer release()
		out, err := s.combined(c, f, others)
		if err != nil {
			return nil, err
		}
		return c.showSet(out, "set")
	}
}

// updated is a method like update.
func updated(f algebra) func(*set, *Call) (any, error) {
	return func(s *set, c *Call) (any, error) {
		others, release, err := c.operands()
		if err != nil {
			return nil, err
		}
		defer release()
		return nil, s.become(c, f, others)
	}
}

// operands are all arguments as tables.
func (c *Call) operands() (tables []keyed, release func(), err error) {
	var all []func()
	release = func() {
		for _, f := range all {
			f()
		}
	}
	for _, r := range c.Args() {
		t, one, err := c.operand(r, false)
		if err != nil {
			release()
			return nil, nil, err
		}
		tables, all = append(tables, t), append(all, one)
	}
	return tables, release, nil
}

// combined is what f makes of the set and others.
func (s *set) combined(c *Call, f algebra, others []keyed) (keyed, error) {
	out, _, err := s.taken(c)
	if err != nil {
		return out, err
	}
	return c.fold(out, f, others)
}

// fold is what f makes of a table and others.
func (c *Call) fold(out keyed, f algebra, others []keyed) (keyed, error) {
	for i := range others {
		if err := c.budget().MakeEach(out.len()+others[i].len(), slotBytes); err != nil {
			return out, err
		}
		out = f(&out, &others[i])
	}
	return out, nil
}

// becomeTries is how often a set that others change meanwhile is worked out anew, before they have to wait.
const becomeTries = 4

// become makes the set what f makes of it and others.
func (s *set) become(c *Call, f algebra, others []keyed) error {
	for range becomeTries {
		m := c.budget().Mark()
		out, at, err := s.taken(c)
		if err == nil {
			out, err = c.fold(out, f, others)
		}
		if err != nil {
			return err
		}
		if done, err := s.replace(out, at); done {
			return err
		}
		c.budget().Free(m)
	}
	s.mu.Lock()
	old := s.table
	out, err := c.fold(filter(&old, func(any) bool { return true }), f, others)
	if err == nil {
		err = s.put(out)
	}
	s.mu.Unlock()
	if err == nil {
		drop(old.keys(maxItems)...)
	}
	return err
}

// replace puts a table in place of the set's, unless that has changed meanwhile.
func (s *set) replace(out keyed, at uint64) (done bool, err error) {
	s.mu.Lock()
	old := s.table
	if old.changes != at {
		s.mu.Unlock()
		return false, nil
	}
	err = s.put(out)
	s.mu.Unlock()
	if err == nil {
		drop(old.keys(maxItems)...)
	}
	return true, err
}

// put sets the table of the set, which is locked.
func (s *set) put(out keyed) error {
	if out.len() > maxItems {
		return errTooMany
	}
	hold(out.keys(maxItems))
	out.changes = s.table.changes + 1
	s.table = out
	return nil
}
