package spawn

import (
	"errors"
	"fmt"
	"io"

	"mpbridge/managers"
)

var (
	// ErrParentDied is the cause of the end of the context of a target: the process that started this one is gone.
	ErrParentDied = errors.New("spawn: the parent process is gone")

	// ErrNoPython says that this program was started to do what only an interpreter can, and that it does not know which
	// interpreter its parent is: MainOptions.Python says so.
	ErrNoPython = errors.New("spawn: which interpreter the parent runs cannot be found out; MainOptions.Python says it")

	// ErrNotSupported is returned on systems where Go and Python cannot be each other's children.
	ErrNotSupported = fmt.Errorf("spawn: %w", errors.ErrUnsupported)

	errTooLong = errors.New("spawn: what the parent sends for the process is longer than MaxBytes")

	// errBootstrap is what is wrong with what a parent sent.
	errBootstrap = errors.New("spawn: what the parent sent is no process of multiprocessing's")
)

func bootstrapError(what string) error { return fmt.Errorf("%w: %s", errBootstrap, what) }

// TargetError says that a value of Targets cannot be what it is meant to be. Main panics with it, as it does so
// whoever starts the program.
type TargetError struct {
	Target string // its key
	Reason string
}

// Error names the target.
func (e *TargetError) Error() string { return fmt.Sprintf("spawn: target %q: %s", e.Target, e.Reason) }

// UnknownTargetError says that the target of a process is not among the Targets, and that it cannot be left to the
// interpreter.
type UnknownTargetError struct {
	Target string
	Err    error // why not; nil where more was sent before its name than a pipe holds
}

// Error names the target.
func (e *UnknownTargetError) Error() string {
	text := fmt.Sprintf("spawn: this program has no function %s, and cannot leave it to the interpreter", e.Target)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *UnknownTargetError) Unwrap() error { return e.Err }

// complain says on stderr why the process ends with status 1.
func complain(stderr io.Writer, name string, err error) int {
	_, _ = fmt.Fprintf(stderr, "Process %s:\n%v\n", name, err)
	return 1
}

// SystemExit is the exception that ends a process with a status: SystemExit.New(3) is sys.exit(3) in Python.
var SystemExit = managers.NewExceptionClass("builtins", "SystemExit")
