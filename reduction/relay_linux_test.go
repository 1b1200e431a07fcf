package reduction_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/pickle"
	"mpbridge/reduction"
)

// nobody is a user that is neither root nor, but by chance, the one that runs the tests.
const nobody = 65534

// theManager is a listener with the key, as any manager is. It tells of each client that it took for one who has the
// key.
func theManager(t *testing.T) (at connection.Address, admitted <-chan *connection.Conn) {
	t.Helper()
	l, err := connection.Listen("127.0.0.1:0",
		&connection.ListenOptions{Authkey: key})
	require.NoError(t, err)
	clients := make(chan *connection.Conn, 1)
	var serving sync.WaitGroup
	serving.Go(func() { _ = l.Serve(context.Background(), func(c *connection.Conn) { clients <- c }) })
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	return l.Addr(), clients
}

// relay is an attacker without a key: what reaches his socket he passes on to the manager, and back.
type relay struct {
	at    connection.Address
	heard chan int // bytes that a victim said, one number for each victim
}

// attack listens as another user if it can, which only root's tests do.
func attack(t *testing.T, manager connection.Address, uid int) *relay {
	t.Helper()
	dir, err := os.MkdirTemp("", "mp")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := &relay{connection.Address{Network: connection.Unix, Name: filepath.Join(dir, "s")}, make(chan int, 1)}
	l := listenAs(t, r.at.Name, uid)
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			victim, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", manager.String())
			if err != nil {
				_ = victim.Close()
				return
			}
			passing.Go(func() {
				_, _ = io.Copy(victim, up)
				_ = victim.Close()
			})
			n, _ := io.Copy(up, victim)
			_ = up.Close()
			_ = victim.Close()
			r.heard <- int(n)
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		passing.Wait()
	})
	return r
}

// listenAs has the system think that a user listens: it notes who the thread is that calls listen.
func listenAs(t *testing.T, path string, uid int) net.Listener {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	f := os.NewFile(uintptr(fd), "attacker")
	defer f.Close()
	require.NoError(t, unix.Bind(fd, &unix.SockaddrUnix{Name: path}))
	if uid != os.Geteuid() {
		if os.Geteuid() != 0 {
			t.Skip("only root can be another user")
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		become(t, uid)
		defer become(t, 0)
	}
	require.NoError(t, unix.Listen(fd, 8))
	l, err := net.FileListener(f)
	require.NoError(t, err)
	return l
}

// become changes the effective user of this thread alone.
func become(t *testing.T, uid int) {
	t.Helper()
	const unchanged = ^uintptr(0)
	_, _, errno := syscall.RawSyscall(unix.SYS_SETRESUID, unchanged, uintptr(uid), unchanged)
	require.Zero(t, errno)
}

// offered is the pickle of a socket at the relay's address, as anybody can write it.
func (r *relay) offered(t *testing.T) any {
	t.Helper()
	fd := &pickle.Object{Kind: pickle.NewObj, Args: pickle.Tuple{}, HasState: true,
		Class: pickle.Global{Module: "multiprocessing.resource_sharer", Name: "DupFd"},
		State: pickle.NewDict("_id", pickle.Tuple{r.at.Name, 1})}
	return travelled(t, &pickle.Object{Kind: pickle.Reduce,
		Class: pickle.Global{Module: "multiprocessing.reduction", Name: "_rebuild_socket"},
		Args:  pickle.Tuple{fd, 2, 1, 0}})
}

// TestWhoTrustsEverybodyIsRelayed shows that the attack is one: the handshake alone does not stop it.
func TestWhoTrustsEverybodyIsRelayed(t *testing.T) {
	manager, admitted := theManager(t)
	r := attack(t, manager, os.Geteuid())
	o := &reduction.RebuildOptions{Authkey: key,
		Trust: func(connection.Address, connection.PeerCredentials) error { return nil }}
	ctx, cancel := context.WithCancel(testwait.Soon(t))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = reduction.RebuildAs[net.Conn](ctx, r.offered(t), o)
	}()
	c := <-admitted // the attacker's connection, by the victim's answer
	cancel()
	<-ended
	_ = c.Close()
	assert.NotZero(t, <-r.heard)
}

func TestAnotherUsersRelayGetsNoAnswer(t *testing.T) {
	manager, admitted := theManager(t)
	r := attack(t, manager, nobody)
	_, err := reduction.RebuildAs[net.Conn](testwait.Soon(t), r.offered(t), withKey())
	require.ErrorIs(t, err, reduction.ErrUntrusted)
	assert.ErrorContains(t, err, "it belongs to user 65534")
	assert.Zero(t, <-r.heard, "nothing was said to the attacker")
	assert.Empty(t, admitted)
}

func TestAUserWhoIsNamedMayOffer(t *testing.T) {
	manager, admitted := theManager(t)
	r := attack(t, manager, nobody)
	o := withKey()
	o.Users = []uint32{nobody}
	ctx, cancel := context.WithCancel(testwait.Soon(t))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = reduction.RebuildAs[net.Conn](ctx, r.offered(t), o)
	}()
	_ = (<-admitted).Close()
	cancel()
	<-ended
}

func TestTrustDecidesInsteadOfUsers(t *testing.T) {
	manager, admitted := theManager(t)
	r := attack(t, manager, os.Geteuid())
	o := withKey()
	o.Trust = func(at connection.Address, peer connection.PeerCredentials) error {
		assert.Equal(t, r.at, at)
		assert.Equal(t, os.Geteuid(), int(peer.UID))
		return os.ErrPermission
	}
	_, err := reduction.Rebuild(testwait.Soon(t), pickle.Tuple{r.offered(t)}, o)
	require.ErrorIs(t, err, reduction.ErrUntrusted)
	require.ErrorIs(t, err, os.ErrPermission)
	assert.Zero(t, <-r.heard)
	assert.Empty(t, admitted)
}

// TestAHandleOfAnotherUserIsRefusedToo: Python 2's form is redeemed by a call of its own.
func TestAHandleOfAnotherUserIsRefusedToo(t *testing.T) {
	manager, _ := theManager(t)
	r := attack(t, manager, nobody)
	_, err := reduction.RebuildHandle(testwait.Soon(t), pickle.Tuple{r.at.Name, int64(1), false}, withKey())
	require.ErrorIs(t, err, reduction.ErrUntrusted)
	assert.Zero(t, <-r.heard)
}

// TestAnAnswerWithAnotherKeyOpensNoManager is the second line of defence.
func TestAnAnswerWithAnotherKeyOpensNoManager(t *testing.T) {
	manager, admitted := theManager(t)
	r := attack(t, manager, os.Geteuid())
	_, err := reduction.RebuildAs[net.Conn](testwait.Soon(t), r.offered(t), &reduction.RebuildOptions{Authkey: []byte("of offers")})
	require.ErrorIs(t, err, connection.ErrAuth)
	<-r.heard
	assert.Empty(t, admitted)
}
