package managers

import (
	"fmt"
	"strings"

	"mpbridge/internal/printable"
	"mpbridge/pickle"
)

// reply is a (kind, payload) message whose payload is still pickled.
type reply struct {
	kind    string
	payload pickle.Raw
}

// parseReply reads a server's reply.
func parseReply(msg []byte) (reply, error) {
	if serializerOf(msg) != Pickle {
		return reply{}, otherSerializer(Pickle)
	}
	doc, err := pickle.ParseRaw(msg)
	if err != nil {
		return reply{}, err
	}
	parts, err := doc.Elements()
	if err != nil || len(parts) != 2 {
		return reply{}, fmt.Errorf("managers: reply is not a (kind, payload) tuple")
	}
	kind, err := text(parts[0])
	if err != nil {
		return reply{}, fmt.Errorf("managers: kind of the reply: %w", err)
	}
	return reply{kind, parts[1]}, nil
}

// result returns what a call returned, or its *RemoteError: convert_to_error in managers.py.
func (r reply) result(method string) (pickle.Raw, error) {
	switch r.kind {
	case kindReturn, kindProxy:
		return r.payload, nil
	case kindError:
		v, err := r.payload.Any()
		if err != nil {
			return pickle.Raw{}, fmt.Errorf("managers: exception raised by %s: %w", method, err)
		}
		if _, lost := v.(*pickle.Dict); lost { // xmlrpclib carries no more than its __dict__
			return pickle.Raw{}, &RemoteError{Method: method, Kind: r.kind, Text: "an exception of unknown class"}
		}
		exc, ok := asException(v)
		if !ok {
			return pickle.Raw{}, fmt.Errorf("managers: %s raised what is no exception", method)
		}
		return pickle.Raw{}, &RemoteError{Method: method, Kind: r.kind, Exception: exc}
	case kindTraceback, kindUnserializable:
		t, err := text(r.payload)
		if err != nil {
			return pickle.Raw{}, fmt.Errorf("managers: traceback of %s: %w", method, err)
		}
		remote := &RemoteError{Method: method, Kind: r.kind, Text: t}
		if r.kind == kindTraceback {
			remote.Exception = exceptionOf(printable.LastLine(t))
		}
		return pickle.Raw{}, remote
	}
	return pickle.Raw{}, fmt.Errorf("managers: reply to %s is of unknown kind %.40q", method, r.kind)
}

// exceptionOf reads the last line of a traceback, "module.Class: text". A class without a module is
// built in. It returns nil for what names no class.
func exceptionOf(line string) *Exception {
	name, message, found := strings.Cut(line, ": ")
	if name == "" || strings.ContainsAny(name, " \t'\"(") {
		return nil
	}
	e := &Exception{Class: pickle.Global{Module: "builtins", Name: name}}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		e.Class = pickle.Global{Module: name[:i], Name: name[i+1:]}
	}
	if found {
		e.Args = []any{message}
	}
	return e
}

// asException returns the exception that v, a decoded value, is.
func asException(v any) (*Exception, bool) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, false
	}
	class, ok := o.Class.(pickle.Global)
	if !ok {
		return nil, false
	}
	args, _ := o.Args.(pickle.Tuple)
	return &Exception{Class: class, Args: args, State: o.State}, true
}

// otherSerializer is the error for a reply that is in another serializer than the client's.
func otherSerializer(want Serializer) error {
	return fmt.Errorf("managers: the manager's serializer is not %q", want)
}
