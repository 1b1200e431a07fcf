package managers

import "fmt"

// Serializer is how the messages between a manager and its clients are laid out: the argument
// serializer of BaseManager in Lib/multiprocessing/managers.py. A manager of Python has one, which its
// clients must know; a Server answers each client in the one that the client uses.
type Serializer string

// Pickle carries everything that can be pickled. It is the default, there as here.
const Pickle Serializer = "pickle"

const (
	// XMLRPC, "xmlrpclib", carries what XML-RPC has a form for: None, bool, int of 32 bits, float, str,
	// bytes, lists, and dicts whose keys are str. A tuple arrives as a list. Proxies cannot be sent or
	// returned. Exceptions lose their class on the way in CPython; our server sends them as a traceback
	// instead, which is a RemoteError in Python.
	XMLRPC Serializer = "xmlrpclib"
)

// Check returns the serializer, Pickle for none, or an error for one that there is not.
func (s Serializer) Check() (Serializer, error) {
	switch s {
	case "":
		return Pickle, nil
	case Pickle, XMLRPC:
		return s, nil
	}
	return s, fmt.Errorf("managers: unknown serializer %q: want %q or %q", s, Pickle, XMLRPC)
}
