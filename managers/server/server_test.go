package server_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// serve starts a server with get_queue and friends on TCP and a unix socket.
func serve(t *testing.T, limits server.Limits) (*server.Server, []connection.Address) {
	t.Helper()
	s := newServer(t, server.Options{Limits: limits}, aFamily("get_queue", queue.Options{}),
		aQueue("small", queue.Options{MaxSize: 1}))
	require.NoError(t, s.RegisterQueueType("Queue", nil))
	require.NoError(t, s.RegisterType("Echo", server.Type{
		New: newEcho, MethodToTypeid: map[string]string{"child": "Echo"}}))
	dir, err := os.MkdirTemp("", "mp")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var at []connection.Address
	for _, where := range []string{"127.0.0.1:0", filepath.Join(dir, "s")} {
		one, err := s.Listen(where)
		require.NoError(t, err)
		at = append(at, one)
	}
	serveUntilEnd(t, s)
	return s, at
}

// echo is an object that is not a queue.
type echo struct{ _ byte }

func newEcho(*server.Call) (server.Object, error) { return &echo{}, nil }

func (*echo) Methods() []string { return []string{"child", "fail", "panic", "wait", "sum"} }

func (*echo) Call(c *server.Call) (any, error) {
	switch c.Method {
	case "child":
		return &echo{}, nil
	case "fail":
		return nil, errors.New("it failed")
	case "panic":
		panic("a secret path")
	case "wait":
		<-c.Context().Done()
		return nil, c.Context().Err()
	}
	sig := &server.Signature{Name: "Echo.sum", Params: []string{"a", "b"}, Required: 1}
	if err := c.Bind(sig); err != nil {
		return nil, err
	}
	a, err := c.Int(0, 0)
	if err != nil {
		return nil, err
	}
	b, err := c.Int(1, 10)
	return int64(a + b), err
}

func dial(t *testing.T, addr connection.Address) *client.Client {
	t.Helper()
	c, err := client.Dial(soon(t), addr.String(), &client.Options{Authkey: key})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func onEach(t *testing.T, test func(t *testing.T, s *server.Server, c *client.Client)) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			s, addrs := serve(t, server.Limits{})
			addr := addrs[0]
			if network == "unix" {
				addr = addrs[1]
			}
			test(t, s, dial(t, addr))
		})
	}
}

func TestItemsPassThroughAServer(t *testing.T) {
	onEach(t, func(t *testing.T, _ *server.Server, c *client.Client) {
		q, err := client.OpenQueueOf[map[string]int](soon(t), c, "get_queue")
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), map[string]int{"a": 1}))
		n, err := q.Len(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		v, err := q.Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, map[string]int{"a": 1}, v)
		_, err = q.TryGet(soon(t))
		require.ErrorIs(t, err, managers.ErrEmpty)
	})
}

func TestLargeItemsPassThroughAServer(t *testing.T) {
	onEach(t, func(t *testing.T, _ *server.Server, c *client.Client) {
		q, err := client.OpenQueueOf[[]byte](soon(t), c, "get_queue")
		require.NoError(t, err)
		for _, size := range []int{1000, 16384, 40_000, 1 << 20, 20 << 20} {
			item := make([]byte, size)
			item[size-1] = 7
			require.NoError(t, q.Put(soon(t), item))
			got, err := q.Get(soon(t))
			require.NoError(t, err)
			require.Len(t, got, size)
			assert.Equal(t, byte(7), got[size-1])
		}
	})
}

func TestOneNameIsOneQueueForEachArgument(t *testing.T) {
	onEach(t, func(t *testing.T, _ *server.Server, c *client.Client) {
		orders, err := c.OpenQueue(soon(t), "get_queue", "orders")
		require.NoError(t, err)
		same, err := c.OpenQueue(soon(t), "get_queue", managers.Kwargs{"name": "orders"})
		require.NoError(t, err)
		other, err := c.OpenQueue(soon(t), "get_queue")
		require.NoError(t, err)
		require.NoError(t, orders.Put(soon(t), 1))
		assert.Equal(t, orders.Token().Ident, same.Token().Ident)
		empty, err := other.Empty(soon(t))
		require.NoError(t, err)
		assert.True(t, empty)
		v, err := same.Get(soon(t))
		require.NoError(t, err)
		assert.EqualValues(t, 1, v)
	})
}

func TestManyItemsInOneCall(t *testing.T) {
	onEach(t, func(t *testing.T, _ *server.Server, c *client.Client) {
		q, err := c.OpenQueue(soon(t), "get_queue")
		require.NoError(t, err)
		require.NoError(t, q.PutMany(soon(t), "a", int64(2), 3.5, "d"))
		peeked, err := q.Call(soon(t), "peek", 2)
		require.NoError(t, err)
		assert.Equal(t, []any{"a", int64(2)}, peeked.(*pickle.List).Items)
		got, err := q.GetMany(soon(t), 3)
		require.NoError(t, err)
		assert.Equal(t, []any{"a", int64(2), 3.5}, got)
		n, err := q.Call(soon(t), "clear")
		require.NoError(t, err)
		assert.Equal(t, int64(1), n)
	})
}

func TestACancelledGetLosesNoItem(t *testing.T) {
	onEach(t, func(t *testing.T, s *server.Server, c *client.Client) {
		q, err := client.OpenQueueOf[int](soon(t), c, "get_queue")
		require.NoError(t, err)
		const n = 200
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range n {
				assert.NoError(t, q.Put(soon(t), i))
			}
		}()
		for want := 0; want < n; {
			ctx, cancel := context.WithTimeout(context.Background(), 500*time.Microsecond)
			v, err := q.Get(ctx)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, managers.ErrEmpty) {
				continue
			}
			require.NoError(t, err)
			require.Equal(t, want, v)
			want++
		}
		<-done
	})
}

func TestErrorsArriveAsTheirClass(t *testing.T) {
	cases := []struct {
		name   string
		method string
		args   []any
		want   error
		text   string
	}{
		{"an error of the method", "fail", nil, managers.ErrRuntimeError, "it failed"},
		{"a missing argument", "sum", nil, managers.ErrTypeError,
			"Echo.sum() missing 1 required positional argument: 'a'"},
		{"too many arguments", "sum", []any{1, 2, 3}, managers.ErrTypeError,
			"Echo.sum() takes from 2 to 3 positional arguments but 4 were given"},
		{"an unknown keyword", "sum", []any{1, managers.Kwargs{"c": 1}}, managers.ErrTypeError,
			"Echo.sum() got an unexpected keyword argument 'c'"},
		{"an argument given twice", "sum", []any{1, managers.Kwargs{"a": 1}}, managers.ErrTypeError,
			"Echo.sum() got multiple values for argument 'a'"},
		{"an unknown method", "nope", nil, managers.ErrKeyError, "'nope'"},
	}
	_, addrs := serve(t, server.Limits{})
	c := dial(t, addrs[0])
	p, err := c.Open(soon(t), "Echo")
	require.NoError(t, err)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := p.Call(soon(t), tc.method, tc.args...)
			require.ErrorIs(t, err, tc.want)
			assert.ErrorContains(t, err, tc.text)
		})
	}
	v, err := p.Call(soon(t), "sum", 1, managers.Kwargs{"b": 2})
	require.NoError(t, err)
	assert.Equal(t, int64(3), v)
}

func TestAResultCanBeAnObjectOfItsOwn(t *testing.T) {
	onEach(t, func(t *testing.T, s *server.Server, c *client.Client) {
		p, err := c.Open(soon(t), "Echo")
		require.NoError(t, err)
		v, err := p.Call(soon(t), "child")
		require.NoError(t, err)
		child := v.(*client.Proxy)
		assert.NotEqual(t, p.Token().Ident, child.Token().Ident)
		sum, err := child.Call(soon(t), "sum", 1)
		require.NoError(t, err)
		assert.Equal(t, int64(11), sum)
		assert.Equal(t, 2, s.Stats().Objects)
		require.NoError(t, child.Close(soon(t)))
		assert.Equal(t, 1, s.Stats().Objects)
	})
}

func TestAPanicEndsOnlyItsCallAndTellsNothing(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	p, err := dial(t, addrs[0]).Open(soon(t), "Echo")
	require.NoError(t, err)
	_, err = p.Call(soon(t), "panic")
	require.ErrorContains(t, err, "panicked")
	assert.NotContains(t, err.Error(), "secret")
	_, err = p.Call(soon(t), "sum", 1)
	require.NoError(t, err)
}

func TestAMethodLearnsThatItsClientIsGone(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	p, err := dial(t, addrs[0]).Open(soon(t), "Echo")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = p.Call(ctx, "wait")
	require.Error(t, err)
	waitFor(t, func() bool { return s.Stats().Connections == 0 })
}

func TestReferencesAreCounted(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	c := dial(t, addrs[0])
	p, err := c.Open(soon(t), "Echo")
	require.NoError(t, err)
	n, err := c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, p.Close(soon(t)))
	n, err = c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestAnObjectStaysForAWhileAfterItsLastReference(t *testing.T) {
	_, addrs := serve(t, server.Limits{ObjectGrace: time.Hour})
	c := dial(t, addrs[0])
	p, err := c.Open(soon(t), "Echo")
	require.NoError(t, err)
	require.NoError(t, p.Close(soon(t)))
	_, err = p.Call(soon(t), "sum", 1)
	require.NoError(t, err)
}

func TestAnObjectIsGoneWhenItsGraceIsOver(t *testing.T) {
	_, addrs := serve(t, server.Limits{ObjectGrace: minGrace})
	c := dial(t, addrs[0])
	p, err := c.Open(soon(t), "Echo")
	require.NoError(t, err)
	require.NoError(t, p.Close(soon(t)))
	waitFor(t, func() bool {
		_, err = p.Call(soon(t), "sum", 1)
		return err != nil
	})
	require.ErrorIs(t, err, managers.ErrKeyError)
}

func TestADroppedProxyGivesItsReferenceBack(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	c := dial(t, addrs[0])
	_, err := c.Open(soon(t), "Echo")
	require.NoError(t, err)
	waitFor(t, func() bool {
		runtime.GC()
		n, err := c.NumberOfObjects(soon(t))
		return err == nil && n == 0
	})
}

// waiting opens a raw connection whose get() waits in the server.
func waiting(t *testing.T, s *server.Server, addr connection.Address,
	want int) *connection.Conn {
	t.Helper()
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"raw"}, pickle.NewDict()})
	conn, err := connection.Dial(soon(t), addr.String(), &connection.DialOptions{
		Authkey: key, FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	ident := queueIdent(t, addr)
	get := pickled(t, pickle.Tuple{ident, "get", pickle.Tuple{}, pickle.NewDict()})
	require.NoError(t, conn.SendBytes(context.Background(), get))
	waitFor(t, func() bool { return getters(s) == want })
	return conn
}

func pickled(t *testing.T, v any) []byte {
	t.Helper()
	b, err := pickle.Marshal(v)
	require.NoError(t, err)
	return b
}

func queueIdent(t *testing.T, addr connection.Address) string {
	t.Helper()
	q, err := dial(t, addr).OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	return q.Token().Ident
}

func getters(s *server.Server) (n int) {
	for _, q := range s.Stats().Queues {
		n += q.Getters
	}
	return n
}

func TestAWaiterThatIsGoneNeverReceives(t *testing.T) {
	cuts := map[string]func(nc net.Conn){
		"FIN": func(nc net.Conn) { _ = nc.Close() },
		"RST": func(nc net.Conn) {
			if tcp, ok := nc.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = nc.Close()
		},
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			s, addrs := serve(t, server.Limits{})
			nc := waiting(t, s, addrs[0], 1).NetConn()
			q, err := dial(t, addrs[0]).OpenQueue(soon(t), "get_queue")
			require.NoError(t, err)
			cut(nc)
			// No pause: the put may reach the server before it notices the cut.
			require.NoError(t, q.Put(soon(t), "item-1"))
			require.NoError(t, q.Put(soon(t), "item-2"))
			for _, want := range []string{"item-1", "item-2"} {
				v, err := q.Get(soon(t))
				require.NoError(t, err)
				assert.Equal(t, want, v)
			}
		})
	}
}

func TestAReplyThatIsNotReadComesBack(t *testing.T) {
	for i, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			s, addrs := serve(t, server.Limits{})
			conn := waiting(t, s, addrs[i], 1)
			q, err := dial(t, addrs[i]).OpenQueue(soon(t), "get_queue")
			require.NoError(t, err)
			require.NoError(t, q.Put(soon(t), "item-1"))
			require.NoError(t, q.Put(soon(t), "item-2"))
			arrived, err := conn.Poll(10 * time.Second)
			require.NoError(t, err)
			require.True(t, arrived)
			_ = conn.Close() // with the reply unread, as when the process is killed
			waitFor(t, func() bool { return s.Stats().Redelivered == 1 })
			for _, want := range []string{"item-1", "item-2"} {
				v, err := q.Get(soon(t))
				require.NoError(t, err)
				assert.Equal(t, want, v)
			}
		})
	}
}

func TestAReaderThatStopsGivesItsItemBack(t *testing.T) {
	s, addrs := serve(t, server.Limits{WriteStall: time.Second})
	waiting(t, s, addrs[0], 1) // reads nothing
	q, err := client.OpenQueueOf[[]byte](soon(t), dial(t, addrs[0]), "get_queue")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), make([]byte, 32<<20)))
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Len(t, v, 32<<20)
}

func TestShutdownReportsWhatIsLeftAndEndsWaits(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	c := dial(t, addrs[0])
	small, err := c.OpenQueue(soon(t), "small")
	require.NoError(t, err)
	require.NoError(t, small.Put(soon(t), 1))
	nc := waiting(t, s, addrs[0], 1).NetConn()
	r, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	require.Len(t, r.Queues, 1)
	assert.Equal(t, "small", r.Queues[0].Name)
	assert.Equal(t, 1, r.Items())
	require.NoError(t, nc.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, err = nc.Read(make([]byte, 1))
	require.Error(t, err, "the waiter sees the end of its connection")
}

func TestAClientCanAskTheServerToStop(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	require.NoError(t, dial(t, addrs[0]).ShutdownServer(soon(t)))
	select {
	case <-s.Stopping():
	case <-soon(t).Done():
		t.Fatal("the server goes on")
	}
}

func TestBadRequestsHarmNobodyElse(t *testing.T) {
	cases := map[string][]byte{
		"garbage":             []byte("GET / HTTP/1.1\r\n\r\n"),
		"an empty message":    {},
		"no tuple":            []byte("\x80\x04K\x01."),
		"an unknown function": []byte("\x80\x04(N\x8c\x04evil)}t."),
		"a cut pickle":        []byte("\x80\x04(N\x8c\x05dum"),
		"an unknown typeid":   []byte("\x80\x04(N\x8c\x06create\x8c\x04nope\x85}t."),
		"an unknown ident":    []byte("\x80\x04(N\x8c\x06decref\x8c\x04nope\x85}t."),
		"a length beyond all": []byte("\x80\x04(N\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"),
	}
	_, addrs := serve(t, server.Limits{})
	for name, msg := range cases {
		t.Run(name, func(t *testing.T) {
			conn, err := connection.Dial(soon(t), addrs[0].String(), &connection.DialOptions{Authkey: key})
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SendBytes(context.Background(), msg))
			answer, err := conn.RecvBytes(context.Background())
			require.NoError(t, err)
			var reply pickle.Tuple
			var v any
			require.NoError(t, pickle.Unmarshal(answer, &v))
			reply = v.(pickle.Tuple)
			assert.Contains(t, []any{"#TRACEBACK", pickle.ByteString("#TRACEBACK")}, reply[0])
			_, err = conn.RecvBytes(context.Background())
			require.Error(t, err, "the connection ends")
		})
	}
	_, err := dial(t, addrs[0]).OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
}

func TestHugeClaimsEndTheConnection(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxMessage: 1 << 20})
	for _, header := range []string{"\xff\xff\xff\xff\x40\x00\x00\x00\x00\x00\x00\x00", "\x80\x00\x00\x00"} {
		conn, err := connection.Dial(soon(t), addrs[0].String(), &connection.DialOptions{Authkey: key})
		require.NoError(t, err)
		_, err = conn.NetConn().Write([]byte(header))
		require.NoError(t, err)
		_, err = conn.RecvBytes(context.Background())
		require.Error(t, err)
		_ = conn.Close()
	}
	dial(t, addrs[0])
}

func TestAWrongKeyIsAnAuthenticationError(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	_, err := client.Dial(soon(t), addrs[0].String(), &client.Options{Authkey: []byte("wrong")})
	require.ErrorIs(t, err, connection.ErrAuth)
	assert.NotContains(t, err.Error(), "wrong ")
}

func TestMemoryThatIsUsedAgainHoldsOneItemAtATime(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	q, err := client.OpenQueueOf[[]byte](soon(t), dial(t, addrs[0]), "get_queue")
	require.NoError(t, err)
	other, err := dial(t, addrs[1]).OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	for round := range 8 {
		for i := range 4 {
			require.NoError(t, q.Put(soon(t), bytes.Repeat([]byte{byte(round*4 + i)}, 200_000)))
		}
		peeked, err := other.Call(soon(t), "peek", 2)
		require.NoError(t, err)
		for i := range 4 {
			want := bytes.Repeat([]byte{byte(round*4 + i)}, 200_000)
			got, err := q.Get(soon(t))
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, got), "round %d, item %d", round, i)
			if i < 2 {
				require.True(t, bytes.Equal(want, peeked.(*pickle.List).Items[i].([]byte)))
			}
		}
	}
}

func TestAClientThatSentAheadAndLeftIsNotWaitedFor(t *testing.T) {
	s, addrs := serve(t, server.Limits{})
	for _, addr := range addrs {
		conn := waiting(t, s, addr, 1)
		require.NoError(t, conn.SendBytes(context.Background(), honestRequest(t)))
		waitFor(t, func() bool { return s.Stats().Connections == 1 })
		require.NoError(t, conn.Close())
		waitFor(t, func() bool { return s.Stats().Connections == 0 })
		require.Zero(t, getters(s))
	}
}

// honestRequest asks how many objects there are.
func honestRequest(t testing.TB) []byte {
	t.Helper()
	b, err := pickle.Marshal(pickle.Tuple{nil, "number_of_objects", pickle.Tuple{}, pickle.NewDict()})
	require.NoError(t, err)
	return b
}
