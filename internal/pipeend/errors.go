package pipeend

import (
	"errors"
	"fmt"
	"syscall"
)

var (
	// ErrWouldBlock is returned by what does not wait, where there is nothing to read or no room to write.
	ErrWouldBlock = errors.New("pipeend: nothing there yet")

	// ErrNoPipe is returned for a descriptor that is not open, or neither a pipe nor a stream socket. It is left as it is.
	ErrNoPipe = errors.New("pipeend: the descriptor is no pipe and no stream socket")

	// ErrUnsupported is returned where this system does not have what is needed.
	ErrUnsupported = fmt.Errorf("pipeend: %w", errors.ErrUnsupported)
)

// failed names what was tried, and no path or address.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	var code syscall.Errno
	if errors.As(err, &code) {
		err = code
	}
	return fmt.Errorf("pipeend: %s: %w", what, err)
}
