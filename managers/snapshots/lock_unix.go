//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package snapshots

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"mpbridge/filelock"
)

// noBlock opens a FIFO without waiting for its other end, and no symbolic link.
const noBlock = unix.O_NONBLOCK | unix.O_NOFOLLOW

// lock takes the lock of a file, which the file's end gives back, or fails with errLocked.
func lock(f *os.File) error {
	err := filelock.TryFlock(f, filelock.Exclusive)
	if errors.Is(err, filelock.ErrBusy) {
		return errLocked
	}
	return err
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
