package server

import (
	"slices"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// set is a Python set whose elements stay pickled: Objects/setobject.c. Its elements are kept in the
// order in which they came.
type set struct {
	mu    sync.RWMutex
	table keyed
}

var setMethods = Methods[*set]{
	"__and__":                     builtin(everyone, "set.__and__", operator(intersection), 1, 1),
	"__class_getitem__":           builtin(everyone, "set.__class_getitem__", (*set).callClassGetitem, 1, 1),
	"__contains__":                builtin(everyone, "set.__contains__", (*set).callContains, 1, 1),
	"__ge__":                      builtin(everyone, "set.__ge__", compared(superset), 1, 1),
	"__gt__":                      builtin(everyone, "set.__gt__", compared(properSuperset), 1, 1),
	"__iand__":                    builtin(workers, "set.__iand__", inPlace(intersection), 1, 1),
	"__ior__":                     builtin(workers, "set.__ior__", inPlace(union), 1, 1),
	"__isub__":                    builtin(workers, "set.__isub__", inPlace(difference), 1, 1),
	"__iter__":                    builtin(everyone, "set.__iter__", (*set).callIter, 0, 0),
	"__ixor__":                    builtin(workers, "set.__ixor__", inPlace(symmetric), 1, 1),
	"__le__":                      builtin(everyone, "set.__le__", compared(subset), 1, 1),
	"__len__":                     builtin(everyone, "set.__len__", (*set).callLen, 0, 0),
	"__lt__":                      builtin(everyone, "set.__lt__", compared(properSubset), 1, 1),
	"__or__":                      builtin(everyone, "set.__or__", operator(union), 1, 1),
	"__rand__":                    builtin(everyone, "set.__rand__", reflected(intersection), 1, 1),
	"__ror__":                     builtin(everyone, "set.__ror__", reflected(union), 1, 1),
	"__rsub__":                    builtin(everyone, "set.__rsub__", reflected(difference), 1, 1),
	"__rxor__":                    builtin(everyone, "set.__rxor__", reflected(symmetric), 1, 1),
	"__sub__":                     builtin(everyone, "set.__sub__", operator(difference), 1, 1),
	"__xor__":                     builtin(everyone, "set.__xor__", operator(symmetric), 1, 1),
	"add":                         builtin(workers, "set.add", (*set).callAdd, 1, 1),
	"clear":                       builtin(workers, "set.clear", (*set).callClear, 0, 0),
	"copy":                        builtin(everyone, "set.copy", (*set).callCopy, 0, 0),
	"difference":                  builtin(everyone, "set.difference", combined(difference), 0, maxOthers),
	"difference_update":           builtin(workers, "set.difference_update", updated(difference), 0, maxOthers),
	"discard":                     builtin(workers, "set.discard", (*set).callDiscard, 1, 1),
	"intersection":                builtin(everyone, "set.intersection", combined(intersection), 0, maxOthers),
	"intersection_update":         builtin(workers, "set.intersection_update", updated(intersection), 0, maxOthers),
	"isdisjoint":                  builtin(everyone, "set.isdisjoint", related(disjoint), 1, 1),
	"issubset":                    builtin(everyone, "set.issubset", related(subset), 1, 1),
	"issuperset":                  builtin(everyone, "set.issuperset", related(superset), 1, 1),
	"pop":                         builtin(workers, "set.pop", (*set).callPop, 0, 0),
	"remove":                      builtin(workers, "set.remove", (*set).callRemove, 1, 1),
	"symmetric_difference":        builtin(everyone, "set.symmetric_difference", combined(symmetric), 1, 1),
	"symmetric_difference_update": builtin(workers, "set.symmetric_difference_update", updated(symmetric), 1, 1),
	"union":                       builtin(everyone, "set.union", combined(union), 0, maxOthers),
	"update":                      builtin(workers, "set.update", (*set).callUpdate, 0, maxOthers),
}

var setClass = describe(description[*set]{
	kind: "set", methods: setMethods, value: everyone, saved: saveContents,
	observe: unobserved[*set],
	typeid:  "set", create: setType(),
	flag: Flag{"set", "NAME[=JSON]", "a set"},
})

// maxOthers is how many sets one call combines.
const maxOthers = maxParams

// Methods lists what clients may call.
func (*set) Methods() []string { return setClass.listed }

// Call answers one call.
func (s *set) Call(c *Call) (any, error) { return setMethods.Call(s, c) }

func (*set) class() *class { return setClass }

func (s *set) eachStored(f func(*storedValue)) { eachStoredOf(s.cells(), f) }

// cells returns the elements as they are now.
func (s *set) cells() []any { return s.head(maxItems) }

// head returns up to n elements.
func (s *set) head(n int) []any {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.table.keys(n)
}

func (s *set) slots() []slot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.table.all(maxItems)
}

// copyBy returns the set as a value: a call of set, so that elements need not be opened.
func (s *set) copyBy(p *presenter) (any, func() error) {
	items := &pickle.List{}
	return setValue(items, "set"), func() error {
		return p.fill(items, s.cells())
	}
}

func setValue(items *pickle.List, class string) any {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "builtins", Name: class},
		Args: pickle.Tuple{items}}
}

// Value returns the set as a value.
func (s *set) Value(c *Call) (any, error) { return c.valueOf(s) }

func (s *set) repr(p printer) (string, error) {
	elements, err := p.elements(s.head(p.most()))
	if err != nil {
		return "", err
	}
	return p.text(pickle.DistinctSet(elements))
}

func (s *set) size() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.table.len()
}

func (s *set) callLen(*Call) (any, error) { return int64(s.size()), nil }

func (s *set) callContains(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.SetLookup)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.table.find(by) != nil, nil
}

func (s *set) callAdd(c *Call) (any, error) {
	by, cell, err := c.storeKey(c.Value(0), values.SetElement)
	if err != nil {
		return nil, err
	}
	return nil, s.store([]slot{{by, cell, nil}})
}

// store adds elements, all or, where there would be too many, none.
func (s *set) store(slots []slot) error {
	var old []any
	s.mu.Lock()
	if len(slots) > maxItems-s.table.len() {
		s.mu.Unlock()
		dropSlots(slots)
		return errTooMany
	}
	for _, e := range slots {
		old = append(old, s.table.set(e.by, e.key, nil)...)
	}
	s.mu.Unlock()
	drop(old...)
	return nil
}

func (s *set) callUpdate(c *Call) (any, error) {
	var slots []slot
	for _, r := range c.Args() {
		more, _, err := c.elements(r, false)
		if err != nil {
			dropSlots(slots)
			return nil, err
		}
		slots = append(slots, more...)
	}
	return nil, s.store(slots)
}

func (s *set) take(by any) (slot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.remove(by)
}

func (s *set) callDiscard(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.SetLookup)
	if err != nil {
		return nil, err
	}
	if e, ok := s.take(by); ok {
		drop(e.key)
	}
	return nil, nil
}

func (s *set) callRemove(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.SetLookup)
	if err != nil {
		return nil, err
	}
	e, ok := s.take(by)
	if !ok {
		return nil, managers.ErrKeyError.New(c.Value(0))
	}
	drop(e.key)
	return nil, nil
}

func (s *set) callPop(c *Call) (any, error) {
	s.mu.Lock()
	i := slices.IndexFunc(s.table.slots, func(e slot) bool { return e.by != nil })
	if i < 0 {
		s.mu.Unlock()
		return nil, managers.ErrKeyError.New("pop from an empty set")
	}
	e := s.table.removeAt(i)
	s.mu.Unlock()
	defer drop(e.key)
	return c.present(e.key)
}

func (s *set) callClear(*Call) (any, error) {
	s.mu.Lock()
	old := s.table.clear()
	s.mu.Unlock()
	drop(old...)
	return nil, nil
}

func (s *set) callCopy(c *Call) (any, error) { return s.Value(c) }

// callIter returns what pickle makes of a set_iterator.
func (s *set) callIter(c *Call) (any, error) {
	out, err := c.presentAll(s.cells())
	if err != nil {
		return nil, err
	}
	return listIterator(out), nil
}

// callClassGetitem is set[...]: a name for a type checker.
func (s *set) callClassGetitem(c *Call) (any, error) {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "types", Name: "GenericAlias"},
		Args: pickle.Tuple{pickle.Global{Module: "builtins", Name: "set"}, pickle.Tuple{c.Value(0)}}}, nil
}

func setType() Type {
	sig := &Signature{Name: ".set", Params: make([]string, 1), builtin: true}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		s := &set{table: newKeyed()}
		if !c.Given(0) {
			return s, nil
		}
		slots, _, err := c.elements(c.Value(0), false)
		if err != nil {
			return nil, err
		}
		return s, s.store(slots)
	}}
}

func (*set) kind() string { return "set" }

func (s *set) capture() writing { return cellWriting("add", s.cells()) }

func (s *set) reset() {
	s.mu.Lock()
	old := s.table.clear()
	s.mu.Unlock()
	drop(old...)
}
