package queuetest

import (
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// joining joins in a goroutine, and returns once it waits.
func (m *made) joining() <-chan error {
	m.t.Helper()
	done := make(chan error, 1)
	by := m.caller()
	began := make(chan struct{})
	go func() {
		close(began)
		done <- m.Join(by)
	}()
	<-began
	return done
}

// counting are the tests of task_done and join.
var counting = map[string]test{
	"join waits for as many task_done as there were puts": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1, 2)
		done := q.joining()
		q.get()
		q.get()
		require.NoError(t, q.TaskDone(7))
		select {
		case <-done:
			t.Fatal("one item is not counted off")
		default:
		}
		require.NoError(t, q.TaskDone(7))
		require.NoError(t, <-done)
	},
	"task_done that nothing is left for is a ValueError": func(t *testing.T, s *suite) {
		for _, o := range []queue.Options{{}, {Lease: long}} {
			q := s.make(t, o)
			require.ErrorIs(t, q.TaskDone(7), managers.ErrValueError)
		}
	},
	"join of a queue that nothing was put into does not wait": func(t *testing.T, s *suite) {
		require.NoError(t, s.make(t, queue.Options{}).Join(nil))
	},
	"with leases task_done acknowledges what its owner took first": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1, 2)
		first, _ := q.borrow(7)
		second, _ := q.borrow(7)
		require.NoError(t, q.TaskDone(7))
		no(t)(q.Ack(first))
		yes(t)(q.Ack(second))
		require.NoError(t, q.Join(nil))
	},
	"clear throws the items away and counts them off": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1, 2, 3)
		assert.Equal(t, 3, q.Clear())
		require.NoError(t, q.Join(nil))
		assert.Zero(t, q.Stats().Len)
	},
	"clear lets those put who wait for room": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		q.put(1)
		done := q.putting(2)
		q.Clear()
		require.NoError(t, <-done)
		assert.Equal(t, []any{int64(2)}, q.all())
	},
	"the statistics count": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 5, Order: queue.LIFO})
		q.put(1, 2)
		q.take(7, 1).Resolve(queue.Unsent)
		q.get()
		waits := q.getting(testwait.Soon(t))
		assert.Equal(t, int64(1), (<-waits).value)
		st := q.Stats()
		assert.Equal(t, queue.LIFO, st.Order)
		assert.Equal(t, 5, st.MaxSize)
		assert.Equal(t, []uint64{2, 3, 1}, []uint64{st.Puts, st.Gets, st.Returned})
		assert.Equal(t, 2, st.Unfinished)
	},
}
