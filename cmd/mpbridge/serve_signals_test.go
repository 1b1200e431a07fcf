//go:build unix

package main

import (
	"context"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// catching looks at the signals of this process until the test ends.
func catching(t *testing.T) *serverSignals {
	t.Helper()
	s := catchSignals(context.Background(), slog.New(slog.DiscardHandler))
	t.Cleanup(s.stop)
	return s
}

func raise(t *testing.T, sig syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(os.Getpid(), sig))
}

func TestTheFirstSignalAsksAndTheSecondHurries(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		s := catching(t)
		raise(t, sig)
		<-s.running.Done()
		assert.NoError(t, s.grace.Err())
		raise(t, sig)
		<-s.grace.Done()
	}
}

func TestASignalToAProgramThatStopsAnywayHurries(t *testing.T) {
	s := catching(t)
	s.beginStop()
	raise(t, syscall.SIGTERM)
	<-s.grace.Done()
}

func TestAReadingThatHangsKeepsNeitherTheOthersNorTheEndWaiting(t *testing.T) {
	s := catchSignals(context.Background(), slog.New(slog.DiscardHandler))
	hangs, read := make(chan struct{}), make(chan struct{}, 1)
	began := make(chan struct{}, 4)
	s.reloadOnHangup(
		&reloader{what: "hangs", read: func() { began <- struct{}{}; <-hangs }},
		&reloader{what: "works", read: func() { read <- struct{}{} }})
	for range 3 {
		raise(t, syscall.SIGHUP)
		<-read
	}
	s.stop()
	assert.Len(t, began, 1, "what hangs is not begun again")
	close(hangs)
}

func TestAHangupBeforeThereIsAnythingToReadCounts(t *testing.T) {
	s := catching(t)
	raise(t, syscall.SIGHUP)
	require.Eventually(t, func() bool { return len(s.hangups) > 0 }, time.Minute, time.Millisecond)
	read := make(chan struct{})
	s.reloadOnHangup(&reloader{what: "file", read: func() { close(read) }})
	<-read
}
