package queuetest

import (
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rooms are the tests of how much a queue holds.
var rooms = map[string]test{
	"a put that must not wait finds a queue full at its maxsize": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 2})
		q.put(1, 2)
		require.ErrorIs(t, q.try(3), managers.ErrFull)
		assert.Equal(t, 2, q.Stats().Len)
	},
	"a put waits for the room that a get makes": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		q.put(1)
		done := q.putting(2)
		assert.Equal(t, int64(1), q.get())
		require.NoError(t, <-done)
		assert.Equal(t, int64(2), q.get())
	},
	"puts that wait get their room in the order of their arrival": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		q.put(0)
		var done []<-chan error
		for i := 1; i <= 4; i++ {
			done = append(done, q.putting(i))
		}
		for i := range 5 {
			assert.Equal(t, int64(i), q.get())
			if i < 4 {
				require.NoError(t, <-done[i])
			}
		}
	},
	"a put whose time is over is told that the queue is full": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		q.put(1)
		wait := queue.Wait{Block: true, Deadline: time.Now().Add(10 * time.Millisecond)}
		err := q.Put(timedCaller(t, q), q.message(2), wait)
		require.ErrorIs(t, err, managers.ErrFull)
		assert.Equal(t, []any{int64(1)}, q.all())
	},
	"a put looks at its arguments' errors only where it has to wait": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxSize: 1})
		bad := queue.Wait{Block: true, Err: managers.ErrOverflowError}
		require.NoError(t, q.Put(q.caller(), q.message(1), bad))
		require.ErrorIs(t, q.Put(q.caller(), q.message(2), bad), managers.ErrOverflowError)
	},
	"MaxBytes bounds what a queue holds, and an empty one takes any item that is not longer": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxBytes: 2000})
		q.put(make([]byte, 1500))
		require.ErrorIs(t, q.try(make([]byte, 1500)), managers.ErrFull)
		assert.LessOrEqual(t, q.Stats().Bytes, int64(2000))
		q.get()
		q.put(make([]byte, 1900))
		require.ErrorIs(t, q.try(make([]byte, 2100)), managers.ErrValueError, "what never fits")
	},
	"a leased item keeps its room until it is acknowledged": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{MaxBytes: 2000, Lease: long})
		q.put(make([]byte, 1500))
		d := q.take(7, 1)
		require.ErrorIs(t, q.try(make([]byte, 1500)), managers.ErrFull)
		receipt := d.Receipt(0)
		d.Resolve(queue.Delivered)
		ok, err := q.Ack(receipt)
		require.NoError(t, err)
		require.True(t, ok)
		q.put(make([]byte, 1500))
	},
}
