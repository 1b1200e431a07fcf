package server

import (
	"sync"

	"mpbridge/managers"
)

// dictIterator goes over the keys of a dict as it is at each step.
type dictIterator struct {
	dict *dict
	size int // of the dict when it was made

	mu sync.Mutex
	at int // slot
}

var dictIteratorMethods = Methods[*dictIterator]{
	"__next__": builtin(everyone, "dict_keyiterator.__next__", (*dictIterator).callNext, 0, 0),
	"next":     builtin(everyone, "dict_keyiterator.next", (*dictIterator).callNext, 0, 0).Hidden(),
}

var dictIteratorClass = describe(description[*dictIterator]{
	kind: "Iterator", methods: dictIteratorMethods, saved: saveNothing,
	observe: unobserved[*dictIterator],
})

// Methods lists what clients may call.
func (*dictIterator) Methods() []string { return dictIteratorClass.listed }

// Call answers one call.
func (i *dictIterator) Call(c *Call) (any, error) { return dictIteratorMethods.Call(i, c) }

func (*dictIterator) class() *class { return dictIteratorClass }

// String is what Python shows, without the address in memory.
func (i *dictIterator) String() string { return "<dict_keyiterator object>" }

func (i *dictIterator) callNext(c *Call) (any, error) {
	key, err := i.next()
	if err != nil {
		return nil, err
	}
	return c.present(key)
}

// next returns the cell of the next key.
func (i *dictIterator) next() (any, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.dict.mu.RLock()
	defer i.dict.mu.RUnlock()
	t := &i.dict.table
	if i.at < 0 {
		return nil, managers.ErrStopIteration
	}
	if t.len() != i.size {
		i.size = -1 // for ever, as Python has it
		return nil, managers.ErrRuntimeError.New("dictionary changed size during iteration")
	}
	for ; i.at < len(t.slots); i.at++ {
		if s := t.slots[i.at]; s.by != nil {
			i.at++
			return s.key, nil
		}
	}
	i.at = -1
	return nil, managers.ErrStopIteration
}

// fixedIterator goes over values that a client gave: create('Iterator', values).
type fixedIterator struct {
	mu    sync.Mutex
	cells []any
}

var fixedIteratorMethods = Methods[*fixedIterator]{
	"__next__": builtin(everyone, "iterator.__next__", (*fixedIterator).callNext, 0, 0),
	"next":     builtin(everyone, "iterator.next", (*fixedIterator).callNext, 0, 0).Hidden(),
}

var fixedIteratorClass = describe(description[*fixedIterator]{
	kind: "Iterator", methods: fixedIteratorMethods, saved: saveNothing,
	observe: unobserved[*fixedIterator],
	typeid:  "Iterator", create: Type{New: newIterator},
})

// Methods lists what clients may call.
func (*fixedIterator) Methods() []string { return fixedIteratorClass.listed }

// Call answers one call.
func (i *fixedIterator) Call(c *Call) (any, error) { return fixedIteratorMethods.Call(i, c) }

func (*fixedIterator) class() *class { return fixedIteratorClass }

func (i *fixedIterator) eachStored(f func(*storedValue)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	eachStoredOf(i.cells, f)
}

// String is what Python shows, without the address in memory.
func (i *fixedIterator) String() string { return "<iterator object>" }

func (i *fixedIterator) callNext(c *Call) (any, error) {
	i.mu.Lock()
	if len(i.cells) == 0 {
		i.mu.Unlock()
		return nil, managers.ErrStopIteration
	}
	cell := i.cells[0]
	i.cells = i.cells[1:]
	i.mu.Unlock()
	defer drop(cell)
	return c.present(cell)
}

// newIterator makes what a client registers as an Iterator by hand.
func newIterator(c *Call) (Object, error) {
	if err := c.oneArgument(iteratorTypeid); err != nil {
		return nil, err
	}
	cells, err := c.storeAll(c.Args()[0])
	return &fixedIterator{cells: cells}, err
}

// oneArgument checks the arguments of a typeid without a callable: Server.create.
func (c *Call) oneArgument(typeid string) error {
	if len(c.Kwargs()) > 0 || len(c.Args()) != 1 {
		return managers.ErrValueError.New("Without callable, must have one non-keyword argument")
	}
	return nil
}

// constant is a value that a client registered as an object: it can be shown and copied.
type constant struct {
	_    byte // so that no two are one object
	cell any
}

var constantClass = describe(description[*constant]{
	kind: "AsyncResult", methods: Methods[*constant]{}, value: everyone, saved: saveNothing,
	observe: unobserved[*constant],
	typeid:  "AsyncResult", create: Type{New: newConstant},
})

func (*constant) class() *class { return constantClass }

// Methods returns nothing: there is nothing to call.
func (*constant) Methods() []string { return nil }

// Call is never called.
func (*constant) Call(*Call) (any, error) { return nil, managers.ErrAttributeError }

func (k *constant) eachStored(f func(*storedValue)) { eachStoredOf([]any{k.cell}, f) }

// Value returns the value.
func (k *constant) Value(c *Call) (any, error) { return c.present(k.cell) }

func (k *constant) repr(p printer) (string, error) {
	v, _, err := p.element(k.cell)
	if err != nil {
		return "", err
	}
	return p.text(v)
}

func (k *constant) str(p printer) (string, error) {
	v, err := p.decodeShown(k.cell)
	if err != nil {
		return "", err
	}
	return p.budget().Str(v, p.style)
}

// newConstant makes what a client registers as an AsyncResult by hand.
func newConstant(c *Call) (Object, error) {
	if err := c.oneArgument("AsyncResult"); err != nil {
		return nil, err
	}
	cell, err := c.store(c.Args()[0])
	return &constant{cell: cell}, err
}
