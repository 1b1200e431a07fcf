package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Waits of tests.
var (
	soon    = testwait.Soon
	waitFor = testwait.For
)

func getInt(t *testing.T, q *queue.Queue) int {
	t.Helper()
	r, err := q.Get(soon(t))
	require.NoError(t, err)
	var n int
	require.NoError(t, r.Unmarshal(&n))
	return n
}

func putInts(t *testing.T, q *queue.Queue, ns ...int) {
	t.Helper()
	for _, n := range ns {
		require.NoError(t, q.Put(soon(t), n))
	}
}

func getInts(t *testing.T, q *queue.Queue, n int) (out []int) {
	t.Helper()
	for range n {
		out = append(out, getInt(t, q))
	}
	return out
}

func TestQueueGivesItemsInItsOrder(t *testing.T) {
	cases := []struct {
		name  string
		order queue.Order
		want  []int
	}{
		{"first in, first out", queue.FIFO, []int{3, 1, 2, 1}},
		{"last in, first out", queue.LIFO, []int{1, 2, 1, 3}},
		{"smallest first", queue.Priority, []int{1, 1, 2, 3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			q := testwait.Must(queue.New(&queue.Options{Order: c.order}))
			putInts(t, q, 3, 1, 2, 1)
			assert.Equal(t, c.want, getInts(t, q, 4))
		})
	}
}

func TestItemsThatComeBackKeepTheirOrder(t *testing.T) {
	for _, order := range []queue.Order{queue.FIFO, queue.LIFO, queue.Priority} {
		q := testwait.Must(queue.New(&queue.Options{Order: order}))
		putInts(t, q, 1, 2, 3, 4, 5)
		a, b, c := queue.TakeItem(q), queue.TakeItem(q), queue.TakeItem(q)
		b()
		c()
		a()
		want := []int{1, 2, 3, 4, 5}
		if order == queue.LIFO {
			want = []int{5, 4, 3, 2, 1}
		}
		assert.Equal(t, want, getInts(t, q, 5))
	}
}

func TestAnItemThatComesBackGoesToWhoWaits(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	putInts(t, q, 7)
	back := queue.TakeItem(q)
	got := make(chan int)
	go func() { got <- getInt(t, q) }()
	waitFor(t, func() bool { return q.Stats().Getters == 1 })
	back()
	assert.Equal(t, 7, <-got)
}

func TestPutWaitsForRoomInTheOrderOfArrival(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxSize: 1}))
	putInts(t, q, 0)
	var wg sync.WaitGroup
	for i := 1; i <= 5; i++ {
		wg.Go(func() { assert.NoError(t, q.Put(soon(t), i)) })
		waitFor(t, func() bool { return q.Stats().Putters == i })
	}
	require.ErrorIs(t, q.TryPut(9), managers.ErrFull)
	assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, getInts(t, q, 6))
	wg.Wait()
}

func TestAGetThatIsCancelledTakesNothing(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := q.Get(ctx)
		done <- err
	}()
	waitFor(t, func() bool { return q.Stats().Getters == 1 })
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	putInts(t, q, 1)
	assert.Equal(t, 1, q.Len())
	assert.Zero(t, q.Stats().Getters)
}

func TestNothingIsLostAmongManyThatComeAndGo(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{MaxSize: 3}))
	const n = 2000
	seen := make(chan int, n)
	ctx := soon(t)
	var consumers sync.WaitGroup
	for range 8 {
		consumers.Go(func() { takeHastily(t, ctx, q, seen) })
	}
	for i := range n {
		require.NoError(t, q.Put(ctx, i))
	}
	counts := make(map[int]int)
	for range n {
		select {
		case i := <-seen:
			counts[i]++
		case <-ctx.Done():
			t.Fatalf("%d of %d items came out", len(counts), n)
		}
	}
	q.Shutdown(false)
	consumers.Wait()
	assert.Len(t, counts, n)
}

// takeHastily takes items with waits that are often cut short.
func takeHastily(t *testing.T, ctx context.Context, q *queue.Queue, seen chan<- int) {
	for ctx.Err() == nil {
		hasty, cancel := context.WithTimeout(ctx, 200*time.Microsecond)
		r, err := q.Get(hasty)
		cancel()
		var i int
		switch {
		case errors.Is(err, managers.ErrShutDown):
			return
		case err != nil:
		case assert.NoError(t, r.Unmarshal(&i)):
			seen <- i
		}
	}
}

func TestJoinWaitsForTheLastTaskDone(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	require.NoError(t, q.Join(soon(t)))
	putInts(t, q, 1, 2)
	joined := make(chan error)
	go func() { joined <- q.Join(soon(t)) }()
	require.NoError(t, q.TaskDone())
	select {
	case <-joined:
		t.Fatal("join returned with a task unfinished")
	case <-time.After(20 * time.Millisecond):
	}
	require.NoError(t, q.TaskDone())
	require.NoError(t, <-joined)
	require.ErrorIs(t, q.TaskDone(), managers.ErrValueError)
}

func TestShutdownWakesEverybody(t *testing.T) {
	full := testwait.Must(queue.New(&queue.Options{MaxSize: 1}))
	putInts(t, full, 1)
	empty := testwait.Must(queue.New(nil))
	errs := make(chan error)
	go func() { errs <- full.Put(soon(t), 2) }()
	go func() { _, err := empty.Get(soon(t)); errs <- err }()
	waitFor(t, func() bool { return full.Stats().Putters == 1 && empty.Stats().Getters == 1 })
	full.Shutdown(false)
	empty.Shutdown(false)
	require.ErrorIs(t, <-errs, managers.ErrShutDown)
	require.ErrorIs(t, <-errs, managers.ErrShutDown)
	assert.Equal(t, 1, getInt(t, full), "what was in stays to be taken")
	_, err := full.TryGet()
	require.ErrorIs(t, err, managers.ErrShutDown)
	require.ErrorIs(t, full.TryPut(3), managers.ErrShutDown)
}

func TestPriorityQueueOrdersTuplesAsPythonDoes(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{Order: queue.Priority}))
	type pair = []any
	for _, v := range []any{pair{2, "b"}, pair{1.5, "z"}, pair{2, "a"}, pair{1, pair{}}, pair{1, pair{}}} {
		require.NoError(t, q.Put(soon(t), v))
	}
	require.ErrorIs(t, q.TryPut("text among numbers"), managers.ErrTypeError)
	var got []float64
	for range 5 {
		r, err := q.TryGet()
		require.NoError(t, err)
		var v []any
		require.NoError(t, r.Unmarshal(&v))
		switch n := v[0].(type) {
		case int64:
			got = append(got, float64(n))
		case float64:
			got = append(got, n)
		}
	}
	assert.Equal(t, []float64{1, 1, 1.5, 2, 2}, got)
}
