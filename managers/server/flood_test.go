package server_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/internal/peerlog/logtest"
	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// floods are requests of which each deserves a line in the log.
const floods = 1500

// few is more lines than one client may cause in the time that a test takes, stacks included.
const few = 400

func TestAFloodOfRefusedCallsIsNoFloodOfLogLines(t *testing.T) {
	s, at, logged := guarded(t)
	jobs := ident(t, at, "jobs")
	reader := as(t, at, "reader")
	conn := reader.dial()
	reader.exchange(conn, nil, "accept_connection", []any{"flood"})
	for range floods {
		kind, _ := reader.exchange(conn, jobs, "put", []any{1})
		require.Equal(t, "#ERROR", kind)
	}
	said, _ := as(t, at, "auditor").ask("create", "nothing of mine")
	assert.Equal(t, "no", said)
	assert.Contains(t, logged.String(), "auditor", "another key's line is there")
	require.NoError(t, conn.Close())
	_, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	lines, left := logtest.Lines(t, logged.String(), `msg="not allowed"`)
	assert.Less(t, lines, few)
	assert.InDelta(t, floods+1, lines+left, 5, "each is logged or counted")
	assert.Contains(t, logged.String(), "of=reader@127.0.0.1")
}

func TestAFloodOfConnectionsIsNoFloodOfLogLines(t *testing.T) {
	s, at, logged := guarded(t)
	for range few {
		said, _ := as(t, at, "reader").ask("shutdown")
		require.Equal(t, "no", said)
	}
	_, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	lines, left := logtest.Lines(t, logged.String(), "level=")
	assert.Less(t, lines, few/2)
	assert.GreaterOrEqual(t, lines+left, few)
}

func TestAFloodOfPanicsIsNoFloodOfStacks(t *testing.T) {
	s, addr, book := serveFaulty(t, server.Options{})
	p, err := dial(t, addr).Open(soon(t), "faulty")
	require.NoError(t, err)
	conn := accepted(t, addr)
	panics := callOf(t, p.Token().Ident, "panic")
	for range few {
		require.NoError(t, conn.SendBytes(context.Background(), panics))
		_, _ = answerOf(t, conn)
	}
	require.NoError(t, conn.Close())
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err)
	lines, left := logtest.Lines(t, book.String(), "code panicked")
	assert.Less(t, lines, few/2)
	assert.InDelta(t, few, lines+left, 5, "each is logged or counted")
}

func TestAFloodOfNonsenseIsNoFloodOfLogLines(t *testing.T) {
	s, addr, book := serveFaulty(t, server.Options{Limits: server.Limits{MaxMessage: narrowest}})
	conn := accepted(t, addr)
	for _, msg := range [][]byte{
		{}, []byte("nonsense"), []byte("<?xml"), make([]byte, 2*narrowest),
		pickled(t, pickle.Tuple{"nobody", "put", pickle.Tuple{}, pickle.NewDict()}),
	} {
		for range few {
			require.NoError(t, conn.SendBytes(context.Background(), msg))
			_, _ = answerOf(t, conn)
		}
	}
	require.NoError(t, conn.Close())
	_, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	lines, left := logtest.Lines(t, book.String(), "level=")
	assert.Less(t, lines, few)
	assert.Greater(t, lines+left, 5*few)
}

func TestAFloodOfPutsWithoutRoomIsNoFloodOfLogLines(t *testing.T) {
	s, addr, book := serveFaulty(t, server.Options{Limits: server.Limits{MaxItems: 1}})
	q, err := dial(t, addr).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), "takes the room"))
	for range floods {
		_, err := q.Call(soon(t), "put", 1, true, 1e-6)
		require.ErrorIs(t, err, managers.ErrFull)
	}
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err)
	lines, left := logtest.Lines(t, book.String(), "the queues are full")
	assert.Less(t, lines, few)
	assert.InDelta(t, floods, lines+left, 5, "each is logged or counted")
}
