package reduction

import "golang.org/x/sys/unix"

// protocolOf is the socket's protocol, 0 if it is not known.
func protocolOf(fd int) int {
	proto, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil {
		return 0
	}
	return proto
}
