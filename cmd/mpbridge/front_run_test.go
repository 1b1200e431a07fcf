//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/peerlog/logtest"
	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
	"mpbridge/reduction"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var frontKey = []byte("key")

// startFront runs a front until the test ends, and returns where it listens and what ends it.
func startFront(t *testing.T, q putter, o reduction.SharerOptions, backlog int) (string, func()) {
	t.Helper()
	return startFrontRefusing(t, q, o, backlog, maxRefusing)
}

// startFrontRefusing tells no more than so many at once that they are refused.
func startFrontRefusing(
	t *testing.T, q putter, o reduction.SharerOptions, backlog, refusing int,
) (string, func()) {
	t.Helper()
	return startFrontLogging(t, q, o, backlog, refusing, slog.New(slog.DiscardHandler))
}

func startFrontLogging(
	t *testing.T, q putter, o reduction.SharerOptions, backlog, refusing int, log *slog.Logger,
) (string, func()) {
	t.Helper()
	o.Authkey = frontKey
	sharer, err := reduction.NewSharer(&o)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := newFront(newUpstreams(leastConn, q), sharer, log, refusalText("busy"), backlog)
	f.refusing = make(chan struct{}, refusing)
	over := make(chan struct{})
	go func() {
		defer close(over)
		f.serve(context.Background(), l)
	}()
	stop := func() {
		_ = l.Close()
		<-over
		f.drain(context.Background(), time.Millisecond)
		_ = sharer.Close()
	}
	t.Cleanup(stop)
	return l.Addr().String(), stop
}

// client connects and sends a request that nobody may ever read.
func cl(t *testing.T, at string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", at)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = c.Write([]byte("request"))
	require.NoError(t, err)
	return c
}

// answer is all that a client gets.
func answer(t *testing.T, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(b)
}

func TestAWorkerAnswersTheClientOfAFront(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	at, _ := startFront(t, q, reduction.SharerOptions{}, 1)
	for range 3 { // one place serves many, one after the other
		c := cl(t, at)
		item, err := q.Get(context.Background())
		require.NoError(t, err)
		got, err := reduction.RebuildAs[*net.TCPConn](context.Background(), item,
			&reduction.RebuildOptions{Authkey: frontKey})
		require.NoError(t, err)
		request := make([]byte, len("request"))
		_, err = io.ReadFull(got, request)
		require.NoError(t, err)
		_, err = got.Write([]byte("answer"))
		require.NoError(t, err)
		require.NoError(t, got.Close())
		assert.Equal(t, "answer", answer(t, c))
	}
}

func TestAFrontRefusesBeyondItsBacklog(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	at, stop := startFront(t, q, reduction.SharerOptions{}, 1)
	first := cl(t, at)
	_, err := q.Get(context.Background()) // it has its place
	require.NoError(t, err)
	assert.Equal(t, "busy", answer(t, cl(t, at)))
	stop()
	assert.Equal(t, "busy", answer(t, first), "and at the end those who still wait")
}

func TestAFrontClosesWithoutAWordWhenItRefusesManyAlready(t *testing.T) {
	at, _ := startFrontRefusing(t, failing{}, reduction.SharerOptions{}, 1, 0)
	c := cl(t, at)
	text, _ := io.ReadAll(c) // the end, or a reset
	assert.Empty(t, text)
}

func TestAFrontRefusesWhomNobodyTakesInTime(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	at, _ := startFront(t, q, reduction.SharerOptions{Expire: 10 * time.Millisecond}, 1)
	assert.Equal(t, "busy", answer(t, cl(t, at)))
}

func TestAFrontRefusesWithoutAQueue(t *testing.T) {
	at, _ := startFront(t, failing{}, reduction.SharerOptions{}, 1)
	assert.Equal(t, "busy", answer(t, cl(t, at)))
}

func TestAFloodOfRefusedClientsIsNoFloodOfLogLines(t *testing.T) {
	const clients = 250
	var book bytes.Buffer // read once the front has ended
	at, stop := startFrontLogging(t, failing{}, reduction.SharerOptions{}, 1, maxRefusing,
		slog.New(slog.NewTextHandler(&book, nil)))
	for range clients {
		assert.Equal(t, "busy", answer(t, cl(t, at)))
	}
	stop()
	lines, left := logtest.Lines(t, book.String(), "connection refused")
	assert.Positive(t, lines)
	assert.Less(t, lines, clients*3/4)
	assert.GreaterOrEqual(t, lines+left, clients, "each is logged or counted")
}

// failing is a queue that cannot be reached.
type failing struct{}

func (failing) Put(context.Context, any) error { return errors.New("no queue") }

func TestAnAnswerOfTheQueueThatIsLostHarmsNobody(t *testing.T) {
	taken := make(chan net.Conn, 1)
	at, _ := startFront(t, takenAndFailing{taken}, reduction.SharerOptions{}, 1)
	c := cl(t, at)
	got := <-taken
	_, err := got.Write([]byte("answer"))
	require.NoError(t, err)
	require.NoError(t, got.Close())
	text, _ := io.ReadAll(c) // unread bytes of the request may make the end a reset
	assert.Equal(t, "answer", string(text))
}

// takenAndFailing has a worker take the item, and says then that the put failed.
type takenAndFailing struct{ taken chan net.Conn }

func (q takenAndFailing) Put(ctx context.Context, v any) error {
	raw, err := pickle.NewRaw(v, nil)
	if err != nil {
		return err
	}
	c, err := reduction.RebuildAs[net.Conn](ctx, raw, &reduction.RebuildOptions{Authkey: frontKey})
	if err != nil {
		return err
	}
	q.taken <- c
	return errors.New("the answer was lost")
}

// serveQueue serves a queue called sockets until what it returns is called.
func serveQueue(t *testing.T, at connection.Address) (q *queue.Queue, stop func()) {
	t.Helper()
	srv, err := server.New(&server.Options{Authkey: frontKey})
	require.NoError(t, err)
	q, err = srv.RegisterQueue("sockets", nil)
	require.NoError(t, err)
	_, err = srv.Listen(at.String())
	require.NoError(t, err)
	over := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(over)
		_ = srv.Serve(ctx)
	}()
	stop = func() {
		cancel()
		<-over
		_ = srv.Close()
	}
	t.Cleanup(stop)
	return q, stop
}

func TestAFrontFindsTheQueueOfAManagerThatWasReplaced(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	at := connection.Address{Network: connection.Unix, Name: filepath.Join(t.TempDir(), "s")}
	q, stop := serveQueue(t, at)
	c, err := client.Dial(ctx, at.String(), &client.Options{Authkey: frontKey})
	require.NoError(t, err)
	defer c.Close()
	lasting := &refreshedQueue{client: c, name: objectName{typeid: "sockets"}}
	require.NoError(t, lasting.Put(ctx, 1))
	assert.Equal(t, 1, q.Len())
	stop()
	require.Error(t, lasting.Put(ctx, 2))
	q, _ = serveQueue(t, at)
	require.NoError(t, lasting.Put(ctx, 3))
	assert.Equal(t, 1, q.Len())
}

func TestFrontFlags(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	for _, args := range [][]string{
		{"front", "--backlog", "0"}, {"front", "--patience", "0s"}, {"front", "--at", "x"},
	} {
		var out, err bytes.Buffer
		assert.Equal(t, exitUsage, run(args, strings.NewReader(""), &out, &err), err.String())
	}
	assert.Empty(t, refusalText("none"))
	assert.True(t, strings.HasPrefix(refusalText("http"), "HTTP/1.1 503 "))
}
