package queuetest

import (
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leases are the tests of items that are leased, of their receipts, and of dead letters.
var leases = map[string]test{
	"an item that is acknowledged does not come back": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		receipt, _ := q.borrow(7)
		yes(t)(q.Ack(receipt))
		no(t)(q.Ack(receipt))
		q.OwnerGone(7)
		assert.Zero(t, q.Stats().Len)
		assert.Zero(t, q.Stats().Leased)
	},
	"an item comes back when its lease ends, and is handed out once more": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: short})
		q.put(1)
		_, first := q.borrow(7)
		testwait.For(t, func() bool { return q.Stats().Len == 1 })
		_, second := q.borrow(7)
		assert.Equal(t, []int{1, 2}, []int{first, second})
	},
	"an item comes back when its owner is gone": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1, 2)
		q.borrow(7)
		q.borrow(8)
		q.OwnerGone(7)
		assert.Equal(t, 1, q.Stats().Len)
		assert.Equal(t, 1, q.Stats().Leased)
		assert.Equal(t, int64(1), q.get())
	},
	"what is leased to nobody's connection stays leased": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		receipt, _ := q.borrow(0)
		q.OwnerGone(0)
		assert.Equal(t, 1, q.Stats().Leased)
		yes(t)(q.Ack(receipt))
	},
	"a nack gives an item back at once, or after a delay": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		receipt, _ := q.borrow(7)
		yes(t)(q.Nack(receipt, 0))
		no(t)(q.Nack(receipt, 0))
		assert.Equal(t, 1, q.Stats().Len)
		receipt, _ = q.borrow(7)
		yes(t)(q.Nack(receipt, 50*time.Millisecond))
		assert.Zero(t, q.Stats().Len)
		testwait.For(t, func() bool { return q.Stats().Len == 1 })
	},
	"a lease that is extended ends later": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		receipt, _ := q.borrow(7)
		yes(t)(q.Extend(receipt, 10*time.Millisecond))
		testwait.For(t, func() bool { return q.Stats().Len == 1 })
		no(t)(q.Extend(receipt, long))
	},
	"a receipt is of one handing out, but whoever acknowledges it, the item is done": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		old, _ := q.borrow(7)
		q.OwnerGone(7)
		q.borrow(8)
		no(t)(q.Nack(old, 0))
		yes(t)(q.Ack(old))
		assert.Zero(t, q.Stats().Leased)
	},
	"what is not a receipt is a ValueError": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		for _, text := range []string{"", "x", "1-2", "a-b:c"} {
			_, err := q.Ack(text)
			require.ErrorIs(t, err, managers.ErrValueError, text)
		}
		plain := s.make(t, queue.Options{})
		_, err := plain.Ack("00000000-1:1")
		require.ErrorIs(t, err, managers.ErrValueError, "a queue without leases")
	},
	"a reply that was not sent does not count as a handing out": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		q.take(7, 1).Resolve(queue.Unsent)
		_, count := q.borrow(7)
		assert.Equal(t, 1, count)
	},
	"a reply that may have been read makes the next receipt another": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		d := q.take(7, 1)
		first := d.Receipt(0)
		d.Resolve(queue.Unread)
		second, _ := q.borrow(7)
		assert.NotEqual(t, first, second)
	},
	"what is leased is listed with who has it": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long})
		q.put(1)
		receipt, _ := q.borrow(7)
		listed := q.Leased()
		require.Len(t, listed, 1)
		assert.Equal(t, receipt, listed[0].Receipt)
		assert.Equal(t, uint64(7), listed[0].Client)
		assert.Equal(t, 1, listed[0].Deliveries)
		assert.Greater(t, listed[0].Left, time.Minute)
	},
	"an item that was handed out too often is a dead letter": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long, MaxDeliveries: 2})
		require.NotNil(t, q.dead)
		q.put(1)
		for range 2 {
			q.borrow(7)
			q.OwnerGone(7)
		}
		testwait.For(t, func() bool { return q.dead.Stats().Len == 1 })
		assert.Zero(t, q.Stats().Len)
		assert.Zero(t, q.Stats().Unfinished, "it is counted off")
		assert.Equal(t, uint64(1), q.Stats().Dead)
	},
	"who died of a reply that left in part counts, who did not read it does not": func(t *testing.T, s *suite) {
		q := s.make(t, queue.Options{Lease: long, MaxDeliveries: 1})
		q.put(1)
		q.take(7, 1).Resolve(queue.Unread)
		assert.Equal(t, 1, q.Stats().Len)
		q.take(7, 1).Resolve(queue.Torn)
		testwait.For(t, func() bool { return q.dead.Stats().Len == 1 })
	},
}
