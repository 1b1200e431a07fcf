//go:build unix

package pool

import (
	"io"
	"net"
	"os"
	"syscall"

	"mpbridge/connection"
)

const haveForkServers = true

// sendFiles sends a message without a frame, and descriptors beside it.
func sendFiles(conn *connection.Conn, msg []byte, files []*os.File) error {
	socket, ok := conn.NetConn().(*net.UnixConn)
	if !ok {
		return ErrNotSupported
	}
	var rights []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		rights = syscall.UnixRights(fds...)
	}
	n, _, err := socket.WriteMsgUnix(msg, rights, nil)
	if err == nil && n < len(msg) {
		err = io.ErrShortWrite
	}
	return err
}

// waitStatus is what waitpid of Python says.
func waitStatus(status int32) syscall.WaitStatus { return syscall.WaitStatus(status) }
