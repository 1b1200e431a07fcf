package server

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// namespace is Namespace of Lib/multiprocessing/managers.py: an object with attributes and nothing
// else.
type namespace struct {
	mu    sync.RWMutex
	attrs keyed
}

var namespaceMethods = Methods[*namespace]{
	"__getattribute__": builtin(everyone, "Namespace.__getattribute__", (*namespace).callGet, 1, 1),
	"__setattr__":      builtin(workers, "Namespace.__setattr__", (*namespace).callSet, 2, 2),
	"__delattr__":      builtin(workers, "Namespace.__delattr__", (*namespace).callDelete, 1, 1),
}

var namespaceClass = describe(description[*namespace]{
	kind: "Namespace", methods: namespaceMethods, value: everyone, saved: saveContents,
	observe: unobserved[*namespace],
	typeid:  "Namespace", create: Type{New: newNamespace},
	flag: Flag{"namespace", "NAME[=JSON]", "a namespace"},
})

// Python lists them in this order.

// Methods lists what clients may call.
func (*namespace) Methods() []string { return namespaceClass.listed }

// Call answers one call.
func (n *namespace) Call(c *Call) (any, error) { return namespaceMethods.Call(n, c) }

func (*namespace) class() *class { return namespaceClass }

func (n *namespace) eachStored(f func(*storedValue)) {
	for _, s := range n.slots() {
		eachStoredOf([]any{s.value}, f)
	}
}

func (n *namespace) slots() []slot {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.attrs.all(maxItems)
}

// copyBy returns the namespace as a value: an instance with its attributes as state.
func (n *namespace) copyBy(p *presenter) (any, func() error) {
	state := &pickle.Dict{}
	out := &pickle.Object{
		Kind: pickle.NewObj, Args: pickle.Tuple{}, State: state, HasState: true,
		Class: pickle.Global{Module: "multiprocessing.managers", Name: "Namespace"},
	}
	return out, func() error {
		for _, s := range n.slots() {
			v, err := p.present(s.value)
			if err == nil {
				err = state.Set(wire.NativeText(s.key.(string), p.call.Dialect()), v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// Value returns the namespace as a value.
func (n *namespace) Value(c *Call) (any, error) { return c.valueOf(n) }

// repr shows the attributes whose names have no underscore in front, in order.
func (n *namespace) repr(p printer) (string, error) {
	slots := n.slots()
	slices.SortFunc(slots, func(a, b slot) int { return cmp.Compare(a.key.(string), b.key.(string)) })
	var parts []string
	length := 0
	for _, s := range slots {
		name := s.key.(string)
		if strings.HasPrefix(name, "_") {
			continue
		}
		if length += len(name); p.cut > 0 && length > p.cut {
			parts = append(parts, name)
			break
		}
		m := p.budget().Mark()
		v, _, err := p.element(s.value)
		if err != nil {
			return "", err
		}
		text, err := p.text(v)
		if err != nil {
			return "", err
		}
		p.budget().Free(m)
		if err := p.budget().Make(1, int64(2*(len(name)+len(text)))); err != nil {
			return "", err
		}
		length += len(text)
		parts = append(parts, name+"="+text)
	}
	return "Namespace(" + strings.Join(parts, ", ") + ")", nil
}

// attribute reads the name that the call is about.
func (c *Call) attribute() (string, error) {
	v, err := c.open(c.Value(0))
	if err != nil {
		return "", err
	}
	if name, ok := values.Text(v); ok {
		return name, c.encodable(v, name)
	}
	return "", managers.ErrTypeError.New("attribute name must be string, not '" + values.TypeName(v) + "'")
}

// encodable is the error of Python 2 for a name that is unicode and not ASCII: its attributes have names that are str.
func (c *Call) encodable(v any, name string) error {
	if _, native := v.(pickle.ByteString); native || !c.Dialect().NativeBytes {
		return nil
	}
	at, end := 0, 0
	for i, r := range []rune(name) {
		if r >= utf8.RuneSelf && end == 0 {
			at, end = i, i+1
		} else if r >= utf8.RuneSelf && end == i {
			end = i + 1
		}
	}
	if end == 0 {
		return nil
	}
	return managers.NewExceptionClass("builtins", "UnicodeEncodeError").New(pickle.ByteString("ascii"), name,
		int64(at), int64(end), pickle.ByteString("ordinal not in range(128)"))
}

// look returns the cell of an attribute.
func (n *namespace) look(name string) (cell any, ok bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	s := n.attrs.find(name)
	if s == nil {
		return nil, false
	}
	return s.value, true
}

func (n *namespace) callGet(c *Call) (any, error) {
	name, err := c.attribute()
	if err != nil {
		return nil, err
	}
	cell, ok := n.look(name)
	if !ok {
		return nil, noAttribute("Namespace", name)
	}
	return c.present(cell)
}

func (n *namespace) callSet(c *Call) (any, error) {
	name, err := c.attribute()
	if err != nil {
		return nil, err
	}
	cell, err := c.store(c.Value(1))
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	old := n.attrs.set(name, name, cell)
	n.mu.Unlock()
	drop(old...)
	return nil, nil
}

func (n *namespace) callDelete(c *Call) (any, error) {
	name, err := c.attribute()
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	s, ok := n.attrs.remove(name)
	n.mu.Unlock()
	if !ok {
		return nil, noAttribute("Namespace", name)
	}
	drop(s.value)
	return nil, nil
}

func newNamespace(c *Call) (Object, error) {
	if len(c.Args()) > 0 {
		return nil, (&Signature{Name: "Namespace.__init__"}).tooMany(len(c.Args()))
	}
	n := &namespace{attrs: newKeyed()}
	for _, kw := range c.Kwargs() {
		cell, err := c.store(kw.Value)
		if err != nil {
			return nil, err
		}
		n.attrs.set(string(kw.Name), string(kw.Name), cell)
	}
	return n, nil
}

func (*namespace) kind() string { return "Namespace" }

func (n *namespace) capture() writing { return slotWriting("__setattr__", n.slots()) }

func (n *namespace) reset() {
	n.mu.Lock()
	old := n.attrs.clear()
	n.mu.Unlock()
	drop(old...)
}
