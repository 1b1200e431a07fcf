package connection

import "golang.org/x/sys/unix"

// quickAck has the kernel acknowledge at once what has arrived. CPython never sets TCP_NODELAY
// and writes #WELCOME# and its first request, or header and body of a message over 16 KiB, in two
// calls; the second part then waits for the acknowledgement of the first, which Linux delays by
// 40 ms. The option is not sticky, so it is set again whenever a read stops midFrame.
func quickAck(fd uintptr) {
	// A failure only means that the delay stays.
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
}
