package managers

import (
	"context"
	"iter"
	"strings"
)

// ValueProxy is a Value in a manager: one value of any type. The typecode that it was made with is not
// looked at, as in Python.
type ValueProxy struct {
	*Proxy
}

// Value makes a Value, or finds a shared one. The arguments are a typecode and the value.
func (c *Client) Value(ctx context.Context, typeid string, args ...any) (*ValueProxy, error) {
	return create(ctx, c, typeid, args, AsValue)
}

// AsValue wraps the proxy of a Value.
func AsValue(p *Proxy) *ValueProxy { return &ValueProxy{p} }

// Get returns the value.
func (v *ValueProxy) Get(ctx context.Context) (any, error) { return v.Call(ctx, "get") }

// GetInto stores the value in what dst points to, as pickle.Unmarshal does.
func (v *ValueProxy) GetInto(ctx context.Context, dst any) error {
	return v.CallInto(ctx, dst, "get")
}

// Set replaces the value.
func (v *ValueProxy) Set(ctx context.Context, value any) error { return v.do(ctx, "set", value) }

// ArrayProxy is an Array in a manager: an array.array, whose elements are numbers of one C type.
type ArrayProxy struct {
	*Proxy
}

// Array makes an Array, or finds a shared one. The arguments are a typecode of Python's array module
// and the elements.
func (c *Client) Array(ctx context.Context, typeid string, args ...any) (*ArrayProxy, error) {
	return create(ctx, c, typeid, args, AsArray)
}

// AsArray wraps the proxy of an Array.
func AsArray(p *Proxy) *ArrayProxy { return &ArrayProxy{p} }

// Get returns the element at index i, or fails with ErrIndexError.
func (a *ArrayProxy) Get(ctx context.Context, i int) (any, error) {
	return a.Call(ctx, "__getitem__", i)
}

// GetInto is Get and stores the element in what dst points to, as pickle.Unmarshal does.
func (a *ArrayProxy) GetInto(ctx context.Context, i int, dst any) error {
	return a.CallInto(ctx, dst, "__getitem__", i)
}

// Set replaces the element at index i. ErrIndexError, ErrTypeError and Python's OverflowError say that
// there is none, or that v is no such number.
func (a *ArrayProxy) Set(ctx context.Context, i int, v any) error {
	return a.do(ctx, "__setitem__", i, v)
}

// Len returns the number of elements.
func (a *ArrayProxy) Len(ctx context.Context) (int, error) { return a.count(ctx, "__len__") }

// All yields the elements, one call each. An error is the last that it yields.
func (a *ArrayProxy) All(ctx context.Context) iter.Seq2[any, error] { return allItems(ctx, a.Get) }

// NamespaceProxy is a Namespace in a manager: an object for attributes. As with Python's proxy, names
// that begin with "_" are not the namespace's; they fail with ErrAttributeError.
type NamespaceProxy struct {
	*Proxy
}

// Namespace makes a Namespace, or finds a shared one. A last argument of type Kwargs sets attributes.
func (c *Client) Namespace(ctx context.Context, typeid string, args ...any) (*NamespaceProxy, error) {
	return create(ctx, c, typeid, args, AsNamespace)
}

// AsNamespace wraps the proxy of a Namespace.
func AsNamespace(p *Proxy) *NamespaceProxy { return &NamespaceProxy{p} }

// Get returns an attribute, or fails with ErrAttributeError.
func (n *NamespaceProxy) Get(ctx context.Context, name string) (any, error) {
	if err := publicName(name); err != nil {
		return nil, err
	}
	return n.Call(ctx, "__getattribute__", n.native(name))
}

// GetInto is Get and stores the attribute in what dst points to, as pickle.Unmarshal does.
func (n *NamespaceProxy) GetInto(ctx context.Context, name string, dst any) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.CallInto(ctx, dst, "__getattribute__", n.native(name))
}

// Set sets an attribute.
func (n *NamespaceProxy) Set(ctx context.Context, name string, v any) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.do(ctx, "__setattr__", n.native(name), v)
}

// Delete removes an attribute, or fails with ErrAttributeError.
func (n *NamespaceProxy) Delete(ctx context.Context, name string) error {
	if err := publicName(name); err != nil {
		return err
	}
	return n.do(ctx, "__delattr__", n.native(name))
}

// native returns a name as the manager's native string, of which attributes have to be.
func (n *NamespaceProxy) native(name string) any { return nativeText(name, n.client.dialect) }

func publicName(name string) error {
	if name == "" || strings.HasPrefix(name, "_") {
		return Raise(ErrAttributeError, "not an attribute that is shared: "+name)
	}
	return nil
}
