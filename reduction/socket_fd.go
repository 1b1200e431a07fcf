//go:build linux || darwin

package reduction

import (
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// canPass says whether this system passes descriptors.
const canPass = true

// netSocket makes a net.Listener, net.Conn or net.PacketConn of a socket. It takes the descriptor
// over.
func netSocket(fd int) (io.Closer, error) {
	f := newFile(fd)
	defer f.Close() // package net works on a duplicate
	listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reduction: the offered descriptor is not a socket: %w",
			os.NewSyscallError("getsockopt", err))
	case listens != 0:
		return net.FileListener(f)
	}
	return net.FileConn(f)
}

// accessOf says whether a file is open for reading and for writing.
func accessOf(fd int) (readable, writable bool, err error) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return false, false, os.NewSyscallError("fcntl", err)
	}
	mode := flags & unix.O_ACCMODE
	return mode != unix.O_WRONLY, mode != unix.O_RDONLY, nil
}

// familyOf is the address family by the socket's own address.
func familyOf(fd int) (int, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0, os.NewSyscallError("getsockname", err)
	}
	switch sa.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET, nil
	case *unix.SockaddrInet6:
		return unix.AF_INET6, nil
	case *unix.SockaddrUnix:
		return unix.AF_UNIX, nil
	}
	return 0, malformed("a socket of a family that Python is not told about")
}

// socketOf describes a socket.
func socketOf(fd int) (socketInfo, error) {
	family, err := familyOf(fd)
	if err != nil {
		return socketInfo{}, err
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return socketInfo{}, os.NewSyscallError("getsockopt", err)
	}
	return socketInfo{int64(family), int64(kind), int64(protocolOf(fd))}, nil
}
