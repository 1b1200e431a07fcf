package durable_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/wal"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const long = time.Hour

// life is a folder, and the store that has it.
type life struct {
	t    *testing.T
	path string
	*durable.Store
}

func begin(t *testing.T) *life {
	path := filepath.Join(t.TempDir(), "data")
	return &life{t, path, open(t, path)}
}

// restart ends the store in order and opens it again.
func (l *life) restart() {
	l.t.Helper()
	require.NoError(l.t, l.Close())
	l.Store = open(l.t, l.path)
}

// crash opens a copy of the folder as a program that is killed now would leave it.
func (l *life) crash() {
	l.t.Helper()
	from, err := wal.Dir(l.path)
	require.NoError(l.t, err)
	l.path += "+"
	to, err := wal.Dir(l.path)
	require.NoError(l.t, err)
	require.NoError(l.t, wal.Backup(from, to))
	l.Store = open(l.t, l.path)
}

func message(t testing.TB, v any) queue.Message {
	t.Helper()
	r, err := pickle.NewRaw(v, nil)
	require.NoError(t, err)
	return queue.Message{Raw: r}
}

func put(t testing.TB, q *queue.Engine, vs ...any) {
	t.Helper()
	for _, v := range vs {
		require.NoError(t, q.Put(nil, message(t, v), queue.Wait{}))
	}
}

func value(t testing.TB, d queue.Deliveries) int64 {
	t.Helper()
	v, err := d.Message(0).Raw.Any()
	require.NoError(t, err)
	return v.(int64)
}

func take(t testing.TB, q *queue.Engine) queue.Deliveries {
	t.Helper()
	d, err := q.Take(nil, queue.Taking{Owner: 7})
	require.NoError(t, err)
	return d
}

// drain takes all that is there.
func drain(t testing.TB, q *queue.Engine) (out []int64) {
	t.Helper()
	for q.Len() > 0 {
		d := take(t, q)
		out = append(out, value(t, d))
		d.Resolve(queue.Delivered)
	}
	return out
}

func TestAPlannedRestartLosesAndDoublesNothing(t *testing.T) {
	for name, o := range map[string]queue.Options{
		"FIFO": {}, "LIFO": {Order: queue.LIFO}, "priority": {Order: queue.Priority}, "leased": {Lease: long},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, random := begin(t), rand.New(rand.NewPCG(1, 2))
			var there []int64
			for round := range 5 {
				q := engine(t, l.Store, "q", o)
				require.Equal(t, len(there), q.Len())
				for i := range 40 {
					if random.IntN(3) > 0 || q.Len() == 0 {
						put(t, q, round*100+i)
						there = append(there, int64(round*100+i))
						continue
					}
					d := take(t, q)
					v := value(t, d)
					if random.IntN(3) == 0 {
						d.Resolve(queue.Unsent)
						continue
					}
					receipt := d.Receipt(0)
					d.Resolve(queue.Delivered)
					if receipt != "" && random.IntN(2) == 0 {
						continue // it is leased, and comes back
					}
					if receipt != "" {
						ok, err := q.Ack(receipt)
						require.True(t, ok && err == nil)
					}
					there = slices.DeleteFunc(there, func(x int64) bool { return x == v })
				}
				l.restart()
			}
			got := drain(t, engine(t, l.Store, "q", o))
			if name == "LIFO" {
				slices.Reverse(got)
			}
			assert.Equal(t, there, got)
		})
	}
}

func TestWhatWasPutIsThereAfterACrash(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	put(t, q, 1, 2)
	n, err := q.PutMany(nil, []queue.Message{message(t, 3), message(t, 4)}, queue.Wait{})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	take(t, q) // its reader is not known to have it
	l.crash()
	assert.Equal(t, []int64{1, 2, 3, 4}, drain(t, engine(t, l.Store, "q", queue.Options{})))
}

func TestManyPutsAtOnceAreOneBatch(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	var ms []queue.Message
	for i := range 500 {
		ms = append(ms, message(t, i))
	}
	before := l.Stats().Batches
	_, err := q.PutMany(nil, ms, queue.Wait{})
	require.NoError(t, err)
	assert.LessOrEqual(t, l.Stats().Batches, before+2, "one, and what was deferred")
}

func TestAReceiptHoldsAcrossARestartAndACrash(t *testing.T) {
	for name, end := range map[string]func(*life){"a restart": (*life).restart, "a crash": (*life).crash} {
		t.Run(name, func(t *testing.T) {
			l, o := begin(t), queue.Options{Lease: long}
			q := engine(t, l.Store, "q", o)
			put(t, q, 1, 2)
			d := take(t, q)
			receipt := d.Receipt(0)
			d.Resolve(queue.Delivered)
			end(l)
			q = engine(t, l.Store, "q", o)
			ok, err := q.Ack(receipt)
			require.NoError(t, err)
			assert.True(t, ok)
			ok, err = q.Ack(receipt)
			require.NoError(t, err)
			assert.False(t, ok)
			assert.Equal(t, []int64{2}, drain(t, q))
		})
	}
}

func TestWhatWasAcknowledgedDoesNotComeBack(t *testing.T) {
	l, o := begin(t), queue.Options{Lease: long}
	q := engine(t, l.Store, "q", o)
	put(t, q, 1, 2, 3)
	ok, err := q.Ack(take(t, q).Receipt(0))
	require.True(t, ok && err == nil)
	take(t, q)
	require.NoError(t, q.TaskDone(7))
	l.crash()
	assert.Equal(t, []int64{3}, drain(t, engine(t, l.Store, "q", o)))
}

func TestJoinCountsAcrossARestart(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	put(t, q, 1, 2, 3)
	take(t, q).Resolve(queue.Delivered)
	take(t, q).Resolve(queue.Delivered)
	require.NoError(t, q.TaskDone(7))
	l.restart()
	q = engine(t, l.Store, "q", queue.Options{})
	assert.Equal(t, 2, q.Stats().Unfinished)
	require.NoError(t, q.TaskDone(7), "of the item that was taken before")
	take(t, q).Resolve(queue.Delivered)
	require.NoError(t, q.TaskDone(7))
	require.NoError(t, q.Join(nil))
	require.ErrorIs(t, q.TaskDone(7), managers.ErrValueError)
	l.crash()
	assert.Zero(t, engine(t, l.Store, "q", queue.Options{}).Stats().Unfinished)
}

func TestMoreTasksDoneThanItemsTakenIsTheSameAfterARestart(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	put(t, q, 1, 2)
	require.NoError(t, q.TaskDone(7))
	require.NoError(t, q.TaskDone(7))
	require.Equal(t, 2, q.Clear())
	put(t, q, 3)
	l.restart()
	assert.Equal(t, 1, engine(t, l.Store, "q", queue.Options{}).Stats().Unfinished)
}

func TestADeadLetterIsInOneQueueAfterACrash(t *testing.T) {
	l, o := begin(t), queue.Options{Lease: long, MaxDeliveries: 1}
	q := engine(t, l.Store, "q", o)
	put(t, q, 1, 2)
	take(t, q)
	q.OwnerGone(7)
	testwait.For(t, func() bool { return q.DeadLetters().Len() == 1 })
	assert.Equal(t, 1, q.Stats().Unfinished)
	l.crash()
	q = engine(t, l.Store, "q", o)
	assert.Equal(t, []int64{1}, drain(t, q.DeadLetters()))
	assert.Equal(t, []int64{2}, drain(t, q))
}

func TestHowOftenAnItemWasHandedOutIsKnownAfterARestart(t *testing.T) {
	l, o := begin(t), queue.Options{Lease: long, MaxDeliveries: 2}
	q := engine(t, l.Store, "q", o)
	put(t, q, 1)
	take(t, q)
	l.restart()
	q = engine(t, l.Store, "q", o)
	d := take(t, q)
	assert.Equal(t, 2, d.Count(0))
	q.OwnerGone(7)
	testwait.For(t, func() bool { return q.DeadLetters().Len() == 1 })
}

func TestADelayGoesOnAfterARestart(t *testing.T) {
	l, o := begin(t), queue.Options{Lease: long}
	q := engine(t, l.Store, "q", o)
	put(t, q, 1, 2)
	ok, err := q.Nack(take(t, q).Receipt(0), long)
	require.True(t, ok && err == nil)
	l.restart()
	q = engine(t, l.Store, "q", o)
	defer q.Close()
	assert.Equal(t, 1, q.Len())
	assert.Greater(t, q.Leased()[0].Left, long/2)
}

func TestAShutdownIsThereAfterARestart(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	put(t, q, 1)
	q.Shutdown(false)
	l.crash()
	q = engine(t, l.Store, "q", queue.Options{})
	assert.ErrorIs(t, q.Put(nil, message(t, 2), queue.Wait{}), managers.ErrShutDown)
	assert.Equal(t, []int64{1}, drain(t, q))
}

func TestWhatWasClearedIsGone(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{})
	put(t, q, 1, 2)
	require.Equal(t, 2, q.Clear())
	l.crash()
	q = engine(t, l.Store, "q", queue.Options{})
	assert.Zero(t, q.Len())
	require.NoError(t, q.Join(nil))
}

func TestAPutThatWaitedForRoomIsKept(t *testing.T) {
	l := begin(t)
	q := engine(t, l.Store, "q", queue.Options{MaxSize: 1})
	put(t, q, 1)
	done := make(chan error, 1)
	second := message(t, 2)
	go func() { done <- q.Put(queue.NewCaller(testwait.Soon(t)), second, queue.Forever) }()
	testwait.For(t, func() bool { return q.Stats().Putters == 1 })
	take(t, q).Resolve(queue.Delivered)
	require.NoError(t, <-done)
	l.restart()
	assert.Equal(t, []int64{2}, drain(t, engine(t, l.Store, "q", queue.Options{})))
}

func TestNumbersAreNotUsedAgain(t *testing.T) {
	l, o := begin(t), queue.Options{Lease: long}
	q := engine(t, l.Store, "q", o)
	put(t, q, 1)
	old := take(t, q).Receipt(0)
	ok, err := q.Ack(old)
	require.True(t, ok && err == nil)
	l.restart()
	q = engine(t, l.Store, "q", o)
	put(t, q, 2)
	assert.NotEqual(t, old, take(t, q).Receipt(0))
	ok, err = q.Ack(old)
	require.NoError(t, err)
	assert.False(t, ok)
}

// limited is a folder on a disk that may be full.
type limited struct {
	wal.FS
	full *atomic.Bool
}

func (l limited) Open(name string) (wal.File, error) { return l.file(l.FS.Open(name)) }

func (l limited) Create(name string) (wal.File, error) { return l.file(l.FS.Create(name)) }

func (l limited) file(f wal.File, err error) (wal.File, error) {
	if err != nil {
		return nil, err
	}
	return limitedFile{f, l.full}, nil
}

type limitedFile struct {
	wal.File
	full *atomic.Bool
}

func (f limitedFile) Allocate(off, n int64) error {
	if f.full.Load() {
		return syscall.ENOSPC
	}
	return f.File.Allocate(off, n)
}

func TestOnAFullDiskAPutFailsAndAllElseGoesOn(t *testing.T) {
	full := new(atomic.Bool)
	dir, err := wal.Dir(filepath.Join(t.TempDir(), "data"))
	require.NoError(t, err)
	s, err := durable.OpenFS(limited{dir, full}, nil)
	require.NoError(t, err)
	defer s.Close()
	q := engine(t, s, "q", queue.Options{Lease: long})
	put(t, q, 0)
	full.Store(true)
	n := 1
	item := fmt.Sprintf("%0100000d", 0)
	for ; err == nil; n++ {
		err = q.Put(nil, message(t, item), queue.Wait{})
	}
	var exc *managers.Exception
	require.ErrorAs(t, err, &exc)
	assert.Equal(t, []any{int64(28), "No space left on device"}, exc.Args)
	require.ErrorIs(t, err, managers.ErrOSError)
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.Equal(t, n-1, q.Len(), "what was refused was never there")
	ok, err := q.Ack(take(t, q).Receipt(0))
	require.True(t, ok && err == nil)
	_, err = q.PutMany(nil, []queue.Message{message(t, item)}, queue.Wait{})
	require.ErrorIs(t, err, managers.ErrOSError)
	full.Store(false)
	put(t, q, 2)
}
