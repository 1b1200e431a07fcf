//go:build !unix

package main

import "net"

// unblock has nothing to do: no socket is offered on this system.
func unblock(*net.TCPConn) {}
