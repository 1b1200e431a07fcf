package client

import (
	"context"
	"iter"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
)

// Value is a Value in a manager: one value of any type. The typecode that it was made with is not
// looked at, as in Python.
type Value struct {
	*Proxy
}

// OpenValue makes a Value, or finds a shared one. The arguments are a typecode and the value.
func (c *Client) OpenValue(ctx context.Context, typeid string, args ...any) (*Value, error) {
	return create(ctx, c, typeid, args, AsValue)
}

// AsValue wraps the proxy of a Value.
func AsValue(p *Proxy) *Value { return &Value{p} }

// Get returns the value.
func (v *Value) Get(ctx context.Context) (any, error) { return v.Call(ctx, "get") }

// GetInto stores the value in what dst points to, as pickle.Unmarshal does.
func (v *Value) GetInto(ctx context.Context, dst any) error {
	return v.CallInto(ctx, dst, "get")
}

// Set replaces the value.
func (v *Value) Set(ctx context.Context, value any) error { return v.do(ctx, "set", value) }

// Array is an Array in a manager: an array.array, whose elements are numbers of one C type.
type Array struct {
	*Proxy
}

// OpenArray makes an Array, or finds a shared one. The arguments are a typecode of Python's array module
// and the elements.
func (c *Client) OpenArray(ctx context.Context, typeid string, args ...any) (*Array, error) {
	return create(ctx, c, typeid, args, AsArray)
}

// AsArray wraps the proxy of an Array.
func AsArray(p *Proxy) *Array { return &Array{p} }

// Get returns the element at index i, or fails with ErrIndexError.
func (a *Array) Get(ctx context.Context, i int) (any, error) {
	return a.Call(ctx, "__getitem__", i)
}

// GetInto is Get and stores the element in what dst points to, as pickle.Unmarshal does.
func (a *Array) GetInto(ctx context.Context, i int, dst any) error {
	return a.CallInto(ctx, dst, "__getitem__", i)
}

// Set replaces the element at index i. ErrIndexError, ErrTypeError and Python's OverflowError say that
// there is none, or that v is no such number.
func (a *Array) Set(ctx context.Context, i int, v any) error {
	return a.do(ctx, "__setitem__", i, v)
}

// Len returns the number of elements.
func (a *Array) Len(ctx context.Context) (int, error) { return a.count(ctx, "__len__") }

// All yields the elements, one call each. An error is the last that it yields.
func (a *Array) All(ctx context.Context) iter.Seq2[any, error] { return allItems(ctx, a.Get) }

// Namespace is a Namespace in a manager: an object for attributes. As with Python's proxy, names
// that begin with "_" are not the namespace's; they fail with ErrAttributeError.
type Namespace struct {
	*Proxy
}

// OpenNamespace makes a Namespace, or finds a shared one. A last argument of type Kwargs sets attributes.
func (c *Client) OpenNamespace(ctx context.Context, typeid string, args ...any) (*Namespace, error) {
	return create(ctx, c, typeid, args, AsNamespace)
}

// AsNamespace wraps the proxy of a Namespace.
func AsNamespace(p *Proxy) *Namespace { return &Namespace{p} }

// Get returns an attribute, or fails with ErrAttributeError.
func (n *Namespace) Get(ctx context.Context, name string) (any, error) {
	if err := publicName(name); err != nil {
		return nil, err
	}
	return n.Call(ctx, "__getattribute__", n.native(name))
}

// GetInto is Get and stores the attribute in what dst points to, as pickle.Unmarshal does.
func (n *Namespace) GetInto(ctx context.Context, name string, dst any) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.CallInto(ctx, dst, "__getattribute__", n.native(name))
}

// Set sets an attribute.
func (n *Namespace) Set(ctx context.Context, name string, v any) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.do(ctx, "__setattr__", n.native(name), v)
}

// Delete removes an attribute, or fails with ErrAttributeError.
func (n *Namespace) Delete(ctx context.Context, name string) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.do(ctx, "__delattr__", n.native(name))
}

// native returns a name as the manager's native string, of which attributes have to be.
func (n *Namespace) native(name string) any { return wire.NativeText(name, n.client.dialect) }

func publicName(name string) error {
	if name == "" || strings.HasPrefix(name, "_") {
		return managers.ErrAttributeError.New("not an attribute that is shared: " + name)
	}
	return nil
}
