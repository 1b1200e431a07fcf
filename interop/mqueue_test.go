//go:build linux

package interop_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/interop"
	"mpbridge/mqueue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

var mqueues atomic.Int64

// mqueueName is a name of its own, which is gone when the test ends.
func mqueueName(t *testing.T) string {
	name := fmt.Sprintf("/mpbridge-interop-%d-%d", os.Getpid(), mqueues.Add(1))
	t.Cleanup(func() { _ = mqueue.Unlink(name) })
	return name
}

// mqueueReply is what mqueues.py answers.
type mqueueReply struct {
	Data                    string
	Priority                int
	Messages, Size, Current int
	All                     []int
	Error                   string
	Errno                   syscall.Errno
}

// TestMessageQueues runs the tests below with each Python and each library that it has for queues: one process each,
// and another where it is killed.
func TestMessageQueues(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		t.Run("ctypes", func(t *testing.T) { testMessageQueues(t, py, "ctypes") })
		t.Run("posix_ipc", func(t *testing.T) { testMessageQueues(t, py.With(needPackages(t, py, "posix-ipc")), "posix_ipc") })
	})
}

func testMessageQueues(t *testing.T, py interop.Python, library string) {
	peer := startPeer(t, py, "mqueues.py", library)
	for name, test := range map[string]func(*testing.T, *interop.Peer){
		"one of Python's is opened by Go":                            mqueueOfPython,
		"one of Go's is opened by Python":                            mqueueOfGo,
		"they keep the order while both sides wait for each other":   mqueueKeepsOrder,
		"a stopped Python holds up nobody else":                      mqueueStoppedPython,
		"a name that one side unlinked is gone for the other":        mqueueUnlinked,
		"a context ends a wait, and what comes then is for the next": mqueueContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, peer) })
	}
	t.Run("a Python that is killed while it waits for room takes its message with it", func(t *testing.T) {
		mqueueKilledSender(t, peer)
	})
	t.Run("a Python that is killed while it waits for a message takes none with it", func(t *testing.T) {
		mqueueKilledReceiver(t, startPeer(t, py, "mqueues.py", library))
	})
}

func askMQueue(t *testing.T, peer *interop.Peer, op string, more map[string]any) mqueueReply {
	t.Helper()
	request := map[string]any{"op": op}
	for k, v := range more {
		request[k] = v
	}
	return ask[mqueueReply](t, peer, request)
}

// openMQueue opens a queue that Python made.
func openMQueue(t *testing.T, name string) *mqueue.Queue {
	t.Helper()
	q, err := mqueue.Open(name, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// smallMQueue leaves room for the queues of the other Pythons: all of a user's share RLIMIT_MSGQUEUE, ten of the usual size.
var smallMQueue = &mqueue.CreateOptions{MaxMessages: 4, MaxMessageSize: 100}

// createMQueue makes a queue, which a peer opens too.
func createMQueue(t *testing.T, peer *interop.Peer, o *mqueue.CreateOptions) *mqueue.Queue {
	t.Helper()
	q, err := mqueue.Create(mqueueName(t), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = q.Close() })
	require.Empty(t, askMQueue(t, peer, "open", map[string]any{"name": q.Name()}).Error)
	return q
}

// waitsIn waits until a process is in one of these system calls, which is where it then waits for us.
func waitsIn(t *testing.T, peer *interop.Peer, calls ...int) {
	t.Helper()
	testwait.For(t, func() bool {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", peer.Pid()))
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.Atoi(strings.TrimSpace(first))
		for _, call := range calls {
			if err == nil && n == call {
				return true
			}
		}
		return false
	})
}

func mqueueOfPython(t *testing.T, peer *interop.Peer) {
	name := mqueueName(t)
	require.Empty(t, askMQueue(t, peer, "create", map[string]any{"name": name, "messages": 4, "size": 100}).Error)
	q := openMQueue(t, name)
	a, err := q.Attributes()
	require.NoError(t, err)
	assert.Equal(t, mqueue.Attributes{MaxMessages: 4, MaxMessageSize: 100}, a)

	for i, priority := range []int{1, 5, 3} {
		askMQueue(t, peer, "send", map[string]any{"data": hex.EncodeToString([]byte{0, byte(i)}), "priority": priority})
	}
	var order []int
	for range 3 {
		message, priority, err := q.Receive(soon(t))
		require.NoError(t, err)
		order = append(order, int(message[1]), priority)
	}
	assert.Equal(t, []int{1, 5, 2, 3, 0, 1}, order)
}

func mqueueOfGo(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, &mqueue.CreateOptions{MaxMessages: 4, MaxMessageSize: 100})
	reply := askMQueue(t, peer, "numbers", nil)
	assert.Equal(t, [3]int{4, 100, 0}, [3]int{reply.Messages, reply.Size, reply.Current})

	for _, message := range []string{"", "\x00\xff", strings.Repeat("x", 100)} {
		require.NoError(t, q.Send(soon(t), []byte(message), mqueue.MaxPriority))
		reply := askMQueue(t, peer, "receive", nil)
		assert.Equal(t, [2]any{hex.EncodeToString([]byte(message)), mqueue.MaxPriority}, [2]any{reply.Data, reply.Priority})
	}
}

func mqueueKeepsOrder(t *testing.T, peer *interop.Peer) {
	const count = 500
	inOrder := make([]int, count)
	for i := range inOrder {
		inOrder[i] = i
	}
	q := createMQueue(t, peer, &mqueue.CreateOptions{MaxMessages: 2, MaxMessageSize: 16})
	require.NoError(t, peer.Send(map[string]any{"op": "send many", "count": count}))
	var got []int
	for range count {
		message, _, err := q.Receive(soon(t))
		require.NoError(t, err)
		n, err := strconv.Atoi(string(message))
		require.NoError(t, err)
		got = append(got, n)
	}
	assert.Equal(t, inOrder, got)
	require.NoError(t, peer.Answer(patience, nil))

	require.NoError(t, peer.Send(map[string]any{"op": "receive many", "count": count}))
	for i := range count {
		require.NoError(t, q.Send(soon(t), strconv.AppendInt(nil, int64(i), 10), 0))
	}
	var reply mqueueReply
	require.NoError(t, peer.Answer(patience, &reply))
	assert.Equal(t, inOrder, reply.All)
}

func mqueueKilledReceiver(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, &mqueue.CreateOptions{MaxMessages: 1, MaxMessageSize: 16})
	require.NoError(t, peer.Send(map[string]any{"op": "receive"}))
	waitsIn(t, peer, unix.SYS_MQ_TIMEDRECEIVE)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	require.NoError(t, q.TrySend([]byte("x"), 0))
	message, _, err := q.TryReceive()
	require.NoError(t, err, "nobody took the message with him")
	assert.Equal(t, "x", string(message))
}

func mqueueKilledSender(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, &mqueue.CreateOptions{MaxMessages: 1, MaxMessageSize: 16})
	require.NoError(t, q.TrySend([]byte("x"), 0))
	require.NoError(t, peer.Send(map[string]any{"op": "send", "data": "79", "priority": 0}))
	waitsIn(t, peer, unix.SYS_MQ_TIMEDSEND)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	message, _, err := q.TryReceive()
	require.NoError(t, err)
	assert.Equal(t, "x", string(message))
	_, _, err = q.TryReceive()
	require.ErrorIs(t, err, mqueue.ErrEmpty, "what waited for room went with its sender")
}

func mqueueStoppedPython(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, smallMQueue)
	require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGSTOP))
	for range 20 {
		require.NoError(t, q.Send(soon(t), []byte("x"), 0))
		_, _, err := q.Receive(soon(t))
		require.NoError(t, err)
	}
	require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGCONT))
	require.NoError(t, q.Send(soon(t), []byte("y"), 0))
	assert.Equal(t, "79", askMQueue(t, peer, "receive", nil).Data)
}

func mqueueUnlinked(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, smallMQueue)
	require.Empty(t, askMQueue(t, peer, "unlink", map[string]any{"name": q.Name()}).Error)
	_, err := mqueue.Open(q.Name(), nil)
	require.ErrorIs(t, err, mqueue.ErrNotExist)

	again, err := mqueue.Create(q.Name(), smallMQueue)
	require.NoError(t, err)
	require.NoError(t, again.Close())
	require.NoError(t, mqueue.Unlink(q.Name()))
	assert.NotEmpty(t, askMQueue(t, peer, "open", map[string]any{"name": q.Name()}).Error)
}

func mqueueContext(t *testing.T, peer *interop.Peer) {
	q := createMQueue(t, peer, smallMQueue)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, _, err := q.Receive(ctx)
		ended <- err
	}()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	askMQueue(t, peer, "send", map[string]any{"data": "7a", "priority": 0})
	message, _, err := q.Receive(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "z", string(message), "what comes afterwards is there for the next")
}
