//go:build unix

package connection_test

import (
	"net"
	"os"
	"syscall"
	"testing"

	"mpbridge/connection"

	"github.com/stretchr/testify/assert"
)

func TestEveryWayToLoseAPeerIsADisconnect(t *testing.T) {
	for _, no := range []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, syscall.ECONNREFUSED,
		syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.EHOSTDOWN, syscall.ENETUNREACH, syscall.ENETDOWN,
		syscall.ENETRESET} {
		err := &net.OpError{Op: "read", Err: os.NewSyscallError("read", no)}
		assert.True(t, connection.IsDisconnect(err), "%v", err)
	}
	for _, no := range []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.EMFILE, syscall.EINVAL} {
		assert.False(t, connection.IsDisconnect(no), "%v", no)
	}
}
