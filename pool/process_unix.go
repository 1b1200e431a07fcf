//go:build unix

package pool

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketpair makes two ends of a socket that no other child inherits; the worker's does not return
// before it has done what it is asked, as Python expects.
func socketpair() (ours, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	return os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "pool"), nil
}
