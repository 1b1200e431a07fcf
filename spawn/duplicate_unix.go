//go:build unix

package spawn

import (
	"os"

	"golang.org/x/sys/unix"
)

// duplicate returns a descriptor of the same open file, which no process inherits by chance.
func duplicate(f *os.File) (out *os.File, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	failed := raw.Control(func(fd uintptr) {
		var n int
		if n, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			out = os.NewFile(uintptr(n), f.Name())
		}
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}
