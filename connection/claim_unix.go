//go:build unix

package connection

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Of several processes that find the file of a dead socket, one may take its place. Each holds the lock of
// the folder from its first look until it listens: what one has looked at nobody replaces meanwhile, and a
// socket that is bound but does not yet listen, which looks dead, is never looked at. The lock is the system's (flock),
// which ends with its holder and leaves no file behind.

// claimTimeout bounds the wait for the lock of a folder, which others hold for as long as it takes to listen.
var claimTimeout = 10 * time.Second // less in tests

// claimPause is how long to wait before the lock is asked for again.
const claimPause = 5 * time.Millisecond

// claim opens a socket with a path by bind, in the place of one to which nobody listens any more. Where the folder
// cannot be locked it replaces nothing.
func claim(path string, bind func() (net.Listener, error)) (net.Listener, error) {
	unlock, locked := lockFolder(filepath.Dir(path))
	defer unlock()
	ln, err := bind()
	if locked && errors.Is(err, syscall.EADDRINUSE) && isStale(path) && os.Remove(path) == nil {
		return bind()
	}
	if errors.Is(err, syscall.EADDRINUSE) && !isSocket(path) {
		err = fmt.Errorf("the file is not a socket: %w", withoutAddress(err))
	}
	return ln, err
}

// isSocket tells whether a path is a socket.
func isSocket(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}

// lockFolder waits for the lock.
func lockFolder(path string) (unlock func(), locked bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return func() {}, false
	}
	unlock = func() { _ = unix.Close(fd) }
	for end := time.Now().Add(claimTimeout); ; time.Sleep(claimPause) {
		switch err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); {
		case err == nil:
			return unlock, true
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR), time.Now().After(end):
			return unlock, false
		}
	}
}

// staleTimeout bounds the question whether anybody listens on a socket file.
const staleTimeout = time.Second

// isStale tells whether a path is a socket to which nobody listens. One whose queue is full is not.
func isStale(path string) bool {
	if !isSocket(path) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), staleTimeout)
	defer cancel()
	nc, err := (&net.Dialer{}).DialContext(ctx, Unix, path)
	if err == nil {
		_ = nc.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// unlinker returns what removes the socket file, unless another server has put its own there. It is to be called
// while the socket is still open: nobody takes the place of a living one, and its file's number is not given
// to another.
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
