package connection

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// stream is the byte stream under a Conn. Where the system allows, it works on the descriptor
// itself: buffers are then held only while data moves, acknowledgements can be asked for at the
// moment a read would block, and a message in many parts leaves in one call.
//
// One goroutine at a time may read and one may write; deadlines may be set from anywhere.
type stream struct {
	nc     net.Conn
	raw    syscall.RawConn // nil: everything goes through nc
	tcp    bool
	rd, wd deadline

	tls   *tls.Conn // nc where this package runs TLS
	under *stream   // the socket below tls

	midFrame bool // part of a frame is here: the rest may hang on our acknowledgement
	ackDue   bool // acknowledge once before the next wait
	fdOps
}

func (s *stream) init(nc net.Conn) {
	s.nc = nc
	_, s.tcp = nc.(*net.TCPConn)
	s.initTLS()
	s.initRaw()
}

// socket is the stream that has the descriptor, if any has.
func (s *stream) socket() *stream {
	if s.under != nil {
		return s.under
	}
	return s
}

func (s *stream) setRead(sl deadlineSource, t time.Time) error {
	return s.rd.arm(sl, t, s.nc.SetReadDeadline)
}

func (s *stream) setWrite(sl deadlineSource, t time.Time) error {
	return s.wd.arm(sl, t, s.nc.SetWriteDeadline)
}

// read reads at least one byte to p, which is not empty.
func (s *stream) read(p []byte) (int, error) {
	if s.raw != nil {
		n, _, err := s.rawRead(p, 0)
		return n, err
	}
	for range 100 {
		n, err := s.nc.Read(p)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// readPooled reads at least one byte to a pooled buffer of at least size bytes.
func (s *stream) readPooled(size int) (n int, p *[]byte, err error) {
	if s.raw != nil {
		return s.rawRead(nil, size)
	}
	p = getBuffer(size)
	n, err = s.read(*p)
	if err != nil {
		putBuffer(p)
		return 0, nil, err
	}
	return n, p, nil
}

// write writes all of one, or of vec (whose elements it changes). n says how much went out, also
// when it fails.
func (s *stream) write(one []byte, vec [][]byte, stall time.Duration) (n int, err error) {
	if s.raw != nil {
		return s.rawWrite(one, vec, stall)
	}
	if s.tls != nil {
		return s.writeTLS(one, vec) // what is below watches for stalls
	}
	bufs := net.Buffers(vec)
	if vec == nil {
		bufs = net.Buffers{one}
	}
	if stall > 0 {
		defer s.setWrite(fromStall, time.Time{})
	}
	for len(bufs) > 0 {
		if stall > 0 {
			s.setWrite(fromStall, time.Now().Add(stall))
		}
		m, err := bufs.WriteTo(s.nc)
		n += int(m)
		if err == nil || m > 0 && s.stalled(err) {
			continue
		}
		if s.stalled(err) {
			err = ErrStalled
		}
		return n, err
	}
	return n, nil
}

// stalled reports whether err is the stall deadline and no other.
func (s *stream) stalled(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && s.wd.passed(fromStall) &&
		!s.wd.passed(fromUser) && !s.wd.passed(fromCall)
}
