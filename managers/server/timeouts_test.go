package server_test

import (
	"math"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATimeoutThatIsNoNumberWaitsUntilThereIsSomething(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	jobs, err := dial(t, serveAt(t, s)).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	got := make(chan error, 1)
	go func() {
		_, err := jobs.Call(soon(t), "get", true, math.NaN())
		got <- err
	}()
	waitFor(t, func() bool { return q.Stats().Getters == 1 })
	require.NoError(t, q.TryPut("an item"))
	require.NoError(t, <-got)
}

func TestACallThatCannotWaitSoLongLeavesNoWaiterBehind(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", &queue.Options{MaxSize: 1})
	require.NoError(t, err)
	jobs, err := dial(t, serveAt(t, s)).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	_, err = jobs.Call(soon(t), "get", true, math.Inf(1))
	require.ErrorIs(t, err, managers.ErrOverflowError)
	assert.Zero(t, q.Stats().Getters)
	_, err = jobs.Call(soon(t), "put", "fits", true, math.Inf(1))
	require.NoError(t, err)
	_, err = jobs.Call(soon(t), "put", "does not", true, 1e300)
	require.ErrorIs(t, err, managers.ErrOverflowError)
	assert.Zero(t, q.Stats().Putters)
	assert.Equal(t, 1, q.Len(), "what was refused is not in it")
}

func TestAConditionThatCannotWaitSoLongKeepsItsLock(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	c, err := dial(t, serveAt(t, s)).Open(soon(t), "Condition")
	require.NoError(t, err)
	_, err = c.Call(soon(t), "acquire")
	require.NoError(t, err)
	_, err = c.Call(soon(t), "wait", math.Inf(1))
	require.ErrorIs(t, err, managers.ErrOverflowError)
	_, err = c.Call(soon(t), "release")
	require.NoError(t, err)
}
