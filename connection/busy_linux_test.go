package connection_test

import (
	"context"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// busyListener is a unix listener whose queue is full.
func busyListener(t *testing.T) (*net.UnixListener, connection.Address) {
	t.Helper()
	at := connection.Address{Network: connection.Unix, Name: filepath.Join(t.TempDir(), "s")}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: at.Name, Net: "unix"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	raw, err := l.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }))
	require.NoError(t, err)
	for {
		c, err := net.Dial("unix", at.Name)
		if err != nil {
			require.ErrorIs(t, err, syscall.EAGAIN)
			return l, at
		}
		t.Cleanup(func() { _ = c.Close() })
	}
}

func TestDialWaitsForAListenerWhoseQueueIsFull(t *testing.T) {
	l, at := busyListener(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	c, err := connection.Dial(testwait.Soon(t), at.String(), nil)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func TestDialWaitsNoLongerThanItMay(t *testing.T) {
	_, at := busyListener(t)
	o := &connection.DialOptions{HandshakeTimeout: 20 * time.Millisecond}
	_, err := connection.Dial(testwait.Soon(t), at.String(), o)
	require.ErrorIs(t, err, syscall.EAGAIN)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = connection.Dial(ctx, at.String(), nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
