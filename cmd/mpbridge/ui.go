package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"mpbridge/connection"
	"mpbridge/internal/printable"
	"mpbridge/managers"

	"github.com/spf13/cobra"
)

// ui is how the program speaks to a person or a script: results on out, everything else on err, where
// an error is one line "error: …", perhaps followed by "hint: …".
type ui struct {
	in       io.Reader
	out, err io.Writer
}

// The exit codes, as the root command's help lists them. A command that a signal ended exits with
// exitSignal and its number.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitEmpty
	exitAuth
	exitConnect
	exitFull
)

// usageError is a command line that cannot be carried out.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// inputError is input of a command that cannot be read; whatever it says, it is not about the server.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

// hintError is an error that says what to do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// maxMessage bounds what is said at once, in bytes, and maxCell what stands in one column of a table.
const (
	maxMessage = 64 << 10
	maxCell    = 400
)

// say tells a person something, in which much may be the words of others.
func (u *ui) say(format string, args ...any) {
	fmt.Fprintln(u.err, printable.Text(fmt.Sprintf(format, args...), maxMessage))
}

// cell is one column of a table, which somebody else named.
func cell(text string) string { return printable.Line(text, maxCell) }

// exit reports err and returns the exit code that stands for it.
func (u *ui) exit(err error) int {
	if err == nil {
		return exitOK
	}
	code := exitCode(err)
	if code > exitSignal {
		return code // who sent the signal, or reads no more, knows
	}
	u.say("error: %v", err)
	connect := (*connectError)(nil)
	if hint := (*hintError)(nil); errors.As(err, &hint) {
		u.say("hint: %s", hint.hint)
	} else if errors.As(err, &connect) {
		u.say("hint: %s", connect.hint)
	} else if hints[code] != "" {
		u.say("hint: %s", hints[code])
	}
	return code
}

// hints are for errors that mean the same wherever they come from.
var hints = map[int]string{
	exitAuth: "the key is not the server's: see " + envAuthkey + " and --authkey-file",
}

func exitCode(err error) int {
	var usage *usageError
	var stopped *signalError
	var connect *connectError
	var state *stateError
	switch {
	case errors.As(err, &stopped):
		return exitSignal + int(stopped.signal)
	case brokenPipe(err):
		return exitSignal + int(syscall.SIGPIPE)
	case errors.As(err, &state):
		return state.code()
	case errors.As(err, &usage), strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage
	case errors.Is(err, connection.ErrAuth):
		return exitAuth
	case errors.As(err, &connect):
		return exitConnect
	case errors.Is(err, managers.ErrEmpty):
		return exitEmpty
	case errors.Is(err, managers.ErrFull):
		return exitFull
	}
	return exitFailed
}

// joinErrors is errors.Join on one line.
func joinErrors(a, b error) error {
	if a == nil || b == nil {
		return errors.Join(a, b)
	}
	return fmt.Errorf("%w; %w", a, b)
}

// usageArgs makes a wrong number of arguments a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{fmt.Errorf("%w (usage: %s)", err, cmd.UseLine())}
		}
		return nil
	}
}
