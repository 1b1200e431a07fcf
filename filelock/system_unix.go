//go:build unix && !solaris && !aix

package filelock

import (
	"io"

	"golang.org/x/sys/unix"
)

// flock is the lock of the open file that flock(2) knows. It is for the whole file.
func flock(fd int, mode Mode, _ Range) error {
	how := map[Mode]int{Exclusive: unix.LOCK_EX, Shared: unix.LOCK_SH, free: unix.LOCK_UN}[mode]
	return again(func() error { return unix.Flock(fd, how|unix.LOCK_NB) })
}

// lockProcess is the lock of this process that fcntl(2) knows.
func lockProcess(fd int, mode Mode, part Range) error { return record(fd, unix.F_SETLK, mode, part) }

// record locks by a command of fcntl.
func record(fd, command int, mode Mode, part Range) error {
	lock := unix.Flock_t{Whence: io.SeekStart, Start: part.Start, Len: part.Length}
	switch mode {
	case Exclusive:
		lock.Type = unix.F_WRLCK
	case Shared:
		lock.Type = unix.F_RDLCK
	default:
		lock.Type = unix.F_UNLCK
	}
	return again(func() error { return unix.FcntlFlock(uintptr(fd), command, &lock) })
}

// again repeats what a signal ended, and puts what the system says into this package's words where it has one.
func again(call func() error) error {
	for {
		switch err := call(); err {
		case unix.EINTR:
		case unix.EAGAIN, unix.EACCES:
			return ErrBusy
		case unix.EBADF:
			return ErrAccess
		default:
			return err
		}
	}
}
