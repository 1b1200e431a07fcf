package pool

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// processAttributes gives a worker a process group of its own, which a terminal's Ctrl-C does not
// reach, and has the kernel kill it when the thread that starts it ends: see spawner.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitExit waits for the end of a child and leaves it to be reaped, so that its number stays its
// own.
func awaitExit(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// signal sends sig to the worker's process group: to what it has started as well.
func (c *spawned) signal(sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reaped {
		_ = unix.Kill(-c.id(), sig)
	}
}
