package server_test

import (
	"context"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/require"
)

// Waits of tests.
var (
	soon    = testwait.Soon
	waitFor = testwait.For
)

var orders = map[string]queue.Order{"FIFO": queue.FIFO, "LIFO": queue.LIFO, "priority": queue.Priority}

// key is that of servers in tests that are about other things.
var key = []byte("secret key")

// registration registers something that a server has for its clients.
type registration func(s *server.Server) error

func syncManager(s *server.Server) error { return s.RegisterSyncManager() }

func aQueue(name string, o queue.Options) registration {
	return func(s *server.Server) error {
		_, err := s.RegisterQueue(name, &o)
		return err
	}
}

func aFamily(name string, o queue.Options) registration {
	return func(s *server.Server) error { return s.RegisterQueueFamily(name, &o) }
}

func aShared(name, typeid string, args ...any) registration {
	return func(s *server.Server) error { return s.RegisterShared(name, typeid, args...) }
}

func aValue(name string, v any) registration {
	return func(s *server.Server) error { return s.Register(name, v, nil) }
}

// newServer makes a server that has something to offer, with the usual key unless the options have one.
func newServer(t testing.TB, o server.Options, has ...registration) *server.Server {
	t.Helper()
	if o.Authkey == nil && o.Keys == nil {
		o.Authkey = key
	}
	s, err := server.New(&o)
	require.NoError(t, err)
	for _, register := range has {
		require.NoError(t, register(s))
	}
	return s
}

// start makes a server and has it serve on loopback until the test ends.
func start(t testing.TB, o server.Options, has ...registration) (*server.Server, connection.Address) {
	t.Helper()
	s := newServer(t, o, has...)
	return s, serveAt(t, s)
}

// serveAt has a server serve on loopback until the test ends.
func serveAt(t testing.TB, s *server.Server) connection.Address {
	t.Helper()
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	serveUntilEnd(t, s)
	return at
}

// serveUntilEnd has a server that listens serve until the test ends.
func serveUntilEnd(t testing.TB, s *server.Server) {
	t.Helper()
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(context.Background())
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = s.Shutdown(ctx)
		<-over
	})
}
