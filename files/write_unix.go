//go:build unix

package files

import (
	"io"
	"os"
	"syscall"
)

// writeOnce is one system call, where File.Write may make a second for what the first left.
func writeOnce(f *os.File, p []byte) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(fd uintptr) {
		for {
			if n, err = syscall.Write(int(fd), p); err != syscall.EINTR {
				return
			}
		}
	})
	n = max(n, 0)
	switch {
	case failed != nil:
		return 0, os.ErrClosed
	case err == nil && n < len(p):
		return n, io.ErrShortWrite
	}
	return n, err
}
