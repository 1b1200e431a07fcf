package server_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// store opens the store of a folder.
func store(t *testing.T, path string) *durable.Store {
	t.Helper()
	s, err := durable.Open(path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// newDurable makes a server with the queue jobs and the family get_queue.
func newDurable(t *testing.T, st *durable.Store) *server.Server {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key, Journals: st, Limits: server.Limits{ObjectGrace: minGrace}})
	require.NoError(t, err)
	o := &queue.Options{Lease: long, MaxDeliveries: 1}
	_, err = s.RegisterQueue("jobs", o)
	require.NoError(t, err)
	require.NoError(t, s.RegisterQueueFamily("get_queue", o))
	return s
}

func TestQueuesThatAreSharedByNameAreInTheNextServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	st := store(t, path)
	during(t, newDurable(t, st), func(c *client.Client) {
		jobs, err := c.OpenQueue(soon(t), "jobs")
		require.NoError(t, err)
		require.NoError(t, jobs.Put(soon(t), "job"))
		require.NoError(t, named(t, c, "a").PutMany(soon(t), "x", "y"))
		poison := named(t, c, "b")
		require.NoError(t, poison.Put(soon(t), "poison"))
		d, err := poison.Lease(soon(t))
		require.NoError(t, err)
		_, err = d.Nack(soon(t), 0)
		require.NoError(t, err)
	})
	require.NoError(t, st.Close())
	st = store(t, path)
	s := newDurable(t, st)
	during(t, s, func(c *client.Client) {
		assert.Empty(t, st.Unopened())
		jobs, err := c.OpenQueue(soon(t), "jobs")
		require.NoError(t, err)
		assert.Equal(t, "job", text(t, jobs))
		a := named(t, c, "a")
		assert.Equal(t, []any{"x", "y"}, []any{text(t, a), text(t, a)})
		dead, err := c.OpenQueue(soon(t), "get_queue.dead", "b")
		require.NoError(t, err)
		assert.Equal(t, "poison", text(t, dead))
	})
}

// text takes an item.
func text(t *testing.T, q *client.Queue) any {
	t.Helper()
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	return v
}

func TestAQueueOfAFamilyThatWentIsNotInTheNextServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	st := store(t, path)
	s := newDurable(t, st)
	c := dial(t, serveAt(t, s))
	for range 3 {
		q := named(t, c, "a")
		require.NoError(t, q.Put(soon(t), "x"))
		d, err := q.Lease(soon(t))
		require.NoError(t, err)
		_, err = d.Ack(soon(t))
		require.NoError(t, err)
		require.NoError(t, q.Close(soon(t)))
		waitFor(t, func() bool { return len(families(s)) == 0 })
	}
	require.NoError(t, st.Close())
	assert.NotContains(t, store(t, path).Names(), "get_queue\x00a")
}

func TestASnapshotThatIsRestoredIsDurable(t *testing.T) {
	first := newKeeper(t)
	during(t, first, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		require.NoError(t, q.PutMany(soon(t), "x", "y"))
		require.NoError(t, named(t, c, "a").Put(soon(t), "z"))
	})
	var saved bytes.Buffer
	save(t, first, &saved)
	path := filepath.Join(t.TempDir(), "data")
	st := store(t, path)
	second := newKeeperWith(t, &server.Options{Authkey: key, Journals: st})
	_, err := second.Restore(&saved, nil)
	require.NoError(t, err)
	require.NoError(t, second.Close())
	require.NoError(t, st.Close())
	st = store(t, path)
	assert.Equal(t, 2, st.Items("fifo"))
	assert.Equal(t, 1, st.Items("get_queue\x00a"))
}
