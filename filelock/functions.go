package filelock

import (
	"context"
	"errors"
	"os"
)

// Flock waits until it has the lock of the open file, as fcntl.flock has, or until ctx ends. Who has one already
// changes its mode, and is without a lock for a moment.
func Flock(ctx context.Context, f *os.File, mode Mode) error {
	return wait(ctx, func() error { return TryFlock(f, mode) })
}

// TryFlock is Flock that does not wait: ErrBusy.
func TryFlock(f *os.File, mode Mode) error { return on(f, "flock", mode, All, flock) }

// Unflock frees the lock. It is no error if there is none.
func Unflock(f *os.File) error { return on(f, "flock", free, All, flock) }

// Lockf waits until it has the lock of a part of the file, or until ctx ends. It excludes, and is excluded by, what
// fcntl.lockf of other processes holds, and belongs to the open file. Only Linux has it.
func Lockf(ctx context.Context, f *os.File, mode Mode, part Range) error {
	return wait(ctx, func() error { return TryLockf(f, mode, part) })
}

// TryLockf is Lockf that does not wait: ErrBusy.
func TryLockf(f *os.File, mode Mode, part Range) error {
	return on(f, "lockf", mode, part, lockOpenFile)
}

// Unlockf frees a part of the file. It is no error if it was not locked.
func Unlockf(f *os.File, part Range) error { return on(f, "lockf", free, part, lockOpenFile) }

// PosixLock is Lockf of a lock that belongs to this process, with all that follows from it: see the package.
func PosixLock(ctx context.Context, f *os.File, mode Mode, part Range) error {
	return wait(ctx, func() error { return TryPosixLock(f, mode, part) })
}

// TryPosixLock is PosixLock that does not wait: ErrBusy.
func TryPosixLock(f *os.File, mode Mode, part Range) error {
	return on(f, "lock", mode, part, lockProcess)
}

// PosixUnlock frees a part of the file.
func PosixUnlock(f *os.File, part Range) error { return on(f, "lock", free, part, lockProcess) }

// on calls one of the system's functions with the descriptor of a file.
func on(f *os.File, op string, mode Mode, part Range, call func(fd int, mode Mode, part Range) error) error {
	if mode < Exclusive || mode > free || part.Start < 0 || part.Length < 0 {
		return failed(op, os.ErrInvalid)
	}
	raw, err := f.SyscallConn()
	if err == nil {
		var called error
		if err = os.ErrClosed; raw.Control(func(fd uintptr) { called = call(int(fd), mode, part) }) == nil {
			err = called
		}
	}
	if err == nil || errors.Is(err, ErrBusy) || errors.Is(err, ErrAccess) || errors.Is(err, ErrNotSupported) {
		return err
	}
	return failed(op, err)
}
