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

// isUnreachable says that there is no way to the peer any more, or nothing came from it for too long.
func isUnreachable(err error) bool {
	return isAny(err, syscall.ECONNREFUSED, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.EHOSTDOWN,
		syscall.ENETUNREACH, syscall.ENETDOWN, syscall.ENETRESET)
}

// isBusy says that the queue of a unix listener is full: connecting would block until it accepts.
func isBusy(err error) bool { return errors.Is(err, syscall.EAGAIN) }

// isRefused says that nobody listens at an address, or not yet.
func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}
