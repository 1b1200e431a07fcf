//go:build unix

package connection

import (
	"errors"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// listenGuarded listens on a unix socket whose file has a mode and an owner. They are set between
// bind and listen, when nobody can connect yet, and without touching the umask, which the whole
// process shares. The user goes last: who owns the file could put another in its place, to which
// the change of mode would apply.
func listenGuarded(path string, mode os.FileMode, owner *FileOwner) (net.Listener, error) {
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
	err = protect(path, mode, owner)
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

func protect(path string, mode os.FileMode, owner *FileOwner) error {
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
