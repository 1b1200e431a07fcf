package filelock

import "golang.org/x/sys/unix"

// lockOpenFile is the lock of the open file that fcntl(2) knows.
func lockOpenFile(fd int, mode Mode, part Range) error {
	return record(fd, unix.F_OFD_SETLK, mode, part)
}
