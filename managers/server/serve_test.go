package server_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mpbridge/managers/server"
)

// serveInBackground is a server on loopback, and what its Serve returns.
func serveInBackground(t *testing.T, ctx context.Context) (*server.Server, chan error) {
	t.Helper()
	s := newServer(t, server.Options{})
	t.Cleanup(func() { _ = s.Close() })
	_, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	return s, served
}

func TestServeReturnsErrServerClosedAfterShutdown(t *testing.T) {
	s, served := serveInBackground(t, context.Background())
	_, err := s.Shutdown(context.Background())
	require.NoError(t, err)
	require.ErrorIs(t, <-served, server.ErrServerClosed)
}

func TestServeReturnsTheCauseOfItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	_, served := serveInBackground(t, ctx)
	enough := errors.New("enough")
	cancel(enough)
	require.Equal(t, enough, <-served)
}
