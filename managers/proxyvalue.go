package managers

import (
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// proxyValue is a proxy that was found in a decoded value.
type proxyValue struct {
	object    *pickle.Object
	module    string // of managers, where it came from
	proxytype any
	token     Token
	kwds      *pickle.Dict
}

// proxyOf reads a proxy.
func proxyOf(v any) (p proxyValue, ok bool) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return p, false
	}
	module, ok := managersModuleOf(o, rebuildProxy.Name)
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
	p = proxyValue{object: o, module: module, proxytype: args[0], token: token}
	p.kwds, ok = args[3].(*pickle.Dict)
	return p, ok
}

// name stands for the object in comparisons.
func (p proxyValue) name() any {
	return pickle.Global{Module: managersModule, Name: "proxy " + p.token.Ident}
}

// shown stands for the proxy where a value is shown: AutoProxy makes a class that is named for the typeid.
func (p proxyValue) shown() any {
	class := "BaseProxy"
	if g, ok := p.proxytype.(pickle.Global); ok {
		class = g.Name
	}
	if class == autoProxy.Name {
		class += "[" + p.token.Typeid + "]"
	}
	return values.Proxy(class, p.token.Typeid, p.token.Ident)
}

// rebuilt returns the proxy as a client of the given dialect unpickles it, which reaches the server at
// address. The authkey that a proxy may carry to a child process stays behind.
func (p proxyValue) rebuilt(t Token, d pickle.Dialect) any {
	kwds := &pickle.Dict{}
	for k, v := range p.kwds.All() {
		name, _ := pickle.Text(k)
		switch name {
		case "authkey", "manager_owned":
			continue
		case "exposed":
			v = nativeAll(v, d)
		}
		_ = kwds.Set(nativeText(name, d), v) // a string is hashable
	}
	return rebuilding(p.module, p.proxytype, t.Pickled(d), nativeText("pickle", d), kwds)
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
			it = nativeText(s, d)
		}
		out[i] = it
	}
	return out
}

// rebuilding is the call that makes a proxy, spelled as a module of managers does.
func rebuilding(module string, class any, token *pickle.Object, serializer any, kwds *pickle.Dict) *pickle.Object {
	token.Class = pickle.Global{Module: module, Name: tokenName}
	return &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: rebuildProxy.Name},
		Args: pickle.Tuple{class, token, serializer, kwds},
	}
}
