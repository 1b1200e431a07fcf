package wal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncData is fdatasync, which makes the size stable, too.
func syncData(f *os.File) error { return again(func() error { return unix.Fdatasync(int(f.Fd())) }) }

func allocate(f *os.File, off, n int64) error {
	err := again(func() error { return unix.Fallocate(int(f.Fd()), 0, off, n) })
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return errors.ErrUnsupported
	}
	return err
}

func capacity(path string) int64 {
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return 0
	}
	return int64(st.Blocks) * int64(st.Bsize)
}

// again calls f until no signal interrupts it.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
