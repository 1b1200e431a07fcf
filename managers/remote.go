package managers

import (
	"fmt"
	"strings"

	"mpbridge/internal/printable"
	"mpbridge/pickle"
)

// RemoteError is what a manager answered instead of a result.
//
// errors.Is and errors.As find the Exception in it, so that errors.Is(err, ErrEmpty) tells an empty
// queue.
type RemoteError struct {
	// Method is the function or method that was called.
	Method string
	// Kind is the kind of the reply: #ERROR where the method raised, #TRACEBACK where the request
	// itself failed, #UNSERIALIZABLE where the result could not be pickled.
	Kind string
	// Exception is what was raised; with #TRACEBACK what its last line names; else nil, and with #ERROR
	// from a manager of Python whose serializer is XMLRPC, which does not carry it.
	Exception *Exception
	// Text is the server's traceback; empty with an Exception of #ERROR, for Python sends none.
	Text string
}

// maxErrorText bounds what an error shows of a peer's words, in bytes.
const maxErrorText = 4 << 10

// Error names the method and the exception. What the manager said is cut, and what is not printable shown by its number;
// the fields have it as it came.
func (e *RemoteError) Error() string { return printable.Lines(e.text(), maxErrorText) }

func (e *RemoteError) text() string {
	switch {
	case e.Exception != nil:
		return fmt.Sprintf("managers: %s: %s", e.Method, e.Exception.Error())
	case e.Kind == kindUnserializable:
		return fmt.Sprintf("managers: %s: the result cannot be pickled: %s", e.Method, lastLine(e.Text))
	}
	return fmt.Sprintf("managers: %s: %s", e.Method, lastLine(e.Text))
}

// Unwrap returns the exception, if there is one.
func (e *RemoteError) Unwrap() error {
	if e.Exception == nil {
		return nil
	}
	return e.Exception
}

// ResultError says that a call was made, and that its result is no value of the Go type that was asked for, or
// cannot be decoded. What the method took away from its object, as pop does, is in it. errors.As finds the
// *pickle.TypeError in it.
type ResultError struct {
	// Method is what was called.
	Method string
	// Raw is the result, still pickled.
	Raw pickle.Raw
	// Err says what is wrong with it.
	Err error
}

// Error says what is wrong with the result.
func (e *ResultError) Error() string {
	return fmt.Sprintf("managers: the result of %s: %v", e.Method, e.Err)
}

// Unwrap returns Err.
func (e *ResultError) Unwrap() error { return e.Err }

// resultError is what is wrong with a result, if something is.
func resultError(method string, r pickle.Raw, err error) error {
	if err == nil {
		return nil
	}
	return &ResultError{Method: method, Raw: r, Err: err}
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
			remote.Exception = exceptionOf(lastLine(t))
		}
		return pickle.Raw{}, remote
	}
	return pickle.Raw{}, fmt.Errorf("managers: reply to %s is of unknown kind %.40q", method, r.kind)
}

func lastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
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
