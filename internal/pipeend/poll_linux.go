package pipeend

import "golang.org/x/sys/unix"

// polled tells whether one of the events, or an end, is there.
func polled(fd int, events int16) bool {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(fds[:], 0)
		if err != unix.EINTR {
			return n != 0 || err != nil
		}
	}
}
