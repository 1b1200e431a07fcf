//go:build linux

package mqueue_test

import (
	"testing"

	"mpbridge/internal/testing/testwait"
)

// A message there and back, between two goroutines.
func BenchmarkRoundTrip(b *testing.B) {
	there, back := create(b, nil), create(b, nil)
	ctx := testwait.Soon(b)
	go func() {
		for {
			message, _, err := there.Receive(ctx)
			if err != nil || back.Send(ctx, message, 0) != nil {
				return
			}
		}
	}()
	message := make([]byte, 64)
	for b.Loop() {
		if err := there.Send(ctx, message, 0); err != nil {
			b.Fatal(err)
		}
		if _, _, err := back.Receive(ctx); err != nil {
			b.Fatal(err)
		}
	}
	_ = there.Close()
}

// What a message costs that need not wait.
func BenchmarkSendAndReceive(b *testing.B) {
	q := create(b, nil)
	ctx := testwait.Soon(b)
	message := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if err := q.Send(ctx, message, 0); err != nil {
			b.Fatal(err)
		}
		if _, _, err := q.Receive(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
