package server_test

import (
	"context"
	"math"
	"strings"
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

// narrowest is a limit that messages of these tests go beyond.
const narrowest = 64 << 10

func TestARequestThatIsTooLongIsAnExceptionAndTheConnectionGoesOn(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: narrowest})
	for _, addr := range addrs {
		conn := accepted(t, addr)
		ident := queueIdent(t, addr)
		for _, size := range []int{narrowest, 10 * narrowest, 3 << 20} {
			require.NoError(t, conn.SendBytes(context.Background(), putOf(t, ident, make([]byte, size))))
			kind, v := answerOf(t, conn)
			assert.Equal(t, "#ERROR", kind)
			assert.Contains(t, exceptionText(v), "more than 65536 bytes in a message")
			require.NoError(t, conn.SendBytes(context.Background(), putOf(t, ident, []byte("short"))))
			kind, _ = answerOf(t, conn)
			assert.Equal(t, "#RETURN", kind)
		}
	}
}

func TestAFirstRequestThatIsTooLongIsATracebackThatNamesTheLimit(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: narrowest})
	c := dial(t, addrs[0])
	_, err := c.Open(soon(t), "Queue", strings.Repeat("x", 2*narrowest))
	require.ErrorContains(t, err, "more than 65536 bytes in a message")
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	_, err = c.Open(soon(t), "Queue")
	require.NoError(t, err)
}

func TestAClaimBeyondAllReasonEndsTheConnection(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: narrowest})
	for _, n := range []uint64{5 << 30, 1 << 62, 1 << 63, math.MaxUint64} {
		conn := accepted(t, addrs[0])
		header := []byte("\xff\xff\xff\xff")
		for shift := 56; shift >= 0; shift -= 8 {
			header = append(header, byte(n>>shift))
		}
		_, err := conn.NetConn().Write(header)
		require.NoError(t, err)
		_, err = conn.RecvBytes(context.Background())
		require.True(t, connection.IsDisconnect(err), "%v", err)
	}
}

func TestARestThatNeverComesEndsTheConnection(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: narrowest, WriteStall: 20 * time.Millisecond})
	conn := accepted(t, addrs[0])
	_, err := conn.NetConn().Write([]byte("\x7f\xff\xff\xffbegun"))
	require.NoError(t, err)
	_, err = conn.RecvBytes(context.Background())
	require.True(t, connection.IsDisconnect(err), "%v", err)
}

func TestAStrangersMessageIsNotReadAway(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: narrowest})
	conn, err := connection.Dial(soon(t), addrs[0].String(), nil)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.RecvBytes(context.Background()) // the challenge
	require.NoError(t, err)
	_, err = conn.NetConn().Write([]byte("\x00\x10\x00\x00and some"))
	require.NoError(t, err)
	_, err = conn.RecvBytes(context.Background())
	require.True(t, connection.IsDisconnect(err), "%v", err)
}

func TestAServerThatStopsWaitsForNoRest(t *testing.T) {
	s, addrs := serve(t, server.Limits{MaxMessage: narrowest})
	conn := accepted(t, addrs[0])
	_, err := conn.NetConn().Write([]byte("\x7f\xff\xff\xffbegun"))
	require.NoError(t, err)
	waitFor(t, func() bool { return s.Stats().Connections == 1 })
	report, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	assert.Zero(t, report.Cut)
}

func TestAReplyOverTheClientsLimitIsALimitErrorAndStaysInTheQueue(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	for _, addr := range addrs {
		q, err := dial(t, addr).OpenQueue(soon(t), "small")
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), make([]byte, 4*narrowest)))
		narrow, err := client.Dial(soon(t), addr.String(), &client.Options{Authkey: key, MaxMessage: narrowest})
		require.NoError(t, err)
		t.Cleanup(func() { _ = narrow.Close() })
		nq, err := narrow.OpenQueue(soon(t), "small")
		require.NoError(t, err)
		_, err = nq.TryGet(soon(t))
		var limit *connection.LimitError
		require.ErrorAs(t, err, &limit)
		assert.EqualValues(t, narrowest, limit.Limit)
		assert.Greater(t, limit.Got, int64(4*narrowest))
		waitFor(t, func() bool { return s.Stats().Items == 1 })
		n, err := nq.Len(soon(t))
		require.NoError(t, err, "the client goes on")
		assert.Equal(t, 1, n)
		_, err = q.Get(soon(t))
		require.NoError(t, err)
	}
}

func TestAReplyThatAnOldClientCannotReadIsAnExceptionAndStaysInTheQueue(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	server.ShortFrames(s, narrowest)
	q, err := dial(t, addrs[0]).OpenQueue(soon(t), "small")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), make([]byte, 2*narrowest)))
	conn := accepted(t, addrs[0])
	get := pickle.Tuple{q.Token().Ident, "get_nowait", pickle.Tuple{}, pickle.NewDict()}
	for protocol, want := range map[int]string{2: "#UNSERIALIZABLE", 3: "#UNSERIALIZABLE", 4: "#RETURN"} {
		o := pickle.EncodeOptions{Protocol: protocol, NativeBytes: protocol == 2}
		msg, err := o.Marshal(get)
		require.NoError(t, err)
		require.NoError(t, conn.SendBytes(context.Background(), msg))
		kind, v := answerOf(t, conn)
		assert.Equal(t, want, kind, "protocol %d", protocol)
		if kind == "#RETURN" {
			require.NoError(t, q.Put(soon(t), make([]byte, 2*narrowest)))
			continue
		}
		text, _ := pickle.Text(v)
		assert.Contains(t, text, "more than the 65536 that it reads")
	}
}

// accepted returns a connection on which objects can be called.
func accepted(t *testing.T, addr connection.Address) *connection.Conn {
	t.Helper()
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"raw"}, pickle.NewDict()})
	conn, err := connection.Dial(soon(t), addr.String(), &connection.DialOptions{
		Authkey: key, FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	kind, _ := answerOf(t, conn)
	require.Equal(t, "#RETURN", kind)
	return conn
}

// answerOf receives a reply.
func answerOf(t *testing.T, conn *connection.Conn) (kind string, v any) {
	t.Helper()
	msg, err := conn.RecvBytes(soon(t))
	require.NoError(t, err)
	require.NoError(t, pickle.Unmarshal(msg, &v))
	reply := v.(pickle.Tuple)
	kind, _ = pickle.Text(reply[0])
	return kind, reply[1]
}

func callOf(t *testing.T, ident, method string) []byte {
	t.Helper()
	return pickled(t, pickle.Tuple{ident, method, pickle.Tuple{}, pickle.NewDict()})
}

func putOf(t *testing.T, ident string, item any) []byte {
	t.Helper()
	return pickled(t, pickle.Tuple{ident, "put", pickle.Tuple{item}, pickle.NewDict()})
}

func exceptionText(v any) string {
	o, ok := v.(*pickle.Object)
	if !ok {
		return ""
	}
	return pickle.ExceptionText(o.Class.(pickle.Global), o.Args.(pickle.Tuple))
}
