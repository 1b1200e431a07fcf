package reduction

import (
	"mpbridge/connection"
	"mpbridge/pickle"
)

// Family says for whom a Sharer pickles: the two have no common form.
type Family uint8

// The families of Python.
const (
	Python3 Family = iota // and Go
	Python2
)

// fdForm is the pickled form of a bare descriptor: what DupFd in resource_sharer.py makes, or what
// Python 2's reduce_handle returns.
func (f Family) fdForm(at connection.Address, key int64) any {
	if f == Python2 {
		// Bytes become the str that Python 2 needs, whatever the protocol and however often the
		// pickle is rewritten on its way; texts become unicode, which it takes for no address.
		return pickle.Tuple{[]byte(at.Pickled(true).(pickle.ByteString)), key, false}
	}
	return &pickle.Object{
		Kind:     pickle.NewObj,
		Class:    pickle.Global{Module: moduleSharer, Name: "DupFd"},
		Args:     pickle.Tuple{},
		State:    pickle.NewDict("_id", pickle.Tuple{at.Pickled(false), key}),
		HasState: true,
	}
}

// socketForm is what _reduce_socket returns, or Python 2's reduce_socket.
func (f Family) socketForm(fd any, s socketInfo) any {
	name := "_rebuild_socket"
	if f == Python2 {
		name = "rebuild_socket"
	}
	return call(moduleReduction, name, fd, s.family, s.kind, s.proto)
}

// connectionForm is what reduce_connection returns.
func (f Family) connectionForm(fd any, readable, writable bool) any {
	module := moduleConnection
	if f == Python2 {
		module = moduleReduction
	}
	return call(module, "rebuild_connection", fd, readable, writable)
}

func call(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name},
		Args: pickle.Tuple(args),
	}
}

// The modules in whose names the forms are spelled.
const (
	moduleSharer     = "multiprocessing.resource_sharer"
	moduleReduction  = "multiprocessing.reduction"
	moduleConnection = "multiprocessing.connection"
)

// socketInfo is what Python's socket() is told about a descriptor.
type socketInfo struct{ family, kind, proto int64 }
