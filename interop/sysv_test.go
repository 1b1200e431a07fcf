//go:build linux && (amd64 || arm64)

package interop_test

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/interop"
	"mpbridge/sysv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// sysvReply is what sysv.py answers.
type sysvReply struct {
	Key, ID, Kind, Value int
	Data, Error          string
	Errno                syscall.Errno
}

// sysvPeer is a Python, and a key that only it and the test know.
type sysvPeer struct {
	*interop.Peer
	key  sysv.Key
	path string
}

// TestSystemV runs the tests below with each Python and each library that it has for System V: one process each, and
// others where they are killed.
func TestSystemV(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		t.Run("ctypes", func(t *testing.T) { testSystemV(t, py, "ctypes") })
		t.Run("sysv_ipc", func(t *testing.T) { testSystemV(t, py.With(needPackages(t, py, "sysv-ipc")), "sysv_ipc") })
	})
}

func testSystemV(t *testing.T, py interop.Python, library string) {
	path := t.TempDir()
	key, err := sysv.Ftok(path, 'x')
	require.NoError(t, err)
	start := func(t *testing.T) sysvPeer { return sysvPeer{startPeer(t, py, "sysv.py", library), key, path} }
	peer := start(t)
	for name, test := range map[string]func(*testing.T, sysvPeer){
		"both make the same key of a file":                       sysvKeys,
		"a queue of Python's is opened by Go":                    sysvQueueOfPython,
		"a queue of Go's is opened by Python":                    sysvQueueOfGo,
		"both wait at a queue for each other":                    sysvQueueWaits,
		"a queue that one side removed is gone for the other":    sysvQueueRemoved,
		"a semaphore of Python's is opened by Go":                sysvSemaphoreOfPython,
		"a semaphore of Go's excludes Python and the reverse":    sysvSemaphoreExcludes,
		"a segment is the same memory for both, whoever made it": sysvMemory,
		"the object of another key is not found by either":       sysvNothing,
	} {
		t.Run(name, func(t *testing.T) { test(t, peer) })
	}
	t.Run("a Python that is killed while it waits for a message takes none with it", func(t *testing.T) {
		sysvKilledReceiver(t, peer)
	})
	t.Run("a Python that is killed while it holds a semaphore releases it", func(t *testing.T) {
		sysvKilledHolder(t, start(t))
	})
}

// asks sends a request, a pair of name and value for each field, and wants no error.
func (p sysvPeer) asks(t *testing.T, op string, fields ...any) sysvReply {
	t.Helper()
	reply := ask[sysvReply](t, p.Peer, p.request(op, fields...))
	require.Empty(t, reply.Error, "%s: %v", op, reply.Errno)
	return reply
}

func (p sysvPeer) request(op string, fields ...any) map[string]any {
	request := map[string]any{"op": op, "key": p.key}
	for i := 0; i < len(fields); i += 2 {
		request[fields[i].(string)] = fields[i+1]
	}
	return request
}

func sysvKeys(t *testing.T, peer sysvPeer) {
	for _, id := range []int{1, 'x', 255} {
		key, err := sysv.Ftok(peer.path, id)
		require.NoError(t, err)
		assert.Equal(t, int(key), peer.asks(t, "ftok", "path", peer.path, "id", id).Key, "%d", id)
	}
}

func sysvQueueOfPython(t *testing.T, peer sysvPeer) {
	id := peer.asks(t, "create queue").ID
	q, err := sysv.OpenMessageQueue(peer.key)
	require.NoError(t, err)
	defer q.Remove()
	assert.Equal(t, id, q.ID())
	for _, text := range []string{"", "\x00\xff", strings.Repeat("x", 2048)} {
		peer.asks(t, "send", "kind", 1<<30+len(text), "data", hex.EncodeToString([]byte(text)))
		message, kind, err := q.Receive(soon(t), 0)
		require.NoError(t, err)
		assert.True(t, text == string(message), "%d bytes", len(text))
		assert.Equal(t, 1<<30+len(text), kind)
	}
}

// newQueue makes a queue that the peer opens too.
func (p sysvPeer) newQueue(t *testing.T) *sysv.MessageQueue {
	t.Helper()
	q, err := sysv.CreateMessageQueue(p.key, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = q.Remove() })
	require.Equal(t, q.ID(), p.asks(t, "open queue").ID)
	return q
}

func sysvQueueOfGo(t *testing.T, peer sysvPeer) {
	q := peer.newQueue(t)
	require.NoError(t, q.Send(soon(t), 7, []byte("other")))
	for _, text := range []string{"", "\x00\xff", strings.Repeat("x", 8192)} {
		require.NoError(t, q.Send(soon(t), 5, []byte(text)))
		reply := peer.asks(t, "receive", "kind", 5)
		assert.True(t, hex.EncodeToString([]byte(text)) == reply.Data, "%d bytes", len(text))
		assert.Equal(t, 5, reply.Kind)
	}
	assert.Equal(t, 7, peer.asks(t, "receive", "kind", 0).Kind)
}

func sysvQueueWaits(t *testing.T, peer sysvPeer) {
	q := peer.newQueue(t)
	require.NoError(t, peer.Send(peer.request("receive", "kind", 1)))
	waitsIn(t, peer.Peer, unix.SYS_MSGRCV)
	require.NoError(t, q.Send(soon(t), 1, []byte("x")))
	var reply sysvReply
	require.NoError(t, peer.Answer(patience, &reply))
	assert.Equal(t, "78", reply.Data)

	got := make(chan []byte)
	go func() {
		message, _, _ := q.Receive(soon(t), 2)
		got <- message
	}()
	peer.asks(t, "send", "kind", 2, "data", "79")
	assert.Equal(t, "y", string(<-got))

	for q.TrySend(1, make([]byte, 4096)) == nil {
	}
	require.NoError(t, peer.Send(peer.request("send", "kind", 3, "data", strings.Repeat("7a", 4096))))
	waitsIn(t, peer.Peer, unix.SYS_MSGSND)
	_, _, err := q.Receive(soon(t), 1)
	require.NoError(t, err)
	require.NoError(t, peer.Answer(patience, nil))
	message, _, err := q.Receive(soon(t), 3)
	require.NoError(t, err)
	assert.Len(t, message, 4096)
}

func sysvQueueRemoved(t *testing.T, peer sysvPeer) {
	q := peer.newQueue(t)
	ended := make(chan error)
	go func() {
		_, _, err := q.Receive(soon(t), 0)
		ended <- err
	}()
	peer.asks(t, "remove queue")
	require.ErrorIs(t, <-ended, sysv.ErrRemoved)

	q = peer.newQueue(t)
	require.NoError(t, peer.Send(peer.request("receive", "kind", 1)))
	waitsIn(t, peer.Peer, unix.SYS_MSGRCV)
	require.NoError(t, q.Remove())
	var reply sysvReply
	require.NoError(t, peer.Answer(patience, &reply))
	assert.NotEmpty(t, reply.Error)
}

func sysvNothing(t *testing.T, peer sysvPeer) {
	for _, op := range []string{"open queue", "open semaphore", "open memory"} {
		assert.NotEmpty(t, ask[sysvReply](t, peer.Peer, peer.request(op)).Error, op)
	}
	_, err := sysv.OpenSemaphores(peer.key)
	require.ErrorIs(t, err, sysv.ErrNotExist)
	_, err = sysv.OpenSharedMemory(peer.key)
	require.ErrorIs(t, err, sysv.ErrNotExist)
}

func sysvSemaphoreOfPython(t *testing.T, peer sysvPeer) {
	id := peer.asks(t, "create semaphore", "value", 1).ID
	s, err := sysv.OpenSemaphores(peer.key)
	require.NoError(t, err)
	defer s.Remove()
	assert.Equal(t, [2]int{id, 1}, [2]int{s.ID(), s.Len()})
	require.NoError(t, s.Acquire(soon(t)))
	assert.Equal(t, 0, peer.asks(t, "value").Value)
	acquired := make(chan error)
	go func() { acquired <- s.Acquire(soon(t)) }()
	testwait.For(t, func() bool { n, _ := s.Waiting(0); return n == 1 })
	peer.asks(t, "release", "undo", false)
	require.NoError(t, <-acquired)
}

func sysvSemaphoreExcludes(t *testing.T, peer sysvPeer) {
	s, err := sysv.CreateSemaphores(peer.key, []int{1}, nil)
	require.NoError(t, err)
	defer s.Remove()
	require.Equal(t, s.ID(), peer.asks(t, "open semaphore").ID)
	m, err := sysv.CreateSharedMemory(peer.key, 8, nil)
	require.NoError(t, err)
	defer m.Remove()
	require.Equal(t, m.ID(), peer.asks(t, "open memory").ID)
	a, err := m.Attach()
	require.NoError(t, err)
	defer a.Detach()

	const each = 1000
	require.NoError(t, peer.Send(peer.request("add", "count", each)))
	for range each {
		require.NoError(t, s.Acquire(soon(t)))
		binary.NativeEndian.PutUint64(a.Bytes(), binary.NativeEndian.Uint64(a.Bytes())+1)
		require.NoError(t, s.Release())
	}
	var reply sysvReply
	require.NoError(t, peer.Answer(patience, &reply))
	require.Empty(t, reply.Error)
	assert.Equal(t, uint64(2*each), binary.NativeEndian.Uint64(a.Bytes()))
	peer.asks(t, "close memory", "remove", false)
}

func sysvMemory(t *testing.T, peer sysvPeer) {
	m, err := sysv.CreateSharedMemory(peer.key, 100, nil)
	require.NoError(t, err)
	defer m.Remove()
	a, err := m.Attach()
	require.NoError(t, err)
	copy(a.Bytes(), "of Go")
	require.Equal(t, m.ID(), peer.asks(t, "open memory").ID)
	assert.Equal(t, hex.EncodeToString([]byte("of Go")), peer.asks(t, "read", "count", 5).Data)
	peer.asks(t, "write", "data", "7879")
	assert.Equal(t, "xy Go", string(a.Bytes()[:5]))
	require.NoError(t, a.Detach())
	peer.asks(t, "close memory", "remove", true)
	require.ErrorIs(t, m.Remove(), sysv.ErrRemoved)

	id := peer.asks(t, "create memory", "size", 50).ID
	theirs, err := sysv.OpenSharedMemory(peer.key)
	require.NoError(t, err)
	info, err := theirs.Info()
	require.NoError(t, err)
	assert.Equal(t, sysv.MemoryInfo{Size: 50, Attached: 1}, info)
	assert.Equal(t, id, theirs.ID())
	peer.asks(t, "write", "data", "7a")
	a, err = theirs.Attach()
	require.NoError(t, err)
	assert.Equal(t, byte('z'), a.Bytes()[0])
	require.NoError(t, a.Detach())
	peer.asks(t, "close memory", "remove", true)
}

func sysvKilledReceiver(t *testing.T, peer sysvPeer) {
	q := peer.newQueue(t)
	require.NoError(t, peer.Send(peer.request("receive", "kind", 0)))
	waitsIn(t, peer.Peer, unix.SYS_MSGRCV)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	require.NoError(t, q.TrySend(1, []byte("x")))
	message, _, err := q.TryReceive(0)
	require.NoError(t, err)
	assert.Equal(t, "x", string(message))
}

func sysvKilledHolder(t *testing.T, peer sysvPeer) {
	s, err := sysv.CreateSemaphores(peer.key, []int{1}, nil)
	require.NoError(t, err)
	defer s.Remove()
	require.Equal(t, s.ID(), peer.asks(t, "open semaphore").ID)
	peer.asks(t, "acquire", "undo", true)
	require.ErrorIs(t, s.TryAcquire(), sysv.ErrBusy)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	require.NoError(t, s.Acquire(soon(t)))
}

// TestAContextEndsAWaitWherePythonBlockedTheSignalThatDoes: a Go program inherits what the program that starts it blocks.
func TestAContextEndsAWaitWherePythonBlockedTheSignalThatDoes(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 11})
	cmd := exec.Command(py.Path, "-c", "import os, signal, sys; "+
		"signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG]); os.execv(sys.argv[1], sys.argv[1:])", os.Args[0], waitsAtQueue)
	cmd.Env = append(py.Env(), "GODEBUG=asyncpreemptoff=1") // else the runtime unblocks it for itself
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "deadline exceeded")
}
