package queue_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// long is a lease that does not end while a test runs.
const long = time.Hour

// borrower is the connection that the tests of books lease to.
const borrower = 7

var orders = map[string]queue.Order{
	"FIFO": queue.FIFO, "LIFO": queue.LIFO, "priority": queue.Priority,
}

// ways are how items leave a queue and come back, or are dealt with. Each begins with a queue of n items
// and ends with one that has none leased.
var ways = []struct {
	name string
	gone bool // the items do not come back
	run  func(q *queue.Queue, n int)
}{
	{"the reply is undone", false, func(q *queue.Queue, n int) {
		queue.TakeMany(q, borrower, n).Undo()
	}},
	{"the connection ends", false, func(q *queue.Queue, n int) {
		queue.TakeMany(q, borrower, n)
		queue.OwnerGone(q, borrower)
	}},
	{"nack of each, in no order", false, func(q *queue.Queue, n int) {
		reply := queue.TakeMany(q, borrower, n)
		for _, i := range shuffled(n) {
			reply.Nack(i)
		}
	}},
	{"task_done of each", true, func(q *queue.Queue, n int) {
		queue.TakeMany(q, borrower, n)
		for range n {
			_ = queue.TaskDoneBy(q, borrower)
		}
	}},
	{"ack of each, in no order", true, func(q *queue.Queue, n int) {
		reply := queue.TakeMany(q, borrower, n)
		for _, i := range shuffled(n) {
			reply.Ack(i)
		}
	}},
	{"ack of each after it came back", true, func(q *queue.Queue, n int) {
		reply := queue.TakeMany(q, borrower, n)
		queue.OwnerGone(q, borrower)
		for _, i := range shuffled(n) {
			reply.Ack(i)
		}
	}},
}

func shuffled(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }

func TestAnItemOnLeaseCostsNoMoreComparisonsThanTheDepthOfATree(t *testing.T) {
	for name, order := range orders {
		for _, way := range ways {
			t.Run(name+"/"+way.name, func(t *testing.T) {
				const n = many / 10
				q := testwait.Must(queue.New(&queue.Options{Order: order, Lease: long}))
				queue.Fill(q, n)
				compared := queue.CountComparisons(q)
				way.run(q, n)
				queue.TakeMany(q, borrower, n)
				most := 3 * 2 * n * bits.Len(n) // each may go in and out three times
				assert.LessOrEqual(t, *compared, most)
			})
		}
	}
}

func TestManyItemsOnLeaseComeBackInOrder(t *testing.T) {
	const n = many
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			q := testwait.Must(queue.New(&queue.Options{Lease: long}))
			queue.Fill(q, n)
			finishes(t, func() { way.run(q, n) })
			assert.Zero(t, q.Stats().Leased)
			if way.gone {
				assert.Zero(t, q.Len())
				require.NoError(t, q.Join(soon(t)))
				return
			}
			assert.Equal(t, n, q.Len())
			for i := range 1000 {
				require.Equal(t, i, getInt(t, q))
			}
		})
	}
}

// finishes runs f and fails where it has not ended after a while.
func finishes(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it takes for ever")
	}
}

func TestManyItemsComeBackWhenTheirLeaseEnds(t *testing.T) {
	const n = many / 2
	q := testwait.Must(queue.New(&queue.Options{Lease: 20 * time.Millisecond}))
	queue.Fill(q, n)
	queue.TakeMany(q, borrower, n)
	waitFor(t, func() bool { return q.Len() == n })
	assert.Equal(t, []int{0, 1, 2}, getInts(t, q, 3))
}

func TestManyItemsOfAReplyWithoutLeasesComeBackInOrder(t *testing.T) {
	const n = many / 2
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			q := testwait.Must(queue.New(&queue.Options{Order: order}))
			queue.Fill(q, n)
			first := queue.TakeMany(q, borrower, n/2)
			second := queue.TakeMany(q, borrower, n/2)
			finishes(t, func() {
				first.Undo()
				second.Undo()
			})
			want := []int{0, 1, 2}
			if order == queue.LIFO {
				want = []int{n - 1, n - 2, n - 3}
			}
			assert.Equal(t, want, getInts(t, q, 3))
		})
	}
}

func TestAPutOfAPriorityQueueLooksAtFewItems(t *testing.T) {
	const n = many / 10
	q := testwait.Must(queue.New(&queue.Options{Order: queue.Priority}))
	compared := queue.CountComparisons(q)
	for i := range n {
		require.NoError(t, q.TryPut(n-i))
	}
	assert.LessOrEqual(t, *compared, 3*n*bits.Len(n))
}

func TestItemsThatCameBackAndThoseThatWaitAreShownInOneOrder(t *testing.T) {
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			q := testwait.Must(queue.New(&queue.Options{Order: order, Lease: long}))
			queue.Fill(q, 40)
			reply := queue.TakeMany(q, borrower, 20)
			for _, i := range shuffled(20) {
				if i%3 > 0 {
					reply.Nack(i)
				}
			}
			var shown []int
			for _, r := range queue.Peek(q, 30) {
				var n int
				require.NoError(t, r.Unmarshal(&n))
				shown = append(shown, n)
			}
			assert.Equal(t, getInts(t, q, 30), shown)
		})
	}
}

func TestOfLoansThatEndedOnlySoManyAreRemembered(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{Lease: 10 * time.Millisecond}))
	queue.Fill(q, 1100)
	for range 5 {
		queue.TakeMany(q, borrower, 1100)
		waitFor(t, func() bool { return q.Len() == 1100 })
	}
	assert.Equal(t, 1100, queue.Remembered(q, borrower), "as many as it had at once")
}

// BenchmarkLeases shows what one item costs, by how many there are.
func BenchmarkLeases(b *testing.B) {
	for _, way := range ways {
		for _, n := range []int{10_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", way.name, n), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					q := testwait.Must(queue.New(&queue.Options{Lease: long}))
					queue.Fill(q, n)
					b.StartTimer()
					way.run(q, n)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/item")
			})
		}
	}
}
