package peerlog_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"mpbridge/internal/leak"
	"mpbridge/internal/peerlog"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain fails when tests leave a goroutine behind.
func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

// record keeps what is logged.
type record struct {
	mu    sync.Mutex
	lines []string       // messages
	left  map[string]int // by whom
}

func (*record) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (r *record) WithAttrs([]slog.Attr) slog.Handler             { return r }
func (r *record) WithGroup(string) slog.Handler                  { return r }

func (r *record) Handle(_ context.Context, line slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line.Message)
	n, of := 0, ""
	line.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "lines":
			n = int(a.Value.Int64())
		case "of":
			of = a.Value.String()
		}
		return true
	})
	if n > 0 {
		r.left[of] += n
	}
	return nil
}

// logged returns how many lines there are with a message, and how many were left out of whom.
func (r *record) logged(message string) (n int, left map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		if line == message {
			n++
		}
	}
	return n, maps.Clone(r.left)
}

func limiter(t *testing.T, o peerlog.Options) (*peerlog.Limiter, *record, *time.Time) {
	t.Helper()
	r := &record{left: make(map[string]int)}
	l := peerlog.New(slog.New(r), o)
	now := time.Unix(1000, 0)
	peerlog.SetClock(l, func() time.Time { return now })
	t.Cleanup(l.Close)
	return l, r, &now
}

func TestAFloodIsABurstAndACount(t *testing.T) {
	l, r, now := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 20, PerSecond: 2}})
	log := l.Logger("one").With("a", 1).WithGroup("g")
	for range 500 {
		log.Warn("flood")
	}
	n, left := r.logged("flood")
	assert.Equal(t, 20, n)
	assert.Empty(t, left)
	*now = now.Add(time.Second)
	log.Warn("flood")
	n, left = r.logged("flood")
	assert.Equal(t, 21, n)
	assert.Equal(t, map[string]int{"one": 480}, left, "told before the next line")
}

func TestOnePeersFloodLeavesTheLinesOfAnother(t *testing.T) {
	l, r, _ := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 20, PerSecond: 2},
		All: peerlog.Rate{Burst: 100, PerSecond: 10}})
	for range 500 {
		l.Logger("one").Warn("flood")
	}
	l.Logger("other").Warn("honest")
	n, _ := r.logged("honest")
	assert.Equal(t, 1, n)
}

func TestAFloodOfManyPeersHasABoundTogether(t *testing.T) {
	l, r, _ := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 20, PerSecond: 2},
		All: peerlog.Rate{Burst: 100, PerSecond: 10}})
	for i := range 3 * peerlog.MaxPeers {
		l.Logger(fmt.Sprint("peer ", i)).Warn("flood")
	}
	assert.Equal(t, peerlog.MaxPeers, peerlog.Known(l))
	l.Close()
	n, left := r.logged("flood")
	assert.Equal(t, 100, n)
	assert.Equal(t, map[string]int{"several": 3*peerlog.MaxPeers - 100}, left, "in one line")
}

func TestWhatWasLeftOutIsToldInTime(t *testing.T) {
	l, r, _ := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 1}, Tell: time.Millisecond})
	for range 10 {
		l.Logger("one").Error("flood")
	}
	require.Eventually(t, func() bool {
		_, left := r.logged("flood")
		return left["one"] == 9
	}, 10*time.Second, time.Millisecond)
}

func TestWhatWasLeftOutOfAPeerThatIsGoneIsTold(t *testing.T) {
	l, r, _ := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 1}})
	for range 10 {
		l.Logger("one").Warn("flood")
	}
	l.Forget("one")
	l.Forget("nobody")
	_, left := r.logged("flood")
	assert.Equal(t, map[string]int{"one": 9}, left)
	assert.Zero(t, peerlog.Known(l))
}

func TestLinesThatNobodyWantsAreNotCounted(t *testing.T) {
	l, r, _ := limiter(t, peerlog.Options{Peer: peerlog.Rate{Burst: 1}})
	for range 10 {
		l.Logger("one").Debug("flood")
	}
	l.Close()
	n, left := r.logged("flood")
	assert.Zero(t, n)
	assert.Empty(t, left)
}

func TestNoCountIsLostBetweenGoroutines(t *testing.T) {
	r := &record{left: make(map[string]int)}
	l := peerlog.New(slog.New(r), peerlog.Options{
		Peer: peerlog.Rate{Burst: 5, PerSecond: 1000}, Tell: time.Millisecond})
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 2000 {
				l.Logger(fmt.Sprint(i % 2)).Warn("flood")
			}
		})
	}
	all.Wait()
	l.Close()
	n, left := r.logged("flood")
	for _, m := range left {
		n += m
	}
	assert.Equal(t, 8000, n)
}

// broken is a handler that panics.
type broken struct{ slog.Handler }

func (broken) Enabled(context.Context, slog.Level) bool  { return true }
func (broken) Handle(context.Context, slog.Record) error { panic("handler") }
func (broken) WithAttrs([]slog.Attr) slog.Handler        { panic("attributes") }
func (broken) WithGroup(string) slog.Handler             { panic("group") }

// leaving ends the goroutine that has a line to log.
type leaving struct{ slog.Handler }

func (leaving) Enabled(context.Context, slog.Level) bool  { return true }
func (leaving) Handle(context.Context, slog.Record) error { runtime.Goexit(); return nil }
func (h leaving) WithAttrs([]slog.Attr) slog.Handler      { return h }

func TestAHandlerThatEndsItsGoroutineEndsNoOther(t *testing.T) {
	l := peerlog.New(slog.New(leaving{slog.DiscardHandler}), peerlog.Options{})
	defer l.Close()
	gone := make(chan bool)
	go func() {
		defer func() { gone <- true }()
		l.Logger("one").Warn("lost")
		gone <- false
	}()
	require.False(t, <-gone)
	<-gone
}

func TestAHandlerThatPanicsEndsNothing(t *testing.T) {
	l := peerlog.New(slog.New(broken{}), peerlog.Options{})
	defer l.Close()
	require.NotPanics(t, func() { l.Logger("one").With("a", 1).WithGroup("g").Warn("lost") })
}
