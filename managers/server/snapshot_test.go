package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newKeeper makes a server with something shared of each kind.
func newKeeper(t *testing.T) *server.Server {
	t.Helper()
	return newKeeperWith(t, &server.Options{Authkey: key})
}

// newKeeperWith is newKeeper with options.
func newKeeperWith(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	s, err := server.New(o)
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	for name, o := range map[string]queue.Options{
		"fifo": {}, "small": {MaxSize: 1}, "lifo": {Order: queue.LIFO},
		"priority": {Order: queue.Priority}, "leased": {Lease: long, MaxDeliveries: 9},
	} {
		_, err := s.RegisterQueue(name, &o)
		require.NoError(t, err)
	}
	require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
	for name, typeid := range map[string]string{"d": "dict", "l": "list", "s": "set", "n": "Namespace"} {
		require.NoError(t, s.RegisterShared(name, typeid))
	}
	require.NoError(t, s.RegisterShared("e", "Event"))
	require.NoError(t, s.RegisterShared("v", "Value", "i", 0))
	require.NoError(t, s.RegisterShared("a", "Array", "i", []int{0, 0}))
	return s
}

// during serves s while f uses it, and shuts it down.
func during(t *testing.T, s *server.Server, f func(c *client.Client)) {
	t.Helper()
	addr, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(context.Background())
	}()
	c := dial(t, addr)
	f(c)
	require.NoError(t, c.Close())
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err)
	<-over
}

// save writes what a server holds.
func save(t testing.TB, s *server.Server, out io.Writer) managers.SnapshotInfo {
	t.Helper()
	info, err := s.Snapshot(out, nil)
	require.NoError(t, err)
	return info
}

// load fills a server.
func load(t testing.TB, s *server.Server, in io.Reader) managers.SnapshotInfo {
	t.Helper()
	info, err := s.Restore(in, nil)
	require.NoError(t, err)
	return info
}

// notTaken is why a server does not take a snapshot.
func notTaken(t testing.TB, s *server.Server, data []byte) error {
	t.Helper()
	_, err := s.Restore(bytes.NewReader(data), nil)
	require.Error(t, err)
	return err
}

// restarted takes what one server leaves behind to another.
func restarted(t *testing.T, s *server.Server) *server.Server {
	t.Helper()
	var file bytes.Buffer
	save(t, s, &file)
	next := newKeeper(t)
	load(t, next, &file)
	return next
}

func TestQueuesSurviveARestart(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		for name, args := range map[string][]any{
			"fifo": nil, "small": nil, "lifo": nil, "priority": nil, "leased": nil, "get_queue": {"orders"},
		} {
			q, err := c.OpenQueue(soon(t), name, args...)
			require.NoError(t, err)
			require.NoError(t, q.Put(soon(t), 2))
			if name == "small" {
				continue
			}
			require.NoError(t, q.Put(soon(t), 3))
			require.NoError(t, q.Put(soon(t), 1))
		}
		q, err := c.OpenQueue(soon(t), "leased")
		require.NoError(t, err)
		_, err = q.Lease(soon(t))
		require.NoError(t, err)
	})
	during(t, restarted(t, s), func(c *client.Client) {
		for name, want := range map[string][]any{
			"fifo": {int64(2), int64(3), int64(1)}, "small": {int64(2)},
			"lifo": {int64(1), int64(3), int64(2)}, "priority": {int64(1), int64(2), int64(3)},
			"get_queue": {int64(2), int64(3), int64(1)},
		} {
			var args []any
			if name == "get_queue" {
				args = []any{"orders"}
			}
			q, err := c.OpenQueue(soon(t), name, args...)
			require.NoError(t, err)
			got, err := q.GetMany(soon(t), 5)
			require.NoError(t, err)
			assert.Equal(t, want, got, name)
		}
		q, err := c.OpenQueue(soon(t), "leased")
		require.NoError(t, err)
		d, err := q.Lease(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 2, d.Deliveries)
	})
}

func TestSharedObjectsSurviveARestart(t *testing.T) {
	s := newKeeper(t)
	calls := map[string][]expectation{
		"d": {do("None", "__setitem__", pickle.Tuple{1, "k"}, []any{1, 2.5})},
		"l": {do("None", "extend", []any{1, "x", nil, map[string]int{"a": 1}})},
		"s": {do("None", "update", []int{1, 2})},
		"n": {do("None", "__setattr__", "x", []int{1})},
		"v": {do("None", "set", "any")},
		"a": {do("None", "__setitem__", 1, 7)},
	}
	run := func(c *client.Client, calls map[string][]expectation) {
		for name, steps := range calls {
			p, err := c.Open(soon(t), name)
			require.NoError(t, err)
			for _, s := range steps {
				assert.Equal(t, s.want, outcome(t, p, s), name)
			}
		}
	}
	during(t, s, func(c *client.Client) { run(c, calls) })
	during(t, restarted(t, s), func(c *client.Client) {
		run(c, map[string][]expectation{
			"d": {do("{(1, 'k'): [1, 2.5]}", "copy")},
			"l": {do("[1, 'x', None, {'a': 1}]", "copy")},
			"s": {do("{1, 2}", "copy")},
			"n": {do("[1]", "__getattribute__", "x")},
			"v": {do("'any'", "get")},
			"a": {do("7", "__getitem__", 1)},
		})
	})
}

func TestProxiesOfSharedObjectsSurviveARestart(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		require.NoError(t, d.Set(soon(t), "list", l))
	})
	during(t, restarted(t, s), func(c *client.Client) {
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		v, err := d.Get(soon(t), "list")
		require.NoError(t, err)
		require.NoError(t, client.AsList(v.(*client.Proxy)).Append(soon(t), 1))
	})
}

func TestASnapshotIsNotRestoredWhereItHasNoPlace(t *testing.T) {
	s := newKeeper(t)
	var file bytes.Buffer
	save(t, s, &file)
	empty, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.ErrorContains(t, notTaken(t, empty, file.Bytes()), "not offered")
}

func TestADamagedSnapshotIsRefused(t *testing.T) {
	s := newKeeper(t)
	var file bytes.Buffer
	save(t, s, &file)
	next := newKeeper(t)
	for i := range file.Len() {
		damaged := bytes.Clone(file.Bytes())
		damaged[i] ^= 0x40
		_ = notTaken(t, next, damaged)
		require.ErrorIs(t, notTaken(t, next, file.Bytes()[:i]), server.ErrSnapshot)
		_, err := server.CheckSnapshot(bytes.NewReader(damaged))
		require.ErrorIs(t, err, server.ErrSnapshot, "byte %d", i)
	}
}

func FuzzRestore(f *testing.F) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(f, err)
	q, err := s.RegisterQueue("q", nil)
	require.NoError(f, err)
	require.NoError(f, q.TryPut("item"))
	var file bytes.Buffer
	save(f, s, &file)
	f.Add(file.Bytes())
	f.Add(itemFile("3/1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, whole := server.CheckSnapshot(bytes.NewReader(data))
		restored, err := s.Restore(bytes.NewReader(data), nil)
		if err == nil {
			require.NoError(t, whole, "what can be restored is whole")
			require.Equal(t, info, restored)
		}
	})
}

// lending makes a server with the queue jobs, which leases.
func lending(t *testing.T, most int) (*server.Server, *queue.Queue) {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", &queue.Options{Lease: long, MaxDeliveries: most})
	require.NoError(t, err)
	return s, q
}

func TestAReplyThatWasNotReadIsNoStepToTheDeadLettersAfterARestartEither(t *testing.T) {
	s, q := lending(t, 2)
	fill(t, q, 1)
	leaseAndReset(t, q, serveAt(t, s), false)
	var file bytes.Buffer
	save(t, s, &file)
	next, q := lending(t, 2)
	load(t, next, &file)
	c, mine := jobs(t, serveAt(t, next))
	_, err := mine.Lease(soon(t))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	waitFor(t, func() bool { return q.Stats().Leased == 0 })
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 3, d.Deliveries)
}

// itemFile is a snapshot with one item, None, of the queue jobs.
func itemFile(counts string) []byte {
	file := []byte("mpbridge snapshot 1\n")
	add := func(kind byte, parts ...string) {
		file = append(file, kind, byte(len(parts)))
		for _, p := range parts {
			file = append(binary.BigEndian.AppendUint64(file, uint64(len(p))), p...)
		}
	}
	add('o', "queue 0", "jobs", "")
	add('i', counts, "\x80\x04N.")
	add('e', string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(file))))
	return file
}

func TestASnapshotFromBeforeRepliesCountedApartIsRead(t *testing.T) {
	s, q := lending(t, 9)
	info := load(t, s, bytes.NewReader(itemFile("3")))
	assert.Equal(t, 1, info.Format)
	assert.Equal(t, 1, info.Items)
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 4, d.Deliveries)
}

func TestASnapshotWithDamagedCountsIsRefused(t *testing.T) {
	for _, counts := range []string{"", "x", "-1", "3/", "3/x", "3/-1", "3/4", "3/1/1"} {
		s, _ := lending(t, 9)
		require.ErrorIs(t, notTaken(t, s, itemFile(counts)), server.ErrSnapshot, "%q", counts)
	}
}

func TestWhatASnapshotHoldsIsLimitedToo(t *testing.T) {
	withDict := func(l server.Limits) *server.Server {
		s, err := server.New(&server.Options{Authkey: key, Limits: l})
		require.NoError(t, err)
		require.NoError(t, s.RegisterSyncManager())
		require.NoError(t, s.RegisterShared("d", "dict"))
		return s
	}
	s := withDict(server.Limits{})
	during(t, s, func(c *client.Client) {
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		require.NoError(t, d.Set(soon(t), excess(t, "deep"), 1))
	})
	var file bytes.Buffer
	save(t, s, &file)
	var limit *pickle.LimitError
	require.ErrorAs(t, notTaken(t, withDict(tight), file.Bytes()), &limit)
}
