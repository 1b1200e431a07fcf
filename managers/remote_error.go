package managers

import (
	"fmt"

	"mpbridge/internal/printable"
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

// Error names the method and the exception. What the manager said is cut, and what is not printable shown by its number;
// the fields have it as it came.
func (e *RemoteError) Error() string { return printable.Lines(e.text(), maxErrorText) }

func (e *RemoteError) text() string {
	switch {
	case e.Exception != nil:
		return fmt.Sprintf("managers: %s: %s", e.Method, e.Exception.Error())
	case e.Kind == "#UNSERIALIZABLE":
		return fmt.Sprintf("managers: %s: the result cannot be pickled: %s", e.Method, printable.LastLine(e.Text))
	}
	return fmt.Sprintf("managers: %s: %s", e.Method, printable.LastLine(e.Text))
}

// Unwrap returns the exception, if there is one.
func (e *RemoteError) Unwrap() error {
	if e.Exception == nil {
		return nil
	}
	return e.Exception
}

// maxErrorText bounds what an error shows of a peer's words, in bytes.
const maxErrorText = 4 << 10
