package wire

import (
	"slices"
	"strings"

	"mpbridge/pickle"
)

// ManagersModule is the standard library's module of managers: see ManagersModules.
const ManagersModule = "multiprocessing.managers"

// A proxy inside a value is a call of RebuildProxy: BaseProxy.__reduce__ in
// Lib/multiprocessing/managers.py.
//
//	RebuildProxy(proxytype, token, serializer, kwds)
var (
	RebuildProxy = pickle.Global{Module: ManagersModule, Name: "RebuildProxy"}
	AutoProxy    = pickle.Global{Module: ManagersModule, Name: "AutoProxy"}
)

// proxyClass is one of SyncManager's proxy classes and the methods by which an object is known to have
// it: those that it exposes in every release, and those that only some releases do.
// Source: the _exposed_ of the classes in Lib/multiprocessing/managers.py, 2.7 to 3.15.
type proxyClass struct {
	name          string
	always, maybe []string
}

// attributes are the methods by which a Namespace is used.
const attributes = "__delattr__ __getattribute__ __setattr__"

// proxyClasses leaves two classes out: SetProxy, which releases before 3.14 cannot load, and
// IteratorProxy, whose objects nobody sends.
var proxyClasses = []proxyClass{
	newProxyClass("ListProxy",
		"__add__ __contains__ __delitem__ __getitem__ __imul__ __len__ __mul__ __reversed__ __rmul__ "+
			"__setitem__ append count extend index insert pop remove reverse sort",
		"__delslice__ __getslice__ __setslice__ clear copy"),
	newProxyClass("DictProxy",
		"__contains__ __delitem__ __getitem__ __iter__ __len__ __setitem__ clear copy get items keys pop "+
			"popitem setdefault update values",
		"has_key fromkeys __ior__ __or__ __ror__ __reversed__"),
	newProxyClass("ArrayProxy", "__getitem__ __len__ __setitem__", "__getslice__ __setslice__"),
	newProxyClass("NamespaceProxy", "", attributes), // servers of ours list none of them
	newProxyClass("BarrierProxy", "abort reset wait", "__getattribute__"),
	newProxyClass("ValueProxy", "get set", ""),
	newProxyClass("EventProxy", "clear is_set set wait", ""),
	newProxyClass("AcquirerProxy", "acquire release", "locked"),
	newProxyClass("ConditionProxy", "acquire notify notify_all release wait", "locked"),
}

func newProxyClass(name, always, maybe string) proxyClass {
	return proxyClass{name, strings.Fields(always), strings.Fields(maybe)}
}

// fits reports whether an object with these methods has the class's proxy.
func (k proxyClass) fits(methods []string) bool {
	for _, m := range k.always {
		if !slices.Contains(methods, m) {
			return false
		}
	}
	for _, m := range methods {
		if !slices.Contains(k.always, m) && !slices.Contains(k.maybe, m) {
			return false
		}
	}
	return true
}

// ClassOf returns the proxy class of an object with these methods. Releases before 3.9 cannot store an
// AutoProxy in an object of its own server, so a class is named where one fits.
func ClassOf(methods []string) pickle.Global {
	for _, k := range proxyClasses {
		if k.fits(methods) {
			return pickle.Global{Module: ManagersModule, Name: k.name}
		}
	}
	return AutoProxy
}

// TokenName is the class of a Token in each of managersModules.
const TokenName = "Token"
