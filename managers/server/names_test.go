package server_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveNames starts a server with the family get_queue.
func serveNames(t *testing.T, l server.Limits, o queue.Options) (*server.Server, connection.Address) {
	t.Helper()
	return start(t, server.Options{Limits: l}, aFamily("get_queue", o))
}

// named is the queue of a name.
func named(t *testing.T, c *client.Client, name string) *client.Queue {
	t.Helper()
	q, err := c.OpenQueue(soon(t), "get_queue", name)
	require.NoError(t, err)
	return q
}

// names are the queues of families that a server has.
func names(s *server.Server) (out []string) {
	for _, q := range s.Stats().Queues {
		out = append(out, q.Name)
	}
	return out
}

func TestAQueueOfAFamilyGoesWhenNobodyNeedsIt(t *testing.T) {
	s, addr := serveNames(t, server.Limits{ObjectGrace: minGrace}, queue.Options{})
	c := dial(t, addr)
	q := named(t, c, "a")
	assert.Equal(t, []string{"get_queue(a)"}, names(s))
	require.NoError(t, q.Close(soon(t)))
	waitFor(t, func() bool { return len(names(s)) == 0 })
	require.NoError(t, named(t, c, "a").Put(soon(t), 1))
	assert.Equal(t, 1, s.Stats().Queues[0].Len)
}

// needs are what keeps a queue to which nobody refers, and what ends that.
var needs = map[string]struct {
	begin, end func(t *testing.T, c *client.Client, q *client.Queue)
}{
	"an item": {
		func(t *testing.T, _ *client.Client, q *client.Queue) { require.NoError(t, q.Put(soon(t), 1)) },
		func(t *testing.T, c *client.Client, q *client.Queue) {
			_, err := q.Get(soon(t))
			require.NoError(t, err)
			require.NoError(t, q.TaskDone(soon(t)))
		},
	},
	"work that is counted": {
		func(t *testing.T, _ *client.Client, q *client.Queue) {
			_, err := q.CallRaw(soon(t), "put_many", []any{1, 2})
			require.NoError(t, err)
			for range 2 {
				_, err = q.Get(soon(t))
				require.NoError(t, err)
			}
			require.NoError(t, q.TaskDone(soon(t)))
		},
		func(t *testing.T, _ *client.Client, q *client.Queue) {
			require.NoError(t, q.TaskDone(soon(t)))
		},
	},
	"a proxy that is stored": {
		func(t *testing.T, c *client.Client, q *client.Queue) {
			require.NoError(t, named(t, c, "store").Put(soon(t), q))
		},
		func(t *testing.T, c *client.Client, _ *client.Queue) {
			store := named(t, c, "store")
			_, err := store.GetRaw(soon(t))
			require.NoError(t, err)
			_, err = store.Len(soon(t)) // it was read
			require.NoError(t, err)
		},
	},
}

func TestAQueueOfAFamilyStaysAsLongAsItIsNeeded(t *testing.T) {
	for name, need := range needs {
		t.Run(name, func(t *testing.T) {
			s, addr := serveNames(t, server.Limits{}, queue.Options{})
			c := dial(t, addr)
			q := named(t, c, "a")
			need.begin(t, c, q)
			require.NoError(t, q.Close(soon(t)))
			server.Sweep(s)
			require.Contains(t, names(s), "get_queue(a)")
			again := named(t, c, "a")
			need.end(t, c, again)
			require.NoError(t, again.Close(soon(t)))
			waitFor(t, func() bool {
				server.Sweep(s)
				return !slices.Contains(names(s), "get_queue(a)")
			})
		})
	}
}

func TestAQueueOfAFamilyGoesWithoutReferencesAfterItsLastCall(t *testing.T) {
	s, addr := serveNames(t, server.Limits{ObjectGrace: minGrace}, queue.Options{})
	c := dial(t, addr)
	q := named(t, c, "a")
	ident := q.Token().Ident
	conn := methodsOf(t, addr)
	require.NoError(t, conn.SendBytes(context.Background(), pickled(t, pickle.Tuple{ident, "get", pickle.Tuple{}, pickle.NewDict()})))
	waitFor(t, func() bool { return s.Stats().Queues[0].Getters == 1 })
	require.NoError(t, q.Close(soon(t)))
	server.Sweep(s)
	require.Len(t, names(s), 1, "somebody waits")
	require.NoError(t, conn.Close())
	waitFor(t, func() bool { return len(names(s)) == 0 })
}

func TestACallThatIsUnderWayKeepsItsQueue(t *testing.T) {
	s, addr := serveNames(t, server.Limits{ObjectGrace: minGrace}, queue.Options{})
	q := named(t, dial(t, addr), "a")
	end := server.BeginCall(s, q.Token().Ident)
	server.Forget(s, q.Token().Ident)
	server.Exhaust(s)
	require.Len(t, names(s), 1)
	end()
	waitFor(t, func() bool { return len(names(s)) == 0 })
}

func TestAnItemWhoseReplyIsNotReadKeepsItsQueue(t *testing.T) {
	for name, o := range map[string]queue.Options{"given": {}, "leased": {Lease: long}} {
		t.Run(name, func(t *testing.T) {
			s, addr := serveNames(t, server.Limits{}, o)
			c := dial(t, addr)
			q := named(t, c, "a")
			require.NoError(t, q.Put(soon(t), 1))
			conn := methodsOf(t, addr)
			require.NoError(t, conn.SendBytes(context.Background(), pickled(t, pickle.Tuple{
				q.Token().Ident, "get", pickle.Tuple{}, pickle.NewDict()})))
			waitFor(t, func() bool { return s.Stats().Queues[0].Gets == 1 })
			require.NoError(t, q.Close(soon(t)))
			server.Exhaust(s)
			_, err := conn.Poll(time.Minute)
			require.NoError(t, err)
			require.NoError(t, conn.Transport().Reset())
			v, err := named(t, c, "a").Get(soon(t))
			require.NoError(t, err)
			assert.Equal(t, int64(1), v)
		})
	}
}

func TestDeadLettersOutliveTheirQueue(t *testing.T) {
	s, addr := serveNames(t, server.Limits{}, queue.Options{Lease: long, MaxDeliveries: 1})
	c := dial(t, addr)
	q := named(t, c, "a")
	require.NoError(t, q.Put(soon(t), 1))
	_, err := q.Lease(soon(t))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	c = dial(t, addr)
	server.Forget(s, q.Token().Ident)
	waitFor(t, func() bool {
		server.Sweep(s)
		return len(names(s)) == 1
	})
	assert.Equal(t, []string{"get_queue.dead(a)"}, names(s))
	again := named(t, c, "a")
	dead, err := c.OpenQueue(soon(t), "get_queue.dead", "a")
	require.NoError(t, err)
	v, err := dead.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, int64(1), v)
	require.NoError(t, dead.TaskDone(soon(t)))
	require.NoError(t, dead.Close(soon(t)))
	server.Sweep(s)
	assert.Len(t, names(s), 2, "the queue has a place for more of them")
	require.NoError(t, again.Close(soon(t)))
	waitFor(t, func() bool {
		server.Sweep(s)
		return len(names(s)) == 0
	})
}

func TestReplyQueuesThatNobodyCountsMakeRoomForOthers(t *testing.T) {
	const most = 5
	s, addr := serveNames(t, server.Limits{MaxQueues: most}, queue.Options{})
	c := dial(t, addr)
	for i := range 4 * most {
		q := named(t, c, fmt.Sprint("reply to ", i))
		require.NoError(t, q.Put(soon(t), i))
		v, err := q.Get(soon(t))
		require.NoError(t, err)
		require.Equal(t, int64(i), v)
		require.NoError(t, q.Close(soon(t)))
	}
	assert.LessOrEqual(t, len(names(s)), most)
}

func TestNoQueueThatIsNeededMakesRoom(t *testing.T) {
	s, addr := serveNames(t, server.Limits{MaxQueues: 2}, queue.Options{})
	c := dial(t, addr)
	held := named(t, c, "held")
	full := named(t, c, "full")
	require.NoError(t, full.Put(soon(t), 1))
	require.NoError(t, full.Close(soon(t)))
	_, err := c.OpenQueue(soon(t), "get_queue", "third")
	require.ErrorContains(t, err, "more than 2 queues that are made by name")
	require.NoError(t, held.Put(soon(t), 1))
	assert.Len(t, names(s), 2)
}

// serveShares starts a server with two keys that are no admin's.
func serveShares(t *testing.T, l server.Limits) connection.Address {
	t.Helper()
	role := server.RoleProduce | server.RoleConsume
	_, at := start(t, server.Options{Authkey: key, Limits: l, Keys: []server.Key{
		{Name: "one", Secret: []byte("one"), Role: role, Names: []string{"*"}},
		{Name: "two", Secret: []byte("two"), Role: role, Names: []string{"*"}},
	}}, syncManager, aFamily("get_queue", queue.Options{}))
	return at
}

func dialWith(t *testing.T, addr connection.Address, secret string) *client.Client {
	t.Helper()
	c, err := client.Dial(soon(t), addr.String(), &client.Options{Authkey: []byte(secret)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestOneKeyCannotUseUpTheNamesOfOthers(t *testing.T) {
	addr := serveShares(t, server.Limits{MaxQueues: 8})
	one, two := dialWith(t, addr, "one"), dialWith(t, addr, "two")
	mine := []*client.Queue{named(t, one, "1"), named(t, one, "2")}
	_, err := one.OpenQueue(soon(t), "get_queue", "3")
	require.ErrorContains(t, err, "more than 2 queues that one key makes by name")
	named(t, two, "3")
	named(t, one, "3") // it is there
	require.NoError(t, mine[0].Close(soon(t)))
	named(t, one, "4")
	for i := range 4 {
		named(t, dial(t, addr), fmt.Sprint("admin", i))
	}
}

func TestOneKeyCannotUseUpTheObjectsOfOthers(t *testing.T) {
	addr := serveShares(t, server.Limits{MaxObjects: 40, MaxObjectsPerKey: 2})
	one, two := dialWith(t, addr, "one"), dialWith(t, addr, "two")
	mine := lists(t, one, 2)
	_, err := one.OpenList(soon(t), "list")
	require.ErrorContains(t, err, "more than 2 objects of one key")
	lists(t, two, 2)
	require.NoError(t, mine[0].Close(soon(t)))
	lists(t, one, 1)
	lists(t, dial(t, addr), 10)
}

func TestTheNameOfAQueueHasALimit(t *testing.T) {
	s, addr := serveNames(t, server.Limits{}, queue.Options{})
	c := dial(t, addr)
	named(t, c, strings.Repeat("x", server.MaxQueueName))
	for _, n := range []int{server.MaxQueueName + 1, 1 << 20} {
		_, err := c.OpenQueue(soon(t), "get_queue", strings.Repeat("x", n))
		require.ErrorContains(t, err, "ValueError: the name of a queue is longer than 1000 bytes")
	}
	assert.Len(t, names(s), 1)
}

// commotion sweeps all the time until the test ends.
func commotion(t *testing.T, s *server.Server) {
	t.Helper()
	stop := make(chan struct{})
	var over sync.WaitGroup
	over.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				server.Exhaust(s)
			}
		}
	})
	t.Cleanup(func() {
		close(stop)
		over.Wait()
	})
}

func TestNoItemIsLostWhileQueuesComeAndGo(t *testing.T) {
	s, addr := serveNames(t, server.Limits{}, queue.Options{})
	commotion(t, s)
	var put, got atomic.Int64
	var all sync.WaitGroup
	for worker := range 6 {
		all.Go(func() {
			c := dial(t, addr)
			for i := range 60 {
				q, err := c.OpenQueue(soon(t), "get_queue", fmt.Sprint(i%3))
				if !assert.NoError(t, err) {
					return
				}
				if worker%2 == 0 {
					if assert.NoError(t, q.Put(soon(t), i)) {
						put.Add(1)
					}
				} else if _, err := q.TryGet(soon(t)); err == nil {
					got.Add(1)
				}
				assert.NoError(t, q.Close(soon(t)))
			}
		})
	}
	all.Wait()
	left := 0
	for _, q := range s.Stats().Queues {
		left += q.Len
	}
	assert.Equal(t, put.Load(), got.Load()+int64(left))
}

func TestAPutByAProxyThatNobodyCountsIsInAQueueOrRefused(t *testing.T) {
	s, addr := serveNames(t, server.Limits{}, queue.Options{})
	c := dial(t, addr)
	q := named(t, c, "a")
	ident := q.Token().Ident
	require.NoError(t, q.Close(soon(t)))
	commotion(t, s)
	var accepted atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		conn := methodsOf(t, addr)
		all.Go(func() {
			for range 200 {
				reply := ask(t, conn, string(pickled(t, pickle.Tuple{ident, "put", pickle.Tuple{1}, pickle.NewDict()})))
				if strings.Contains(reply, "#RETURN") {
					accepted.Add(1)
				}
			}
		})
		all.Go(func() {
			for range 20 {
				assert.NoError(t, named(t, c, "a").Close(soon(t)))
			}
		})
	}
	all.Wait()
	n, err := named(t, c, "a").Len(soon(t))
	require.NoError(t, err)
	assert.Equal(t, accepted.Load(), int64(n))
}

func TestNoDeadLetterIsLostWhileQueuesComeAndGo(t *testing.T) {
	s, addr := serveNames(t, server.Limits{},
		queue.Options{Lease: 10 * time.Millisecond, MaxDeliveries: 1})
	commotion(t, s)
	c := dial(t, addr)
	const n = 40
	for i := range n {
		q := named(t, c, fmt.Sprint(i%4))
		require.NoError(t, q.Put(soon(t), i))
		_, err := q.Lease(soon(t))
		require.NoError(t, err)
		require.NoError(t, q.Close(soon(t)))
	}
	waitFor(t, func() bool {
		left := 0
		for _, q := range s.Stats().Queues {
			left += q.Len
		}
		return left == n
	})
}

func TestAQueueOfWhichClientsHaveProxiesGoesOnWithTheNextServer(t *testing.T) {
	first, second := newKeeper(t), newKeeper(t)
	var token managers.Token
	during(t, first, func(c *client.Client) {
		used := named(t, c, "used")
		token = used.Token()
		require.NoError(t, named(t, c, "left").Close(soon(t)))
		full := named(t, c, "full")
		require.NoError(t, full.Put(soon(t), 1))
		require.NoError(t, full.Close(soon(t)))
		var saved bytes.Buffer
		save(t, first, &saved)
		_, err := second.Restore(&saved, nil)
		require.NoError(t, err)
		runtime.KeepAlive(used) // a proxy that nobody holds lets go of its object
	})
	addr := serveAt(t, second)
	server.Sweep(second)
	assert.ElementsMatch(t, []string{"get_queue(used)", "get_queue(full)"}, families(second))
	reply := ask(t, methodsOf(t, addr), string(pickled(t, pickle.Tuple{token.Ident, "put", pickle.Tuple{1},
		pickle.NewDict()})))
	assert.Contains(t, reply, "#RETURN")
	_, err := named(t, dial(t, addr), "used").Get(soon(t))
	require.NoError(t, err)
	server.Forget(second, token.Ident)
}

// families are the names that are members of families.
func families(s *server.Server) (out []string) {
	for _, name := range names(s) {
		if strings.Contains(name, "(") {
			out = append(out, name)
		}
	}
	return out
}

func TestWhatAKeyHasMadeIsInItsShareAfterARestart(t *testing.T) {
	serve := func() *server.Server {
		s, err := server.New(&server.Options{
			Authkey: key, Limits: server.Limits{MaxQueuesPerKey: 1},
			Keys: []server.Key{{Name: "one", Secret: []byte("one"), Role: server.RoleProduce}}})
		require.NoError(t, err)
		require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
		return s
	}
	first, second := serve(), serve()
	named(t, dialWith(t, serveAt(t, first), "one"), "a")
	var saved bytes.Buffer
	save(t, first, &saved)
	_, err := second.Restore(&saved, nil)
	require.NoError(t, err)
	_, err = dialWith(t, serveAt(t, second), "one").OpenQueue(soon(t), "get_queue", "b")
	require.ErrorContains(t, err, "more than 1 queues that one key makes by name")
}

func TestRestoringTakesMoreNamesThanClientsMayMake(t *testing.T) {
	s, addr := serveNames(t, server.Limits{}, queue.Options{})
	c := dial(t, addr)
	for i := range 3 {
		require.NoError(t, named(t, c, fmt.Sprint(i)).Put(soon(t), i))
	}
	var saved bytes.Buffer
	save(t, s, &saved)
	small, err := server.New(&server.Options{
		Authkey: key, Limits: server.Limits{MaxQueues: 1, MaxObjects: 1, MaxItems: 1}})
	require.NoError(t, err)
	require.NoError(t, small.RegisterQueueFamily("get_queue", nil))
	_, err = small.Restore(&saved, nil)
	require.NoError(t, err)
	assert.Equal(t, int64(3), small.Stats().Items)
	require.NoError(t, small.Close())
}
