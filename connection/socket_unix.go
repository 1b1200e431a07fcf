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

// unixModeControl narrows the permissions of a unix socket before it has a file, so that there is no
// moment in which somebody else can connect. Systems where that has no effect get them by chmod.
func unixModeControl(a Address, mode os.FileMode) func(string, string, syscall.RawConn) error {
	if a.Network != Unix || a.abstract() || mode == 0 {
		return nil
	}
	return func(_, _ string, rc syscall.RawConn) error {
		var err error
		if cerr := rc.Control(func(fd uintptr) {
			err = unix.Fchmod(int(fd), uint32(mode.Perm()))
		}); cerr != nil {
			return cerr
		}
		if err == unix.EINVAL {
			return nil
		}
		return err
	}
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
