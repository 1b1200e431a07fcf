package values

import "mpbridge/pickle"

// Proxy returns what stands for a proxy in a value that is shown by Repr: its text is that of
// BaseProxy.__repr__ in Lib/multiprocessing/managers.py. The ident says which object it is a proxy of; the
// address in the text follows from it, and from nothing in memory.
func Proxy(class, typeid, ident string) pickle.Global {
	quoted, err := Repr(typeid, ReprStyle{})
	if err != nil { // too long to be shown
		quoted = "..."
	}
	return Placeholder("<" + class + " object, typeid " + quoted + " at " + address(ident) + ">")
}

// Placeholder returns a value whose Repr is text.
func Placeholder(text string) pickle.Global {
	return pickle.Global{Module: proxyModule, Name: text}
}
