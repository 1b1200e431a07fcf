package managers

import (
	"errors"
	"slices"
	"strings"

	"mpbridge/managers/internal/values"
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
	ErrEmpty = NewExceptionClass("queue", "Empty")
	ErrFull  = NewExceptionClass("queue", "Full")
	// ErrShutDown is queue.ShutDown. Pythons before 3.13 do not have it and get an EOFError: what they
	// raise where a manager is gone, and nothing more can come.
	ErrShutDown = NewExceptionClass("queue", "ShutDown")

	ErrKeyError       = NewExceptionClass("builtins", "KeyError")
	ErrIndexError     = NewExceptionClass("builtins", "IndexError")
	ErrValueError     = NewExceptionClass("builtins", "ValueError")
	ErrTypeError      = NewExceptionClass("builtins", "TypeError")
	ErrAttributeError = NewExceptionClass("builtins", "AttributeError")
	ErrRuntimeError   = NewExceptionClass("builtins", "RuntimeError")
	ErrNotImplemented = NewExceptionClass("builtins", "NotImplementedError")
	ErrStopIteration  = NewExceptionClass("builtins", "StopIteration")
	ErrEOFError       = NewExceptionClass("builtins", "EOFError")
	ErrMemoryError    = NewExceptionClass("builtins", "MemoryError")
	ErrOverflowError  = NewExceptionClass("builtins", "OverflowError")
	ErrFileNotFound   = NewExceptionClass("builtins", "FileNotFoundError")
	ErrPermission     = NewExceptionClass("builtins", "PermissionError")
	ErrTimeoutError   = NewExceptionClass("multiprocessing.context", "TimeoutError")
	ErrBrokenBarrier  = NewExceptionClass("threading", "BrokenBarrierError")

	ErrException       = NewExceptionClass("builtins", "Exception")
	ErrArithmeticError = NewExceptionClass("builtins", "ArithmeticError")
	ErrAssertionError  = NewExceptionClass("builtins", "AssertionError")
	ErrConnectionError = NewExceptionClass("builtins", "ConnectionError")
	ErrImportError     = NewExceptionClass("builtins", "ImportError")
	ErrLookupError     = NewExceptionClass("builtins", "LookupError")
	ErrOSError         = NewExceptionClass("builtins", "OSError") // IOError and EnvironmentError, too
	ErrUnicodeError    = NewExceptionClass("builtins", "UnicodeError")
	ErrZeroDivision    = NewExceptionClass("builtins", "ZeroDivisionError")
)

// ErrThread is what threading.ThreadError is: thread.error in Python 2, where it is a class of its own;
// _thread.error in Python 3, where that is RuntimeError.
var ErrThread = NewExceptionClass("_thread", "error")

// ExceptionClass is a Python exception class. It is an error itself: a method that returns one raises an instance
// without arguments, and errors.Is(err, class) is what isinstance is in Python: see Exception. It is a value, which
// nobody can change, and may be compared.
type ExceptionClass struct{ class pickle.Global }

// NewExceptionClass returns an exception class of the client's own: the one that the client imports as module.name. A
// client that cannot import it fails to read the reply. Classes of builtins that are missing in some Python arrive there
// as one that it has: see ErrShutDown.
func NewExceptionClass(module, name string) ExceptionClass {
	return ExceptionClass{pickle.Global{Module: module, Name: name}}
}

// New returns an instance of the class with arguments.
func (c ExceptionClass) New(args ...any) *Exception { return &Exception{Class: c.class, Args: args} }

// Error is an instance without arguments as the last line of a Python traceback shows it.
func (c ExceptionClass) Error() string { return pickle.ExceptionText(c.class, nil) }

// ExceptionClass returns the class's name.
func (c ExceptionClass) ExceptionClass() pickle.Global { return c.class }

// Is reports whether the class is target's, or one that derives from it.
func (c ExceptionClass) Is(target error) bool { return c.New().Is(target) }

// MarshalPickle pickles an instance without arguments.
func (c ExceptionClass) MarshalPickle() (any, error) { return c.New().MarshalPickle() }

// With returns an exception of the same class with other arguments.
func (e *Exception) With(args ...any) *Exception { return &Exception{Class: e.Class, Args: args} }

// Error is the exception as the last line of a Python traceback shows it.
func (e *Exception) Error() string { return pickle.ExceptionText(e.Class, e.Args) }

// ExceptionClass returns Class.
func (e *Exception) ExceptionClass() pickle.Global { return e.Class }

// Is reports whether the exception is an instance of target's class: of that class, or of one that derives
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
	if class := (ExceptionClass{}); errors.As(err, &class) {
		return class.New()
	}
	if exc := overspent(err); exc != nil {
		return exc
	}
	if v := (*values.Error)(nil); errors.As(err, &v) {
		module, name, qualified := strings.Cut(v.Class, ".")
		if !qualified {
			module, name = "builtins", v.Class
		}
		return NewExceptionClass(module, name).New(v.Text)
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
