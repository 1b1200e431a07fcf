package server_test

import (
	"strings"
	"sync"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kilobyte is an item that takes a little more than that.
var kilobyte = strings.Repeat("x", 1<<10)

// withTwoQueues makes a server with the limits and the queues a and b. It need not serve: these tests use it from Go.
func withTwoQueues(t *testing.T, l server.Limits) (s *server.Server, a, b *queue.Queue) {
	t.Helper()
	s = newServer(t, server.Options{Limits: l})
	a, err := s.RegisterQueue("a", nil)
	require.NoError(t, err)
	b, err = s.RegisterQueue("b", nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, a, b
}

// waits begins to put and returns what tells that it is done.
func waits(t *testing.T, q *queue.Queue, v any) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- q.Put(soon(t), v) }()
	waitFor(t, func() bool { return q.Stats().Putters == 1 })
	return done
}

func TestAQueueHoldsOnlySoManyBytes(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxBytes: 2500}))
	require.NoError(t, q.TryPut(kilobyte))
	require.NoError(t, q.TryPut(kilobyte))
	require.ErrorIs(t, q.TryPut(kilobyte), managers.ErrFull)
	done := waits(t, q, kilobyte)
	_, err := q.TryGet()
	require.NoError(t, err)
	require.NoError(t, <-done)
	assert.Equal(t, 2, q.Len())
}

func TestRoomForOneLargeItemIsRoomForSeveralSmallOnes(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxBytes: 1500}))
	require.NoError(t, q.TryPut(kilobyte))
	done := make(chan error, 3)
	for range 3 {
		go func() { done <- q.Put(soon(t), strings.Repeat("y", 300)) }()
	}
	waitFor(t, func() bool { return q.Stats().Putters == 3 })
	_, err := q.TryGet()
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, <-done)
	}
}

func TestAnItemThatNeverFitsIsRefused(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxBytes: 100}))
	require.ErrorIs(t, q.Put(soon(t), kilobyte), managers.ErrValueError)
	_, a, _ := withTwoQueues(t, server.Limits{MaxItemBytes: 4 << 10})
	require.ErrorIs(t, a.Put(soon(t), strings.Repeat(kilobyte, 5)), managers.ErrValueError)
}

func TestAllQueuesOfAServerShareItsBudget(t *testing.T) {
	for name, l := range map[string]server.Limits{
		"items": {MaxItems: 2}, "bytes": {MaxItemBytes: 4 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			s, a, b := withTwoQueues(t, l)
			item := strings.Repeat("x", 1800)
			require.NoError(t, a.TryPut(item))
			require.NoError(t, a.TryPut(item))
			require.ErrorIs(t, b.TryPut(item), managers.ErrFull)
			done := waits(t, b, item)
			_, err := a.TryGet()
			require.NoError(t, err)
			require.NoError(t, <-done)
			assert.Equal(t, int64(2), s.Stats().Items)
		})
	}
}

func TestWhoWaitsForAnItemGetsItPastTheBudget(t *testing.T) {
	_, a, b := withTwoQueues(t, server.Limits{MaxItems: 1})
	require.NoError(t, a.TryPut("in the way"))
	done := waits(t, b, "first")
	r, err := b.Get(soon(t))
	require.NoError(t, err)
	require.NoError(t, <-done)
	v, err := r.Any()
	require.NoError(t, err)
	assert.Equal(t, "first", v)
	got := make(chan error, 1)
	go func() {
		_, err := b.Get(soon(t))
		got <- err
	}()
	waitFor(t, func() bool { return b.Stats().Getters == 1 })
	require.NoError(t, b.TryPut("second"))
	require.NoError(t, <-got)
}

func TestAQueueThatIsRemovedGivesItsRoomBack(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key, Limits: server.Limits{
		MaxItems: 1, ObjectGrace: minGrace,
	}})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	q, err := dial(t, serveAt(t, s)).OpenQueue(soon(t), "Queue")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), 1))
	assert.Equal(t, int64(1), s.Stats().Items)
	require.NoError(t, q.Close(soon(t)))
	waitFor(t, func() bool { return s.Stats().Items == 0 })
}

func TestLentItemsKeepTheirRoom(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxBytes: 1200, Lease: long}))
	require.NoError(t, q.TryPut(kilobyte))
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	require.ErrorIs(t, q.TryPut(kilobyte), managers.ErrFull)
	done := waits(t, q, kilobyte)
	_, err = d.Ack(soon(t))
	require.NoError(t, err)
	require.NoError(t, <-done)
}

func TestABudgetThatIsShortDelaysAndLosesNothing(t *testing.T) {
	s, a, b := withTwoQueues(t, server.Limits{MaxItems: 3})
	const each = 500
	var all sync.WaitGroup
	for _, q := range []*queue.Queue{a, b} {
		for range 2 {
			all.Go(func() {
				for i := range each {
					assert.NoError(t, q.Put(soon(t), i))
				}
			})
			all.Go(func() {
				for range each {
					_, err := q.Get(soon(t))
					assert.NoError(t, err)
				}
			})
		}
	}
	all.Wait()
	assert.Zero(t, s.Stats().Items)
	assert.Zero(t, s.Stats().ItemBytes)
}
