//go:build linux

package interop_test

import (
	"encoding/hex"
	"net"
	"os"
	"slices"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers/client"
	"mpbridge/pickle"
	"mpbridge/reduction"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Offers of descriptors in items of queues: Python to Go and back, with either kind of manager in
// between.

// queued is a Python and this program at one queue.
type queued struct {
	peer  *interop.Peer
	queue *client.Queue
	kinds []string // that can pass through the queue
}

// withQueue runs a test with our manager and with the Python's own in the middle.
func withQueue(t *testing.T, test func(*testing.T, interop.Python, queued)) {
	t.Helper()
	forEachPython(t, func(t *testing.T, py interop.Python) {
		t.Run("ours", func(t *testing.T) {
			at, _ := startOurs(t)
			test(t, py, queued{joinQueue(t, py, at), goQueue(t, at), allKinds})
		})
		t.Run("CPython's", func(t *testing.T) {
			args := append(words(connection.Address{Network: connection.TCP, Name: "127.0.0.1"}),
				hex.EncodeToString(rightKey))
			at := addressOf(t, startPeer(t, py, "manager.py", args...).Ready)
			kinds := allKinds
			if py.Profile.NativeBytes {
				kinds = fileKinds // the manager redeems a socket, and cannot pickle it again
			}
			test(t, py, queued{joinQueue(t, py, at), goQueue(t, at), kinds})
		})
	})
}

// joinQueue runs a Python that has joined a manager.
func joinQueue(t *testing.T, py interop.Python, at connection.Address) *interop.Peer {
	t.Helper()
	peer := startHandles(t, py)
	askHandles(t, peer, handleRequest{Op: "manager", Address: words(at)})
	return peer
}

func goQueue(t *testing.T, at connection.Address) *client.Queue {
	t.Helper()
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: rightKey})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	q, err := c.OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	return q
}

var rebuildKey = &reduction.RebuildOptions{Authkey: rightKey, Conn: forAnyPython()}

// redeem makes what an item offers, and checks that it works.
func redeem(t *testing.T, kind string, item any) {
	t.Helper()
	if _, ok := item.(pickle.Tuple); ok {
		f, err := reduction.RebuildHandle(soon(t), item, rebuildKey)
		require.NoError(t, err, kind)
		hasText(t, kind, f)
		return
	}
	v, err := reduction.Rebuild(soon(t), item, rebuildKey)
	require.NoError(t, err, kind)
	switch v := v.(type) {
	case *os.File:
		hasText(t, kind, v)
	case *connection.Conn:
		echoes(t, v)
	case net.Listener:
		accepts(t, v)
	case net.Conn:
		repeats(t, v)
	default:
		t.Fatalf("%s became a %T", kind, v)
	}
}

func TestPythonOffersGoWhatIsInAnItem(t *testing.T) {
	withQueue(t, func(t *testing.T, _ interop.Python, q queued) {
		for _, kind := range q.kinds {
			askHandles(t, q.peer, handleRequest{Op: "put", Kind: kind, Count: 1})
			item, err := q.queue.Get(soon(t))
			require.NoError(t, err, kind)
			redeem(t, kind, item)
		}
	})
}

// sharerFor offers to a Python until the test ends.
func sharerFor(t *testing.T, py interop.Python) *reduction.Sharer {
	t.Helper()
	o := &reduction.SharerOptions{Authkey: rightKey}
	if py.Profile.NativeBytes {
		o.Family = reduction.Python2
	}
	s, err := reduction.NewSharer(o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func (h handover) offeredBy(s *reduction.Sharer) (*reduction.Shared, error) {
	if c, ok := h.h.(*connection.Conn); ok {
		return s.Connection(c)
	}
	if slices.Contains(fileKinds, h.kind) {
		return s.File(h.h)
	}
	return s.Socket(h.h)
}

func TestGoOffersPythonWhatIsInAnItem(t *testing.T) {
	withQueue(t, func(t *testing.T, py interop.Python, q queued) {
		s := sharerFor(t, py)
		for _, kind := range q.kinds {
			thing := newHandover(t, kind)
			shared, err := thing.offeredBy(s)
			require.NoError(t, err)
			thing.end()
			require.NoError(t, q.queue.Put(soon(t), shared), kind)
			askHandles(t, q.peer, handleRequest{Op: "take", Kind: kind, Count: 1})
			thing.used(t)
			<-shared.Done()
			require.NoError(t, shared.Err())
		}
		assert.Zero(t, s.Len())
	})
}

// TestPythonOffersPythonWhatIsInAnItem: our manager passes it on as it is.
func TestPythonOffersPythonWhatIsInAnItem(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		at, _ := startOurs(t)
		from, to := joinQueue(t, py, at), joinQueue(t, py, at)
		taken := map[string]string{
			"file": "file", "pipe": "pipe", "memfd": "memfd",
			"tcp": "speaker", "unix": "speaker", "connection": "speaking connection",
		}
		for kind, used := range taken {
			askHandles(t, from, handleRequest{Op: "put", Kind: kind, Count: 1})
			askHandles(t, to, handleRequest{Op: "take", Kind: used, Count: 1})
		}
	})
}

func TestAnOfferEndsWithItsProcess(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		at, _ := startOurs(t)
		peer, queue := joinQueue(t, py, at), goQueue(t, at)
		askHandles(t, peer, handleRequest{Op: "put", Kind: "tcp", Count: 1})
		require.NoError(t, peer.Kill())
		<-peer.Exited()
		item, err := queue.Get(soon(t))
		require.NoError(t, err)
		_, err = reduction.RebuildAs[net.Conn](soon(t), item, rebuildKey)
		require.ErrorIs(t, err, reduction.ErrGone)
	})
}

func TestASocketThatWasHandedOverCarriesMuch(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		at, _ := startOurs(t)
		peer, queue := joinQueue(t, py, at), goQueue(t, at)
		thing := newHandover(t, "tcp")
		shared, err := thing.offeredBy(sharerFor(t, py))
		require.NoError(t, err)
		thing.end()
		require.NoError(t, queue.Put(soon(t), shared))
		askHandles(t, peer, handleRequest{Op: "take", Kind: "idle", Count: 1})
		const much = 100 << 20
		reply := asking(t, peer, handleRequest{Op: "count"}, func() { thing.carry(t, much) })
		assert.Equal(t, much, reply.Count)
	})
}

func TestHundredsOfOffersLeaveNothingOpen(t *testing.T) {
	eachPythonAlone(t, func(t *testing.T, py interop.Python) {
		at, _ := startOurs(t)
		peer, queue := joinQueue(t, py, at), goQueue(t, at)
		s := sharerFor(t, py)
		f := textFile(t, "file")
		defer f.Close()
		handOver := func(n int) {
			for range n {
				shared, err := s.File(f)
				require.NoError(t, err)
				require.NoError(t, queue.Put(soon(t), shared))
			}
			askHandles(t, peer, handleRequest{Op: "take", Kind: "file", Count: n})
			askHandles(t, peer, handleRequest{Op: "put", Kind: "pipe", Count: n})
			for range n {
				item, err := queue.Get(soon(t))
				require.NoError(t, err)
				redeem(t, "pipe", item)
			}
		}
		handOver(1)
		ours, theirs := ownOpenFiles(t), peersFiles(t, peer)
		rounds := 3
		if os.Getenv(envNightly) != "" {
			rounds = 30
		}
		for range rounds {
			handOver(100)
		}
		assert.Equal(t, theirs, peersFiles(t, peer))
		assert.LessOrEqual(t, ownOpenFiles(t), ours)
	})
}
