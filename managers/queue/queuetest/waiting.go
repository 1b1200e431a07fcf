package queuetest

import (
	"context"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waiting are the tests of those who wait.
var waiting = map[string]test{
	"a get that must not wait finds a queue empty": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		_, err := q.Take(nil, queue.Taking{})
		require.ErrorIs(t, err, managers.ErrEmpty)
	},
	"a get whose time is over is told that the queue is empty": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		wait := queue.Wait{Block: true, Deadline: time.Now().Add(10 * time.Millisecond)}
		_, err := q.Take(timedCaller(t, q), queue.Taking{Wait: wait})
		require.ErrorIs(t, err, managers.ErrEmpty)
		q.put(1)
		assert.Equal(t, int64(1), q.get(), "nobody waits for it any more")
	},
	"gets that wait get their items in the order of their arrival": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		first, second := q.getting(testwait.Soon(t)), q.getting(testwait.Soon(t))
		q.put(1)
		assert.Equal(t, got{value: int64(1)}, <-first)
		q.put(2)
		assert.Equal(t, got{value: int64(2)}, <-second)
	},
	"an item that comes back goes to whoever waits": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1)
		d := q.take(7, 1)
		waits := q.getting(testwait.Soon(t))
		d.Resolve(queue.Unsent)
		assert.Equal(t, got{value: int64(1)}, <-waits)
	},
	"a getter that is gone receives nothing": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		ctx, cancel := context.WithCancel(testwait.Soon(t))
		gone, next := q.getting(ctx), q.getting(testwait.Soon(t))
		cancel()
		require.Error(t, (<-gone).err)
		q.put(1)
		assert.Equal(t, got{value: int64(1)}, <-next)
	},
	"a putter that is gone leaves nothing behind": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		q.put(1)
		ctx, cancel := context.WithCancel(testwait.Soon(t))
		done := make(chan error, 1)
		message := q.message(2)
		go func() { done <- q.Put(queue.NewCaller(ctx), message, queue.Forever) }()
		testwait.For(t, func() bool { return q.Stats().Putters == 1 })
		cancel()
		require.Error(t, <-done)
		assert.Equal(t, []any{int64(1)}, q.all())
	},
}
