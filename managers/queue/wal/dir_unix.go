//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package wal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"mpbridge/filelock"
)

const noFollow = unix.O_NOFOLLOW

func lock(f *os.File) error {
	err := filelock.TryFlock(f, filelock.Exclusive)
	if errors.Is(err, filelock.ErrBusy) {
		return ErrLocked
	}
	return err
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// tooLong tells whether an error says that the file may not become that long.
func tooLong(err error) bool { return errors.Is(err, unix.EFBIG) }

// noSpace tells whether an error says that there is no room.
func noSpace(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG)
}
