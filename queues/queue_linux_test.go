//go:build amd64 || arm64

package queues_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"sync"
	"testing"
	"time"

	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const patience = 30 * time.Second

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func over() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// moment is a context that ends soon enough for a test that waits for its end.
func moment(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// anyQueue is what all kinds do.
type anyQueue interface {
	Put(ctx context.Context, v any) error
	TryPut(v any) error
	Get(ctx context.Context) (pickle.Raw, error)
	TryGet() (pickle.Raw, error)
	Empty() bool
	JoinThread(ctx context.Context) error
	CancelJoinThread() int
	CloseReader() error
	CloseWriter()
	Close() error
}

var kinds = map[string]func(t testing.TB) anyQueue{
	"SimpleQueue": func(t testing.TB) anyQueue {
		q, err := queues.NewSimpleQueue(nil)
		require.NoError(t, err)
		return q
	},
	"Queue":         func(t testing.TB) anyQueue { return newQueue(t, 0) },
	"JoinableQueue": func(t testing.TB) anyQueue { return newJoinableQueue(t) },
}

func newJoinableQueue(t testing.TB) *queues.JoinableQueue {
	q, err := queues.NewJoinableQueue(0, nil)
	require.NoError(t, err)
	t.Cleanup(func() { finish(t, q) })
	return q
}

func newQueue(t testing.TB, maxsize int) *queues.Queue {
	q, err := queues.NewQueue(maxsize, nil)
	require.NoError(t, err)
	t.Cleanup(func() { finish(t, q) })
	return q
}

// finish closes a queue whose items are not to leave any more.
func finish(t testing.TB, q anyQueue) {
	_ = q.Close()
	q.CancelJoinThread()
	_ = q.JoinThread(soon(t))
}

func forEachKind(t *testing.T, test func(t *testing.T, q anyQueue)) {
	for kind, make := range kinds {
		t.Run(kind, func(t *testing.T) {
			q := make(t)
			t.Cleanup(func() { finish(t, q) })
			test(t, q)
		})
	}
}

func put(t testing.TB, q anyQueue, items ...any) {
	t.Helper()
	for _, v := range items {
		require.NoError(t, q.Put(soon(t), v))
	}
}

func get[T any](t testing.TB, q anyQueue) (v T) {
	t.Helper()
	raw, err := q.Get(soon(t))
	require.NoError(t, err)
	require.NoError(t, raw.Unmarshal(&v))
	return v
}

func TestItemsComeInTheirOrder(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		put(t, q, 1, "two", 3)
		assert.Equal(t, 1, get[int](t, q))
		assert.Equal(t, "two", get[string](t, q))
		assert.Equal(t, 3, get[int](t, q))
	})
}

func TestAnItemLongerThanThePipeArrivesWhole(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		sent := bytes.Repeat([]byte("0123456789"), 100_000)
		done := make(chan error)
		go func() { done <- q.Put(soon(t), sent) }()
		assert.Equal(t, sent, get[[]byte](t, q))
		require.NoError(t, <-done)
	})
}

func TestGetWaitsForAPut(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		got := make(chan int)
		go func() { got <- get[int](t, q) }()
		time.Sleep(time.Millisecond)
		put(t, q, 7)
		assert.Equal(t, 7, <-got)
	})
}

func TestGetEndsWithItsContextAndTakesNothing(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		_, err := q.Get(moment(t))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		put(t, q, 7)
		_, err = q.Get(over())
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 7, get[int](t, q))
	})
}

func TestTryGetOfAnEmptyQueueIsErrEmpty(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		assert.True(t, q.Empty())
		_, err := q.TryGet()
		require.ErrorIs(t, err, queues.ErrEmpty)
		put(t, q, 7)
		assert.False(t, q.Empty())
		_, err = q.TryGet()
		assert.NoError(t, err)
	})
}

func TestManyPutAndManyGetEachItemOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		const each, sides = 300, 4
		var putting sync.WaitGroup
		for i := range sides {
			putting.Go(func() {
				for k := range each {
					pad := make([]byte, k%7*2000) // short ones, and long ones that fill the pipe
					assert.NoError(t, q.Put(soon(t), pickle.Tuple{i*each + k, pad}))
				}
			})
		}
		seen := make([]int, each*sides)
		var mu sync.Mutex
		var getting sync.WaitGroup
		for range sides {
			getting.Go(func() {
				for range each {
					v := get[struct {
						N   int
						Pad []byte
					}](t, q)
					mu.Lock()
					seen[v.N]++
					mu.Unlock()
				}
			})
		}
		putting.Wait()
		getting.Wait()
		for n, times := range seen {
			require.Equal(t, 1, times, "item %d", n)
		}
	})
}

func TestCloseEndsWhatWaits(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		ended := make(chan error)
		for range 2 { // one waits for an item, the other for its turn
			go func() {
				_, err := q.Get(context.Background())
				ended <- err
			}()
		}
		time.Sleep(5 * time.Millisecond)
		require.NoError(t, q.Close())
		require.ErrorIs(t, <-ended, queues.ErrClosed)
		require.ErrorIs(t, <-ended, queues.ErrClosed)
		require.ErrorIs(t, q.Put(soon(t), 1), queues.ErrClosed)
		_, err := q.TryGet()
		require.ErrorIs(t, err, queues.ErrClosed)
		assert.NoError(t, q.Close(), "closing again")
	})
}

func TestWithoutWritersTheQueueEnds(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		put(t, q, 1)
		q.CloseWriter()
		require.ErrorIs(t, q.Put(soon(t), 2), queues.ErrClosed)
		assert.Equal(t, 1, get[int](t, q))
		_, err := q.Get(soon(t))
		assert.Equal(t, io.EOF, err)
	})
}

func TestWithoutReadersPutFails(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		require.NoError(t, q.CloseReader())
		_, err := q.Get(soon(t))
		require.ErrorIs(t, err, queues.ErrClosed)
		assert.Error(t, q.Put(soon(t), 2))
	})
}

func TestAnItemBeyondTheLimitIsReadAway(t *testing.T) {
	q, err := queues.NewSimpleQueue(&queues.Options{MaxMessage: 1000})
	require.NoError(t, err)
	defer finish(t, q)
	put(t, q, make([]byte, 10_000), "small")
	_, err = q.Get(soon(t))
	require.ErrorAs(t, err, new(*queues.LimitError))
	assert.Equal(t, "small", get[string](t, q))
}

func TestAnItemThatMayNotBeSentStaysHere(t *testing.T) {
	q, err := queues.NewQueue(1, &queues.Options{MaxSend: 100})
	require.NoError(t, err)
	defer finish(t, q)
	require.ErrorAs(t, q.TryPut(make([]byte, 101)), new(*queues.LimitError))
	assert.NoError(t, q.TryPut(1), "its place is free")
}

func TestPutWaitsForAPlace(t *testing.T) {
	q := newQueue(t, 2)
	put(t, q, 1, 2)
	assert.True(t, q.Full())
	require.ErrorIs(t, q.TryPut(3), queues.ErrFull)
	require.ErrorIs(t, q.Put(moment(t), 3), context.DeadlineExceeded)
	done := make(chan error)
	go func() { done <- q.Put(soon(t), 3) }()
	assert.Equal(t, 1, get[int](t, q))
	require.NoError(t, <-done)
	assert.Equal(t, 2, q.Qsize())
	assert.Equal(t, 2, get[int](t, q))
	assert.Equal(t, 3, get[int](t, q))
	assert.Equal(t, 0, q.Qsize())
}

func TestCloseEndsAPutThatWaitsForAPlace(t *testing.T) {
	q := newQueue(t, 1)
	put(t, q, 1)
	done := make(chan error)
	go func() { done <- q.Put(context.Background(), 2) }()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, q.Close())
	assert.ErrorIs(t, <-done, queues.ErrClosed)
}

// A Queue takes more than the pipe holds, as Python's does, and what is changed after Put has returned is put as it was.
func TestAQueueTakesMoreThanThePipeHolds(t *testing.T) {
	q := newQueue(t, 0)
	item := make([]byte, 50_000)
	for i := range 20 {
		item[0] = byte(i)
		put(t, q, item)
	}
	assert.Equal(t, 20, q.Qsize())
	clear(item)
	for i := range 20 {
		require.Equal(t, byte(i), get[[]byte](t, q)[0])
	}
	assert.NoError(t, q.JoinThread(soon(t)))
}

func TestWhatWasPutLeavesAfterClose(t *testing.T) {
	q := newQueue(t, 0)
	other := opened(t, q)
	for range 5 {
		put(t, q, make([]byte, 50_000))
	}
	require.NoError(t, q.Close())
	require.ErrorIs(t, q.JoinThread(moment(t)), context.DeadlineExceeded)
	for range 5 {
		require.Len(t, get[[]byte](t, other), 50_000)
	}
	assert.NoError(t, q.JoinThread(soon(t)))
}

func TestCancelJoinThreadDropsWhatHasNotLeftAndGivesItsPlacesBack(t *testing.T) {
	q := newQueue(t, 0)
	for range 5 {
		put(t, q, make([]byte, 50_000))
	}
	dropped := q.CancelJoinThread()
	assert.Equal(t, 3, dropped, "one is in the pipe, one in part")
	for range 2 {
		require.Len(t, get[[]byte](t, q), 50_000)
	}
	_, err := q.TryGet()
	require.ErrorIs(t, err, queues.ErrEmpty)
	assert.Equal(t, 0, q.Qsize())
}

func TestASimplePutThatWasGivenUpPutsNothing(t *testing.T) {
	q, err := queues.NewSimpleQueue(nil)
	require.NoError(t, err)
	defer finish(t, q)
	fillPipe(t, q)
	require.ErrorIs(t, q.TryPut(1), queues.ErrFull)
	require.ErrorIs(t, q.Put(moment(t), 2), context.DeadlineExceeded)
	for !q.Empty() {
		require.Contains(t, []int{0, 4000}, len(get[[]byte](t, q)))
	}
}

// fillPipe puts byte strings of 4000 and of 0 bytes until nothing fits.
func fillPipe(t testing.TB, q anyQueue) {
	for _, size := range []int{4000, 0} {
		for err := error(nil); err == nil; {
			err = q.TryPut(make([]byte, size))
		}
	}
}

// opened opens a queue once more, as another process does that gets it in a pickle.
func opened(t testing.TB, q anyQueue) anyQueue {
	t.Helper()
	var p queues.Pickler
	p.Duplicate = duplicate
	object, err := p.Object(q)
	require.NoError(t, err)
	data, err := pickle.Marshal(object)
	require.NoError(t, err)
	var v any
	require.NoError(t, pickle.Unmarshal(data, &v))
	var u queues.Unpickler
	defer u.CloseDescriptors()
	other, err := u.Object(v)
	require.NoError(t, err)
	t.Cleanup(func() { finish(t, other.(anyQueue)) })
	return other.(anyQueue)
}

func TestAPickledQueueIsTheSameQueue(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		other := opened(t, q)
		assert.IsType(t, q, other)
		put(t, q, 1)
		assert.Equal(t, 1, get[int](t, other))
		put(t, other, 2)
		assert.Equal(t, 2, get[int](t, q))
	})
}

func TestCloseRemovesTheNamesOfWhatWasMadeHere(t *testing.T) {
	forEachKind(t, func(t *testing.T, q anyQueue) {
		var p queues.Pickler
		p.Duplicate = func(f *os.File) (int, error) { return int(f.Fd()), f.Close() } // nobody is started
		object, err := p.Object(q)
		require.NoError(t, err)
		names := namesIn(object)
		require.GreaterOrEqual(t, len(names), 2)
		for _, name := range names {
			l, err := synchronize.Open(name, synchronize.SemValueMax, nil)
			require.NoError(t, err)
			require.NoError(t, l.Close())
		}
		require.NoError(t, q.Close())
		for _, name := range names {
			_, err = synchronize.Open(name, synchronize.SemValueMax, nil)
			assert.ErrorIs(t, err, fs.ErrNotExist)
		}
	})
}

// namesIn are the names of semaphores in a state.
func namesIn(v any) (names []string) {
	switch v := v.(type) {
	case *pickle.Object:
		return namesIn(v.State)
	case pickle.Tuple:
		for _, x := range v {
			names = append(names, namesIn(x)...)
		}
	case string:
		names = append(names, v)
	}
	return names
}

func TestJoinWaitsUntilAllTasksAreDone(t *testing.T) {
	q := newJoinableQueue(t)
	require.NoError(t, q.Join(soon(t)), "nothing was put")
	put(t, q, 1, 2)
	require.ErrorIs(t, q.Join(moment(t)), context.DeadlineExceeded)
	joined := make(chan error)
	for range 2 {
		go func() { joined <- q.Join(soon(t)) }()
	}
	get[int](t, q)
	require.NoError(t, q.TaskDone(soon(t)))
	assert.Equal(t, 1, q.Unfinished())
	require.NoError(t, q.TaskDone(soon(t)))
	require.NoError(t, <-joined)
	require.NoError(t, <-joined)
	assert.ErrorIs(t, q.TaskDone(soon(t)), queues.ErrTaskDone)
}

func TestWhatIsDroppedIsNoUnfinishedTask(t *testing.T) {
	q := newJoinableQueue(t)
	for range 5 {
		put(t, q, make([]byte, 50_000))
	}
	require.Equal(t, 3, q.CancelJoinThread())
	assert.Equal(t, 2, q.Unfinished())
}

func TestWhoHasGivenUpPuttingSaysThatTasksAreDone(t *testing.T) {
	q := newJoinableQueue(t)
	put(t, q, 1)
	q.CloseWriter()
	get[int](t, q)
	require.NoError(t, q.TaskDone(soon(t)))
	assert.NoError(t, q.Join(soon(t)))
}

func TestCloseEndsJoin(t *testing.T) {
	q := newJoinableQueue(t)
	put(t, q, 1)
	joined := make(chan error)
	go func() { joined <- q.Join(context.Background()) }()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, q.Close())
	assert.ErrorIs(t, <-joined, queues.ErrClosed)
}
