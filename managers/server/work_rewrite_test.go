package server_test

import (
	"context"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emptySets is a list of n of them, in one byte each; in protocol 2 each is a call.
func emptySets(t *testing.T, n int) pickle.Raw {
	t.Helper()
	r, err := pickle.ParseRaw([]byte("\x80\x04](" + strings.Repeat("\x8f", n) + "e."))
	require.NoError(t, err)
	return r
}

// asPython2 makes a call as a Python 2 does, and returns how the reply begins.
func asPython2(t *testing.T, at connection.Address, ident, method string) string {
	t.Helper()
	native := func(text string) pickle.ByteString { return pickle.ByteString(text) }
	o := &pickle.EncodeOptions{Protocol: 2, NativeBytes: true}
	var requests [][]byte
	for _, request := range []pickle.Tuple{
		{nil, native("accept_connection"), pickle.Tuple{native("old")}, pickle.NewDict()},
		{native(ident), native(method), pickle.Tuple{}, pickle.NewDict()},
	} {
		doc, err := o.Marshal(request)
		require.NoError(t, err)
		requests = append(requests, doc)
	}
	conn, err := connection.Dial(patient(t), at.String(), &connection.DialOptions{Authkey: key, FirstMessage: requests[:1]})
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	require.NoError(t, conn.SendBytes(context.Background(), requests[1]))
	reply, err := conn.RecvBytes(context.Background())
	require.NoError(t, err)
	return string(reply[:min(len(reply), 400)])
}

// The item stays, for a Python that can read it as it is.
func TestWritingAnItemAnewForAnOlderPythonDrawsOnTheCall(t *testing.T) {
	s, at := serveWork(t, littleWork)
	q := proxyOf(t, at, "a queue")
	_, err := q.Call(patient(t), "put", emptySets(t, int(littleWork.MaxCallValues)*2))
	require.NoError(t, err)
	var reply string
	grown := made(func() { reply = asPython2(t, at, q.Token().Ident, "get") })
	assert.Contains(t, reply, "MemoryError")
	assert.Contains(t, reply, "--max-call-", "of bytes, or where pointers are small of values")
	assert.Less(t, grown, uint64(20*littleWork.MaxCallBytes), "bytes allocated")
	waitFor(t, func() bool { return server.WorkBytes(s) == 0 })
	_, err = q.Call(patient(t), "get_nowait")
	require.NoError(t, err, "the item is still there")
}

func TestWritingAListAnewForAnOlderPythonDrawsOnTheCall(t *testing.T) {
	_, at := serveWork(t, littleWork)
	l := proxyOf(t, at, "a list")
	for range 16 {
		_, err := l.Call(patient(t), "append", emptySets(t, int(littleWork.MaxCallValues)/8))
		require.NoError(t, err)
	}
	reply := asPython2(t, at, l.Token().Ident, "copy")
	assert.Contains(t, reply, "MemoryError")
	assert.Contains(t, reply, "a call takes more than")
}

func TestSmallItemsAreWrittenAnewForAnOlderPython(t *testing.T) {
	_, at := serveWork(t, littleWork)
	q := proxyOf(t, at, "a queue")
	_, err := q.Call(patient(t), "put", emptySets(t, 3))
	require.NoError(t, err)
	assert.Contains(t, asPython2(t, at, q.Token().Ident, "get"), "#RETURN")
}
