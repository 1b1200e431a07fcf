package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// exitSignal is added to the number of the signal that ended a command: what a shell reports for a
// program that a signal killed.
const exitSignal = 128

// signalError is a command that was told to stop.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return "stopped: " + e.signal.String() }

// interruptible returns a context that SIGINT and SIGTERM end, and SIGHUP unless the command was started to
// outlive its terminal; its cause is a *signalError. A second signal ends the program at once. From then on a write
// to a pipe that nobody reads is an error and does not end the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	got := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(got, syscall.SIGHUP)
	}
	noSIGPIPE()
	go func() {
		select {
		case s := <-got:
			signal.Stop(got)
			if s, ok := s.(syscall.Signal); ok {
				cancel(&signalError{s})
			}
			cancel(context.Canceled)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(got)
		cancel(context.Canceled)
	}
}

// outputError is standard output that takes no more.
type outputError struct{ err error }

func (e *outputError) Error() string { return "standard output: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// brokenPipe tells whether nobody reads the output any more: SIGPIPE as an exit code, without a word.
func brokenPipe(err error) bool {
	out := (*outputError)(nil)
	return errors.As(err, &out) && errors.Is(out.err, syscall.EPIPE)
}

// await runs f, and stops waiting for it when ctx ends: what f waits for may never come, as a line of
// standard input or a reader of standard output. f runs on then, so what it uses must not be used again.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	if ctx.Err() != nil {
		var none T
		return none, context.Cause(ctx)
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// output is standard output, written to until ctx ends. It must not be used after that.
type output struct {
	ctx context.Context
	w   io.Writer
}

func (o output) Write(p []byte) (int, error) {
	own := bytes.Clone(p) // the caller's may change while a write runs on that nobody waits for
	return await(o.ctx, func() (int, error) {
		n, err := o.w.Write(own)
		if err != nil {
			err = &outputError{err}
		}
		return n, err
	})
}
