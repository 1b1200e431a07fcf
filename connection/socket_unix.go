//go:build unix

package connection

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// listenGuarded listens on a unix socket whose file has a mode and an owner. They are set between
// bind and listen, when nobody can connect yet, and without touching the umask, which the whole
// process shares. The user goes last: who owns the file could put another in its place, to which
// the change of mode would apply.
func listenGuarded(path string, mode os.FileMode, owner *Owner) (net.Listener, error) {
	if mode == 0 {
		return nil, errNoMode
	}
	fd, err := unixSocket()
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "unix socket")
	defer f.Close() // FileListener has its own
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, err
	}
	unlink := unlinker(path)
	err = guard(path, mode, owner)
	if err == nil {
		err = unix.Listen(fd, longQueue)
	}
	if err == nil {
		var ln net.Listener
		if ln, err = net.FileListener(f); err == nil {
			return ln, nil
		}
	}
	unlink()
	return nil, err
}

// longQueue is cut to its own maximum by every system.
const longQueue = 1<<16 - 1

// unixSocket makes a socket that no child process inherits.
func unixSocket() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}

func guard(path string, mode os.FileMode, owner *Owner) error {
	if owner != nil && owner.GID >= 0 {
		if err := os.Lchown(path, -1, owner.GID); err != nil {
			return err
		}
	}
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	if owner != nil && owner.UID >= 0 {
		return os.Lchown(path, owner.UID, -1)
	}
	return nil
}

// staleTimeout bounds the question whether anybody listens on a socket file.
const staleTimeout = time.Second

// removeStale removes the socket file that was in the way when listening failed with err, if nobody
// listens on it. It touches nothing but sockets.
func removeStale(path string, err error) bool {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return false
	}
	fi, serr := os.Lstat(path)
	if serr != nil || fi.Mode()&os.ModeSocket == 0 {
		return false
	}
	nc, derr := net.DialTimeout(Unix, path, staleTimeout)
	if derr == nil {
		_ = nc.Close()
		return false
	}
	return errors.Is(derr, syscall.ECONNREFUSED) && os.Remove(path) == nil
}

// unlinker returns what removes the socket file, unless another server has put its own there.
func unlinker(path string) func() {
	mine, err := os.Lstat(path)
	if err != nil {
		return func() {}
	}
	return func() {
		if now, err := os.Lstat(path); err == nil && os.SameFile(mine, now) {
			_ = os.Remove(path)
		}
	}
}

// setBacklog calls listen once more, which changes the length of the queue.
func setBacklog(ln net.Listener, n int) error {
	sc, ok := ln.(syscall.Conn)
	if !ok {
		return nil
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	cerr := rc.Control(func(fd uintptr) { err = unix.Listen(int(fd), n) })
	return errors.Join(cerr, err)
}
