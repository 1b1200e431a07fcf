package durable

import (
	"errors"
	"syscall"

	"mpbridge/managers"
	"mpbridge/managers/queue/wal"
)

// The numbers of errno that Pythons on Linux know these errors by.
const (
	errnoIO      = 5
	errnoTooBig  = 27
	errnoNoSpace = 28
	errnoQuota   = 122
)

var errnoTexts = map[int64]string{
	errnoIO: "Input/output error", errnoTooBig: "File too large", errnoNoSpace: "No space left on device",
	errnoQuota: "Disk quota exceeded",
}

// Error says that something could not be kept. To clients it is OSError, with errno ENOSPC or the like where there was
// no room, and EIO where the disk failed.
type Error struct {
	*managers.Exception
	Err error
}

// Unwrap returns the exception and the cause.
func (e *Error) Unwrap() []error { return []error{e.Exception, e.Err} }

// exception says in Python's words why something was not kept.
func exception(err error) error {
	space := (*wal.SpaceError)(nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wal.ErrTooLarge):
		return managers.ErrValueError.New("the items are too large to be kept together")
	case errors.As(err, &space):
		return osError(spaceErrno(err), err)
	}
	return osError(errnoIO, err)
}

func spaceErrno(err error) int64 {
	errno := syscall.Errno(0)
	if errors.As(err, &errno) {
		if n := int64(errno); n == errnoTooBig || n == errnoQuota {
			return n
		}
	}
	return errnoNoSpace
}

func osError(errno int64, err error) error {
	return &Error{managers.ErrOSError.New(errno, errnoTexts[errno]), err}
}
