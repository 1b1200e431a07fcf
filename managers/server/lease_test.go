package server_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// long is a lease that does not end while a test runs.
const long = time.Hour

// serveJobs starts a server with the queue jobs.
func serveJobs(t *testing.T, o queue.Options) (*queue.Queue, connection.Address) {
	t.Helper()
	s := newServer(t, server.Options{})
	q, err := s.RegisterQueue("jobs", &o)
	require.NoError(t, err)
	return q, serveAt(t, s)
}

// jobs is the queue jobs as a client of its own sees it.
func jobs(t *testing.T, addr connection.Address) (*client.Client, *client.Queue) {
	t.Helper()
	c := dial(t, addr)
	q, err := c.OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	return c, q
}

func fill(t *testing.T, q *queue.Queue, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, q.Put(soon(t), i))
	}
}

// drain takes all items for good.
func drain(t *testing.T, q *queue.Queue) (out []any) {
	t.Helper()
	for {
		r, err := q.TryGet()
		if err != nil {
			require.ErrorIs(t, err, managers.ErrEmpty)
			return out
		}
		v, err := r.Any()
		require.NoError(t, err)
		out = append(out, v)
	}
}

func TestItemsOfAConnectionThatEndsComeBackInOrder(t *testing.T) {
	for _, order := range []queue.Order{queue.FIFO, queue.LIFO, queue.Priority} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			q, addr := serveJobs(t, queue.Options{Lease: long, Order: order})
			fill(t, q, 5)
			c, mine := jobs(t, addr)
			for range 3 {
				_, err := mine.Get(soon(t))
				require.NoError(t, err)
			}
			require.NoError(t, mine.TaskDone(soon(t)))
			require.NoError(t, c.Close())
			waitFor(t, func() bool { return q.Stats().Leased == 0 })
			want := []any{int64(1), int64(2), int64(3), int64(4)}
			if order == queue.LIFO {
				want = []any{int64(3), int64(2), int64(1), int64(0)}
			}
			assert.Equal(t, want, drain(t, q))
		})
	}
}

func TestAnItemComesBackWhenItsLeaseEnds(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: 20 * time.Millisecond})
	fill(t, q, 2)
	_, mine := jobs(t, addr)
	first, err := mine.Lease(soon(t))
	require.NoError(t, err)
	waitFor(t, func() bool { return q.Len() == 2 })
	again, err := mine.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, first.Raw.Bytes(), again.Raw.Bytes())
	assert.Equal(t, []int{1, 2}, []int{first.Deliveries, again.Deliveries})
}

func TestAnItemIsAcknowledgedOnce(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 1)
	_, mine := jobs(t, addr)
	d, err := mine.Lease(soon(t))
	require.NoError(t, err)
	for _, want := range []bool{true, false} {
		ok, err := d.Ack(soon(t))
		require.NoError(t, err)
		assert.Equal(t, want, ok)
	}
	require.NoError(t, q.Join(soon(t)))
}

func TestALateAcknowledgementTakesTheItemOutOfTheQueue(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: 20 * time.Millisecond})
	fill(t, q, 2)
	_, mine := jobs(t, addr)
	_, err := mine.Get(soon(t))
	require.NoError(t, err)
	waitFor(t, func() bool { return q.Len() == 2 })
	require.NoError(t, mine.TaskDone(soon(t)))
	assert.Equal(t, []any{int64(1)}, drain(t, q))
}

func TestALateAcknowledgementIsTrueOfTheNextDeliveryToo(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: 50 * time.Millisecond})
	fill(t, q, 1)
	_, mine := jobs(t, addr)
	other, theirs := jobs(t, addr)
	first, err := mine.Lease(soon(t))
	require.NoError(t, err)
	_, err = theirs.Lease(soon(t))
	require.NoError(t, err)
	ok, err := first.Ack(soon(t))
	require.NoError(t, err)
	assert.True(t, ok)
	require.NoError(t, other.Close())
	require.NoError(t, q.Join(soon(t)))
	assert.Zero(t, q.Len(), "it was dealt with")
}

func TestAnItemThatIsRefusedGoesToSomebodyElse(t *testing.T) {
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		q, addr := serveJobs(t, queue.Options{Lease: long})
		fill(t, q, 1)
		_, mine := jobs(t, addr)
		d, err := mine.Lease(soon(t))
		require.NoError(t, err)
		ok, err := d.Nack(soon(t), delay)
		require.NoError(t, err)
		assert.True(t, ok)
		_, theirs := jobs(t, addr)
		again, err := theirs.Lease(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 2, again.Deliveries)
		ok, err = d.Nack(soon(t), 0)
		require.NoError(t, err)
		assert.False(t, ok, "it is not mine any more")
	}
}

func TestALeaseIsExtended(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 1)
	_, mine := jobs(t, addr)
	d, err := mine.Lease(soon(t))
	require.NoError(t, err)
	ok, err := d.Extend(soon(t), 2*long)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Greater(t, q.Leased()[0].Left, long)
	ok, err = d.Extend(soon(t), 0)
	require.NoError(t, err)
	assert.True(t, ok)
	waitFor(t, func() bool { return q.Len() == 1 })
}

func TestAnItemThatIsHandedOutTooOftenIsADeadLetter(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long, MaxDeliveries: 2})
	fill(t, q, 1)
	for range 2 {
		c, mine := jobs(t, addr)
		_, err := mine.Lease(soon(t))
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
	require.NoError(t, q.Join(soon(t)), "the item is counted off")
	dead, err := dial(t, addr).OpenQueue(soon(t), "jobs.dead")
	require.NoError(t, err)
	v, err := dead.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, int64(0), v)
	assert.Equal(t, uint64(1), q.Stats().Dead)
}

func TestAConnectionAcknowledgesOnlyWhatItHas(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 1)
	_, mine := jobs(t, addr)
	_, err := mine.Get(soon(t))
	require.NoError(t, err)
	_, theirs := jobs(t, addr)
	require.ErrorIs(t, theirs.TaskDone(soon(t)), managers.ErrValueError)
	assert.Equal(t, 1, q.Stats().Leased)
}

func TestAReceiptOfAnotherQueueIsNoReceipt(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 1)
	_, mine := jobs(t, addr)
	d, err := mine.Lease(soon(t))
	require.NoError(t, err)
	v, err := mine.Call(soon(t), "ack", "00000000"+d.Receipt[8:])
	require.NoError(t, err)
	assert.Equal(t, false, v)
	_, err = mine.Call(soon(t), "ack", "receipt")
	require.ErrorIs(t, err, managers.ErrValueError)
}

func TestUnackedItemsAreListed(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 2)
	_, mine := jobs(t, addr)
	d, err := mine.Lease(soon(t))
	require.NoError(t, err)
	v, err := mine.Call(soon(t), "unacked")
	require.NoError(t, err)
	list := v.(*pickle.List)
	require.Len(t, list.Items, 1)
	r, _ := list.Items[0].(*pickle.Dict).Get("receipt")
	assert.Equal(t, d.Receipt, r)
}

func TestAQueueOfThisProgramLeases(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{Lease: long}))
	fill(t, q, 1)
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	ok, err := d.Nack(soon(t), 0)
	require.NoError(t, err)
	assert.True(t, ok)
	d, err = q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 2, d.Deliveries)
	ok, err = d.Ack(soon(t))
	require.NoError(t, err)
	assert.True(t, ok)
	require.NoError(t, q.Join(soon(t)))
}

func TestAQueueWithoutLeasesLendsNothing(t *testing.T) {
	_, err := testwait.Must(queue.New(nil)).Lease(soon(t))
	require.ErrorIs(t, err, managers.ErrNoLease)
}

func TestLeasesAreChecked(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	for _, o := range []queue.Options{
		{Lease: -1}, {Lease: time.Microsecond}, {MaxDeliveries: 1}, {Lease: long, MaxDeliveries: -1},
	} {
		_, err := s.RegisterQueue("q", &o)
		require.Error(t, err)
		require.Error(t, s.RegisterQueueFamily("q", &o))
	}
	require.Error(t, s.RegisterQueueType("q", &queue.Options{Lease: long, MaxDeliveries: 1}))
}

func TestSeveralItemsAreLentAtOnce(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 3)
	c, mine := jobs(t, addr)
	v, err := mine.Call(soon(t), "get_many", 2)
	require.NoError(t, err)
	require.Len(t, v.(*pickle.List).Items, 2)
	assert.Equal(t, 2, q.Stats().Leased)
	require.NoError(t, c.Close())
	waitFor(t, func() bool { return q.Len() == 3 })
	assert.Equal(t, []any{int64(0), int64(1), int64(2)}, drain(t, q))
}

// leaseAndReset takes an item on lease and resets the connection, with the reply read or unread, until the
// item has come back. It returns the receipt.
func leaseAndReset(t *testing.T, q *queue.Queue, addr connection.Address, read bool) string {
	t.Helper()
	receipt := leaseAndDie(t, q, addr, read, "lease")
	waitFor(t, func() bool { return q.Len() == 1 })
	return receipt
}

// leaseAndDie is leaseAndReset for any method that leases, and for items that need not come back. The receipt
// is that of the first.
func leaseAndDie(
	t *testing.T, q *queue.Queue, addr connection.Address, read bool, method string, args ...any,
) string {
	t.Helper()
	_, mine := jobs(t, addr)
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"raw"}, pickle.NewDict()})
	conn, err := connection.Dial(soon(t), addr.String(), &connection.DialOptions{
		Authkey: key, FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	require.NoError(t, conn.SendBytes(context.Background(), pickled(t, pickle.Tuple{
		mine.Token().Ident, method, pickle.Tuple(args), pickle.NewDict()})))
	_, err = conn.Poll(time.Minute)
	require.NoError(t, err)
	unacked := q.Leased()
	require.NotEmpty(t, unacked)
	if read {
		_, err = conn.RecvBytes(context.Background())
		require.NoError(t, err)
	}
	require.NoError(t, conn.Transport().Reset())
	waitFor(t, func() bool { return q.Stats().Leased == 0 })
	return unacked[0].Receipt
}

func TestALeaseWhoseReplyMayHaveBeenReadCounts(t *testing.T) {
	for _, read := range []bool{true, false} {
		q, addr := serveJobs(t, queue.Options{Lease: long})
		fill(t, q, 1)
		receipt := leaseAndReset(t, q, addr, read)
		_, mine := jobs(t, addr)
		d, err := mine.Lease(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 2, d.Deliveries)
		assert.NotEqual(t, receipt, d.Receipt)
		refused, err := mine.Call(soon(t), "nack", receipt)
		require.NoError(t, err)
		assert.Equal(t, false, refused, "who had the item before cannot take it away")
	}
}

func TestAReplyThatIsNotReadIsNoStepToTheDeadLetters(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long, MaxDeliveries: 1})
	fill(t, q, 1)
	leaseAndReset(t, q, addr, false)
	assert.Equal(t, []any{int64(0)}, drain(t, q))
}

// larger is more than what the sockets of both ends hold.
const larger = 32 << 20

func TestAReplyThatLeftInPartIsAHandingOut(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	require.NoError(t, q.Put(soon(t), make([]byte, larger)))
	receipt := leaseAndReset(t, q, addr, false)
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 2, d.Deliveries)
	assert.NotEqual(t, receipt, d.Receipt)
}

func TestAnItemThatKillsWhoeverReadsItIsADeadLetter(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long, MaxDeliveries: 2})
	require.NoError(t, q.Put(soon(t), make([]byte, larger)))
	leaseAndReset(t, q, addr, false)
	leaseAndDie(t, q, addr, false, "lease")
	require.NoError(t, q.Join(soon(t)))
	assert.Equal(t, uint64(1), q.Stats().Dead)
	dead, err := dial(t, addr).OpenQueue(soon(t), "jobs.dead")
	require.NoError(t, err)
	r, err := dead.GetRaw(soon(t))
	require.NoError(t, err)
	assert.Greater(t, r.Size(), larger)
}

func TestItemsOfAReplyThatLeftInPartComeBackInOrder(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long})
	fill(t, q, 1)
	require.NoError(t, q.Put(soon(t), make([]byte, larger)))
	leaseAndDie(t, q, addr, false, "get_many", 2)
	waitFor(t, func() bool { return q.Len() == 2 })
	for i, want := range []int{1, larger} {
		d, err := q.Lease(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 2, d.Deliveries)
		assert.GreaterOrEqual(t, d.Raw.Size(), want, i)
	}
}

func TestAWaiterThatIsGoneBeforeItsReplyDoesNotCount(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Lease: long, MaxDeliveries: 1})
	c, mine := jobs(t, addr)
	ctx, cancel := context.WithCancel(soon(t))
	asked := make(chan error, 1)
	go func() {
		_, err := mine.Lease(ctx)
		asked <- err
	}()
	waitFor(t, func() bool { return q.Stats().Getters == 1 })
	cancel()
	require.Error(t, <-asked)
	require.NoError(t, c.Close())
	fill(t, q, 1)
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1, d.Deliveries)
}
