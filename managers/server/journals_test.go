package server_test

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/wal"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// store opens the store of a folder.
func store(t *testing.T, path string) *durable.Store {
	t.Helper()
	s, err := durable.Open(path, &durable.Options{Sync: wal.Never})
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

// newWorld makes a server with one object of each kind that is durable.
func newWorld(t *testing.T, st *durable.Store) *server.Server {
	t.Helper()
	return newKeeperWith(t, &server.Options{Authkey: key, Journals: st})
}

// changesOf are the objects of newWorld that are no queues, and calls that change them.
var changesOf = map[string][][]any{
	"d": {{"__setitem__", "k", 1}, {"update", pickle.NewDict("a", 1, "b", "x")}, {"setdefault", "c", nil}, {"pop", "k"},
		{"pop", "no"}, {"popitem"}, {"__delitem__", "no"}, {"__setitem__", 1.5, []any{}}, {"clear"}},
	"l": {{"append", "x"}, {"extend", []any{3, 1, 2}}, {"insert", 0, "first"}, {"pop"}, {"remove", 3}, {"reverse"},
		{"__setitem__", 0, "changed"}, {"__delitem__", 99}, {"__imul__", 2}, {"clear"}},
	"s": {{"add", 1}, {"update", []any{4, 5, 6, "x"}}, {"discard", 5}, {"pop"}, {"remove", "no"}, {"add", "y"}, {"clear"}},
	"n": {{"__setattr__", "x", 1}, {"__setattr__", "y", "z"}, {"__delattr__", "x"}},
	"e": {{"set"}, {"clear"}},
	"v": {{"set", 5}, {"set", "no number"}},
	"a": {{"__setitem__", 0, 7}, {"__setitem__", 9, 7}},
}

// world is what clients see of these objects.
func world(t *testing.T, c *client.Client) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name := range changesOf {
		p, err := c.Open(soon(t), name)
		require.NoError(t, err)
		if out[name], err = p.Repr(soon(t)); err != nil {
			require.NoError(t, err)
		}
	}
	return out
}

// crashed is a copy of a folder as a server that is killed now would leave it.
func crashed(t *testing.T, path string) string {
	t.Helper()
	from, err := wal.Dir(path)
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), "data")
	to, err := wal.Dir(copied)
	require.NoError(t, err)
	require.NoError(t, wal.Backup(from, to))
	return copied
}

func TestObjectsThatAreSharedByNameAreInTheNextServer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "data")
	for range 2 {
		var before map[string]string
		st := store(t, path)
		during(t, newWorld(t, st), func(c *client.Client) {
			for name, calls := range changesOf {
				p, err := c.Open(soon(t), name)
				require.NoError(t, err)
				for range 400 { // more than are written down before the object is written as a whole
					call := calls[random.IntN(len(calls))]
					if call[0] == "__imul__" && random.IntN(8) > 0 || call[0] == "clear" && random.IntN(8) > 0 {
						continue
					}
					_, _ = p.Call(soon(t), call[0].(string), call[1:]...) // exceptions are of the game
				}
			}
			before = world(t, c)
			path = crashed(t, path)
			t.Log(before)
		})
		require.NoError(t, st.Close())
		st = store(t, path)
		during(t, newWorld(t, st), func(c *client.Client) { assert.Equal(t, before, world(t, c)) })
		require.NoError(t, st.Close())
	}
}

func TestAnObjectThatHoldsAProxyIsInTheNextServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	st := store(t, path)
	during(t, newWorld(t, st), func(c *client.Client) {
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		require.NoError(t, l.Append(soon(t), "in the list"))
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		_, err = d.Call(soon(t), "update", pickle.NewDict("list", l.Proxy))
		require.NoError(t, err)
		_, err = l.Call(soon(t), "extend", l.Proxy)
		require.NoError(t, err)
	})
	require.NoError(t, st.Close())
	st = store(t, path)
	during(t, newWorld(t, st), func(c *client.Client) {
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		n, err := l.Len(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		n, err = d.Len(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
}

func TestAnObjectThatBecameAnotherKindIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	for _, typeid := range []string{"dict", "list"} {
		st := store(t, path)
		s, err := server.New(&server.Options{Authkey: key, Journals: st})
		require.NoError(t, err)
		require.NoError(t, s.RegisterSyncManager())
		err = s.RegisterShared("things", typeid)
		if typeid == "dict" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, `"things" was a dict, and is a list now`)
		}
		require.NoError(t, s.Close())
		require.NoError(t, st.Close())
	}
}

func TestWhatEveryKindThatIsSavedHoldsIsDurable(t *testing.T) {
	for _, k := range server.Kinds() {
		if !k.Saved {
			continue
		}
		t.Run(k.Typeid, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "data")
			_, at := offerWith(t, k, &server.Options{Authkey: key, Journals: store(t, path)})
			want := shows(t, at, filled[k.Name].call)
			_, at = offerWith(t, k, &server.Options{Authkey: key, Journals: store(t, crashed(t, path))})
			assert.Equal(t, want, shows(t, at, nil))
		})
	}
}

// FuzzChange has changes that no server wrote done again.
func FuzzChange(f *testing.F) {
	f.Add([]byte("c\x02\x00\x00\x00\x00\x00\x00\x00\x06append\x00\x00\x00\x00\x00\x00\x00\x03K\x01."), false)
	f.Add([]byte("c\x03\x00\x00\x00\x00\x00\x00\x00\x0b__setitem__\x00\x00\x00\x00\x00\x00\x00\x03K\x01."+
		"\x00\x00\x00\x00\x00\x00\x00\x03K\x02."), true)
	f.Fuzz(func(t *testing.T, change []byte, dict bool) {
		s, err := server.New(&server.Options{Authkey: key})
		require.NoError(t, err)
		defer s.Close()
		require.NoError(t, s.RegisterSyncManager())
		typeid := "list"
		if dict {
			typeid = "dict"
		}
		require.NoError(t, s.RegisterShared("x", typeid))
		_ = server.Redo(s, "x", change)
	})
}
