// Package testwait is how tests wait: for what they know will come, and never for ever.
package testwait

import (
	"context"
	"testing"
	"time"
)

// limit is far beyond what anything takes that works.
const limit = time.Minute

// Soon returns a context for waits that have to end by themselves. It ends with the test, or when they do not.
func Soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// For waits until cond holds, and fails the test where it never does.
func For(t testing.TB, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what the test waits for did not happen")
		}
	}
}

// Must returns what a constructor made that cannot fail here.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
