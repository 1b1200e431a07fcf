package queuetest

import (
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// orders are the tests of which item comes next.
var orders = map[string]test{
	"a FIFO queue gives its oldest item first": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(1, 2, 3)
		assert.Equal(t, []any{int64(1), int64(2), int64(3)}, q.all())
	},
	"a LIFO queue gives its newest item first": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Order: queue.LIFO})
		q.put(1, 2, 3)
		assert.Equal(t, []any{int64(3), int64(2), int64(1)}, q.all())
	},
	"a priority queue gives its smallest item first": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Order: queue.Priority})
		q.put(2, 3, 1)
		assert.Equal(t, []any{int64(1), int64(2), int64(3)}, q.all())
	},
	"what has no order is refused by a priority queue, which keeps nothing of it": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Order: queue.Priority})
		q.put(1)
		require.ErrorIs(t, q.try("text"), managers.ErrTypeError)
		assert.Equal(t, []any{int64(1)}, q.all())
	},
	"an item whose reply was not sent comes back to its place": func(t *testing.T, s *suite) {
		for _, o := range []queue.Options{{}, {Order: queue.LIFO}, {Order: queue.Priority}, {Lease: long}} {
			q := s.make(t, o)
			q.put(1, 2, 3)
			want := q.values(q.take(7, 1))
			again := s.make(t, o)
			again.put(1, 2, 3)
			again.take(7, 1).Resolve(queue.Unsent)
			assert.Equal(t, want, q.values(again.take(7, 1)), "%+v", o)
		}
	},
	"many items of a reply that was not read come back in their order": func(t *testing.T, s *suite) {
		for _, o := range []queue.Options{{}, {Lease: long}} {
			q := s.make(t, o)
			q.put(1, 2, 3, 4)
			q.take(7, 3).Resolve(queue.Unread)
			assert.Equal(t, []any{int64(1), int64(2), int64(3), int64(4)}, q.all())
		}
	},
	"peek shows the items in the order in which they would be taken, and leaves them": func(t *testing.T, s *suite) {
		for _, o := range []queue.Options{{}, {Order: queue.LIFO}, {Order: queue.Priority}} {
			q := s.make(t, o)
			q.put(2, 3, 1)
			its, err := q.Peek(5)
			require.NoError(t, err)
			var seen []any
			for _, it := range its {
				v, err := it.Raw.Any()
				require.NoError(t, err)
				seen = append(seen, v)
			}
			assert.Equal(t, seen, q.all())
		}
	},
	"a take of many ends where a reply would be too long, but takes one": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		q.put(make([]byte, 1000), make([]byte, 1000), 3)
		d, err := q.Take(nil, queue.Taking{Max: 9, MaxBytes: 1500})
		require.NoError(t, err)
		assert.Equal(t, 1, d.Len())
		d.Resolve(queue.Delivered)
		d, err = q.Take(nil, queue.Taking{Max: 9, MaxBytes: 10})
		require.NoError(t, err)
		assert.Equal(t, 1, d.Len())
		d.Resolve(queue.Delivered)
		assert.Equal(t, []any{int64(3)}, q.all())
	},
	"items come out as they were put": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{})
		for _, v := range []any{nil, true, "text", []byte{0, 255}, pickle.Tuple{int64(1), "a"}, 1.5} {
			q.put(v)
			assert.Equal(t, v, q.get())
		}
	},
}
