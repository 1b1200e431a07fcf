//go:build linux

package mqueue_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/leak"
	"mpbridge/internal/testing/testwait"
	"mpbridge/mqueue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

var names struct {
	sync.Mutex
	n int
}

// newName is a name that no other test has, nor another run.
func newName() string {
	names.Lock()
	defer names.Unlock()
	names.n++
	return fmt.Sprintf("/mpbridge-%d-%d", os.Getpid(), names.n)
}

// create makes a queue that is gone when the test ends.
func create(t testing.TB, o *mqueue.CreateOptions) *mqueue.Queue {
	t.Helper()
	q, err := mqueue.Create(newName(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = q.Close()
		_ = mqueue.Unlink(q.Name())
	})
	return q
}

func TestMessagesComeByPriorityAndThenInTheirOrder(t *testing.T) {
	q := create(t, nil)
	ctx := testwait.Soon(t)
	for i, priority := range []int{1, 5, 3, 5, 0, mqueue.MaxPriority} {
		require.NoError(t, q.Send(ctx, []byte{byte(i)}, priority))
	}
	var order []byte
	for range 6 {
		message, _, err := q.Receive(ctx)
		require.NoError(t, err)
		order = append(order, message...)
	}
	assert.Equal(t, []byte{5, 1, 3, 2, 0, 4}, order)
}

func TestAMessageMayBeEmptyAndAsLongAsTheQueueSays(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessageSize: 100})
	for _, n := range []int{0, 1, 100} {
		require.NoError(t, q.TrySend(bytes.Repeat([]byte("x"), n), 0))
		message, _, err := q.TryReceive()
		require.NoError(t, err)
		assert.Len(t, message, n)
	}
}

func TestAMessageThatIsTooLongIsRefusedBeforeItIsSent(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessageSize: 100})
	var limit *mqueue.LimitError
	require.ErrorAs(t, q.TrySend(make([]byte, 101), 0), &limit)
	assert.Equal(t, [2]int64{100, 101}, [2]int64{limit.Limit, limit.Got})
}

func TestAPriorityBeyondTheGreatestIsRefused(t *testing.T) {
	q := create(t, nil)
	for _, priority := range []int{-1, mqueue.MaxPriority + 1} {
		var limit *mqueue.LimitError
		require.ErrorAs(t, q.TrySend(nil, priority), &limit, "%d", priority)
	}
}

func TestAFullQueueAndAnEmptyOneSaySo(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessages: 1})
	_, _, err := q.TryReceive()
	require.ErrorIs(t, err, mqueue.ErrEmpty)
	require.NoError(t, q.TrySend([]byte("x"), 0))
	require.ErrorIs(t, q.TrySend([]byte("y"), 0), mqueue.ErrFull)
}

func TestTheContextEndsWhatWaitsAndNothingElse(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessages: 1})
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, _, err := q.Receive(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ctx := testwait.Soon(t)
	require.NoError(t, q.Send(ctx, []byte("x"), 0))
	why := fmt.Errorf("why")
	because, end := context.WithCancelCause(t.Context())
	time.AfterFunc(5*time.Millisecond, func() { end(why) })
	require.ErrorIs(t, q.Send(because, nil, 0), why)

	message, _, err := q.Receive(ctx)
	require.NoError(t, err, "the queue works after both")
	assert.Equal(t, "x", string(message))
}

func TestAWaitingReceiverGetsWhatIsSent(t *testing.T) {
	q := create(t, nil)
	got := make(chan []byte)
	go func() {
		message, _, _ := q.Receive(testwait.Soon(t))
		got <- message
	}()
	require.NoError(t, q.Send(testwait.Soon(t), []byte("x"), 0))
	assert.Equal(t, "x", string(<-got))
}

func TestAWaitingSenderGoesOnWhenThereIsRoom(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessages: 1})
	ctx := testwait.Soon(t)
	require.NoError(t, q.Send(ctx, []byte("1"), 0))
	sent := make(chan error)
	go func() { sent <- q.Send(ctx, []byte("2"), 0) }()
	_, _, err := q.Receive(ctx)
	require.NoError(t, err)
	require.NoError(t, <-sent)
}

func TestManyGoroutinesShareAQueueAndLoseNothing(t *testing.T) {
	q := create(t, nil)
	ctx := testwait.Soon(t)
	const senders, each = 8, 200
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				assert.NoError(t, q.Send(ctx, fmt.Appendf(nil, "%d %d", s, i), i%3))
			}
		})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	for range senders {
		all.Go(func() {
			for range each {
				message, _, err := q.Receive(ctx)
				assert.NoError(t, err)
				mu.Lock()
				seen[string(message)]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	assert.Len(t, seen, senders*each)
}

func TestOneReceiverThatGivesUpTakesNoOthersTurn(t *testing.T) {
	q := create(t, nil)
	patient := make(chan error)
	go func() {
		_, _, err := q.Receive(testwait.Soon(t))
		patient <- err
	}()
	for range 20 {
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, _, err := q.Receive(short)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	require.NoError(t, q.TrySend(nil, 0))
	require.NoError(t, <-patient)
}

func TestTryingNeverWaitsForOneThatWaits(t *testing.T) {
	q := create(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan struct{})
	go func() {
		defer close(waits)
		_, _, _ = q.Receive(ctx)
	}()
	for range 100 {
		_, _, err := q.TryReceive()
		require.ErrorIs(t, err, mqueue.ErrEmpty)
	}
	cancel()
	<-waits
}

func TestCloseEndsWhatWaits(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessages: 1})
	require.NoError(t, q.TrySend(nil, 0))
	ended := make(chan error)
	go func() { ended <- q.Send(testwait.Soon(t), nil, 0) }()
	time.Sleep(time.Millisecond) // either order is right; this one is the rarer
	require.NoError(t, q.Close())
	require.ErrorIs(t, <-ended, os.ErrClosed)
	require.ErrorIs(t, q.Close(), mqueue.ErrClosed)
	_, err := q.Attributes()
	require.ErrorIs(t, err, mqueue.ErrClosed)
	_, _, err = q.TryReceive()
	require.ErrorIs(t, err, mqueue.ErrClosed)
}

func TestANameIsTakenOnceAndMissedAfterwards(t *testing.T) {
	q := create(t, nil)
	_, err := mqueue.Create(q.Name(), nil)
	require.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, mqueue.Unlink(q.Name()))
	require.ErrorIs(t, mqueue.Unlink(q.Name()), fs.ErrNotExist)
	_, err = mqueue.Open(q.Name(), nil)
	require.ErrorIs(t, err, mqueue.ErrNotExist)
}

func TestCreateOpensTheQueueThatIsThereWhereItMay(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessages: 3})
	again, err := mqueue.Create(q.Name(), &mqueue.CreateOptions{MaxMessages: 7, Existing: true})
	require.NoError(t, err)
	defer again.Close()
	a, err := again.Attributes()
	require.NoError(t, err)
	assert.Equal(t, mqueue.Attributes{MaxMessages: 3, MaxMessageSize: 8192}, a)
}

func TestAnUnlinkedQueueGoesOnForWhoHasIt(t *testing.T) {
	q := create(t, nil)
	require.NoError(t, mqueue.Unlink(q.Name()))
	require.NoError(t, q.TrySend([]byte("x"), 0))
	a, err := q.Attributes()
	require.NoError(t, err)
	assert.Equal(t, 1, a.CurrentMessages)
}

func TestNamesThatTheLibraryWouldRefuseAreRefused(t *testing.T) {
	for _, name := range []string{"", "/", "jobs", "/a/b", "//", "/.", "/..", "/a\x00b", "/" + string(make([]byte, 256))} {
		_, err := mqueue.Create(name, nil)
		require.ErrorIs(t, err, mqueue.ErrBadName, "%q", name)
		_, err = mqueue.Open(name, nil)
		require.ErrorIs(t, err, mqueue.ErrBadName, "%q", name)
		require.ErrorIs(t, mqueue.Unlink(name), mqueue.ErrBadName, "%q", name)
	}
}

func TestTheLongestNameWorks(t *testing.T) {
	name := newName()
	name += string(bytes.Repeat([]byte("n"), 256-len(name)))
	q, err := mqueue.Create(name, nil)
	require.NoError(t, err)
	defer q.Close()
	require.NoError(t, mqueue.Unlink(name))
}

func TestOptionsOutOfTheirRangeAreRefused(t *testing.T) {
	for _, o := range []mqueue.CreateOptions{{MaxMessages: -1}, {MaxMessageSize: -1}, {Mode: fs.ModeDir | 0o700}} {
		_, err := mqueue.Create(newName(), &o)
		var option *pickle.OptionError
		require.ErrorAs(t, err, &option, "%+v", o)
	}
	_, err := mqueue.Open(newName(), &mqueue.OpenOptions{Access: 3})
	var option *pickle.OptionError
	require.ErrorAs(t, err, &option)
}

func TestAQueueBeyondTheKernelsLimitsIsALimitErrorThatNamesTheLimit(t *testing.T) {
	for what, o := range map[string]mqueue.CreateOptions{
		"messages (fs.mqueue.msg_max)":               {MaxMessages: 1 << 20},
		"bytes of a message (fs.mqueue.msgsize_max)": {MaxMessageSize: 1 << 30},
	} {
		_, err := mqueue.Create(newName(), &o)
		var limit *mqueue.LimitError
		require.ErrorAs(t, err, &limit)
		assert.Equal(t, what, limit.What)
	}
}

func TestAQueueWithMoreThanThereIsMemoryForIsNotOpened(t *testing.T) {
	q := create(t, &mqueue.CreateOptions{MaxMessageSize: 4096})
	_, err := mqueue.Open(q.Name(), &mqueue.OpenOptions{MaxBuffer: 4095})
	var limit *mqueue.LimitError
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, [2]int64{4095, 4096}, [2]int64{limit.Limit, limit.Got})
	sender, err := mqueue.Open(q.Name(), &mqueue.OpenOptions{MaxBuffer: 4095, Access: mqueue.WriteOnly})
	require.NoError(t, err, "who only sends needs no buffer")
	require.NoError(t, sender.Close())
}

func TestAQueueIsUsedOnlyInTheDirectionForWhichItWasOpened(t *testing.T) {
	q := create(t, nil)
	reader, err := mqueue.Open(q.Name(), &mqueue.OpenOptions{Access: mqueue.ReadOnly})
	require.NoError(t, err)
	defer reader.Close()
	writer, err := mqueue.Open(q.Name(), &mqueue.OpenOptions{Access: mqueue.WriteOnly})
	require.NoError(t, err)
	defer writer.Close()
	require.NoError(t, writer.TrySend([]byte("x"), 0))
	require.ErrorIs(t, reader.TrySend(nil, 0), mqueue.ErrPermission)
	_, _, err = writer.TryReceive()
	require.ErrorIs(t, err, fs.ErrPermission)
	_, _, err = reader.TryReceive()
	require.NoError(t, err)
}

func TestTheModeIsWhatWasAskedForWhateverTheUmaskIs(t *testing.T) {
	old := syscall.Umask(0o777)
	q := create(t, &mqueue.CreateOptions{Mode: 0o620})
	syscall.Umask(old)
	assert.Equal(t, fs.FileMode(0o620), mqueue.ModeOf(t, q))
}
