package interop_test

import (
	"fmt"
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withQueuePeers runs a test with a peer of each Python found, on both networks in turn.
func withQueuePeers(t *testing.T, test func(t *testing.T, peer *queuePeer)) {
	t.Helper()
	server := newQueueServer(t)
	forEachPython(t, func(t *testing.T, py interop.Python) {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(network, func(t *testing.T) { test(t, server.startPeer(t, py, "faulty.py", network)) })
		}
	})
}

func TestAnItemWhoseReadersFailIsADeadLetter(t *testing.T) {
	withQueuePeers(t, func(t *testing.T, peer *queuePeer) {
		for _, f := range faults {
			q := peer.queue("maxTwo", "dead by one who "+f.name+t.Name())
			on[any](t, q, "fill", 0, 3, 0)
			for range 2 {
				client := q.startClient(t, 0)
				do[any](t, client, "call", client.ident, "get")
				client.frame = do[int](t, client, "ask", client.ident, "qsize")
				do[any](t, client, "write", client.frame/2) // it has read its item: even a reset leaves no doubt
				f.inject(t, client)
				if f.lives {
					do[any](t, client, "close")
				}
				client.wait(t)
			}
			assert.Equal(t, []string{"1:1", "2:1"}, on[[]string](t, q, "drain"), f.name)
			dead := peer.queue("maxTwo.dead", q.name)
			assert.Equal(t, []string{"0"}, on[[]string](t, dead, "drain"), f.name)
			assert.Zero(t, q.stats().Unfinished, "what is dead is counted off, too")
		}
	})
}

func TestAnItemThatKillsWhoeverReadsItIsADeadLetter(t *testing.T) {
	withQueuePeers(t, func(t *testing.T, peer *queuePeer) {
		q := peer.queue("maxTwo", t.Name())
		on[any](t, q, "fill", 0, 2, 1)
		for range 2 {
			client := q.startClient(t, smallBuffer)
			do[any](t, client, "write", do[int](t, client, "ask", client.ident, "get"))
			do[any](t, client, "part", 1<<20)
			client.signal(t, "kill")
			client.awaitGone(t)
		}
		assert.Equal(t, []string{"1:1"}, on[[]string](t, q, "drain"))
		assert.Equal(t, []string{"0"}, on[[]string](t, peer.queue("maxTwo.dead", q.name), "drain"))
	})
}

func TestAReplyThatNobodyReadMakesNoDeadLetter(t *testing.T) {
	withQueuePeers(t, func(t *testing.T, peer *queuePeer) {
		q := peer.queue("maxTwo", t.Name())
		on[any](t, q, "fill", 0, 1, 0)
		for range 5 {
			client := q.startClient(t, 0)
			do[any](t, client, "write", do[int](t, client, "ask", client.ident, "get"))
			do[any](t, client, "peek")
			client.signal(t, "kill")
			client.awaitGone(t)
		}
		assert.Equal(t, []string{"0:6"}, on[[]string](t, q, "drain"))
	})
}

func TestALeaseThatAStoppedClientHasEndsAllTheSame(t *testing.T) {
	withQueuePeers(t, func(t *testing.T, peer *queuePeer) {
		q := peer.queue("shortLease", t.Name())
		on[any](t, q, "fill", 0, 1, 0)
		client := q.startClient(t, 0)
		mine := do[[]any](t, client, "call", client.ident, "lease")
		client.signal(t, "stop")
		theirs := on[[]any](t, q, "lease")
		assert.Equal(t, mine[1], theirs[1], "the same item")
		assert.NotEqual(t, mine[0], theirs[0], "on another receipt")
		require.Equal(t, true, on[any](t, q, "ack", theirs[0]))
		client.signal(t, "go_on")
		assert.Equal(t, false, do[any](t, client, "call", client.ident, "ack", mine[0]), "it is done")
		do[any](t, client, "close")
		client.wait(t)
		assert.Empty(t, on[[]string](t, q, "drain"))
	})
}

// TestItemsAreNotHandedToTheDead has clients waiting behind others that are killed: what is put then
// is theirs, in its order.
func TestItemsAreNotHandedToTheDead(t *testing.T) {
	withQueuePeers(t, func(t *testing.T, peer *queuePeer) {
		q := peer.queue("plain", t.Name())
		var killed, alive []*faultyClient
		for n := range 16 {
			client := q.startClient(t, 0)
			do[any](t, client, "write", do[int](t, client, "ask", client.ident, "get"))
			eventually(t, "it waits", func() bool { return q.stats().Getters == n+1 })
			if n%4 == 3 {
				alive = append(alive, client)
			} else {
				killed = append(killed, client)
			}
		}
		on[any](t, q, "kill_and_fill", pidsOf(killed))
		for n, client := range alive {
			assert.Equal(t, n, do[int](t, client, "read"))
			do[any](t, client, "close")
			client.wait(t)
		}
		var rest []string
		for n := len(alive); n < len(killed); n++ {
			rest = append(rest, fmt.Sprint(n))
		}
		assert.Equal(t, rest, on[[]string](t, q, "drain"))
	})
}

func pidsOf(clients []*faultyClient) []int {
	pids := make([]int, len(clients))
	for i, client := range clients {
		pids[i] = client.pid
	}
	return pids
}
