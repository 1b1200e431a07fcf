package pipeend

import "golang.org/x/sys/unix"

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
