package connection

import "golang.org/x/sys/unix"

// peerGone sees an end of stream only when no bytes wait before it.
func (s *stream) peerGone() bool {
	gone := false
	err := s.raw.Control(func(fd uintptr) {
		_, err := peek(int(fd))
		gone = err != nil && err != unix.EAGAIN
	})
	return err != nil || gone
}
