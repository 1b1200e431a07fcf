//go:build unix

package connection

import (
	"errors"
	"syscall"
)

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, syscall.ECONNABORTED)
}

// isBusy says that the queue of a unix listener is full: connecting would block until it accepts.
func isBusy(err error) bool { return errors.Is(err, syscall.EAGAIN) }

// isRefused says that nobody listens at an address, or not yet.
func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}
