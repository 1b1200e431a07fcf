//go:build unix

package connection_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// socketPath returns a path in a folder of its own, short enough for a socket.
func socketPath(t testing.TB) connection.Address {
	t.Helper()
	dir, err := os.MkdirTemp("", "mp")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return connection.Address{Network: connection.Unix, Name: filepath.Join(dir, "s")}
}

func TestASocketHasTheModeThatWasAskedForWhateverTheUmask(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o660, 0o777} {
		a := socketPath(t)
		l := mustListen(t, a, &connection.ListenOptions{Authkey: []byte("key"), UnixMode: mode})
		info, err := os.Stat(a.Name)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm())
		assert.Equal(t, a, l.Addr())
	}
}

func TestASocketBelongsToItsOwner(t *testing.T) {
	gid := os.Getgid()
	if groups, err := os.Getgroups(); err == nil && len(groups) > 0 {
		gid = groups[len(groups)-1]
	}
	uid := os.Getuid()
	if uid == 0 {
		uid, gid = 12345, 23456
	}
	a := socketPath(t)
	at := listen(t, a, connection.ListenOptions{UnixMode: 0o660,
		UnixOwner: &connection.FileOwner{UID: uid, GID: gid}})
	info, err := os.Stat(a.Name)
	require.NoError(t, err)
	st := info.Sys().(*syscall.Stat_t)
	assert.Equal(t, [2]int{uid, gid}, [2]int{int(st.Uid), int(st.Gid)})
	assert.Equal(t, os.FileMode(0o660), info.Mode().Perm())
	require.NoError(t, greeted(t, at, "key"))
}

func TestMinusOneLeavesTheOwnerAsItIs(t *testing.T) {
	a := socketPath(t)
	listen(t, a, connection.ListenOptions{UnixMode: 0o600,
		UnixOwner: &connection.FileOwner{UID: -1, GID: -1}})
	info, err := os.Stat(a.Name)
	require.NoError(t, err)
	assert.Equal(t, os.Getuid(), int(info.Sys().(*syscall.Stat_t).Uid))
}

func TestAnOwnerWithoutAModeIsAnError(t *testing.T) {
	a := socketPath(t)
	_, err := connection.Listen(a.String(), &connection.ListenOptions{
		UnixOwner: &connection.FileOwner{UID: -1, GID: -1}})
	require.Error(t, err)
	assert.NoFileExists(t, a.Name)
}

func TestAnOwnerThatCannotBeSetLeavesNoSocket(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may give files to anybody")
	}
	a := socketPath(t)
	_, err := connection.Listen(a.String(), &connection.ListenOptions{UnixMode: 0o600,
		UnixOwner: &connection.FileOwner{UID: 0, GID: -1}})
	require.ErrorIs(t, err, syscall.EPERM)
	assert.NotContains(t, err.Error(), a.Name)
	assert.NoFileExists(t, a.Name)
}

func TestAGuardedSocketThatNobodyServesIsReplaced(t *testing.T) {
	a := socketPath(t)
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: a.Name})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	require.NoError(t, stale.Close())
	at := listen(t, a, connection.ListenOptions{UnixMode: 0o600})
	require.NoError(t, greeted(t, at, "key"))
}

func TestTheFileOfAGuardedSocketGoesWithItsListener(t *testing.T) {
	a := socketPath(t)
	l, err := connection.Listen(a.String(), &connection.ListenOptions{UnixMode: 0o600})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	assert.NoFileExists(t, a.Name)
}

func TestAUnixPeerIsWhoTheKernelSays(t *testing.T) {
	l := mustListen(t, socketPath(t), &connection.ListenOptions{Authkey: []byte("key")})
	told := make(chan connection.PeerCredentials, 1)
	go func() {
		_ = l.Serve(context.Background(), func(c *connection.Conn) {
			p, err := c.PeerCredentials()
			assert.NoError(t, err)
			_ = c.Close()
			_, err = c.PeerCredentials()
			assert.ErrorIs(t, err, connection.ErrClosed)
			told <- p
		})
	}()
	c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("key")})
	require.NoError(t, err)
	defer c.Close()
	p := <-told
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("this system does not tell")
	}
	assert.Equal(t, os.Getpid(), p.PID)
	assert.Equal(t, os.Getuid(), int(p.UID))
}

func TestATCPPeerHasNoCredentials(t *testing.T) {
	at := listen(t, loopback, connection.ListenOptions{})
	c, err := connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: []byte("key")})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.PeerCredentials()
	require.True(t, errors.Is(err, errors.ErrUnsupported))
}
