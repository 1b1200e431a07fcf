package client_test

import (
	"context"
	"iter"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var soon = testwait.Soon

// dialOwn starts a server with the types of SyncManager and what offers register, and returns a client of it.
func dialOwn(t *testing.T, offers ...func(s *server.Server) error) *client.Client {
	t.Helper()
	key := []byte("key")
	s, err := server.New(&server.Options{Authkey: key, ReleaseOnDisconnect: true})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	for _, register := range offers {
		require.NoError(t, register(s))
	}
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(context.Background())
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-over
	})
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: key})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// opened has an object that was opened without an error.
func opened[P any](t *testing.T) func(p P, err error) P {
	t.Helper()
	return func(p P, err error) P {
		t.Helper()
		require.NoError(t, err)
		return p
	}
}

// returns checks what a call returns that should not fail.
func returns[V any](t *testing.T, want V) func(got V, err error) {
	t.Helper()
	return func(got V, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

// collected is what an iterator yields, which should end without an error.
func collected(t *testing.T, items iter.Seq2[any, error]) (out []any) {
	t.Helper()
	for v, err := range items {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

func ints(vs ...int64) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = v
	}
	return out
}
