package wal_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatWasKeptIsThereAgain(t *testing.T) {
	f := newMemFS()
	l := open(t, f, nil)
	a, b := l.Stream("a"), l.Stream("b")
	keep(t, l, put(a, 1, "one"), put(a, 2, "two"), put(b, 1, "uno"))
	keep(t, l, settle(a, 1), wal.Record{Kind: wal.Tally, Stream: a, Delta: 3})
	keep(t, l, wal.Record{Kind: wal.Touch, Stream: a, Number: 2, Attrs: wal.Attrs{Deliveries: 2, Unread: 1, Until: 5}})
	keep(t, l, wal.Record{Kind: wal.State, Stream: b, State: []byte("shut")})
	before := shown(t, l)
	require.NoError(t, l.Close())
	assert.Equal(t, map[string][]string{
		"a": {`last 2, tally 3, state ""`, `2 {2 1 5} "two"`},
		"b": {`last 1, tally 0, state "shut"`, `1 {0 0 0} "uno"`},
	}, before)
	assert.Equal(t, before, shown(t, open(t, f, nil)))
}

func TestAFolderOfTheSystemIsOneOfALog(t *testing.T) {
	path := t.TempDir() + "/data"
	f, err := wal.Dir(path)
	require.NoError(t, err)
	l := open(t, f, small)
	long := strings.Repeat("long ", 20_000)
	for i := range uint64(20) {
		keep(t, l, put(l.Stream("a"), i, fmt.Sprint(i, long)))
	}
	before := shown(t, l)
	require.NoError(t, l.Close())
	assert.Equal(t, before, shown(t, open(t, f, small)))
}

func TestTwoLogsDoNotHaveOneFolder(t *testing.T) {
	f, err := wal.Dir(t.TempDir())
	require.NoError(t, err)
	open(t, f, nil)
	_, err = wal.Open(f, nil)
	assert.ErrorIs(t, err, wal.ErrLocked)
}

func TestAnEntryThatMovesKeepsItsData(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	from, to := l.Stream("jobs"), l.Stream("jobs.dead")
	keep(t, l, put(from, 7, "poison"))
	keep(t, l, wal.Record{Kind: wal.Move, Stream: from, Number: 7, To: to, ToNumber: 1})
	for i := range uint64(500) { // until its segment has gone
		keep(t, l, put(from, 8+i, strings.Repeat("x", 100)))
		keep(t, l, settle(from, 8+i))
	}
	require.NoError(t, l.Close())
	l = open(t, f, small)
	assert.Equal(t, []string{`last 1, tally 0, state ""`, `1 {0 0 0} "poison"`}, shown(t, l)["jobs.dead"])
	assert.NotZero(t, l.Stats().Entries)
}

func TestAStreamThatIsDroppedIsGone(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	keep(t, l, put(l.Stream("a"), 1, "old"))
	keep(t, l, wal.Record{Kind: wal.Drop, Stream: l.Stream("a")})
	keep(t, l, put(l.Stream("a"), 5, "new"))
	require.NoError(t, l.Close())
	assert.Equal(t, map[string][]string{"a": {`last 5, tally 0, state ""`, `5 {0 0 0} "new"`}},
		shown(t, open(t, f, small)))
}

func TestOldEntriesDoNotKeepTheFilesLong(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	s := l.Stream("a")
	for i := range uint64(10) { // which stay
		keep(t, l, put(s, i, fmt.Sprintf("stays %d", i)))
	}
	for i := range uint64(3000) {
		keep(t, l, put(s, 10+i, strings.Repeat("y", 200)))
		keep(t, l, settle(s, 10+i))
	}
	before := shown(t, l)
	assert.Less(t, l.Stats().Bytes, int64(64<<10), "600 kB went through it")
	assert.NotZero(t, l.Stats().Rewritten)
	require.NoError(t, l.Close())
	assert.Len(t, before["a"], 11)
	assert.Equal(t, before, shown(t, open(t, f, small)))
}

// order is a Done that notes when it was told.
type order struct {
	mu   *sync.Mutex
	list *[]int
	n    int
}

func (o order) Committed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		*o.list = append(*o.list, o.n)
	}
}

func TestManyWhoAppendAreToldInOrderAndShareASync(t *testing.T) {
	f := newMemFS()
	l := open(t, f, nil)
	var mu, appending sync.Mutex
	var told []int
	next := 0
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 50 {
				appending.Lock()
				n := next
				next++
				c, err := l.Append(order{&mu, &told, n}, put(l.Stream("a"), uint64(n), "x"))
				appending.Unlock()
				if err != nil || c.Wait() != nil {
					t.Error("not kept")
				}
			}
		})
	}
	all.Wait()
	require.Len(t, told, 64*50)
	for i, n := range told {
		require.Equal(t, i, n)
	}
	assert.Less(t, l.Stats().Syncs, uint64(64*50))
}

func TestLongDataIsNotCopiedAndKeptWhole(t *testing.T) {
	f := newMemFS()
	l := open(t, f, nil)
	data := bytes.Repeat([]byte("0123456789"), 50_000)
	keep(t, l, wal.Record{Kind: wal.Put, Stream: l.Stream("a"), Number: 1, Data: [][]byte{data[:7], data[7:100], data[100:]}})
	e, ok, err := l.Stream("a").Read(1)
	require.NoError(t, err)
	require.True(t, ok)
	assert.True(t, bytes.Equal(data, e.Data))
	require.NoError(t, l.Close())
	e, _, err = open(t, f, nil).Stream("a").Read(1)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(data, e.Data))
}

func TestAfterCloseNothingIsTaken(t *testing.T) {
	l := open(t, newMemFS(), nil)
	require.NoError(t, l.Close())
	assert.ErrorIs(t, try(l, put(l.Stream("a"), 1, "x")), wal.ErrClosed)
}

func TestWhatIsDeferredLeavesBySoonAndAtTheEnd(t *testing.T) {
	f := newMemFS()
	l := open(t, f, nil)
	keep(t, l, put(l.Stream("a"), 1, "x"), put(l.Stream("a"), 2, "y"))
	l.Defer(settle(l.Stream("a"), 1))
	require.Eventually(t, func() bool { return l.Stream("a").Len() == 1 }, waitLong, tick)
	l.Defer(settle(l.Stream("a"), 2))
	require.NoError(t, l.Close())
	assert.Zero(t, open(t, f, nil).Stream("a").Len())
}

func BenchmarkAppend(b *testing.B) {
	for _, producers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(producers), func(b *testing.B) {
			f, err := wal.Dir(b.TempDir())
			require.NoError(b, err)
			l := open(b, f, nil)
			data := [][]byte{make([]byte, 100)}
			s := l.Stream("a")
			var next sync.Mutex
			left, n := b.N, uint64(0)
			var all sync.WaitGroup
			b.ResetTimer()
			for range producers {
				all.Go(func() {
					for {
						next.Lock()
						n++
						left--
						mine, more := n, left >= 0
						next.Unlock()
						if !more {
							return
						}
						c, err := l.Append(nil, wal.Record{Kind: wal.Put, Stream: s, Number: mine, Data: data})
						if err != nil || c.Wait() != nil {
							b.Error("not kept")
							return
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}
