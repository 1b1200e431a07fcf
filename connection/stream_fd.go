//go:build linux || darwin

package connection

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// maxWrite bounds one write call: some systems refuse more than 2**31-1 bytes.
const maxWrite = 1 << 30

// maxParts bounds one writev call (IOV_MAX).
const maxParts = 1024

// fdOps are the operations in progress, one in each direction.
type fdOps struct {
	rx rxOp
	tx txOp
}

// rxOp is the read in progress; its callback is made once, because closures cost an allocation.
type rxOp struct {
	dst    []byte  // where to, or nil: a pooled buffer of size ahead
	ahead  int     // size of that buffer
	pooled *[]byte // the buffer that was filled
	n      int
	err    error
	try    func(fd uintptr) bool
	ready  func(fd uintptr) bool
	until  time.Time // try: look again and again, until then; zero: wait
	noWait bool      // ready: answer at once
	first  byte      // ready: the byte that waits, 0 where it cannot be seen
}

// txOp is the write in progress.
type txOp struct {
	one    []byte
	vec    [][]byte // instead of one
	n      int
	err    error
	last   time.Time // of the last progress; kept only when timed
	timed  bool
	noWait bool
	try    func(fd uintptr) bool
}

// initRaw takes the descriptor of the kinds of net.Conn known here. Others may wrap one of these
// and change what Read and Write do, so having a SyscallConn method is not enough.
func (s *stream) initRaw() {
	var sc syscall.Conn
	switch nc := s.nc.(type) {
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		sc = nc
	case *fileConn:
		sc = nc
	case *pipesConn:
		sc = nc
	default:
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	s.raw = raw
	s.rx.try, s.rx.ready, s.tx.try = s.tryRead, s.tryReady, s.tryWrite
}

// rawLook is readPooled that does not wait: it looks again and again for d, and then returns
// os.ErrDeadlineExceeded.
func (s *stream) rawLook(ahead int, d time.Duration) (int, *[]byte, error) {
	s.rx.until = time.Now().Add(d)
	defer func() { s.rx.until = time.Time{} }()
	return s.rawRead(nil, ahead)
}

func (s *stream) rawRead(dst []byte, ahead int) (int, *[]byte, error) {
	rx := &s.rx
	rx.dst, rx.ahead, rx.pooled, rx.n, rx.err = dst, ahead, nil, 0, nil
	err := s.raw.Read(rx.try)
	rx.dst = nil
	if err == nil {
		err = rx.err
	}
	if err == nil && rx.n == 0 {
		err = io.EOF
	}
	p := rx.pooled
	rx.pooled = nil
	if err != nil && p != nil {
		putBuffer(p)
		p = nil
	}
	return rx.n, p, err
}

// tryRead reads once; false means that there is nothing yet and the caller is to wait.
func (s *stream) tryRead(fd uintptr) bool {
	rx := &s.rx
	dst := rx.dst
	var p *[]byte
	if dst == nil {
		p = getBuffer(rx.ahead)
		dst = *p
	}
	for {
		n, err := unix.Read(int(fd), dst[:min(len(dst), maxWrite)])
		if n == 0 && err == nil && peekFile(int(fd)) == unix.EAGAIN {
			err = unix.EAGAIN // a FIFO that nobody has opened for writing yet: its end is still to come
		}
		switch err {
		case nil:
			rx.n, rx.pooled = n, p
			return true
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			if !rx.until.IsZero() && time.Now().Before(rx.until) {
				yield()
				continue
			}
		}
		if p != nil {
			putBuffer(p)
		}
		if err != unix.EAGAIN {
			rx.err = err
			return true
		}
		return s.nothingYet(fd)
	}
}

// nothingYet ends a try that found nothing; false means that the caller is to wait.
func (s *stream) nothingYet(fd uintptr) bool {
	if s.rx.until.IsZero() {
		s.beforeWait(fd)
		return false
	}
	s.rx.err = os.ErrDeadlineExceeded
	return true
}

// beforeWait is called when a read is about to block.
func (s *stream) beforeWait(fd uintptr) {
	if s.tcp && (s.midFrame || s.ackDue) {
		s.ackDue = false
		quickAck(fd)
	}
}

// waitReady waits until a byte is there, reading nothing; the end of the stream or a reset is an
// error. With noWait it only looks, and nothing there is os.ErrDeadlineExceeded. first is that byte,
// or 0 where it cannot be seen.
func (s *stream) waitReady(noWait bool) (first byte, err error) {
	rx := &s.rx
	rx.err, rx.noWait = nil, noWait
	if err := s.raw.Read(rx.ready); err != nil {
		return 0, err
	}
	return rx.first, rx.err
}

func (s *stream) tryReady(fd uintptr) bool {
	rx := &s.rx
	rx.first, rx.err = peek(int(fd))
	if rx.err != unix.EAGAIN {
		return true
	}
	if rx.noWait {
		rx.err = os.ErrDeadlineExceeded
		return true
	}
	s.beforeWait(fd)
	return false
}

// peek looks whether there is something to read: nil, EAGAIN, io.EOF or what reading would fail
// with. A reset is told only once; the caller has to remember it. first is the next byte of a
// socket.
func peek(fd int) (first byte, err error) {
	var b [1]byte
	for {
		n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ENOTSOCK:
			return 0, peekFile(fd)
		case err == nil && n == 0:
			return 0, io.EOF
		}
		return b[0], err
	}
}

// peekFile is peek for pipes, which cannot be read without consuming.
func peekFile(fd int) error {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds[:], 0)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case fds[0].Revents&unix.POLLIN != 0:
			return nil
		case fds[0].Revents != 0:
			return io.EOF
		}
		return unix.EAGAIN
	}
}

func (s *stream) rawWrite(one []byte, vec [][]byte, stall time.Duration) (int, error) {
	tx := &s.tx
	tx.one, tx.vec, tx.n, tx.err = one, vec, 0, nil
	// Almost always the socket takes everything at once and no timer is needed.
	tx.noWait, tx.timed = stall > 0, false
	err := s.raw.Write(tx.try)
	if stall > 0 && err == nil && tx.err == nil && !tx.done() {
		err = s.writeTimed(stall)
	}
	tx.one, tx.vec = nil, nil
	if err == nil {
		err = tx.err
	}
	return tx.n, err
}

// writeTimed goes on with the write in progress for as long as it makes progress.
func (s *stream) writeTimed(stall time.Duration) error {
	tx := &s.tx
	tx.noWait, tx.timed, tx.last = false, true, time.Now()
	defer s.setWrite(fromStall, time.Time{})
	for {
		s.setWrite(fromStall, tx.last.Add(stall))
		err := s.raw.Write(tx.try)
		if err == nil || !s.stalled(err) {
			return err
		}
		if time.Since(tx.last) >= stall {
			return ErrStalled
		}
	}
}

func (tx *txOp) done() bool { return len(tx.one) == 0 && len(tx.vec) == 0 }

// tryWrite writes what it can; false means that the caller is to wait for room.
func (s *stream) tryWrite(fd uintptr) bool {
	tx := &s.tx
	for !tx.done() {
		n, err := tx.writeOnce(int(fd))
		if n > 0 {
			tx.advance(n)
			if tx.timed {
				tx.last = time.Now()
			}
		}
		switch err {
		case nil, unix.EINTR:
		case unix.EAGAIN:
			return tx.noWait
		default:
			tx.err = err
			return true
		}
	}
	return true
}

func (tx *txOp) writeOnce(fd int) (int, error) {
	if tx.vec == nil {
		return unix.Write(fd, tx.one[:min(len(tx.one), maxWrite)])
	}
	if len(tx.vec[0]) > maxWrite {
		return unix.Write(fd, tx.vec[0][:maxWrite])
	}
	k, sum := 0, 0
	for k < len(tx.vec) && k < maxParts && sum+len(tx.vec[k]) <= maxWrite {
		sum += len(tx.vec[k])
		k++
	}
	return unix.Writev(fd, tx.vec[:k])
}

// advance drops the n bytes that were written and any empty parts behind them.
func (tx *txOp) advance(n int) {
	tx.n += n
	if tx.vec == nil {
		tx.one = tx.one[n:]
		return
	}
	for len(tx.vec) > 0 && n >= len(tx.vec[0]) {
		n -= len(tx.vec[0])
		tx.vec = tx.vec[1:]
	}
	if n > 0 {
		tx.vec[0] = tx.vec[0][n:]
	}
}
