package server_test

import (
	"bytes"
	"testing"
	"time"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// saved is how many items a snapshot has.
func saved(t *testing.T, s *server.Server) int {
	t.Helper()
	return save(t, s, &bytes.Buffer{}).Items
}

// leavingIn is how many items a queue has given whose replies may come back.
func leavingIn(s *server.Server, name string) int {
	for _, q := range s.Stats().Queues {
		if q.Name == name {
			return q.InFlight
		}
	}
	return -1
}

func TestASnapshotHasWhatAClientTookUntilItAsksForMore(t *testing.T) {
	for _, name := range []string{"fifo", "lifo", "priority"} {
		t.Run(name, func(t *testing.T) {
			s := newKeeper(t)
			during(t, s, func(c *client.Client) {
				q, err := c.OpenQueue(soon(t), name)
				require.NoError(t, err)
				for i := range 5 {
					require.NoError(t, q.Put(soon(t), i))
				}
				_, err = q.Call(soon(t), "get_many", 2)
				require.NoError(t, err)
				assert.Equal(t, 5, saved(t, s))
				_, err = q.Get(soon(t)) // so the two were read
				require.NoError(t, err)
				assert.Equal(t, 3, saved(t, s))
				_, err = q.Len(soon(t))
				require.NoError(t, err)
				assert.Equal(t, 2, saved(t, s))
			})
		})
	}
}

func TestWhatAClientTookComesFirstAfterACrash(t *testing.T) {
	s := newKeeper(t)
	var file bytes.Buffer
	during(t, s, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		for i := range 3 {
			require.NoError(t, q.Put(soon(t), i))
		}
		_, err = q.Get(soon(t))
		require.NoError(t, err)
		save(t, s, &file)
	})
	next := newKeeper(t)
	load(t, next, &file)
	during(t, next, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		got, err := q.GetMany(soon(t), 9)
		require.NoError(t, err)
		assert.Equal(t, []any{int64(0), int64(1), int64(2)}, got)
	})
}

func TestWhatAClientTookIsItsOwnOnceItHasLeft(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		other := dial(t, c.Address())
		q, err := other.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), largeItem(1)))
		require.NoError(t, q.Put(soon(t), largeItem(2)))
		_, err = q.Get(soon(t))
		require.NoError(t, err)
		require.NoError(t, other.Close())
		assert.Eventually(t, func() bool { return saved(t, s) == 1 }, long, time.Millisecond)
	})
	assert.Equal(t, 1, saved(t, s))
}

func TestWhatAClientTookIsItsOwnAfterAnOrderlyEnd(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), 1))
		_, err = q.Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 1, leavingIn(s, "fifo"))
		_, err = s.Shutdown(soon(t)) // the client is there and has asked for nothing else
		require.NoError(t, err)
		assert.Zero(t, saved(t, s))
	})
}

func TestWhatTheProgramItselfTakesIsNotSaved(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	for _, o := range []queue.Order{queue.FIFO, queue.LIFO, queue.Priority} {
		q, err := s.RegisterQueue([]string{"fifo", "lifo", "priority"}[o], &queue.Options{Order: o})
		require.NoError(t, err)
		for i := range 3 {
			require.NoError(t, q.Put(soon(t), i))
		}
		_, err = q.Get(soon(t))
		require.NoError(t, err)
		_, err = q.TryGet()
		require.NoError(t, err)
		assert.Zero(t, q.Stats().InFlight)
	}
	assert.Equal(t, 3, saved(t, s))
}
