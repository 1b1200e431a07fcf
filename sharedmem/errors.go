package sharedmem

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
)

var (
	// ErrUnsupported is returned on systems where this package has no way to shared memory: all but Linux. It is
	// errors.ErrUnsupported.
	ErrUnsupported = fmt.Errorf("shared memory is not supported on %s: %w", runtime.GOOS, errors.ErrUnsupported)

	// ErrClosed is returned for what is closed. It is fs.ErrClosed.
	ErrClosed = fmt.Errorf("it is closed: %w", fs.ErrClosed)

	// ErrTruncated is returned where memory is gone: another process cut the segment while it was mapped here, or the
	// system had no memory left for a part that nobody had used. What was written in the same call may be lost.
	ErrTruncated = errors.New("the memory is gone: the segment was cut under our feet")

	// ErrEmpty is returned by Attach for a segment that has no bytes: who makes it has not given it a size in time.
	ErrEmpty = errors.New("the segment has a size of 0")

	// ErrForeign is returned for what has the name of a segment and is none: a folder, a link, a pipe.
	ErrForeign = errors.New("it is no segment")

	// ErrReplaced is returned by Unlink when the name belongs to another segment by now, which is left alone. It is
	// fs.ErrNotExist.
	ErrReplaced = fmt.Errorf("the name belongs to another segment by now: %w", fs.ErrNotExist)

	// ErrReadOnly is returned for writing into a segment that was attached for reading.
	ErrReadOnly = errors.New("it was attached for reading only")

	// ErrRange is returned for what lies outside: a position, a part of a segment, a size.
	ErrRange = errors.New("out of range")
)

// Error says what was done to which segment when it failed. Its cause is one of the errors of this package, or what the
// system says: errors.Is finds fs.ErrNotExist, fs.ErrExist and fs.ErrPermission in it.
type Error struct {
	Op   string // what was done: "create", say
	Name string // of the segment, without a slash; "" before it has one
	Err  error
}

// Error names the operation, the segment and the cause.
func (e *Error) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("sharedmem: %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("sharedmem: %s %q: %v", e.Op, e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// NameError says why a text cannot be the name of a segment.
type NameError struct {
	Name   string
	Reason string
}

// Error quotes the name.
func (e *NameError) Error() string { return fmt.Sprintf("the name %.300q %s", e.Name, e.Reason) }

// cause is what an error of package os says, without the path.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
