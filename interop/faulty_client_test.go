package interop_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aLease does not end while a test runs.
const aLease = time.Hour

// families are the queues that faulty.py knows.
var families = map[string]queue.Options{
	"plain":      {},
	"bounded":    {MaxSize: 2},
	"roomy":      {MaxSize: 5000},
	"leased":     {Lease: aLease},
	"shortLease": {Lease: 10 * time.Millisecond},
	"maxTwo":     {Lease: aLease, MaxDeliveries: 2},
}

// queueServer is a server of ours on TCP and on a unix socket, whose clients are made to fail.
type queueServer struct {
	*server.Server
	at map[string]connection.Address // by network
}

func newQueueServer(t *testing.T) *queueServer {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: rightKey})
	require.NoError(t, err)
	for name, o := range families {
		require.NoError(t, s.RegisterQueueFamily(name, &o))
	}
	q := &queueServer{s, make(map[string]connection.Address)}
	for _, a := range []string{"127.0.0.1:0", filepath.Join(shortDir(t), "s")} {
		at, err := s.Listen(a)
		require.NoError(t, err)
		q.at[words(at)[0]] = at
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(context.Background())
	}()
	t.Cleanup(func() {
		grace, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = s.Shutdown(grace)
		<-over
		assert.NoFileExists(t, q.at["unix"].Name)
	})
	return q
}

// eventually polls what the server says of itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), "it never came about: %s", what)
	}
}

// queuePeer is a process that runs faulty.py or crowd.py.
type queuePeer struct {
	server *queueServer
	peer   *interop.Peer
}

func (s *queueServer) startPeer(t *testing.T, py interop.Python, script, network string) *queuePeer {
	t.Helper()
	args := append(words(s.at[network]), hex.EncodeToString(rightKey))
	return &queuePeer{s, startPeer(t, py, script, args...)}
}

// callPeer calls a method of the peer's main object.
func callPeer[V any](t *testing.T, p *queuePeer, request ...any) V {
	t.Helper()
	got := ask[struct {
		Value V
		Error string
		Text  string
	}](t, p.peer, request)
	require.Empty(t, got.Error, "%v: %s", request, got.Text)
	return got.Value
}

// testQueue is one queue, which one case has for itself.
type testQueue struct {
	*queuePeer
	family, name string
}

func (p *queuePeer) queue(family, name string) *testQueue { return &testQueue{p, family, name} }

// on calls a method of the peer that is about the queue.
func on[V any](t *testing.T, q *testQueue, method string, args ...any) V {
	t.Helper()
	return callPeer[V](t, q.queuePeer, append([]any{method, q.family, q.name}, args...)...)
}

func (q *testQueue) stats() queue.Stats {
	want := fmt.Sprintf("%s(%s)", q.family, q.name)
	for _, s := range q.server.Stats().Queues {
		if s.Name == want {
			return s
		}
	}
	return queue.Stats{}
}

// awaitWaiter polls until one call waits for the queue.
func (q *testQueue) awaitWaiter(t *testing.T) {
	t.Helper()
	eventually(t, "a call waits", func() bool {
		s := q.stats()
		return s.Getters+s.Putters == 1
	})
}

// faultyClient is a connection in a process of its own.
type faultyClient struct {
	*testQueue
	pid    int
	ident  string
	frame  int  // the length of the request
	reply  any  // what it has read
	killed bool // the process is no more
}

// startClient starts one; buffer is its SO_RCVBUF, 0 for the system's.
func (q *testQueue) startClient(t *testing.T, buffer int) *faultyClient {
	t.Helper()
	return &faultyClient{
		testQueue: q, ident: on[string](t, q, "ident"), pid: callPeer[int](t, q.queuePeer, "start_client", buffer),
	}
}

// do has the client do something with its connection.
func do[V any](t *testing.T, c *faultyClient, method string, args ...any) V {
	t.Helper()
	return callPeer[V](t, c.queuePeer, append([]any{"in_client", c.pid, method}, args...)...)
}

// signal stops, continues or kills the process.
func (c *faultyClient) signal(t *testing.T, method string) {
	t.Helper()
	c.killed = c.killed || method == "kill"
	callPeer[any](t, c.queuePeer, method, c.pid)
}

// awaitGone polls until the server has nothing of the client any more.
func (c *faultyClient) awaitGone(t *testing.T) {
	t.Helper()
	eventually(t, "the server has noticed the end", func() bool {
		name := fmt.Sprintf("faulty-%d", c.pid)
		return !slices.ContainsFunc(c.server.Clients(), func(info managers.ClientInfo) bool { return info.Name == name })
	})
}

// wait waits until the client's connection has ended on both sides, and ends its process.
func (c *faultyClient) wait(t *testing.T) {
	t.Helper()
	c.awaitGone(t)
	if !c.killed {
		c.signal(t, "kill")
	}
}
