package queuetest

import (
	"context"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/queue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// suite makes the Backends of one test.
type suite struct{ open Open }

// made is a Backend under test, with its dead letters.
type made struct {
	t *testing.T
	queue.Backend
	dead queue.Backend
}

func (s *suite) make(t *testing.T, o queue.Options) *made {
	t.Helper()
	b, dead := s.open(t, o)
	t.Cleanup(func() {
		assert.NoError(t, b.Close())
		if dead != nil {
			assert.NoError(t, dead.Close())
		}
	})
	return &made{t, b, dead}
}

// caller is a goroutine that waits, for as long as a test may.
func (m *made) caller() queue.Caller { return queue.NewCaller(testwait.Soon(m.t)) }

// message pickles an item.
func (m *made) message(v any) queue.Message {
	m.t.Helper()
	r, err := pickle.NewRaw(v, nil)
	require.NoError(m.t, err)
	return queue.Message{Raw: r}
}

// try puts an item without waiting.
func (m *made) try(v any) error { return m.Put(nil, m.message(v), queue.Wait{}) }

// put puts items for which there is room.
func (m *made) put(vs ...any) {
	m.t.Helper()
	for _, v := range vs {
		require.NoError(m.t, m.try(v))
	}
}

// putting puts an item in a goroutine, and returns once it waits.
func (m *made) putting(v any) <-chan error {
	m.t.Helper()
	waits, done := m.Stats().Putters, make(chan error, 1)
	by, message := m.caller(), m.message(v)
	go func() { done <- m.Put(by, message, queue.Forever) }()
	testwait.For(m.t, func() bool { return m.Stats().Putters > waits || len(done) > 0 })
	return done
}

// take takes up to n items that are there, as a connection does.
func (m *made) take(owner uint64, n int) queue.Deliveries {
	m.t.Helper()
	d, err := m.Take(nil, queue.Taking{Max: n, Owner: owner})
	require.NoError(m.t, err)
	return d
}

// values are the items of a delivery.
func (m *made) values(d queue.Deliveries) (out []any) {
	m.t.Helper()
	for i := range d.Len() {
		v, err := d.Message(i).Raw.Any()
		require.NoError(m.t, err)
		out = append(out, v)
	}
	return out
}

// get takes an item for good.
func (m *made) get() any {
	m.t.Helper()
	d := m.take(0, 1)
	v, receipt := m.values(d)[0], d.Receipt(0)
	d.Resolve(queue.Delivered)
	if receipt != "" {
		ok, err := m.Ack(receipt)
		require.NoError(m.t, err)
		require.True(m.t, ok)
	}
	return v
}

// all takes everything that is there, one after the other.
func (m *made) all() (out []any) {
	m.t.Helper()
	for m.Stats().Len > 0 {
		out = append(out, m.get())
	}
	return out
}

// got is what a get that waits came to.
type got struct {
	value any
	err   error
}

// getting takes an item in a goroutine, and returns once it waits.
func (m *made) getting(ctx context.Context) <-chan got {
	m.t.Helper()
	waits, done := m.Stats().Getters, make(chan got, 1)
	go func() {
		d, err := m.Take(queue.NewCaller(ctx), queue.Taking{Wait: queue.Forever})
		if err != nil {
			done <- got{err: err}
			return
		}
		v, err := d.Message(0).Raw.Any()
		d.Resolve(queue.Delivered)
		done <- got{v, err}
	}()
	testwait.For(m.t, func() bool { return m.Stats().Getters > waits || len(done) > 0 })
	return done
}

// long is a lease that does not end while a test runs.
const long = time.Hour

// short is one that does.
const short = queue.MinLease

// Open makes an empty Backend. Where the options have MaxDeliveries it returns the one of the dead letters, too; else
// dead is nil. The suite closes both.
type Open func(t *testing.T, o queue.Options) (b, dead queue.Backend)

// test is one test of the suite.
type test func(t *testing.T, s *suite)

// timed is a Caller whose Park ends at the deadline, as a client's call does.
type timed struct{ woken chan struct{} }

func timedCaller(t *testing.T, _ *made) queue.Caller {
	t.Helper()
	return timed{make(chan struct{}, 1)}
}

func (c timed) Waker() queue.Waker { return c }

func (c timed) Gone() bool { return false }

func (c timed) Wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c timed) Park(deadline time.Time) error {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-c.woken:
		return nil
	case <-timer.C:
		return queue.ErrTimeout
	}
}

// borrow takes an item on lease and returns its receipt.
func (m *made) borrow(owner uint64) (receipt string, count int) {
	m.t.Helper()
	d := m.take(owner, 1)
	receipt, count = d.Receipt(0), d.Count(0)
	d.Resolve(queue.Delivered)
	return receipt, count
}

// yes is what a call on a receipt says that found something to do.
func yes(t *testing.T) func(ok bool, err error) {
	return func(ok bool, err error) {
		t.Helper()
		require.NoError(t, err)
		require.True(t, ok)
	}
}

// no is what it says where the lease has ended.
func no(t *testing.T) func(ok bool, err error) {
	return func(ok bool, err error) {
		t.Helper()
		require.NoError(t, err)
		require.False(t, ok)
	}
}
