package server

import (
	"fmt"
	"sync"

	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// valueObject is Value of Lib/multiprocessing/managers.py: a place for one value, which its typecode
// does not restrict.
type valueObject struct {
	mu       sync.RWMutex
	typecode any // cells
	cell     any
}

var valueMethods = Methods[*valueObject]{
	"get": Def(everyone, "Value.get", (*valueObject).callGet, 0),
	"set": Def(workers, "Value.set", (*valueObject).callSet, 1, "value"),
}

var valueClass = describe(description[*valueObject]{
	kind: "Value", methods: valueMethods, value: everyone, saved: saveContents,
	observe: unobserved[*valueObject],
	typeid:  "Value", create: Type{New: newValue},
	flag: Flag{"value", "NAME[=JSON]", "a value that get and set read and write"},
})

// Methods lists what clients may call.
func (*valueObject) Methods() []string { return valueClass.listed }

// Call answers one call.
func (v *valueObject) Call(c *Call) (any, error) { return valueMethods.Call(v, c) }

func (*valueObject) class() *class { return valueClass }

func (v *valueObject) load() (typecode, cell any) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.typecode, v.cell
}

func (v *valueObject) eachStored(f func(*storedValue)) {
	typecode, cell := v.load()
	eachStoredOf([]any{typecode, cell}, f)
}

// copyBy returns the Value as a value.
func (v *valueObject) copyBy(p *presenter) (any, func() error) {
	state := &pickle.Dict{}
	out := &pickle.Object{
		Kind: pickle.NewObj, Args: pickle.Tuple{}, State: state, HasState: true,
		Class: pickle.Global{Module: "multiprocessing.managers", Name: "Value"},
	}
	return out, func() error {
		typecode, cell := v.load()
		d := p.call.Dialect()
		code, err := p.present(typecode)
		if err == nil {
			err = state.Set(wire.NativeText("_typecode", d), code)
		}
		if err != nil {
			return err
		}
		shown, err := p.present(cell)
		if err == nil {
			err = state.Set(wire.NativeText("_value", d), shown)
		}
		return err
	}
}

// Value returns the Value as a value.
func (v *valueObject) Value(c *Call) (any, error) { return c.valueOf(v) }

func (v *valueObject) repr(p printer) (string, error) {
	typecode, cell := v.load()
	kind, _, err := p.element(typecode)
	if err != nil {
		return "", err
	}
	code, err := p.text(kind)
	if err != nil {
		return "", err
	}
	held, _, err := p.element(cell)
	if err != nil {
		return "", err
	}
	text, err := p.text(held)
	return fmt.Sprintf("Value(%s, %s)", code, text), err
}

func (v *valueObject) callGet(c *Call) (any, error) {
	_, cell := v.load()
	return c.present(cell)
}

func (v *valueObject) callSet(c *Call) (any, error) {
	cell, err := c.store(c.Value(0))
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.cell, cell = cell, v.cell
	v.mu.Unlock()
	drop(cell)
	return nil, nil
}

var valueSignature = &Signature{Name: "Value.__init__", Required: 2,
	Params: []string{"typecode", "value", "lock"}}

func newValue(c *Call) (Object, error) {
	if err := c.Bind(valueSignature); err != nil {
		return nil, err
	}
	typecode, err := c.store(c.Value(0))
	if err != nil {
		return nil, err
	}
	cell, err := c.store(c.Value(1))
	if err != nil {
		drop(typecode)
		return nil, err
	}
	return &valueObject{typecode: typecode, cell: cell}, nil
}

func (*valueObject) kind() string { return "Value" }

func (v *valueObject) capture() writing {
	_, cell := v.load()
	return cellWriting("set", []any{cell})
}

// reset leaves the value: it is overwritten.
func (*valueObject) reset() {}
