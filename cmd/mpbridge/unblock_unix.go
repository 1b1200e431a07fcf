//go:build unix

package main

import (
	"net"
	"syscall"
)

// unblock makes deadlines work again on a socket that was offered, and so made blocking, but that
// nobody took.
func unblock(c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SetNonblock(int(fd), true) })
	}
}
