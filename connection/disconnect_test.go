package connection_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"mpbridge/connection"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// freePort returns an address where nobody listens.
func freePort(t *testing.T) connection.Address {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	return connection.Address{Network: connection.TCP, Name: "127.0.0.1", Port: port}
}

func TestAPeerThatIsNotThereIsADisconnect(t *testing.T) {
	left := filepath.Join(t.TempDir(), "left")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	for name, at := range map[string]connection.Address{
		"a port where nobody listens":             freePort(t),
		"the file of a socket that is closed":     {Network: connection.Unix, Name: left},
		"the file of a socket that there is none": {Network: connection.Unix, Name: left + "-none"},
	} {
		_, err := connection.Dial(t.Context(), at.String(), nil)
		require.Error(t, err, name)
		assert.True(t, connection.IsDisconnect(err), "%s: %v", name, err)
		assert.False(t, connection.IsReset(err), name)
		assert.NotContains(t, err.Error(), left)
	}
}

func TestWhatIsNoDisconnect(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, dialled := connection.Dial(over, freePort(t).String(), nil)
	_, missing := os.Open(filepath.Join(t.TempDir(), "missing"))
	for _, err := range []error{nil, dialled, missing, net.ErrClosed, os.ErrDeadlineExceeded, context.DeadlineExceeded,
		connection.ErrAuth} {
		assert.False(t, connection.IsDisconnect(err), "%v", err)
	}
}

func TestADisconnectIsFoundBeneathOtherErrors(t *testing.T) {
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF} {
		assert.True(t, connection.IsDisconnect(&connection.AuthError{Err: fmt.Errorf("at: %w", err)}))
	}
}
