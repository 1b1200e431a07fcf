//go:build linux

package interop_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Queues and Pipes that Go has made, in the hands of a stock Python that it starts.

// queueUser is queue_user.py.
type queueUser struct {
	t    *testing.T
	peer *interop.Peer
	at   int // the queue that is meant unless a request names one
}

// startQueueUser starts a Python that gets these objects.
func startQueueUser(t *testing.T, py interop.Python, objects ...any) queueUser {
	t.Helper()
	var files []*os.File
	p := queues.Pickler{
		Synchronize: &synchronize.Pickler{Python2: py.Profile.NativeBytes},
		Duplicate: func(f *os.File) (int, error) {
			files = append(files, f)
			return len(files) + 2, nil
		},
	}
	list := &pickle.List{}
	for _, x := range objects {
		o, err := p.Object(x)
		require.NoError(t, err)
		list.Items = append(list.Items, o)
	}
	data, err := (&pickle.EncodeOptions{Protocol: 2, NativeBytes: py.Profile.NativeBytes}).Marshal(list)
	require.NoError(t, err)
	script, err := filepath.Abs(filepath.Join("testdata", "peers", "queue_user.py"))
	require.NoError(t, err)
	peer, err := interop.StartPeerWith(py, files, patience, script, base64.StdEncoding.EncodeToString(data))
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = peer.Stop()
		if t.Failed() {
			t.Log("stderr of queue_user.py:", peer.Stderr())
		}
	})
	return queueUser{t, peer, 0}
}

// queueRequest is a request to queue_user.py.
type queueRequest struct {
	Op      string  `json:"op"`
	Queue   int     `json:"q"`
	Items   []any   `json:"items,omitempty"`
	Size    *int    `json:"size,omitempty"`
	Count   int     `json:"count,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Name    string  `json:"name,omitempty"`
	Args    []any   `json:"args,omitempty"`
	To      int     `json:"to"`
}

func (u queueUser) ask(r queueRequest) (reply any) {
	u.t.Helper()
	r.Queue += u.at
	require.NoError(u.t, u.peer.Ask(patience, r, &reply))
	return reply
}

func (u queueUser) send(r queueRequest) {
	u.t.Helper()
	r.Queue += u.at
	require.NoError(u.t, u.peer.Send(r))
}

func (u queueUser) answer() (reply any) {
	u.t.Helper()
	require.NoError(u.t, u.peer.Answer(patience, &reply))
	return reply
}

// raised is the class of the exception that a request failed with.
func (u queueUser) raised(r queueRequest) string {
	u.t.Helper()
	reply, _ := u.ask(r).(map[string]any)
	name, _ := reply["error"].(string)
	return name
}

// sized is an item with as many bytes, which tell whether they are its own.
func sized(item, size int) pickle.Tuple {
	text := fmt.Sprintf("%d|", item)
	data := make([]byte, 0, size+len(text))
	for len(data) < size {
		data = append(data, text...)
	}
	return pickle.Tuple{item, data[:size]}
}

// numberOf is the item of a pair whose bytes are its own.
func numberOf(t *testing.T, raw pickle.Raw) int {
	t.Helper()
	var pair struct {
		Item int
		Data []byte
	}
	require.NoError(t, raw.Unmarshal(&pair))
	require.Equal(t, sized(pair.Item, len(pair.Data))[1], pair.Data)
	return pair.Item
}

// itemSizes are below and beyond what a pipe takes at once, what it holds, and what Python joins with its header.
var itemSizes = []int{0, 64, 4000, 4096, 16_384, 70_000, 400_000}

// makeQueues makes one of each kind, for a Python.
func makeQueues(t *testing.T, py interop.Python, maxsize int) map[string]aQueue {
	t.Helper()
	o := &queues.Options{Encode: &pickle.EncodeOptions{Protocol: 2, NativeBytes: py.Profile.NativeBytes}}
	simple, err := queues.NewSimpleQueue(o)
	require.NoError(t, err)
	queue, err := queues.NewQueue(maxsize, o)
	require.NoError(t, err)
	joinable, err := queues.NewJoinableQueue(maxsize, o)
	require.NoError(t, err)
	all := map[string]aQueue{"SimpleQueue": simple, "Queue": queue, "JoinableQueue": joinable}
	t.Cleanup(func() {
		for _, q := range all {
			_ = q.Close()
			q.CancelJoinThread()
			_ = q.JoinThread(context.Background())
		}
	})
	return all
}

// forEachQueue runs a test with one queue of each kind, and a Python that has the same ones.
func forEachQueue(t *testing.T, test func(t *testing.T, q aQueue, u queueUser)) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		all := makeQueues(t, py, 0)
		kinds := slices.Sorted(maps.Keys(all))
		u := startQueueUser(t, py, all[kinds[0]], all[kinds[1]], all[kinds[2]])
		for i, kind := range kinds {
			t.Run(kind, func(t *testing.T) { test(t, all[kind], queueUser{t, u.peer, i}) })
		}
	})
}

func TestQueuesOfGoAreThoseOfStockPython(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		made := makeQueues(t, py, 5)
		u := startQueueUser(t, py, made["SimpleQueue"], made["Queue"], made["JoinableQueue"])
		assert.Equal(t, []any{
			"multiprocessing.queues.SimpleQueue", "multiprocessing.queues.Queue", "multiprocessing.queues.JoinableQueue",
		}, u.ask(queueRequest{Op: "classes"}))
		assert.Equal(t, true, u.ask(queueRequest{Op: "call", Queue: 1, Name: "empty"}))
	})
}

func TestWhatGoPutsPythonGetsWholeAndInOrder(t *testing.T) {
	forEachQueue(t, func(t *testing.T, q aQueue, u queueUser) {
		u.send(queueRequest{Op: "get", Count: len(itemSizes)})
		var want []any
		for i, size := range itemSizes {
			require.NoError(t, q.Put(soon(t), sized(i, size)))
			want = append(want, float64(i))
		}
		assert.Equal(t, want, u.answer())
	})
}

func TestWhatPythonPutsGoGetsWholeAndInOrder(t *testing.T) {
	forEachQueue(t, func(t *testing.T, q aQueue, u queueUser) {
		for i, size := range itemSizes {
			u.send(queueRequest{Op: "put", Items: []any{i}, Size: &size})
		}
		for i := range itemSizes {
			raw, err := q.Get(soon(t))
			require.NoError(t, err)
			require.Equal(t, i, numberOf(t, raw))
			assert.Nil(t, u.answer())
		}
	})
}

func TestPlacesAreCountedTogether(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		q := makeQueues(t, py, 2)["Queue"].(*queues.Queue)
		u := startQueueUser(t, py, q)
		u.ask(queueRequest{Op: "put", Items: []any{1}})
		require.NoError(t, q.Put(soon(t), 2))
		assert.Equal(t, 2, q.Qsize())
		assert.True(t, q.Full())
		require.ErrorIs(t, q.TryPut(3), queues.ErrFull)
		assert.Equal(t, py.Profile.Full, u.raised(queueRequest{Op: "call", Name: "put", Args: []any{3, false}}))
		assert.Equal(t, true, u.ask(queueRequest{Op: "call", Name: "full"}))
		u.ask(queueRequest{Op: "get", Count: 1})
		_, err := q.Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 0.0, u.ask(queueRequest{Op: "call", Name: "qsize"}))
		assert.Equal(t, py.Profile.Empty, u.raised(queueRequest{Op: "try"}))
		assert.Equal(t, py.Profile.Empty, u.raised(queueRequest{Op: "timed", Seconds: 0.01}))
	})
}

func TestTasksAreCountedTogether(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		q := makeQueues(t, py, 0)["JoinableQueue"].(*queues.JoinableQueue)
		u, waiter := startQueueUser(t, py, q), startQueueUser(t, py, q)
		u.ask(queueRequest{Op: "put", Items: []any{1}})
		require.NoError(t, q.Put(soon(t), 2))
		assert.Equal(t, 2, q.Unfinished())
		waiter.send(queueRequest{Op: "call", Name: "join"})
		joined := make(chan error)
		go func() { joined <- q.Join(soon(t)) }()
		u.ask(queueRequest{Op: "get", Count: 1})
		u.ask(queueRequest{Op: "call", Name: "task_done"})
		_, err := q.Get(soon(t))
		require.NoError(t, err)
		require.NoError(t, q.TaskDone(soon(t)))
		require.NoError(t, <-joined)
		assert.Nil(t, waiter.answer())
		require.ErrorIs(t, q.TaskDone(soon(t)), queues.ErrTaskDone)
		require.Contains(t, u.raised(queueRequest{Op: "call", Name: "task_done"}), "ValueError")

		require.NoError(t, q.Put(soon(t), 3))
		go func() { joined <- q.Join(soon(t)) }()
		u.ask(queueRequest{Op: "get", Count: 1})
		u.ask(queueRequest{Op: "call", Name: "task_done"})
		assert.NoError(t, <-joined, "the task_done of Python wakes the join of Go")
	})
}

// A stock consumer waits with rlock in its hands; one of Go beside it gets what that one leaves.
func TestGoAndPythonGetFromOneQueue(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		in, out := makeQueues(t, py, 0), makeQueues(t, py, 0)
		u := startQueueUser(t, py, in["Queue"], out["SimpleQueue"])
		u.ask(queueRequest{Op: "echo", Queue: 0, To: 1})
		n := 300
		if os.Getenv(envNightly) != "" {
			n = 20_000
		}
		seen := make([]int, n)
		got := make(chan int)
		ctx, cancel := context.WithCancel(soon(t))
		defer cancel()
		from := func(q aQueue) {
			for {
				raw, err := q.Get(ctx)
				if err != nil {
					got <- -1
					return
				}
				got <- numberOf(t, raw)
			}
		}
		go from(in["Queue"])
		go from(out["SimpleQueue"])
		go func() {
			for i := range n {
				assert.NoError(t, in["Queue"].Put(ctx, sized(i, i%5*3000)))
			}
		}()
		for range n {
			i := <-got
			require.GreaterOrEqual(t, i, 0)
			seen[i]++
		}
		cancel()
		<-got
		<-got
		for i, times := range seen {
			require.Equal(t, 1, times, "item %d", i)
		}
	})
}

func TestAStoppedPythonThatWaitedTakesOnlyItsLock(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		q := makeQueues(t, py, 0)["Queue"].(*queues.Queue)
		u := startQueueUser(t, py, q)
		u.send(queueRequest{Op: "get", Count: 1})
		waitTaken(t, q)
		require.NoError(t, unix.Kill(u.peer.Pid(), unix.SIGSTOP))
		waitState(t, u.peer.Pid(), "T")
		require.NoError(t, q.Put(soon(t), 7))
		_, err := q.Get(over(t))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, unix.Kill(u.peer.Pid(), unix.SIGCONT))
		require.Equal(t, []any{7.0}, u.answer())

		// And one that is killed.
		u.send(queueRequest{Op: "get", Count: 1})
		waitTaken(t, q)
		require.NoError(t, u.peer.Kill())
		<-u.peer.Exited()
		require.NoError(t, q.Put(soon(t), 1))
		_, err = q.Get(over(t))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		rlock, _ := q.Locks()
		repaired, err := rlock.Repair()
		require.NoError(t, err)
		require.True(t, repaired)
		_, err = q.Get(soon(t))
		assert.NoError(t, err)
	})
}

// waitTaken waits until somebody has a queue's rlock.
func waitTaken(t *testing.T, q *queues.Queue) {
	t.Helper()
	rlock, _ := q.Locks()
	require.Eventually(t, rlock.Locked, patience, time.Millisecond)
}

func TestConnsOfAPipeAreConnectionsInPython(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		o := &queues.Options{Encode: &pickle.EncodeOptions{Protocol: 2, NativeBytes: py.Profile.NativeBytes}}
		both, its, err := queues.Pipe(true, o)
		require.NoError(t, err)
		defer both.Close()
		in, out, err := queues.Pipe(false, o)
		require.NoError(t, err)
		defer in.Close()
		u := startQueueUser(t, py, its, out)
		require.NoError(t, its.Close())
		require.NoError(t, out.Close())
		for i, size := range itemSizes {
			for at, c := range []*connection.Conn{both, in} {
				u.send(queueRequest{Op: "send", Queue: at, Items: []any{i, "x"}})
				var n int
				var x string
				require.NoError(t, c.Recv(soon(t), &n))
				require.NoError(t, c.Recv(soon(t), &x))
				assert.Nil(t, u.answer())
			}
			u.send(queueRequest{Op: "recv", Count: 1})
			require.NoError(t, both.Send(soon(t), sized(i, size)))
			assert.Equal(t, []any{float64(i)}, u.answer())
		}
		require.NoError(t, u.peer.Stop())
		require.ErrorIs(t, both.Recv(soon(t), new(any)), io.EOF)
		assert.ErrorIs(t, in.Recv(soon(t), new(any)), io.EOF)
	})
}

// Python reads what Go waits for as well: its end must block, whatever Go does.
func TestTheOtherEndsOfPythonStillBlock(t *testing.T) {
	forEachQueue(t, func(t *testing.T, q aQueue, u queueUser) {
		u.send(queueRequest{Op: "get", Count: 1})
		_, err := q.Get(over(t)) // and Go has looked
		require.Error(t, err)
		require.NoError(t, q.Put(soon(t), 7))
		assert.Equal(t, []any{7.0}, u.answer())
	})
}

func TestAPythonKilledInTheMiddleOfAnItemHangsNothing(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		q := makeQueues(t, py, 0)["Queue"]
		u := startQueueUser(t, py, q)
		u.ask(queueRequest{Op: "half"})
		require.NoError(t, u.peer.Kill())
		<-u.peer.Exited()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := q.Get(ctx)
		require.ErrorIs(t, err, queues.ErrStalled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = q.TryGet()
		require.ErrorIs(t, err, queues.ErrStalled)
		assert.ErrorIs(t, q.Close(), queues.ErrTorn)
	})
}

// over is a context that ends in a moment.
func over(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
