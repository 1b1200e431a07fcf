package managers

import (
	"errors"
	"slices"
	"strings"

	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// Exception is an instance of a Python exception class. A method that returns one as its error raises
// it in the client; a client's call that raised returns one inside a *RemoteError.
//
// errors.Is(err, ErrLookupError) is what isinstance is in Python: it compares classes, not arguments, knows
// which of builtins and the standard library derive from which, and that Python spells some of them in more
// than one way. Of a program's own classes the bases do not travel: they are themselves and an
// ErrException, no more.
type Exception struct {
	Class pickle.Global
	Args  []any
	State any // the instance's __dict__ where it travelled; usually nil
}

// The exceptions that queues and their clients raise.
var (
	ErrEmpty = NewException("queue", "Empty")
	ErrFull  = NewException("queue", "Full")
	// ErrShutDown is queue.ShutDown. Pythons before 3.13 do not have it and get an EOFError: what they
	// raise where a manager is gone, and nothing more can come.
	ErrShutDown = NewException("queue", "ShutDown")

	ErrKeyError       = NewException("builtins", "KeyError")
	ErrIndexError     = NewException("builtins", "IndexError")
	ErrValueError     = NewException("builtins", "ValueError")
	ErrTypeError      = NewException("builtins", "TypeError")
	ErrAttributeError = NewException("builtins", "AttributeError")
	ErrRuntimeError   = NewException("builtins", "RuntimeError")
	ErrNotImplemented = NewException("builtins", "NotImplementedError")
	ErrStopIteration  = NewException("builtins", "StopIteration")
	ErrEOFError       = NewException("builtins", "EOFError")
	ErrMemoryError    = NewException("builtins", "MemoryError")
	ErrOverflowError  = NewException("builtins", "OverflowError")
	ErrFileNotFound   = NewException("builtins", "FileNotFoundError")
	ErrPermission     = NewException("builtins", "PermissionError")
	ErrTimeoutError   = NewException("multiprocessing.context", "TimeoutError")
	ErrBrokenBarrier  = NewException("threading", "BrokenBarrierError")

	ErrException       = NewException("builtins", "Exception")
	ErrArithmeticError = NewException("builtins", "ArithmeticError")
	ErrAssertionError  = NewException("builtins", "AssertionError")
	ErrConnectionError = NewException("builtins", "ConnectionError")
	ErrImportError     = NewException("builtins", "ImportError")
	ErrLookupError     = NewException("builtins", "LookupError")
	ErrOSError         = NewException("builtins", "OSError") // IOError and EnvironmentError, too
	ErrUnicodeError    = NewException("builtins", "UnicodeError")
	ErrZeroDivision    = NewException("builtins", "ZeroDivisionError")
)

// ErrThread is what threading.ThreadError is: thread.error in Python 2, where it is a class of its own;
// _thread.error in Python 3, where that is RuntimeError.
var ErrThread = NewException("_thread", "error")

// NewException returns an exception class of the client's own, for Raise and errors.Is: the one that the
// client imports as module.name. A client that cannot import it fails to read the reply. Classes of builtins
// that are missing in some Python arrive there as one that it has: see ErrShutDown.
func NewException(module, name string) *Exception {
	return &Exception{Class: pickle.Global{Module: module, Name: name}}
}

// Raise returns an instance of the exception class that like is, with arguments of its own.
func Raise(like *Exception, args ...any) *Exception {
	return &Exception{Class: like.Class, Args: args}
}

// Error is the exception as the last line of a Python traceback shows it.
func (e *Exception) Error() string { return pickle.ExceptionText(e.Class, e.Args) }

// ExceptionClass returns Class.
func (e *Exception) ExceptionClass() pickle.Global { return e.Class }

// Is tells whether the exception is an instance of target's class: of that class, or of one that derives
// from it, as far as pickle.ExceptionIs knows.
func (e *Exception) Is(target error) bool {
	t, ok := target.(pickle.ExceptionClasser)
	return ok && pickle.ExceptionIs(e.Class, e.Args, t.ExceptionClass())
}

// AsException returns the exception that an error is to a client, or nil where it is none.
func AsException(err error) *Exception {
	if exc := (*Exception)(nil); errors.As(err, &exc) {
		return exc
	}
	if exc := overspent(err); exc != nil {
		return exc
	}
	if v := (*values.Error)(nil); errors.As(err, &v) {
		module, name, qualified := strings.Cut(v.Class, ".")
		if !qualified {
			module, name = "builtins", v.Class
		}
		return Raise(NewException(module, name), v.Text)
	}
	return nil
}

// Native returns the exception with its texts as strings that are native to Python 2, where d is of
// that kind: repr and str(KeyError) tell the two kinds apart.
func (e *Exception) Native(d pickle.Dialect) *Exception {
	if !d.NativeBytes {
		return e
	}
	out := *e
	out.Args = slices.Clone(e.Args)
	for i, a := range out.Args {
		if text, ok := a.(string); ok {
			out.Args[i] = d.Text(text)
		}
	}
	return &out
}

// MarshalPickle gives the form in which BaseException.__reduce__ pickles an instance, or, for a class
// that not every Python has, one that every Python can load.
func (e *Exception) MarshalPickle() (any, error) {
	class := loadable(e.Class, len(e.Args) == 0)
	o := &pickle.Object{Kind: pickle.Reduce, Class: class, Args: pickle.Tuple(e.Args)}
	if e.State != nil {
		o.State, o.HasState = e.State, true
	}
	return o, nil
}
