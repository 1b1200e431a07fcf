// Package guard runs code of the program's that is called back, so that its failures end nothing but
// what it was called for.
package guard

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// ErrPanic is what a panic becomes. What it said is in the log, with the stack, and nowhere else: it
// may tell a peer what is none of its business.
var ErrPanic = errors.New("the program's code panicked")

// ErrExit is what the end of a goroutine by runtime.Goexit becomes, which testing.T.FailNow uses. It
// cannot be undone: whoever called Goexit is on its way out.
var ErrExit = errors.New("the program's code ended its goroutine")

// Run runs f, which what names in the log. A panic is logged and becomes ErrPanic.
func Run(log *slog.Logger, what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			Report(log, what, p)
			err = ErrPanic
		}
	}()
	return f()
}

// Apart is Run in a goroutine of its own, for which it waits: f may end it by runtime.Goexit, which is
// ErrExit, and does not hold the caller up on its way out.
func Apart(log *slog.Logger, what string, f func() error) error {
	ended := make(chan error, 1)
	go func() {
		err := ErrExit
		defer func() { ended <- err }()
		err = Run(log, what, f)
	}()
	return <-ended
}

// Report logs what was recovered, with the stack of the deferred function that it is called from.
func Report(log *slog.Logger, what string, p any) {
	log.Error("the program's code panicked", "in", what, "panic", Text(p), "stack", string(debug.Stack()))
}

// Text is what a panic said. fmt catches what the Error and String of p panic with.
func Text(p any) string { return fmt.Sprint(p) }
