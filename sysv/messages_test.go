//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/pickle"
	"mpbridge/sysv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newQueue makes a queue that no key finds and that is gone when the test ends.
func newQueue(t testing.TB) *sysv.MessageQueue {
	t.Helper()
	q, err := sysv.CreateMessageQueue(sysv.Private, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = q.Remove() })
	return q
}

// newKey is a key that nobody uses: that of a file of the test's.
func newKey(t testing.TB) sysv.Key {
	t.Helper()
	key, err := sysv.Ftok(t.TempDir(), 'k')
	require.NoError(t, err)
	return key
}

func TestMessagesAreTakenByTheirKind(t *testing.T) {
	q := newQueue(t)
	ctx := testwait.Soon(t)
	for kind := 1; kind <= 5; kind++ {
		require.NoError(t, q.Send(ctx, kind, []byte{byte(kind)}))
	}
	var order []int
	for _, kind := range []int{4, -3, 0, 5, 0} {
		message, its, err := q.Receive(ctx, kind)
		require.NoError(t, err)
		assert.Equal(t, []byte{byte(its)}, message)
		order = append(order, its)
	}
	assert.Equal(t, []int{4, 1, 2, 5, 3}, order)
}

func TestAMessageOfAnotherKindIsNoMessage(t *testing.T) {
	q := newQueue(t)
	require.NoError(t, q.TrySend(2, nil))
	_, _, err := q.TryReceive(1)
	require.ErrorIs(t, err, sysv.ErrEmpty)
	message, _, err := q.TryReceive(2)
	require.NoError(t, err)
	assert.Empty(t, message)
}

func TestAKindIsAtLeastOne(t *testing.T) {
	for _, kind := range []int{0, -1} {
		var limit *sysv.LimitError
		require.ErrorAs(t, newQueue(t).TrySend(kind, nil), &limit)
	}
}

func TestAMessageBeyondTheKernelsLimitIsALimitError(t *testing.T) {
	var limit *sysv.LimitError
	require.ErrorAs(t, newQueue(t).TrySend(1, make([]byte, 1<<24)), &limit)
	assert.Equal(t, [2]any{"bytes of a message (kernel.msgmax)", int64(1 << 24)}, [2]any{limit.What, limit.Got})
}

func TestAFullQueueSaysSoUntilThereIsRoom(t *testing.T) {
	q := newQueue(t)
	full := fill(t, q)
	require.ErrorIs(t, q.TrySend(1, full), sysv.ErrFull)
	sent := make(chan error)
	go func() { sent <- q.Send(testwait.Soon(t), 1, full) }()
	_, _, err := q.Receive(testwait.Soon(t), 0)
	require.NoError(t, err)
	require.NoError(t, <-sent)
}

// fill sends messages until there is room for none, and returns one.
func fill(t *testing.T, q *sysv.MessageQueue) []byte {
	t.Helper()
	message := bytes.Repeat([]byte("x"), 4096)
	for q.TrySend(1, message) == nil {
	}
	return message
}

func TestTheContextEndsAWaitInTheKernel(t *testing.T) {
	q := newQueue(t)
	why := fmt.Errorf("why")
	for range 50 { // before the thread waits, while it begins to, and afterwards
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error)
		go func() {
			_, _, err := q.Receive(ctx, 0)
			ended <- err
		}()
		cancel(why)
		require.ErrorIs(t, <-ended, why)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err := q.Receive(ctx, 0)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	full := fill(t, q)
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, q.Send(ctx, 1, full), context.DeadlineExceeded)
}

func TestTheContextEndsAWaitWhereTheSignalIsIgnored(t *testing.T) {
	signal.Ignore(syscall.SIGURG)
	defer func() { // Reset would leave it among those that signal.Ignored knows
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGURG)
		signal.Stop(c)
	}()
	q := newQueue(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, _, err := q.Receive(ctx, 0)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	time.AfterFunc(time.Millisecond, func() { _ = q.TrySend(1, []byte("x")) })
	message, _, err := q.Receive(testwait.Soon(t), 0)
	require.NoError(t, err)
	assert.Equal(t, "x", string(message))
}

// TestNoMessageIsLostToAContext: each that was sent is received, whether by who gave up or by who came then.
func TestNoMessageIsLostToAContext(t *testing.T) {
	q := newQueue(t)
	const count = 300
	go func() {
		for range count {
			_ = q.Send(testwait.Soon(t), 1, []byte("x"))
		}
	}()
	for got := 0; got < count; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(got%7)*20*time.Microsecond)
		if _, _, err := q.Receive(ctx, 0); err == nil {
			got++
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		cancel()
	}
	_, _, err := q.TryReceive(0)
	require.ErrorIs(t, err, sysv.ErrEmpty)
}

func TestManyGoroutinesWaitAtAQueue(t *testing.T) {
	q := newQueue(t)
	ctx := testwait.Soon(t)
	var all sync.WaitGroup
	for kind := 1; kind <= 16; kind++ {
		all.Go(func() {
			message, _, err := q.Receive(ctx, kind)
			assert.NoError(t, err)
			assert.Equal(t, []byte{byte(kind)}, message)
		})
	}
	for kind := 1; kind <= 16; kind++ {
		require.NoError(t, q.Send(ctx, kind, []byte{byte(kind)}))
	}
	all.Wait()
}

func TestRemovingEndsWhatWaits(t *testing.T) {
	q := newQueue(t)
	for _, ctx := range []context.Context{context.Background(), testwait.Soon(t)} {
		again, err := sysv.CreateMessageQueue(sysv.Private, nil)
		require.NoError(t, err)
		ended := make(chan error)
		go func() {
			_, _, err := again.Receive(ctx, 0)
			ended <- err
		}()
		require.NoError(t, again.Remove())
		require.ErrorIs(t, <-ended, sysv.ErrRemoved)
		require.ErrorIs(t, again.Remove(), sysv.ErrRemoved)
	}
	require.NoError(t, q.TrySend(1, nil), "another queue is none of its business")
}

func TestAKeyFindsAnObjectUntilItIsRemoved(t *testing.T) {
	key := newKey(t)
	_, err := sysv.OpenMessageQueue(key)
	require.ErrorIs(t, err, fs.ErrNotExist)
	q, err := sysv.CreateMessageQueue(key, nil)
	require.NoError(t, err)
	defer q.Remove()
	_, err = sysv.CreateMessageQueue(key, nil)
	require.ErrorIs(t, err, fs.ErrExist)
	again, err := sysv.CreateMessageQueue(key, &sysv.CreateOptions{Existing: true})
	require.NoError(t, err)
	assert.Equal(t, q.ID(), again.ID())
	opened, err := sysv.OpenMessageQueue(key)
	require.NoError(t, err)
	assert.Equal(t, q.ID(), opened.ID())
	require.NoError(t, q.Remove())
	_, err = sysv.OpenMessageQueue(key)
	require.ErrorIs(t, err, sysv.ErrNotExist)
}

func TestAQueueTellsWhatItHolds(t *testing.T) {
	q := sysv.MessageQueueByID(newQueue(t).ID())
	require.NoError(t, q.TrySend(1, []byte("12345")))
	require.NoError(t, q.TrySend(1, []byte("123")))
	info, err := q.Info()
	require.NoError(t, err)
	assert.Equal(t, [2]int{2, 8}, [2]int{info.Messages, info.Bytes})
	assert.Greater(t, info.MaxBytes, 1000)
}

func TestAModeOutOfItsRangeIsRefused(t *testing.T) {
	_, err := sysv.CreateMessageQueue(sysv.Private, &sysv.CreateOptions{Mode: 0o1777})
	var option *pickle.OptionError
	require.ErrorAs(t, err, &option)
}

func TestFtokOfWhatIsNotThereIsAnError(t *testing.T) {
	_, err := sysv.Ftok("/nothing/is/here", 1)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
