//go:build linux

package interop_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// fifoReply is what fifos.py answers.
type fifoReply struct {
	Data, Error string
	Read, Write int
}

// TestFIFOsAndPipes runs the tests below with one process of each Python, and with others where they are killed.
func TestFIFOsAndPipes(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		start := func(t *testing.T) fifoPeer {
			path := filepath.Join(t.TempDir(), "fifo")
			require.NoError(t, syscall.Mkfifo(path, 0o600))
			return fifoPeer{startPeer(t, py, "fifos.py"), path}
		}
		peer := start(t)
		for name, test := range map[string]func(*testing.T, fifoPeer){
			"Python's writer is read by Go, whichever opens first": fifoToGo,
			"Go's writer is read by Python, whichever opens first": fifoToPython,
			"a served FIFO goes on with the next writer":           fifoServed,
			"many writers of small messages do not mix them":       fifoManyWriters,
			"objects go there and back through Pipe(duplex=False)": pipesOfPython,
		} {
			t.Run(name, func(t *testing.T) { test(t, peer) })
		}
		t.Run("a Python that is killed in the middle of a message ends the stream", func(t *testing.T) {
			fifoKilledWriter(t, peer)
		})
		t.Run("a Python that is killed while it opens leaves the FIFO to the next", func(t *testing.T) {
			fifoKilledOpener(t, start(t))
		})
	})
}

type fifoPeer struct {
	*interop.Peer
	path string
}

func (p fifoPeer) asks(t *testing.T, request map[string]any) fifoReply {
	t.Helper()
	reply := ask[fifoReply](t, p.Peer, request)
	require.Empty(t, reply.Error)
	return reply
}

// opens has Python open the FIFO, for "read" or "write", while Go does.
func (p fifoPeer) opens(t *testing.T, what string, goFirst bool, access connection.FIFOAccess) *connection.Conn {
	t.Helper()
	request := map[string]any{"op": "open", "path": p.path, "for": what}
	if !goFirst {
		require.NoError(t, p.Send(request))
		waitsIn(t, p.Peer, unix.SYS_OPENAT)
	}
	made := make(chan *connection.Conn, 1)
	go func() {
		c, err := connection.OpenFIFO(soon(t), p.path, access, forAnyPython())
		assert.NoError(t, err)
		made <- c
	}()
	if goFirst {
		require.NoError(t, p.Send(request))
	}
	c := <-made
	require.NotNil(t, c)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, p.Answer(patience, nil))
	return c
}

func fifoToGo(t *testing.T, peer fifoPeer) {
	for _, goFirst := range []bool{true, false} {
		c := peer.opens(t, "write", goFirst, connection.FIFORead)
		for _, size := range []int{1, 4092, 4093, 20_000} { // one write, and from 16 KB on two
			peer.asks(t, map[string]any{"op": "send", "data": "78", "count": 1, "size": size})
			got, err := c.RecvBytes(soon(t))
			require.NoError(t, err)
			assert.True(t, strings.Repeat("x", size) == string(got), "%d bytes", size)
		}
		peer.asks(t, map[string]any{"op": "close"})
		_, err := c.RecvBytes(soon(t))
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, c.Close())
	}
}

func fifoToPython(t *testing.T, peer fifoPeer) {
	for _, goFirst := range []bool{true, false} {
		c := peer.opens(t, "read", goFirst, connection.FIFOWrite)
		for _, text := range []string{"", "\x00\xff", strings.Repeat("x", 20_000)} {
			require.NoError(t, c.SendBytes(soon(t), []byte(text)))
			reply := peer.asks(t, map[string]any{"op": "receive"})
			require.True(t, hex.EncodeToString([]byte(text)) == reply.Data, "%d bytes", len(text))
		}
		require.NoError(t, c.Close())
		assert.Contains(t, ask[fifoReply](t, peer.Peer, map[string]any{"op": "receive"}).Error, "EOFError")
		peer.asks(t, map[string]any{"op": "close"})
	}
}

func fifoServed(t *testing.T, peer fifoPeer) {
	c, err := connection.OpenFIFO(soon(t), peer.path, connection.FIFOServe, nil)
	require.NoError(t, err)
	defer c.Close()
	for range 2 {
		peer.asks(t, map[string]any{"op": "open", "path": peer.path, "for": "write"})
		peer.asks(t, map[string]any{"op": "send", "data": "78", "count": 1, "size": 3})
		got, err := c.RecvBytes(soon(t))
		require.NoError(t, err)
		assert.Equal(t, "xxx", string(got))
		peer.asks(t, map[string]any{"op": "close"})
	}
}

func fifoManyWriters(t *testing.T, peer fifoPeer) {
	const each = 300
	c := peer.opens(t, "write", true, connection.FIFORead)
	require.NoError(t, peer.Send(map[string]any{"op": "send", "data": "78", "count": each, "size": connection.MaxSharedPipe}))
	for range 2 {
		go func() {
			w, err := connection.OpenFIFO(soon(t), peer.path, connection.FIFOWrite, &connection.Options{MaxSend: connection.MaxSharedPipe})
			if !assert.NoError(t, err) {
				return
			}
			defer w.Close()
			for range each {
				assert.NoError(t, w.SendBytes(soon(t), []byte(strings.Repeat("y", connection.MaxSharedPipe))))
			}
		}()
	}
	count := map[string]int{}
	for range 3 * each {
		got, err := c.RecvBytes(soon(t))
		require.NoError(t, err)
		count[string(got)]++
	}
	assert.Equal(t, map[string]int{
		strings.Repeat("x", connection.MaxSharedPipe): each, strings.Repeat("y", connection.MaxSharedPipe): 2 * each,
	}, count)
	require.NoError(t, peer.Answer(patience, nil))
	peer.asks(t, map[string]any{"op": "close"})
}

// pipesOfPython opens what Python made anew, which is what a child that inherits it does.
func pipesOfPython(t *testing.T, peer fifoPeer) {
	ends := peer.asks(t, map[string]any{"op": "pipes"})
	open := func(fd, flags int) *os.File {
		f, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", peer.Pid(), fd), flags, 0)
		require.NoError(t, err)
		return f
	}
	c, err := connection.PipeConn(open(ends.Read, os.O_RDONLY), open(ends.Write, os.O_WRONLY), forAnyPython())
	require.NoError(t, err)
	defer c.Close()
	peer.asks(t, map[string]any{"op": "opened"})
	values := []any{1, "text", pickle.Tuple{"a", 2.5}, strings.Repeat("long", 100_000)}
	require.NoError(t, peer.Send(map[string]any{"op": "objects", "count": len(values)}))
	for _, value := range values {
		require.NoError(t, c.Send(soon(t), value))
		var got any
		require.NoError(t, c.Recv(soon(t), &got))
		assert.EqualValues(t, value, got)
	}
	require.NoError(t, peer.Answer(patience, nil))
	peer.asks(t, map[string]any{"op": "close"})
	_, err = c.RecvBytes(soon(t))
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, c.SendBytes(soon(t), nil), syscall.EPIPE)
}

func fifoKilledWriter(t *testing.T, peer fifoPeer) {
	c := peer.opens(t, "write", true, connection.FIFORead)
	require.NoError(t, peer.Send(map[string]any{"op": "send", "data": "78", "count": 1, "size": 1 << 20}))
	waitsIn(t, peer.Peer, unix.SYS_WRITE)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	_, err := c.RecvBytes(soon(t))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func fifoKilledOpener(t *testing.T, peer fifoPeer) {
	require.NoError(t, peer.Send(map[string]any{"op": "open", "path": peer.path, "for": "read"}))
	waitsIn(t, peer.Peer, unix.SYS_OPENAT)
	require.NoError(t, peer.Kill())
	<-peer.Exited()
	r, err := connection.OpenFIFO(soon(t), peer.path, connection.FIFORead, nil)
	require.NoError(t, err)
	defer r.Close()
	w, err := connection.OpenFIFO(soon(t), peer.path, connection.FIFOWrite, nil)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, w.SendBytes(soon(t), []byte("x")))
	got, err := r.RecvBytes(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "x", string(got))
}
