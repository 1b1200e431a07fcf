//go:build unix

package connection_test

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// left is the file of a socket whose process has died.
func left(t *testing.T, path string) {
	t.Helper()
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	require.NoError(t, stale.Close())
}

// TestOneOfManyTakesTheDeadSocketsPlace: looking and replacing are two steps, between which others look.
func TestOneOfManyTakesTheDeadSocketsPlace(t *testing.T) {
	for name, mode := range map[string]os.FileMode{"plain": 0, "guarded": 0o600} {
		t.Run(name, func(t *testing.T) {
			for range 60 {
				a := socketPath(t)
				left(t, a.Name)
				begin := make(chan struct{})
				opened := make(chan *connection.Listener, 8)
				var racing sync.WaitGroup
				for range cap(opened) {
					racing.Go(func() {
						<-begin
						l, err := connection.Listen(a.String(), &connection.ListenOptions{Authkey: []byte("key"), UnixMode: mode})
						if err == nil {
							opened <- l
							return
						}
						assert.ErrorIs(t, err, syscall.EADDRINUSE)
					})
				}
				close(begin)
				racing.Wait()
				close(opened)
				var all []*connection.Listener
				for l := range opened {
					all = append(all, l)
				}
				require.Len(t, all, 1)
				nc, err := net.Dial("unix", a.Name)
				require.NoError(t, err)
				_ = nc.Close()
				require.NoError(t, all[0].Close())
				require.NoFileExists(t, a.Name)
			}
		})
	}
}

// TestAListenerThatClosesLeavesItsSuccessorsSocket: the file may have been replaced by hand meanwhile.
func TestAListenerThatClosesLeavesItsSuccessorsSocket(t *testing.T) {
	a := socketPath(t)
	first, err := connection.Listen(a.String(), nil)
	require.NoError(t, err)
	require.NoError(t, os.Remove(a.Name))
	second, err := connection.Listen(a.String(), nil)
	require.NoError(t, err)
	require.NoError(t, first.Close())
	require.FileExists(t, a.Name)
	require.NoError(t, second.Close())
	require.NoFileExists(t, a.Name)
}

// TestNothingButADeadSocketIsReplaced: a file, a folder and a living socket stay.
func TestNothingButADeadSocketIsReplaced(t *testing.T) {
	a := socketPath(t)
	require.NoError(t, os.WriteFile(a.Name, []byte("precious"), 0o600))
	_, err := connection.Listen(a.String(), nil)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	text, err := os.ReadFile(a.Name)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(text))

	link := connection.Address{Network: connection.Unix, Name: a.Name + "l"}
	left(t, a.Name+"s")
	require.NoError(t, os.Symlink(a.Name+"s", link.Name))
	_, err = connection.Listen(link.String(), nil)
	require.ErrorIs(t, err, syscall.EADDRINUSE, "a link is somebody's own")
}

// TestALivingSocketWhoseQueueIsFullIsNotReplaced: nobody accepts there at the moment.
func TestALivingSocketWhoseQueueIsFullIsNotReplaced(t *testing.T) {
	a := socketPath(t)
	l, err := connection.Listen(a.String(), &connection.ListenOptions{Backlog: 1})
	require.NoError(t, err)
	defer l.Close()
	for range 4 {
		if nc, err := net.Dial("unix", a.Name); err == nil {
			defer nc.Close()
		}
	}
	_, err = connection.Listen(a.String(), nil)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
}

// TestAFolderThatSomebodyLocksForGood: the lock is anybody's who can read the folder.
func TestAFolderThatSomebodyLocksForGood(t *testing.T) {
	a := socketPath(t)
	f, err := os.Open(filepath.Dir(a.Name))
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, syscall.Flock(int(f.Fd()), syscall.LOCK_SH))
	defer connection.SetClaimTimeout(0)()
	l, err := connection.Listen(a.String(), nil)
	require.NoError(t, err, "a free path needs no lock")
	require.NoError(t, l.Close())
	left(t, a.Name)
	_, err = connection.Listen(a.String(), nil)
	require.ErrorIs(t, err, syscall.EADDRINUSE, "nothing is replaced without it")
}
