package queue_test

import (
	"testing"

	"mpbridge/managers/queue"
	"mpbridge/managers/queue/queuetest"

	"github.com/stretchr/testify/require"
)

// openEngine makes an engine, and one for its dead letters.
func openEngine(t *testing.T, o queue.Options) (b, dead queue.Backend) {
	t.Helper()
	q := queue.NewEngine("", o, queue.Host{})
	require.NoError(t, q.Replay())
	if o.MaxDeliveries == 0 {
		return q, nil
	}
	letters := queue.NewEngine("", queue.Options{}, queue.Host{})
	q.BuryIn(letters)
	return q, letters
}

func TestTheEngineIsABackend(t *testing.T) { queuetest.Run(t, openEngine) }
