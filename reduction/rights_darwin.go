package reduction

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// recvmsg receives descriptors that no child process inherits, also one that starts just now.
func recvmsg(fd int, p, oob []byte) (n, oobn, flags int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, oobn, flags, _, err = unix.Recvmsg(fd, p, oob, 0)
	if err == nil {
		fds, _ := rightsIn(oob[:oobn])
		for _, got := range fds {
			unix.CloseOnExec(got)
		}
	}
	return n, oobn, flags, err
}
