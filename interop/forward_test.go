package interop_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"mpbridge/connection"

	"github.com/stretchr/testify/require"
)

// forwarder is a TCP port that leads to a server: its clients know the server by another address, and
// their connections can be cut.
type forwarder struct {
	at connection.Address

	mu     sync.Mutex // all below
	conns  []net.Conn
	closed bool
}

// forward leads to a server until the test ends.
func forward(t *testing.T, to connection.Address) *forwarder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &forwarder{}
	f.at = to
	f.at.Port = l.Addr().(*net.TCPAddr).Port
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to.String())
			if err != nil || !f.add(from, there) {
				_ = from.Close()
				continue
			}
			wg.Go(func() { pipe(there, from) })
			wg.Go(func() { pipe(from, there) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		f.close()
		wg.Wait()
	})
	return f
}

func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

func (f *forwarder) add(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns = append(f.conns, conns...)
	return !f.closed
}

// cut ends all connections. New ones can be made.
func (f *forwarder) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}

func (f *forwarder) close() {
	f.cut()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}
