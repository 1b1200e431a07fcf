//go:build linux

package interop_test

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// What tests of package reduction hand over, and how they find out that it works afterwards.

// fileText is what is in files that are handed over, as in handles.py.
const fileText = "text in a file"

var (
	fileKinds   = []string{"file", "memfd", "pipe"}
	socketKinds = []string{"tcp", "unix", "tcp-listener", "unix-listener"}
)

// handover is something that is handed over.
type handover struct {
	kind string
	h    syscall.Conn
	end  func()             // closes h
	used func(t *testing.T) // checks that it works at the other side, which echoes
	far  net.Conn           // the other end of a connected socket
}

// newHandover makes something to hand over.
func newHandover(t *testing.T, kind string) handover {
	t.Helper()
	switch kind {
	case "file", "memfd", "pipe":
		f := textFile(t, kind)
		return handover{kind, f, func() { _ = f.Close() }, func(*testing.T) {}, nil}
	case "connection":
		a, b, err := connection.Pipe(forAnyPython())
		require.NoError(t, err)
		return handover{kind, b, func() { _ = b.Close() }, func(t *testing.T) { echoes(t, a) }, nil}
	}
	l := listener(t, kind)
	if kind == "tcp" || kind == "unix" {
		defer l.Close()
		a := dialled(t, l.Addr())
		b, err := l.Accept()
		require.NoError(t, err)
		return handover{kind, b.(syscall.Conn), func() { _ = b.Close() },
			func(t *testing.T) { repeats(t, a) }, a}
	}
	at := l.Addr()
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return handover{kind, l.(syscall.Conn), func() { _ = l.Close() },
		func(t *testing.T) { repeats(t, dialled(t, at)) }, nil}
}

// carry sends n bytes to a TCP socket that was handed over, and waits for the word that ends it.
func (h handover) carry(t *testing.T, n int) {
	t.Helper()
	defer h.far.Close()
	part := make([]byte, 1<<20)
	for ; n > 0; n -= len(part) {
		_, err := h.far.Write(part)
		require.NoError(t, err)
	}
	require.NoError(t, h.far.(*net.TCPConn).CloseWrite())
	word, err := io.ReadAll(h.far)
	require.NoError(t, err)
	assert.Equal(t, "done", string(word))
}

// forAnyPython are the options of a Conn to a Python of any version.
func forAnyPython() *connection.Options {
	return &connection.Options{Encode: &connection.EncodeOptions{Protocol: 2}}
}

// listener listens where a socket of the kind does.
func listener(t *testing.T, kind string) net.Listener {
	t.Helper()
	network, at := "tcp", "127.0.0.1:0"
	if kind[0] == 'u' {
		network, at = "unix", filepath.Join(shortDir(t), "s")
	}
	l, err := net.Listen(network, at)
	require.NoError(t, err)
	return l
}

func dialled(t *testing.T, at net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(at.Network(), at.String())
	require.NoError(t, err)
	return c
}

// textFile is an open file of the kind with fileText in it.
func textFile(t *testing.T, kind string) *os.File {
	t.Helper()
	var r, w *os.File
	var err error
	switch kind {
	case "pipe":
		r, w, err = os.Pipe()
		defer func() { _ = w.Close() }()
	case "memfd":
		var fd int
		fd, err = unix.MemfdCreate("x", unix.MFD_CLOEXEC)
		r = os.NewFile(uintptr(fd), "memfd")
		w = r
	default:
		r, err = os.CreateTemp(t.TempDir(), "")
		w = r
	}
	require.NoError(t, err)
	_, err = w.WriteString(fileText)
	require.NoError(t, err)
	return r
}

// repeats checks that the other side sends back what it gets, and closes c.
func repeats(t *testing.T, c net.Conn) {
	t.Helper()
	defer c.Close()
	_, err := c.Write([]byte("ping"))
	require.NoError(t, err)
	var got [4]byte
	_, err = io.ReadFull(c, got[:])
	require.NoError(t, err)
	assert.Equal(t, "ping", string(got[:]))
}

// echoes is repeats for a Conn.
func echoes(t *testing.T, c *connection.Conn) {
	t.Helper()
	defer c.Close()
	require.NoError(t, c.Send(context.Background(), "ping"))
	var got string
	require.NoError(t, c.Recv(soon(t), &got))
	assert.Equal(t, "ping", got)
}

// accepts checks that a listener works, and closes it.
func accepts(t *testing.T, l net.Listener) {
	t.Helper()
	defer l.Close()
	a := dialled(t, l.Addr())
	defer a.Close()
	b, err := l.Accept()
	require.NoError(t, err)
	defer b.Close()
	_, err = b.Write([]byte("pong"))
	require.NoError(t, err)
	var got [4]byte
	_, err = io.ReadFull(a, got[:])
	require.NoError(t, err)
	assert.Equal(t, "pong", string(got[:]))
}

// works checks what was handed over by Python as a bare descriptor, and closes it.
func works(t *testing.T, kind string, f *os.File) {
	t.Helper()
	switch kind {
	case "file", "memfd", "pipe":
		hasText(t, kind, f)
	case "connection":
		c, err := connection.FileConn(f, forAnyPython())
		require.NoError(t, err)
		echoes(t, c)
	case "tcp", "unix":
		c, err := net.FileConn(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		repeats(t, c)
	default:
		l, err := net.FileListener(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		accepts(t, l)
	}
}

func hasText(t *testing.T, kind string, f *os.File) {
	t.Helper()
	defer f.Close()
	if kind != "pipe" {
		_, err := f.Seek(0, io.SeekStart)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	assert.Equal(t, fileText, string(text))
}

// thousand is how many are handed over where nothing may be left open.
const thousand = 1000

// eachPythonAlone is forEachPython for tests that count what this process has open: nothing else
// runs meanwhile.
func eachPythonAlone(t *testing.T, test func(t *testing.T, py interop.Python)) {
	t.Helper()
	for _, profile := range interop.Profiles() {
		t.Run("py"+profile.Version.String(), func(t *testing.T) {
			test(t, needPython(t, profile.Version))
		})
	}
}

// ownOpenFiles is how many descriptors this process has.
func ownOpenFiles(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(open)
}

// peersFiles is how many descriptors a peer has.
func peersFiles(t *testing.T, peer *interop.Peer) int {
	t.Helper()
	return askHandles(t, peer, handleRequest{Op: "fds"}).Count
}

// handleRequest is a request to handles.py, and handleReply its answer.
type handleRequest struct {
	Op      string   `json:"op"`
	Kind    string   `json:"kind,omitempty"`
	Count   int      `json:"count,omitempty"`
	Address []string `json:"address,omitempty"`
}

type handleReply struct {
	Error, Text, Type string
	Count             int
}

// askHandles asks and fails if the answer is an error.
func askHandles(t *testing.T, peer *interop.Peer, r handleRequest) handleReply {
	t.Helper()
	require.NoError(t, peer.Send(r))
	return answered(t, peer)
}

// asking is askHandles for requests that need this side to do something meanwhile.
func asking(t *testing.T, peer *interop.Peer, r handleRequest, meanwhile func()) handleReply {
	t.Helper()
	require.NoError(t, peer.Send(r))
	meanwhile()
	return answered(t, peer)
}

func answered(t *testing.T, peer *interop.Peer) (reply handleReply) {
	t.Helper()
	require.NoError(t, peer.Answer(patience, &reply))
	require.Empty(t, reply.Error, reply.Text)
	return reply
}

// startHandles runs handles.py.
func startHandles(t *testing.T, py interop.Python) *interop.Peer {
	t.Helper()
	return startPeer(t, py, "handles.py", hex.EncodeToString(rightKey))
}
