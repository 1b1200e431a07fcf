package pool

import (
	"errors"
	"fmt"
	"os"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/managers"
	"mpbridge/pickle"
)

var (
	// ErrClosed is returned for tasks that come after Close or Terminate.
	ErrClosed = errors.New("pool: closed")
	// ErrTerminated is the error of tasks that were unfinished when Terminate was called.
	ErrTerminated = errors.New("pool: terminated")
	// ErrTimeout is the sentinel that every *TimeoutError matches.
	ErrTimeout = errors.New("pool: task took too long")
	// ErrNotSupported is returned by New on systems without unix sockets that a child can inherit.
	ErrNotSupported = fmt.Errorf("pool: %w", errors.ErrUnsupported)
)

// TaskError says that a task raised an exception, and where. errors.As finds the *managers.RemoteError in it that a call
// of a manager would have failed with, and errors.Is tells its class: errors.Is(err, managers.ErrValueError).
type TaskError struct {
	// Func is the function that was called, as "module:name".
	Func string
	// Exception is what it raised, with its class, its args and its __dict__ where that travelled.
	Exception *managers.Exception
	// Value is the exception, decoded and without the traceback; pickle.Marshal makes it again.
	Value any
	// Traceback is the worker's traceback.
	Traceback string
	// Unloadable says that the function was not called because the worker could not unpickle it or its
	// arguments: a module or a name is missing there.
	Unloadable bool
	// Worker and Pid tell which worker it was; number 0 is a fork server.
	Worker, Pid int
}

// maxErrorText bounds what an error shows of a worker's words, in bytes.
const maxErrorText = 4 << 10

// printableText is text of a worker: it is cut, and what is not printable shown by its number.
func printableText(text string) string { return printable.Lines(text, maxErrorText) }

// Error names the function and the exception. The fields have what the worker said as it came.
func (e *TaskError) Error() string {
	return fmt.Sprintf("pool: %s: %s", e.Func, printableText(e.Exception.Error()))
}

// Unwrap returns the exception as the *managers.RemoteError of a call.
func (e *TaskError) Unwrap() error {
	return &managers.RemoteError{Method: e.Func, Kind: "#ERROR", Exception: e.Exception, Text: e.Traceback}
}

// EncodingError says that a task was done and that its result could not be pickled:
// multiprocessing.pool.MaybeEncodingError.
type EncodingError struct {
	Func        string // the function that was called
	Reason      string // repr of the exception that pickling raised
	Value       string // repr of the result
	Worker, Pid int
}

// Error says why.
func (e *EncodingError) Error() string {
	return fmt.Sprintf("pool: %s: the result cannot be pickled: %s", e.Func, printableText(e.Reason))
}

// ResultError says that a task was done, and that its result does not fit the Go type that was asked
// for. errors.As finds the *pickle.TypeError in it.
type ResultError struct {
	// Raw is the result, still pickled: it is not lost.
	Raw pickle.Raw
	// Err says what does not fit.
	Err error
}

// Error says what does not fit.
func (e *ResultError) Error() string { return fmt.Sprintf("pool: the result: %v", e.Err) }

// Unwrap returns Err.
func (e *ResultError) Unwrap() error { return e.Err }

// Exit is how a process ended.
type Exit struct {
	// Code is the exit code, -1 for a process that a signal ended.
	Code int
	// Signal is what ended it, or nil.
	Signal os.Signal
}

// String says it in words.
func (e Exit) String() string {
	if e.Signal != nil {
		return fmt.Sprintf("was ended by a signal (%v)", e.Signal)
	}
	return fmt.Sprintf("ended with code %d", e.Code)
}

// WorkerError says that a worker died while it worked on a task, or that what it sent was not a
// result.
type WorkerError struct {
	Func        string // the function that was called
	Worker, Pid int
	Exit        Exit
	// Stderr are the last lines that the worker wrote to stderr.
	Stderr []string
	// Err is what was wrong with what it sent, or a *ForkServerError; nil where it died by itself.
	Err error
}

// Error says how the worker ended, and shows its last line.
func (e *WorkerError) Error() string {
	text := fmt.Sprintf("pool: %s: worker %d (pid %d) %v", e.Func, e.Worker, e.Pid, e.Exit)
	if e.Err != nil {
		text = fmt.Sprintf("pool: %s: worker %d (pid %d): %v", e.Func, e.Worker, e.Pid, e.Err)
	}
	return text + lastWords(e.Stderr)
}

// Unwrap returns Err.
func (e *WorkerError) Unwrap() error { return e.Err }

func lastWords(stderr []string) string {
	if len(stderr) == 0 {
		return ""
	}
	return ": " + printableText(stderr[len(stderr)-1])
}

// TimeoutError says that a task took longer than it may, and that its worker was killed. It matches
// ErrTimeout.
type TimeoutError struct {
	Func        string        // the function that was called
	After       time.Duration // what it may take
	Worker, Pid int
}

// Error names the limit.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("pool: %s: took longer than %v (worker %d, pid %d)",
		e.Func, e.After, e.Worker, e.Pid)
}

// Is tells that e is ErrTimeout.
func (e *TimeoutError) Is(target error) bool { return target == ErrTimeout }

// StartError says that workers do not start. Every task of the pool ends with it.
type StartError struct {
	Python   string // the interpreter
	Attempts int
	Exit     Exit     // how the last process ended
	Stderr   []string // its last lines
	// Err is the cause: a *TaskError if the initializer, or what precedes it, raised an
	// exception.
	Err error
}

// Error gives the cause.
func (e *StartError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("pool: %s does not start a worker: %v", e.Python, e.Err)
	}
	return fmt.Sprintf("pool: %s does not start a worker: it %v%s", e.Python, e.Exit,
		lastWords(e.Stderr))
}

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// ForkServerError says that the fork server of a worker died. That worker was killed, for nobody
// could tell its end.
type ForkServerError struct {
	Pid    int      // the fork server's
	Exit   Exit     // how it ended
	Stderr []string // its last lines
}

// Error says how it ended, and shows its last line.
func (e *ForkServerError) Error() string {
	return fmt.Sprintf("its fork server (pid %d) %v%s", e.Pid, e.Exit, lastWords(e.Stderr))
}

// StartMethodError says that workers cannot be started in the way that Options say.
type StartMethodError struct {
	Method StartMethod
	Reason string
	// Err is ErrNotSupported where the system does not have that way, else nil.
	Err error
}

// Error gives the reason.
func (e *StartMethodError) Error() string {
	return fmt.Sprintf("pool: start method %.20q %s", string(e.Method), e.Reason)
}

// Unwrap returns Err.
func (e *StartMethodError) Unwrap() error { return e.Err }

// ItemError says which item of a map failed.
type ItemError struct {
	Index int
	Err   error
}

// Error names the item.
func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Index, e.Err) }

// Unwrap returns what happened.
func (e *ItemError) Unwrap() error { return e.Err }

// OptionError says that an option has a value out of its range.
type OptionError = pickle.OptionError
