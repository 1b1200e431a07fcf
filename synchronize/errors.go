package synchronize

import (
	"errors"
	"fmt"
)

var (
	// ErrUnsupported is returned for everything on systems other than Linux on amd64 and arm64, whose semaphores
	// have another layout. It is errors.ErrUnsupported.
	ErrUnsupported = fmt.Errorf("synchronize: semaphores are shared with Python on Linux on amd64 and arm64 only: %w",
		errors.ErrUnsupported)

	// ErrReleased is returned where a lock or a semaphore has its largest value already. Python raises
	// ValueError: semaphore or lock released too many times.
	ErrReleased = errors.New("synchronize: semaphore or lock released too many times")

	// ErrClosed is returned by what was closed in this process. Others go on using it.
	ErrClosed = errors.New("synchronize: closed")

	// ErrFault is returned when the memory of a semaphore is gone: somebody has cut its file, or unmapped it.
	ErrFault = errors.New("synchronize: the memory of the semaphore is gone")

	// ErrMusl is returned where the other side is a program of musl, whose semaphores have another layout.
	ErrMusl = errors.New("synchronize: a semaphore of musl cannot be shared with one of glibc")

	// ErrName is returned for a name that no semaphore can have.
	ErrName = errors.New("synchronize: no name of a semaphore")

	// ErrNoName is returned where a semaphore needs a name and has none: it was unlinked when it was made, as
	// those of Python's fork context are, and cannot be opened by another program; or it lies in memory given
	// to Place or At.
	ErrNoName = errors.New("synchronize: the semaphore has no name (those of the spawn and forkserver contexts have)")
)

// FormatError says that a file or memory is no semaphore of glibc.
type FormatError struct {
	Name string // the name asked for; empty for memory without a name
	What string // what is wrong with it
}

// Error names the semaphore and says what is wrong with it.
func (e *FormatError) Error() string {
	if e.Name == "" {
		return "synchronize: no semaphore of glibc: " + e.What
	}
	return fmt.Sprintf("synchronize: %q is no semaphore of glibc: %s", e.Name, e.What)
}
