package connection

import (
	"time"

	"golang.org/x/sys/unix"
)

// peerGone asks for POLLRDHUP, which shows an end of stream also behind bytes not yet read.
func (s *stream) peerGone() bool {
	const gone = unix.POLLRDHUP | unix.POLLHUP | unix.POLLERR | unix.POLLNVAL
	fds := [1]unix.PollFd{{Events: unix.POLLRDHUP}}
	err := s.raw.Control(func(fd uintptr) {
		fds[0].Fd = int32(fd)
		for {
			if _, err := unix.Poll(fds[:], 0); err != unix.EINTR {
				return
			}
		}
	})
	return err != nil || fds[0].Revents&gone != 0
}

// unacknowledged waits until the peer's system has taken all that was sent (false), or has
// refused it or stayed silent for the given time (true). If the end of the stream is still to come it
// waits for that too: closing with unread bytes gives a reset in its place.
func (s *stream) unacknowledged(patience time.Duration, open bool) bool {
	end := time.Now().Add(patience)
	for pause := time.Millisecond / 4; ; pause = min(2*pause, 50*time.Millisecond) {
		if open {
			open = !s.peerGone()
		}
		queued, refused, err := s.outcome()
		switch {
		case err != nil:
			return false // closed by this side: nothing can be said
		case refused:
			return true
		case queued == 0 && !open:
			return false
		case time.Now().After(end):
			return queued > 0
		}
		time.Sleep(pause)
	}
}

// outcome returns how many sent bytes are not acknowledged, and whether the socket has an error
// pending. A reset empties the queue and leaves EPIPE or ECONNRESET, so the queue is asked first.
func (s *stream) outcome() (queued int, refused bool, err error) {
	err = s.raw.Control(func(fd uintptr) {
		queued, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
		code, serr := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		refused = serr != nil || code != 0
	})
	return queued, refused, err
}
