package spawn

import (
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// source is the pipe that the pickles come from. It blocks, and stays as it is: whether it does belongs to the parent, too.
type source struct {
	fd    int
	limit int
}

// quiet is how long nothing must come before what is there is looked at: looking takes time in proportion to all of it.
const quiet = 2 // milliseconds

// chunk is how much is read at once.
const chunk = 1 << 16

// read reads until both pickles are there. There may be no end behind them: from Python 3.8 on that is the parent's.
func (s source) read() (*payload, error) {
	p := &payload{}
	for looked, next := 0, chunk; ; {
		more, err := s.ready(quiet)
		if err == nil && more {
			err = s.readInto(p)
		}
		switch {
		case err == io.EOF:
			return p, s.atEnd(p)
		case err != nil:
			return nil, err
		case more && len(p.data) < next:
			continue
		case len(p.data) == looked:
			if _, err := s.ready(-1); err != nil {
				return nil, err
			}
			continue
		case p.whole():
			return p, nil
		}
		looked, next = len(p.data), len(p.data)+max(chunk, len(p.data)/4)
	}
}

func (s source) atEnd(p *payload) error {
	if !p.whole() {
		return bootstrapError("it ends in the middle")
	}
	return nil
}

// readInto reads once.
func (s source) readInto(p *payload) error {
	if len(p.data) >= s.limit {
		return errTooLong
	}
	buf := make([]byte, min(max(chunk, len(p.data)/4), s.limit-len(p.data)))
	for {
		n, err := unix.Read(s.fd, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("spawn: reading what the parent sends: %w", err)
		case n == 0:
			return io.EOF
		}
		p.add(buf[:n])
		return nil
	}
}

// ready waits up to some milliseconds, or for ever, until there is something to read or the end.
func (s source) ready(milliseconds int) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, milliseconds)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false, fmt.Errorf("spawn: waiting for what the parent sends: %w", err)
		}
		return n > 0, nil
	}
}

// peekTime is how long the target may take to arrive: a parent writes it at once.
const peekTime = time.Minute

// peek looks for the aim without reading anything, so that another program can. ok is false where that is
// not possible: for what is no pipe, and where more precedes the target than a pipe holds.
func (s source) peek() (a aim, ok bool) {
	pause := 50 * time.Microsecond
	seen := 0
	for end := time.Now().Add(peekTime); time.Now().Before(end); {
		p, err := s.copied()
		if err != nil {
			return a, false
		}
		if len(p.data) != seen {
			if a, ok = p.aim(); ok {
				return a, true
			}
			seen = len(p.data)
		} else if !s.widen(seen) {
			return a, false
		}
		time.Sleep(pause) // what is there already makes the pipe readable, so there is nothing to wait for
		pause = min(2*pause, 20*time.Millisecond)
	}
	return a, false
}

// copied is what the pipe holds, which it goes on holding.
func (s source) copied() (*payload, error) {
	if _, err := s.ready(-1); err != nil {
		return nil, err
	}
	size, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		return nil, err
	}
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, err
	}
	defer unix.Close(fds[0])
	_, err = unix.FcntlInt(uintptr(fds[1]), unix.F_SETPIPE_SZ, size)
	if err == nil {
		_, err = unix.Tee(s.fd, fds[1], size, unix.SPLICE_F_NONBLOCK)
	}
	_ = unix.Close(fds[1])
	if err != nil {
		return nil, err
	}
	p := &payload{}
	twin := source{fd: fds[0], limit: size + 1}
	for {
		switch err := twin.readInto(p); err {
		case nil:
		case io.EOF:
			return p, nil
		default:
			return nil, err
		}
	}
}

// widen makes room in a pipe that is full; false means that it cannot, or that the writer is gone.
func (s source) widen(have int) bool {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); n == 1 && err == nil && fds[0].Revents&unix.POLLHUP != 0 {
		return false
	}
	size, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		return false
	}
	if have < size-unix.Getpagesize() {
		return true // the rest is on its way
	}
	_, err = unix.FcntlInt(uintptr(s.fd), unix.F_SETPIPE_SZ, 2*size)
	return err == nil
}
