package server_test

import (
	"sync"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notes is an Observer that keeps what it is told.
type notes struct {
	mu          sync.Mutex
	calls       []server.CallEvent
	connections []server.ConnectionEvent
	panics      bool
}

func (n *notes) ObserveCall(e server.CallEvent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls = append(n.calls, e)
	if n.panics {
		panic("as it was told")
	}
}

func (n *notes) ObserveConnection(e server.ConnectionEvent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.connections = append(n.connections, e)
}

// of waits for the note of a method's call.
func (n *notes) of(t *testing.T, method string) (found server.CallEvent) {
	t.Helper()
	waitFor(t, func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, e := range n.calls {
			if e.Method == method {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// changes are what became of connections.
func (n *notes) changes() (out []server.ConnectionChange) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.connections {
		out = append(out, e.Change)
	}
	return out
}

// observed serves a queue and the types of SyncManager before an Observer.
func observed(t *testing.T, o server.Options) (*notes, connection.Address) {
	t.Helper()
	n := &notes{}
	o.Authkey, o.Observer = key, n
	s, err := server.New(&o)
	require.NoError(t, err)
	_, err = s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	return n, serveAt(t, s)
}

func TestAnObserverIsToldWhatACallWasAndWhatItCameTo(t *testing.T) {
	n, at := observed(t, server.Options{})
	q, err := dial(t, at).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, q.Put(soon(t), make([]byte, 5000)))
	e := n.of(t, "put")
	assert.Equal(t, "jobs", e.Object)
	assert.Equal(t, "queue", e.Kind)
	assert.Equal(t, "#RETURN", e.Reply)
	require.NoError(t, e.Err)
	assert.Greater(t, e.BytesIn, int64(5000))
	assert.Greater(t, e.BytesOut, int64(4))
	assert.False(t, e.Start.Before(began))
	assert.Zero(t, e.Waited)
	assert.NotZero(t, e.Number)
	_, err = q.Get(soon(t))
	require.NoError(t, err)
	assert.Greater(t, n.of(t, "get").BytesOut, int64(5000))
}

func TestAnObserverIsToldOfFunctionsOfTheServer(t *testing.T) {
	n, at := observed(t, server.Options{})
	_, err := dial(t, at).OpenList(soon(t), "list")
	require.NoError(t, err)
	e := n.of(t, "create")
	assert.Equal(t, "list", e.Object)
	assert.Equal(t, "#RETURN", e.Reply)
}

func TestAnObserverIsToldWhyACallFailed(t *testing.T) {
	n, at := observed(t, server.Options{})
	l, err := dial(t, at).OpenList(soon(t), "list")
	require.NoError(t, err)
	_, err = l.Pop(soon(t))
	require.ErrorIs(t, err, managers.ErrIndexError)
	e := n.of(t, "pop")
	assert.Equal(t, "#ERROR", e.Reply)
	require.ErrorIs(t, e.Err, managers.ErrIndexError)
}

func TestAnObserverTellsWaitingFromWorking(t *testing.T) {
	n, at := observed(t, server.Options{})
	q, err := dial(t, at).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	const wait = 50 * time.Millisecond
	_, err = q.Call(soon(t), "get", true, wait.Seconds())
	require.ErrorIs(t, err, managers.ErrEmpty)
	e := n.of(t, "get")
	assert.GreaterOrEqual(t, e.Waited, wait*9/10)
	assert.Less(t, e.Worked, e.Waited+time.Second)
}

func TestAnObserverIsToldOfAReplyThatReachedNobody(t *testing.T) {
	n, at := observed(t, server.Options{})
	c := dial(t, at)
	q, err := c.OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	gone := make(chan error, 1)
	go func() {
		_, err := q.Call(soon(t), "get")
		gone <- err
	}()
	number := int64(0)
	waitFor(t, func() bool {
		infos, err := dial(t, at).Clients(soon(t))
		for _, info := range infos {
			if info.Waiting {
				number = int64(info.Number)
			}
		}
		return err == nil && number != 0
	})
	_, err = dial(t, at).Kill(soon(t), number)
	require.NoError(t, err)
	require.Error(t, <-gone)
	e := n.of(t, "get")
	assert.Empty(t, e.Reply)
	assert.Error(t, e.Err)
}

func TestAnObserverIsToldOfConnections(t *testing.T) {
	n, at := observed(t, server.Options{Limits: server.Limits{MaxConnections: 9}})
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: key})
	require.NoError(t, err)
	_, err = c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	waitFor(t, func() bool {
		changes := n.changes()
		return len(changes) >= 2 && changes[len(changes)-1] == server.Disconnected
	})
	assert.Equal(t, server.Connected, n.changes()[0])
	n.mu.Lock()
	defer n.mu.Unlock()
	last := n.connections[len(n.connections)-1]
	assert.NotZero(t, last.Requests)
}

func TestAnObserverThatPanicsEndsNothing(t *testing.T) {
	n, at := observed(t, server.Options{})
	n.panics = true
	q, err := dial(t, at).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), 1))
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, int64(1), v)
}
