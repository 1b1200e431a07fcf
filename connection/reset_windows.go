package connection

import (
	"errors"

	"golang.org/x/sys/windows"
)

func isReset(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED) ||
		errors.Is(err, windows.WSAESHUTDOWN) || errors.Is(err, windows.ERROR_BROKEN_PIPE)
}

// isUnreachable says that there is no way to the peer any more, or nothing came from it for too long.
func isUnreachable(err error) bool {
	return isAny(err, windows.WSAECONNREFUSED, windows.WSAETIMEDOUT, windows.WSAEHOSTUNREACH,
		windows.WSAEHOSTDOWN, windows.WSAENETUNREACH, windows.WSAENETDOWN, windows.WSAENETRESET)
}

// isBusy is false: connecting waits for a listener whose queue is full.
func isBusy(error) bool { return false }

// isRefused says that nobody listens at an address, or not yet.
func isRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
