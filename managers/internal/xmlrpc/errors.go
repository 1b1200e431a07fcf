package xmlrpc

import (
	"fmt"

	"mpbridge/pickle"
)

// Error is what CPython's xmlrpc.client raises in the same place.
type Error struct {
	// Exception is the class as the last line of a traceback names it, such as "OverflowError".
	Exception string
	// Text is str() of the exception.
	Text string
}

// Error is the exception as the last line of a traceback shows it.
func (e *Error) Error() string {
	if e.Text == "" {
		return e.Exception
	}
	return e.Exception + ": " + e.Text
}

// The errors of Marshaller in Lib/xmlrpc/client.py whose text does not vary.
var (
	// ErrIntLimits is for integers that do not fit 32 bits.
	ErrIntLimits = &Error{"OverflowError", "int exceeds XML-RPC limits"}
	// ErrKey is for dicts with a key that is no str.
	ErrKey = &Error{"TypeError", "dictionary key must be string"}
	// ErrRecursiveList is for lists that contain themselves.
	ErrRecursiveList = &Error{"TypeError", "cannot marshal recursive sequences"}
	// ErrRecursiveDict is for dicts that contain themselves.
	ErrRecursiveDict = &Error{"TypeError", "cannot marshal recursive dictionaries"}
	// ErrBoolean is for a boolean that is neither 0 nor 1.
	ErrBoolean = &Error{"TypeError", "bad boolean value"}
	// ErrResponse is for XML that is no XML-RPC.
	ErrResponse = &Error{"xmlrpc.client.ResponseError", ""}
)

// errUnsupported is for values that XML-RPC has no form for.
func errUnsupported(v any) error {
	return &Error{"TypeError", fmt.Sprintf("cannot marshal <class '%s'> objects", pickle.TypeName(v))}
}

func errSyntax(text string) error {
	return &Error{"xml.parsers.expat.ExpatError", text}
}

// LimitError says that a limit was exceeded.
type LimitError struct {
	What  string
	Limit int
}

// Error names the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("xmlrpc: more than %d %s", e.Limit, e.What)
}

// Fault is a message that says of itself that it is an error: xmlrpc.client.Fault. Managers send none.
type Fault struct {
	Code   any
	String any
}

// Error shows the fault.
func (f *Fault) Error() string {
	return fmt.Sprintf("xmlrpc.client.Fault: <Fault %.40v: %.200q>", f.Code, fmt.Sprint(f.String))
}
