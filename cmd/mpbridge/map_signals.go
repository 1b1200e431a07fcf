package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errReaderGone is the error of a command whose standard output nobody reads any more. It is no fault, and not
// reported.
var errReaderGone = &signalError{syscall.SIGPIPE}

// readerGone makes the error of a write to a pipe without a reader errReaderGone.
func readerGone(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return errReaderGone
	}
	return err
}

// stopSignals reports the signals that end a command in good order: an interrupt, SIGTERM, and SIGHUP unless the
// command was started to outlive its terminal. Until stop a write to a pipe without a reader is an error
// and not the end.
func stopSignals() (asked <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(c, syscall.SIGHUP)
	}
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	return c, func() {
		signal.Stop(c)
		signal.Stop(pipe)
	}
}

// interrupted is the error of a command that a signal ended.
func interrupted(s os.Signal) *signalError {
	if s, ok := s.(syscall.Signal); ok {
		return &signalError{s}
	}
	return &signalError{syscall.SIGINT}
}
