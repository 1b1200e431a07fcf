//go:build linux

package server_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mpbridge/managers/queue"
	"mpbridge/managers/server"
)

var update = flag.String("update", "", "a Python whose requests are recorded to testdata/requests")

const requestFiles = "testdata/requests"

// sharing is a server that shares one object of each type, under the type's name in small letters. The
// idents of shared objects follow from their names, so that what was recorded finds them.
func sharing(t testing.TB, log *slog.Logger) *server.Server {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key, Logger: log, Limits: server.Limits{
		MaxMessage: 1 << 20, MaxItems: 1000, MaxItemBytes: 1 << 20, MaxObjects: 100, MaxReferences: 1000,
	}})
	require.NoError(t, err)
	server.IteratorKeys(s, 0) // so that there are results that are objects
	require.NoError(t, s.RegisterSyncManager())
	for name, typeid := range map[string]string{
		"list": "list", "dict": "dict", "set": "set", "namespace": "Namespace", "lock": "RLock",
		"event": "Event", "semaphore": "Semaphore", "condition": "Condition",
	} {
		require.NoError(t, s.RegisterShared("the_"+name, typeid))
	}
	require.NoError(t, s.RegisterShared("the_value", "Value", "i", 7))
	require.NoError(t, s.RegisterShared("the_array", "Array", "i", []int{1, 2, 3}))
	_, err = s.RegisterQueue("the_queue", nil)
	require.NoError(t, err)
	_, err = s.RegisterQueue("the_priority", &queue.Options{Order: queue.Priority})
	require.NoError(t, err)
	return s
}

// socketPair returns both ends of a connection of unix sockets.
func socketPair(t testing.TB) (a, b *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socket")
		nc, err := net.FileConn(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		ends[i] = nc.(*net.UnixConn)
	}
	return ends[0], ends[1]
}

// recorded returns the requests of each Python, in the order in which they were sent. The first is
// accept_connection.
func recorded(t testing.TB) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(requestFiles, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := make(map[string][][]byte)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var requests [][]byte
		for line := range strings.Lines(string(text)) {
			r, err := hex.DecodeString(strings.TrimSpace(line))
			require.NoError(t, err)
			requests = append(requests, r)
		}
		all[filepath.Base(file)] = requests
	}
	return all
}

// TestRecordedRequestsAreServed plays what each Python sent as one session: most of it succeeds,
// so a fuzzer that starts there starts inside.
func TestRecordedRequestsAreServed(t *testing.T) {
	if *update != "" {
		recordRequests(t, *update)
	}
	for python, requests := range recorded(t) {
		t.Run(python, func(t *testing.T) {
			s := sharing(t, nil)
			defer s.Close()
			replies := converse(t, s, frames(requests))
			require.Greater(t, bytes.Count(replies, []byte("#RETURN")), len(requests)/2)
		})
	}
}

// recordRequests writes what a Python sends down. The connections of a manager are of two kinds: most
// carry one request, and that of the methods begins with accept_connection. The session that is kept is
// the latter.
func recordRequests(t *testing.T, python string) {
	version, err := exec.Command(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	require.NoError(t, err)
	s := sharing(t, nil)
	defer s.Close()
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = s.Serve(t.Context()) }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tap := &tap{to: at.String()}
	go tap.run(l)
	script := exec.Command(python, filepath.Join("testdata", "record.py"),
		strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	out, err := script.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, l.Close())
	require.NoError(t, os.MkdirAll(requestFiles, 0o755))
	file := filepath.Join(requestFiles, strings.TrimSpace(string(version)))
	require.NoError(t, os.WriteFile(file, []byte(tap.text()), 0o644))
}

// tap passes connections on and notes what their clients send after the handshake.
type tap struct {
	to    string
	mu    sync.Mutex
	lines map[net.Conn]*strings.Builder
}

func (p *tap) run(l net.Listener) {
	p.lines = make(map[net.Conn]*strings.Builder)
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		srv, err := net.Dial("tcp", p.to)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.lines[client] = new(strings.Builder)
		p.mu.Unlock()
		go func() { _, _ = io.Copy(client, srv); _ = client.Close() }()
		go func() { p.note(client, io.TeeReader(client, srv)); _ = srv.Close() }()
	}
}

// note reads the frames of one client.
func (p *tap) note(client net.Conn, r io.Reader) {
	in := bufio.NewReaderSize(r, 16)
	for welcome := false; ; {
		header := make([]byte, 4)
		if _, err := io.ReadFull(in, header); err != nil {
			return
		}
		body := make([]byte, int(header[2])<<8|int(header[3]))
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if welcome {
			p.mu.Lock()
			p.lines[client].WriteString(hex.EncodeToString(body) + "\n")
			p.mu.Unlock()
		}
		welcome = welcome || bytes.Equal(body, []byte("#WELCOME#"))
	}
}

// text is the recording: the longest session, and then the others.
func (p *tap) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var longest string
	for _, b := range p.lines {
		if b.Len() > len(longest) {
			longest = b.String()
		}
	}
	rest := make(map[string]bool)
	text := longest
	for _, b := range p.lines {
		if s := b.String(); s != longest && !rest[s] {
			rest[s] = true
			text += s
		}
	}
	return text
}
