package interop_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers/pools"
	"mpbridge/managers/server"
	"mpbridge/pool"

	"github.com/stretchr/testify/require"
)

// startOurs serves what SyncManager offers, and the queue get_queue, until the test ends or end is
// called.
//
// With options for workers it offers pools.
func startOurs(t *testing.T, workers ...pool.Options) (at connection.Address, end func()) {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: rightKey})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	closePools := func() {}
	for _, o := range workers {
		all, err := pools.Register(s, &pools.Options{Pool: o, MaxWorkers: maxPoolWorkers, Authkey: rightKey})
		require.NoError(t, err)
		closePools = all.Close
	}
	_, err = s.RegisterQueue("get_queue", nil)
	require.NoError(t, err)
	at, err = s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	stop := serveUntil(s)
	end = func() {
		stop()
		closePools()
	}
	t.Cleanup(end)
	return at, end
}

// serveUntil has a server serve until the function is called that it returns.
func serveUntil(s *server.Server) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(ctx)
	}()
	return func() {
		cancel()
		<-over
		grace, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = s.Shutdown(grace)
	}
}

// maxPoolWorkers is more than tests need at once.
const maxPoolWorkers = 100

// startOurManager is startPythonManager for a server of ours, with the newest Python as its client.
func startOurManager(t *testing.T) syncManager {
	t.Helper()
	all := interop.Profiles()
	newest := all[len(all)-1]
	at, end := startOurs(t)
	return syncManager{
		at: at, locked: true, storesProxy: true, storesAuto: true, anyAddress: true,
		typeids: slices.DeleteFunc(slices.Clone(newest.Typeids), func(id string) bool { return id == "Pool" }),
		python:  func(t *testing.T) interop.Python { return needPython(t, newest.Version) },
		stop:    end,
	}
}
