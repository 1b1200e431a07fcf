package server_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// shared runs a server whose clients have testKeys.
func shared(t *testing.T, l server.Limits) (*server.Server, connection.Address) {
	t.Helper()
	s, err := server.New(&server.Options{Keys: testKeys, Limits: l})
	require.NoError(t, err)
	require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
	return s, serveAt(t, s)
}

// holds opens a connection with a key and keeps it, as a client's thread does that does nothing.
func holds(t *testing.T, at connection.Address, key string) *connection.Conn {
	t.Helper()
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"idle"}, pickle.NewDict()})
	conn, err := connection.Dial(soon(t), at.String(), &connection.DialOptions{
		Authkey: []byte(key + "-secret"), FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	var answer pickle.Tuple
	require.NoError(t, conn.Recv(soon(t), &answer))
	kind, _ := pickle.Text(answer[0])
	require.Equal(t, "#RETURN", kind)
	return conn
}

// joins is what a client with a key finds.
func joins(t *testing.T, at connection.Address, key string) error {
	t.Helper()
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: []byte(key + "-secret")})
	if err == nil {
		_ = c.Close()
	}
	return err
}

func refusedFor(t *testing.T, err error, why string) {
	t.Helper()
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	require.ErrorIs(t, err, managers.NewExceptionClass("builtins", "ConnectionRefusedError"))
	assert.ErrorContains(t, err, why)
}

func TestAKeyThatHoldsItsShareIsToldSoAndOthersAreNotDisturbed(t *testing.T) {
	_, at := shared(t, server.Limits{MaxPerKey: 2})
	first := holds(t, at, "consumer")
	holds(t, at, "consumer")
	refusedFor(t, joins(t, at, "consumer"), "more than 2 connections with this key")
	require.NoError(t, joins(t, at, "producer"))
	require.NoError(t, first.Close())
	require.Eventually(t, func() bool { return joins(t, at, "consumer") == nil }, 20*time.Second, 5*time.Millisecond)
}

func TestAnAdminHasNoShare(t *testing.T) {
	_, at := shared(t, server.Limits{MaxPerKey: 1})
	holds(t, at, "admin")
	holds(t, at, "admin")
	require.NoError(t, joins(t, at, "admin"))
}

func TestSomeConnectionsAreKeptForAdmins(t *testing.T) {
	_, at := shared(t, server.Limits{MaxConnections: 16, MaxPerKey: 16})
	for _, key := range []string{"consumer", "producer"} {
		for range 7 {
			holds(t, at, key)
		}
	}
	refusedFor(t, joins(t, at, "reader"), "more than 14 connections with keys that are no admin's")
	require.NoError(t, joins(t, at, "admin"))
}

func TestOneKeyGetsThreeQuartersOfWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		limits                   server.Limits
		descriptors              int
		all, ordinary, perKey, n int
	}{
		{server.Limits{MaxConnections: 100_000}, 0, 100_000, 99_984, 74_988, 16},
		{server.Limits{MaxConnections: 100_000}, 1 << 20, 100_000, 99_984, 74_988, 16},
		{server.Limits{MaxConnections: 100_000}, 1024, 1000, 896, 672, 16},
		{server.Limits{MaxConnections: 100_000}, 40, 28, 24, 18, 4},
		{server.Limits{MaxConnections: 100_000}, 10, 1, 1, 1, 4},
		{server.Limits{MaxConnections: 1}, 1024, 1, 1, 1, 16},
		{server.Limits{MaxConnections: 8}, 1024, 8, 7, 3, 16},
		{server.Limits{MaxConnections: 100, MaxPerKey: 5}, 1024, 100, 88, 5, 16},
	} {
		all, ordinary, perKey, n := server.Shares(c.limits, c.descriptors)
		assert.Equal(t, []int{c.all, c.ordinary, c.perKey, c.n}, []int{all, ordinary, perKey, n}, "%+v", c)
	}
}

// TestTheRefusedAreBoundedToo: some are told, the rest is closed, and none of them stays.
func TestTheRefusedAreBoundedToo(t *testing.T) {
	s, at := shared(t, server.Limits{MaxPerKey: 1})
	holds(t, at, "consumer")
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			c, err := connection.Dial(soon(t), at.String(), &connection.DialOptions{Authkey: []byte("consumer-secret")})
			if !assert.NoError(t, err) {
				return
			}
			defer c.Close()
			_, err = c.RecvBytes(soon(t)) // it asks nothing
			assert.True(t, connection.IsDisconnect(err), "%v", err)
		})
	}
	all.Wait()
	assert.Equal(t, 1, s.Stats().Connections)
	require.NoError(t, joins(t, at, "producer"))
}

// TestARefusedClientDelaysNoEnd: it has not asked anything yet.
func TestARefusedClientDelaysNoEnd(t *testing.T) {
	s, at := shared(t, server.Limits{MaxPerKey: 1})
	holds(t, at, "consumer")
	c, err := connection.Dial(soon(t), at.String(), &connection.DialOptions{Authkey: []byte("consumer-secret")})
	require.NoError(t, err)
	defer c.Close()
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err)
	_, err = c.RecvBytes(soon(t))
	require.True(t, connection.IsDisconnect(err), "%v", err)
}

// TestARefusedClientsLongRequestTakesNoMemory: what it says is not kept, and answered all the same.
func TestARefusedClientsLongRequestTakesNoMemory(t *testing.T) {
	_, at := shared(t, server.Limits{MaxPerKey: 1})
	holds(t, at, "consumer")
	long := pickled(t, pickle.Tuple{nil, "create", pickle.Tuple{"list", make([]byte, 8<<20)}, pickle.NewDict()})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := connection.Dial(soon(t), at.String(), &connection.DialOptions{
		Authkey: []byte("consumer-secret"), FirstMessage: [][]byte{long}})
	require.NoError(t, err)
	defer c.Close()
	var answer pickle.Tuple
	require.NoError(t, c.Recv(soon(t), &answer))
	runtime.ReadMemStats(&after)
	text, _ := pickle.Text(answer[1])
	assert.Contains(t, text, "ConnectionRefusedError: more than 1 connections with this key")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}
