package connection

import "golang.org/x/sys/unix"

// yield lets another thread run that waits for this processor: the peer, as often as not.
func yield() {
	// It cannot fail: sched_yield(2).
	_, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
}
