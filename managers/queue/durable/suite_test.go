package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"mpbridge/internal/leak"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/queuetest"

	"github.com/stretchr/testify/require"
)

// TestMain fails when tests leave a goroutine or a descriptor behind.
func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

// open opens the store of a folder, which is closed with the test.
func open(t testing.TB, path string) *durable.Store {
	t.Helper()
	s, err := durable.Open(path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// engine makes the queue of a name.
func engine(t testing.TB, s *durable.Store, name string, o queue.Options) *queue.Engine {
	t.Helper()
	o.Journal = s.Journal(name)
	q := queue.NewEngine(name, o, queue.Host{})
	require.NoError(t, q.Replay())
	if o.MaxDeliveries > 0 {
		q.BuryIn(engine(t, s, name+".dead", queue.Options{}))
	}
	return q
}

func TestADurableEngineIsABackend(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, o queue.Options) (b, dead queue.Backend) {
		q := engine(t, open(t, filepath.Join(t.TempDir(), "data")), "q", o)
		if q.DeadLetters() == nil {
			return q, nil
		}
		return q, q.DeadLetters()
	})
}
