package wire

import (
	"fmt"
	"strings"

	"mpbridge/internal/printable"
	"mpbridge/managers"
	"mpbridge/pickle"
)

// Reply is a (kind, payload) message whose payload is still pickled.
type Reply struct {
	Kind    string
	Payload pickle.Raw
}

// ParseReply reads a server's reply.
func ParseReply(msg []byte) (Reply, error) {
	if SerializerOf(msg) != managers.Pickle {
		return Reply{}, otherSerializer(managers.Pickle)
	}
	doc, err := pickle.ParseRaw(msg)
	if err != nil {
		return Reply{}, err
	}
	parts, err := doc.Elements()
	if err != nil || len(parts) != 2 {
		return Reply{}, fmt.Errorf("managers: reply is not a (kind, payload) tuple")
	}
	kind, err := Text(parts[0])
	if err != nil {
		return Reply{}, fmt.Errorf("managers: kind of the reply: %w", err)
	}
	return Reply{kind, parts[1]}, nil
}

// Result returns what a call returned, or its *RemoteError: convert_to_error in managers.py.
func (r Reply) Result(method string) (pickle.Raw, error) {
	switch r.Kind {
	case KindReturn, KindProxy:
		return r.Payload, nil
	case KindError:
		v, err := r.Payload.Any()
		if err != nil {
			return pickle.Raw{}, fmt.Errorf("managers: exception raised by %s: %w", method, err)
		}
		if _, lost := v.(*pickle.Dict); lost { // xmlrpclib carries no more than its __dict__
			return pickle.Raw{}, &managers.RemoteError{Method: method, Kind: r.Kind, Text: "an exception of unknown class"}
		}
		exc, ok := ExceptionOf(v)
		if !ok {
			return pickle.Raw{}, fmt.Errorf("managers: %s raised a value that is not an exception", method)
		}
		return pickle.Raw{}, &managers.RemoteError{Method: method, Kind: r.Kind, Exception: exc}
	case KindTraceback, KindUnserializable:
		t, err := Text(r.Payload)
		if err != nil {
			return pickle.Raw{}, fmt.Errorf("managers: traceback of %s: %w", method, err)
		}
		remote := &managers.RemoteError{Method: method, Kind: r.Kind, Text: t}
		if r.Kind == KindTraceback {
			remote.Exception = exceptionOf(printable.LastLine(t))
		}
		return pickle.Raw{}, remote
	}
	return pickle.Raw{}, fmt.Errorf("managers: reply to %s is of unknown kind %.40q", method, r.Kind)
}

// exceptionOf reads the last line of a traceback, "module.Class: text". A class without a module is
// built in. It returns nil for what names no class.
func exceptionOf(line string) *managers.Exception {
	name, message, found := strings.Cut(line, ": ")
	if name == "" || strings.ContainsAny(name, " \t'\"(") {
		return nil
	}
	e := &managers.Exception{Class: pickle.Global{Module: "builtins", Name: name}}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		e.Class = pickle.Global{Module: name[:i], Name: name[i+1:]}
	}
	if found {
		e.Args = []any{message}
	}
	return e
}

// ExceptionOf returns the exception that v, a decoded value, is.
func ExceptionOf(v any) (*managers.Exception, bool) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, false
	}
	class, ok := o.Class.(pickle.Global)
	if !ok {
		return nil, false
	}
	args, _ := o.Args.(pickle.Tuple)
	return &managers.Exception{Class: class, Args: args, State: o.State}, true
}

// otherSerializer is the error for a reply that is in another serializer than the client's.
func otherSerializer(want managers.Serializer) error {
	return fmt.Errorf("managers: the manager's serializer is not %q", want)
}
