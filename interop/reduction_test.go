//go:build linux

package interop_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/reduction"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// peerOf is what reduction is told about a Python.
func peerOf(py interop.Python) reduction.Peer {
	switch {
	case py.Profile.NativeBytes:
		return reduction.PeerPython2
	case py.Profile.HandleAck:
		return reduction.PeerAcks
	}
	return reduction.PeerSilent
}

// withHandles runs a test on a lasting connection to each Python, once with a peer that is known
// and once with one that is not.
func withHandles(t *testing.T, test func(*testing.T, interop.Python, handles)) {
	t.Helper()
	forEachPython(t, func(t *testing.T, py interop.Python) {
		for name, peer := range map[string]reduction.Peer{
			"known": peerOf(py), "unknown": reduction.PeerUnknown,
		} {
			t.Run(name, func(t *testing.T) {
				test(t, py, connectHandles(t, py, &reduction.Options{Peer: peer}))
			})
		}
	})
}

// handles is a connection to handles.py.
type handles struct {
	peer *interop.Peer
	conn *connection.Conn
	o    *reduction.Options
}

func connectHandles(t *testing.T, py interop.Python, o *reduction.Options) handles {
	t.Helper()
	peer := startHandles(t, py)
	at := connection.Address{Network: connection.Unix, Name: filepath.Join(shortDir(t), "s")}
	l, err := connection.Listen(at.String(), &connection.ListenOptions{
		Options: *forAnyPython(), Authkey: rightKey,
	})
	require.NoError(t, err)
	defer l.Close()
	var conn *connection.Conn
	asking(t, peer, handleRequest{Op: "dial", Address: words(at)}, func() {
		conn, err = l.Accept(soon(t))
		require.NoError(t, err)
	})
	t.Cleanup(func() { _ = conn.Close() })
	return handles{peer, conn, o}
}

// hears checks that the next message is a word.
func (h handles) hears(t *testing.T, word string) {
	t.Helper()
	var got string
	require.NoError(t, h.conn.Recv(soon(t), &got))
	require.Equal(t, word, got)
}

var allKinds = slices.Concat(fileKinds, socketKinds, []string{"connection"})

func TestPythonSendsAHandleToGo(t *testing.T) {
	withHandles(t, func(t *testing.T, _ interop.Python, h handles) {
		for _, kind := range allKinds {
			var f *os.File
			asking(t, h.peer, handleRequest{Op: "send", Kind: kind, Count: 1}, func() {
				h.hears(t, "before")
				var err error
				f, err = reduction.RecvHandle(soon(t), h.conn, h.o)
				require.NoError(t, err, kind)
				h.hears(t, "after")
			})
			works(t, kind, f)
		}
	})
}

func TestGoSendsAHandleToPython(t *testing.T) {
	withHandles(t, func(t *testing.T, _ interop.Python, h handles) {
		for _, kind := range allKinds {
			thing := newHandover(t, kind)
			asking(t, h.peer, handleRequest{Op: "recv", Kind: kind, Count: 1}, func() {
				require.NoError(t, h.conn.Send(context.Background(), "before"))
				require.NoError(t, reduction.SendHandle(soon(t), h.conn, thing.h, h.o), kind)
				h.hears(t, "got it")
			})
			thing.end()
			thing.used(t)
		}
	})
}

// TestListsOfHandles go both ways. Python 2 has no function for them.
func TestListsOfHandles(t *testing.T) {
	withHandles(t, func(t *testing.T, py interop.Python, h handles) {
		if py.Profile.NativeBytes {
			require.ErrorIs(t, reduction.SendFds(soon(t), h.conn, make([]syscall.Conn, 2),
				&reduction.Options{Peer: reduction.PeerPython2}), reduction.ErrTooMany)
			return
		}
		for _, n := range []int{1, 2, 65, 200} {
			h.takesList(t, n)
			h.givesList(t, n)
		}
	})
}

func (h handles) takesList(t *testing.T, n int) {
	t.Helper()
	var files []*os.File
	asking(t, h.peer, handleRequest{Op: "sendfds", Kind: "file", Count: n}, func() {
		h.hears(t, "before")
		var err error
		files, err = reduction.RecvFds(soon(t), h.conn, n, h.o)
		require.NoError(t, err)
		h.hears(t, "after")
	})
	require.Len(t, files, n)
	for _, f := range files {
		hasText(t, "file", f)
	}
}

func (h handles) givesList(t *testing.T, n int) {
	t.Helper()
	var list []syscall.Conn
	for range n {
		list = append(list, textFile(t, "memfd"))
	}
	reply := asking(t, h.peer, handleRequest{Op: "recvfds", Kind: "memfd", Count: n}, func() {
		require.NoError(t, reduction.SendFds(soon(t), h.conn, list, h.o))
		h.hears(t, "got it")
	})
	assert.Equal(t, n, reply.Count)
	for _, f := range list {
		require.NoError(t, f.(*os.File).Close())
	}
}

func TestAThousandHandlesLeaveNothingOpen(t *testing.T) {
	eachPythonAlone(t, func(t *testing.T, py interop.Python) {
		h := connectHandles(t, py, &reduction.Options{Peer: peerOf(py)})
		f := textFile(t, "memfd")
		defer f.Close()
		handOver := func(n int) {
			h.give(t, f, n)
			h.take(t, n)
		}
		handOver(1)
		ours, theirs := ownOpenFiles(t), peersFiles(t, h.peer)
		handOver(thousand)
		assert.Equal(t, theirs, peersFiles(t, h.peer))
		assert.Equal(t, ours, ownOpenFiles(t))
	})
}

func (h handles) give(t *testing.T, f *os.File, n int) {
	t.Helper()
	asking(t, h.peer, handleRequest{Op: "recv", Kind: "memfd", Count: n}, func() {
		for range n {
			require.NoError(t, h.conn.Send(context.Background(), "before"))
			require.NoError(t, reduction.SendHandle(soon(t), h.conn, f, h.o))
			h.hears(t, "got it")
		}
	})
}

func (h handles) take(t *testing.T, n int) {
	t.Helper()
	asking(t, h.peer, handleRequest{Op: "send", Kind: "pipe", Count: n}, func() {
		for range n {
			h.hears(t, "before")
			f, err := reduction.RecvHandle(soon(t), h.conn, h.o)
			require.NoError(t, err)
			require.NoError(t, f.Close())
			h.hears(t, "after")
		}
	})
}
