//go:build amd64 || arm64

package queues_test

import (
	"context"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// What becomes of a queue when somebody stops in the middle of something.

// ends are descriptors of both ends of a queue's pipe, as another process has them.
func ends(t *testing.T, q anyQueue) (r, w *os.File) {
	t.Helper()
	var files []*os.File
	p := queues.Pickler{Duplicate: func(f *os.File) (int, error) {
		files = append(files, f)
		return int(f.Fd()), nil
	}}
	_, err := p.Object(q)
	require.NoError(t, err)
	for _, f := range files {
		t.Cleanup(func() { _ = f.Close() })
	}
	return files[0], files[1]
}

func simpleQueue(t *testing.T, o *queues.Options) *queues.SimpleQueue {
	q, err := queues.NewSimpleQueue(o)
	require.NoError(t, err)
	t.Cleanup(func() { finish(t, q) })
	return q
}

// framed is an item as it is in the pipe.
func framed(t *testing.T, v any) []byte {
	body, err := pickle.Marshal(v)
	require.NoError(t, err)
	return append(connection.AppendHeader(nil, uint64(len(body))), body...)
}

func write(t *testing.T, f *os.File, b []byte) {
	t.Helper()
	_, err := f.Write(b)
	require.NoError(t, err)
}

func TestAnItemThatComesByteByByteIsWhole(t *testing.T) {
	q := simpleQueue(t, nil)
	_, w := ends(t, q)
	go func() {
		for _, b := range framed(t, "slowly") {
			write(t, w, []byte{b})
			time.Sleep(100 * time.Microsecond)
		}
	}()
	assert.Equal(t, "slowly", get[string](t, q))
}

func TestAGetThatStalledGoesOnWhereItStopped(t *testing.T) {
	for _, have := range []int{1, 3, 4, 6} {
		q := simpleQueue(t, nil)
		_, w := ends(t, q)
		b := framed(t, "in two parts")
		write(t, w, b[:have])
		_, err := q.Get(moment(t))
		require.ErrorIs(t, err, queues.ErrStalled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		rlock, _ := q.Locks()
		require.True(t, rlock.Locked(), "nobody else may begin in the middle")
		write(t, w, b[have:])
		require.Equal(t, "in two parts", get[string](t, q))
		assert.False(t, rlock.Locked())
	}
}

func TestCloseInTheMiddleOfAnItemSaysSo(t *testing.T) {
	q := simpleQueue(t, nil)
	_, w := ends(t, q)
	write(t, w, framed(t, "x")[:5])
	ended := make(chan error)
	go func() {
		_, err := q.Get(context.Background())
		ended <- err
	}()
	require.Eventually(t, q.Empty, patience, time.Millisecond, "it has read what there is")
	require.ErrorIs(t, q.Close(), queues.ErrTorn)
	assert.ErrorIs(t, <-ended, queues.ErrClosed)
}

func TestTheEndInTheMiddleOfAnItemIsUnexpected(t *testing.T) {
	q := simpleQueue(t, nil)
	_, w := ends(t, q)
	write(t, w, framed(t, "x")[:5])
	require.NoError(t, w.Close())
	q.CloseWriter()
	for range 2 {
		_, err := q.Get(soon(t))
		require.Equal(t, io.ErrUnexpectedEOF, err)
	}
}

func TestALengthThatNobodyWritesEndsReading(t *testing.T) {
	for name, head := range map[string][]byte{
		"negative":           {0x80, 0, 0, 0},
		"beyond all memory":  {0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0},
		"negative long form": {0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			q := simpleQueue(t, nil)
			_, w := ends(t, q)
			write(t, w, head)
			for range 2 {
				_, err := q.Get(soon(t))
				require.ErrorIs(t, err, connection.ErrBadHeader)
			}
			rlock, _ := q.Locks()
			assert.False(t, rlock.Locked())
		})
	}
}

func TestALengthTakesNoMemoryByItself(t *testing.T) {
	q := simpleQueue(t, nil)
	_, w := ends(t, q)
	write(t, w, append([]byte{0x3f, 0xff, 0xff, 0xff}, "ten bytes."...)) // of a gigabyte
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := q.Get(moment(t))
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, queues.ErrStalled)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestAnItemThatIsNoPickleIsHandedOver(t *testing.T) {
	q := newQueue(t, 2)
	_, w := ends(t, q)
	for _, body := range []string{"", "no pickle"} {
		require.NoError(t, q.TryPut(1)) // for the place
		get[int](t, q)
		write(t, w, append(connection.AppendHeader(nil, uint64(len(body))), body...))
		_, err := q.Get(soon(t))
		var item *queues.ItemError
		require.ErrorAs(t, err, &item)
		assert.Equal(t, body, string(item.Bytes))
	}
	assert.Equal(t, 0, q.Qsize())
}

func TestAnItemOfAnotherTypeIsHandedOver(t *testing.T) {
	q := simpleQueue(t, nil)
	typed := queues.Of[int](q)
	put(t, q, "text", 2)
	_, err := typed.Get(soon(t))
	var item *queues.ItemError
	require.ErrorAs(t, err, &item)
	var text string
	require.NoError(t, item.Raw.Unmarshal(&text))
	assert.Equal(t, "text", text)
	n, err := typed.TryGet()
	require.NoError(t, err)
	assert.Equal(t, 2, n)
}

func TestAllEndsWithTheQueue(t *testing.T) {
	q := simpleQueue(t, nil)
	put(t, q, 1, "two", 3)
	q.CloseWriter()
	var got []int
	failed := 0
	for n, err := range queues.Of[int](q).All(soon(t)) {
		if err != nil {
			failed++
			continue
		}
		got = append(got, n)
	}
	assert.Equal(t, []int{1, 3}, got)
	assert.Equal(t, 1, failed)
}

// A process that is killed while it waits must take no lock with it.
func TestNobodyWaitsWithALockInHisHands(t *testing.T) {
	q := simpleQueue(t, nil)
	rlock, wlock := q.Locks()
	go func() { _, _ = q.Get(soon(t)) }()
	go fillUp(t, q)
	for range 100 {
		runtime.Gosched()
		require.Eventually(t, func() bool { return !rlock.Locked() && !wlock.Locked() }, patience, time.Microsecond)
	}
}

func fillUp(t *testing.T, q anyQueue) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for q.Put(ctx, make([]byte, 4000)) == nil {
	}
}

func TestGetWaitsForWhoHasTheLock(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		other := opened(t, q)
		rlock, _ := other.(interface {
			Locks() (r, w *synchronize.Lock)
		}).Locks()
		require.True(t, rlock.TryAcquire())
		put(t, q, 7)
		_, err := q.TryGet()
		require.ErrorIs(t, err, queues.ErrEmpty)
		_, err = q.Get(moment(t))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, rlock.Release())
		assert.Equal(t, 7, get[int](t, q))
	})
}

func TestPutWaitsForWhoHasTheLock(t *testing.T) {
	q := simpleQueue(t, nil)
	_, wlock := q.Locks()
	require.True(t, wlock.TryAcquire())
	require.ErrorIs(t, q.TryPut(1), queues.ErrFull)
	require.ErrorIs(t, q.Put(moment(t), 1), context.DeadlineExceeded)
	done := make(chan error)
	go func() { done <- q.Put(soon(t), 2) }()
	require.NoError(t, wlock.Release())
	require.NoError(t, <-done)
	assert.Equal(t, 2, get[int](t, q))
}

// A long item that has begun is taken for put: half of it cannot be taken back.
func TestAPutThatIsGivenUpInTheMiddleGoesOn(t *testing.T) {
	q := simpleQueue(t, nil)
	sent := make([]byte, 300_000)
	sent[len(sent)-1] = 1
	require.NoError(t, q.Put(moment(t), sent))
	sent[len(sent)-1] = 2 // it is the caller's again
	got := get[[]byte](t, q)
	require.Len(t, got, len(sent))
	assert.Equal(t, byte(1), got[len(got)-1])
}

func TestCancelJoinThreadAfterCloseLeavesHalfAnItem(t *testing.T) {
	q := newQueue(t, 0)
	other := opened(t, q)
	put(t, q, make([]byte, 300_000), 1)
	require.NoError(t, q.Close())
	assert.Equal(t, 1, q.CancelJoinThread())
	require.ErrorIs(t, q.JoinThread(soon(t)), queues.ErrTorn)
	_, err := other.Get(moment(t))
	require.ErrorIs(t, err, queues.ErrStalled)
	_, wlock := other.(*queues.Queue).Locks()
	assert.True(t, wlock.Locked(), "nobody else may write behind it")
}

func TestThePipeOfOthersIsNotSwitchedToNonBlocking(t *testing.T) {
	q := simpleQueue(t, nil)
	r, w := ends(t, q)
	put(t, q, 1)
	get[int](t, q)
	_, err := q.TryGet()
	require.ErrorIs(t, err, queues.ErrEmpty)
	for _, f := range []*os.File{r, w} {
		flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
		require.NoError(t, err)
		assert.Zero(t, flags&unix.O_NONBLOCK)
	}
}
