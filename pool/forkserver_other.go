//go:build !unix

package pool

import (
	"os"
	"syscall"

	"mpbridge/connection"
)

const haveForkServers = false

func sendFiles(*connection.Conn, []byte, []*os.File) error { return ErrNotSupported }

func waitStatus(int32) (s syscall.WaitStatus) { return s }
