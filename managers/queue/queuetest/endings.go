package queuetest

import (
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endings are the tests of shutdown.
var endings = map[string]test{
	"after a shutdown nothing can be put, and what is there can be taken": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1)
		q.Shutdown(false)
		require.ErrorIs(t, q.try(2), managers.ErrShutDown)
		assert.Equal(t, int64(1), q.get())
		_, err := q.Take(nil, queue.Taking{})
		require.ErrorIs(t, err, managers.ErrShutDown)
		assert.True(t, q.Stats().ShutDown)
	},
	"a shutdown wakes all who wait": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		gets := q.getting(testwait.Soon(t))
		q.Shutdown(false)
		require.ErrorIs(t, (<-gets).err, managers.ErrShutDown)
		full := s.make(t, queue.Options{MaxSize: 1})
		full.put(1)
		puts := full.putting(2)
		full.Shutdown(false)
		require.ErrorIs(t, <-puts, managers.ErrShutDown)
	},
	"an immediate shutdown throws the items away, counted off": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1, 2)
		done := q.joining()
		q.Shutdown(true)
		require.NoError(t, <-done)
		assert.Zero(t, q.Stats().Len)
	},
	"an item that comes back after a shutdown can be taken": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1)
		d := q.take(7, 1)
		q.Shutdown(false)
		d.Resolve(queue.Unsent)
		assert.Equal(t, int64(1), q.get())
	},
}
