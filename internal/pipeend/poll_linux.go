package pipeend

import (
	"time"

	"golang.org/x/sys/unix"
)

// looked is polled that does not sleep, and lets others have the processor.
func looked(fd int, events int16, d time.Duration) bool {
	for end := time.Now().Add(d); ; {
		if polled(fd, events, 0) {
			return true
		}
		if !time.Now().Before(end) {
			return false
		}
		_, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) // it cannot fail
	}
}

// polled tells whether one of the events, or an end, is there within some milliseconds. A signal may cut them short.
func polled(fd int, events int16, milliseconds int) bool {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(fds[:], milliseconds)
		if err != unix.EINTR || milliseconds > 0 {
			return n > 0 || err != nil && err != unix.EINTR
		}
	}
}
