//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"testing"

	"mpbridge/internal/testing/testwait"
)

// A message there and back, between two goroutines that hold a thread each.
func BenchmarkRoundTrip(b *testing.B) {
	q := newQueue(b)
	ctx := testwait.Soon(b)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			message, _, err := q.Receive(ctx, 1)
			if err != nil || q.Send(ctx, 2, message) != nil {
				return
			}
		}
	}()
	message := make([]byte, 64)
	for b.Loop() {
		if err := q.Send(ctx, 1, message); err != nil {
			b.Fatal(err)
		}
		if _, _, err := q.Receive(ctx, 2); err != nil {
			b.Fatal(err)
		}
	}
	_ = q.Remove()
	<-ended
}

func BenchmarkAcquireAndRelease(b *testing.B) {
	s := newSemaphores(b, 1)
	ctx := testwait.Soon(b)
	for b.Loop() {
		if err := s.Acquire(ctx); err != nil {
			b.Fatal(err)
		}
		if err := s.Release(); err != nil {
			b.Fatal(err)
		}
	}
}
