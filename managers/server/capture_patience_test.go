package server_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched is a writer that shows what is written.
type watched struct {
	io.Writer
	see func(p []byte)
}

func (w *watched) Write(p []byte) (int, error) {
	w.see(p)
	return w.Writer.Write(p)
}

func TestAnObjectThatWasHeldIsSavedHoweverLongTheOthersTakeToWrite(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		for _, name := range []string{"fifo", "lifo", "priority", "small"} {
			q, err := c.OpenQueue(soon(t), name)
			require.NoError(t, err)
			require.NoError(t, q.Put(soon(t), largeItem(1)))
		}
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		require.NoError(t, l.Append(soon(t), "held for a moment"))
	})
	release := sync.OnceFunc(server.Hold(s, "l"))
	const patience = 10 * time.Millisecond
	info, err := s.Snapshot(&watched{io.Discard, func([]byte) {
		if server.StillRead(s) > 0 {
			release()
			time.Sleep(2 * patience) // a slow disk
		}
	}}, &server.SnapshotOptions{Wait: patience})
	require.NoError(t, err)
	assert.Empty(t, info.Skipped)
}

func TestDeadLettersAreReadAfterAQueueThatIsHeld(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	held := new(gate)
	q, err := s.RegisterQueue("jobs", &queue.Options{Lease: long, MaxDeliveries: 1, Journal: held})
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), "moves"))
	dead := q.DeadLetters()
	require.NoError(t, dead.Put(soon(t), largeItem(1)))
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	release := held.hold(t, q)
	time.AfterFunc(300*time.Millisecond, release) // longer than what can be had at once is waited for
	bury := sync.OnceFunc(func() {
		release()
		_, err := d.Nack(soon(t), 0)
		assert.NoError(t, err)
		waitFor(t, func() bool { return dead.Len() == 2 })
	})
	var file bytes.Buffer
	_, err = s.Snapshot(&watched{&file, func(p []byte) {
		if bytes.Contains(p, []byte("00000001")) { // the dead letters were read
			bury()
		}
	}}, &server.SnapshotOptions{Durable: true})
	require.NoError(t, err)
	assert.True(t, bytes.Contains(file.Bytes(), []byte("moves")),
		"an item that moves while they are written is in one of them")
}

// gate is a Journal that keeps nothing, and a queue locked for as long as it is closed.
type gate struct {
	mu      sync.Mutex
	closed  atomic.Bool
	entered chan struct{}
}

func (g *gate) Put(done queue.Done, _ ...queue.Numbered) (queue.Commit, error) {
	if g.closed.Load() {
		close(g.entered)
		g.mu.Lock()
		defer g.mu.Unlock()
	}
	told := make(chan struct{})
	go func() {
		done.Committed(nil)
		close(told)
	}()
	return passed(told), nil
}

// passed is a Commit of what a gate let through.
type passed chan struct{}

func (p passed) Wait() error {
	<-p
	return nil
}

func (g *gate) Move(queue.Done, uint64, queue.Journal, uint64) (queue.Commit, error) {
	return nil, queue.ErrOtherJournal
}

func (g *gate) Delivered(uint64, queue.HandedOut) {}
func (g *gate) Settled(uint64)                    {}
func (g *gate) Given(uint64)                      {}
func (g *gate) Counted(int)                       {}
func (g *gate) Shut()                             {}
func (g *gate) Drop()                             {}
func (g *gate) Sync() error                       { return nil }

func (g *gate) Replay(queue.Order, func(uint64, queue.Message, queue.HandedOut) error) (queue.Replayed, error) {
	return queue.Replayed{}, nil
}

// hold keeps the queue locked, by a put that is under way, until release.
func (g *gate) hold(t *testing.T, q *queue.Queue) (release func()) {
	t.Helper()
	g.mu.Lock()
	g.entered = make(chan struct{})
	g.closed.Store(true)
	done := make(chan error, 1)
	go func() { done <- q.Put(context.Background(), "holds the queue") }()
	t.Cleanup(func() { require.NoError(t, <-done) })
	<-g.entered
	return sync.OnceFunc(g.mu.Unlock)
}
