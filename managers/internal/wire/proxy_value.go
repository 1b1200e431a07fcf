package wire

import (
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// ProxyValue is a proxy that was found in a decoded value.
type ProxyValue struct {
	Object    *pickle.Object
	Module    string // of managers, where it came from
	Proxytype any
	Token     managers.Token
	Kwds      *pickle.Dict
}

// ProxyOf reads a proxy.
func ProxyOf(v any) (p ProxyValue, ok bool) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return p, false
	}
	module, ok := ManagersModuleOf(o, RebuildProxy.Name)
	if !ok {
		return p, false
	}
	args, ok := o.Args.(pickle.Tuple)
	if !ok || len(args) != 4 {
		return p, false
	}
	token, err := ParseToken(args[1])
	if err != nil {
		return p, false
	}
	p = ProxyValue{Object: o, Module: module, Proxytype: args[0], Token: token}
	p.Kwds, ok = args[3].(*pickle.Dict)
	return p, ok
}

// Name stands for the object in comparisons.
func (p ProxyValue) Name() any {
	return pickle.Global{Module: ManagersModule, Name: "proxy " + p.Token.Ident}
}

// Shown stands for the proxy where a value is shown: AutoProxy makes a class that is named for the typeid.
func (p ProxyValue) Shown() any {
	class := "BaseProxy"
	if g, ok := p.Proxytype.(pickle.Global); ok {
		class = g.Name
	}
	if class == AutoProxy.Name {
		class += "[" + p.Token.Typeid + "]"
	}
	return values.Proxy(class, p.Token.Typeid, p.Token.Ident)
}

// Rebuilt returns the proxy as a client of the given dialect unpickles it, which reaches the server at
// address. The authkey that a proxy may carry to a child process stays behind.
func (p ProxyValue) Rebuilt(t managers.Token, d pickle.Dialect) any {
	kwds := &pickle.Dict{}
	for k, v := range p.Kwds.All() {
		name, _ := pickle.Text(k)
		switch name {
		case "authkey", "manager_owned":
			continue
		case "exposed":
			v = nativeAll(v, d)
		}
		_ = kwds.Set(NativeText(name, d), v) // a string is hashable
	}
	return Rebuilding(p.Module, p.Proxytype, t.Pickled(d), NativeText("pickle", d), kwds)
}

// nativeAll is nativeText for the elements of a tuple.
func nativeAll(v any, d pickle.Dialect) any {
	items, ok := v.(pickle.Tuple)
	if !ok {
		return v
	}
	out := make(pickle.Tuple, len(items))
	for i, it := range items {
		if s, ok := pickle.Text(it); ok {
			it = NativeText(s, d)
		}
		out[i] = it
	}
	return out
}

// Rebuilding is the call that makes a proxy, spelled as a module of managers does.
func Rebuilding(module string, class any, token *pickle.Object, serializer any, kwds *pickle.Dict) *pickle.Object {
	token.Class = pickle.Global{Module: module, Name: TokenName}
	return &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: RebuildProxy.Name},
		Args: pickle.Tuple{class, token, serializer, kwds},
	}
}
