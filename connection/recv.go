package connection

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// RecvBytes receives one message, which the caller owns. A peer that closed its end between
// messages gives io.EOF, as Python's EOFError; one that closed inside a message gives
// io.ErrUnexpectedEOF. A message over Options.MaxMessage is a *LimitError, and so is every later
// receive until Discard has read that message away. If ctx or a deadline ends it inside a body, the
// Conn can receive no more; between messages it does no harm.
func (c *Conn) RecvBytes(ctx context.Context) ([]byte, error) {
	return c.recvContext(ctx, nil, c.opts.MaxMessage)
}

func (c *Conn) recvContext(ctx context.Context, buf []byte, limit int64) (p []byte, err error) {
	if !c.recvMu.lock(ctx.Done()) {
		return nil, context.Cause(ctx)
	}
	defer c.recvMu.unlock()
	err = c.withContext(ctx, receiving, func() error {
		p, err = c.recv(buf, limit)
		return err
	})
	return p, err
}

// recv receives a message of at most limit bytes. The caller holds recvMu.
func (c *Conn) recv(buf []byte, limit int64) ([]byte, error) {
	p, err := c.recvUntraced(buf, limit, limitMessage)
	if t := c.opts.Tracer; t != nil && err == nil {
		t.frame(c, "<", p)
	}
	return p, err
}

// recvUntraced receives a message of at most limit bytes.
func (c *Conn) recvUntraced(buf []byte, limit int64, what string) ([]byte, error) {
	if c.refusedBody > 0 {
		return nil, c.recvErr
	}
	n, err := c.recvHeader()
	if err != nil {
		return nil, err
	}
	if err := checkClaim(n, limit, what); err != nil {
		c.refusedBody, c.recvErr = n, err
		return nil, err
	}
	p, err := c.recvBody(int(n), buf)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, c.failReads(c.wrapError("receive", err))
	}
	return p, nil
}

// failReads makes err, if any, the one that every later read returns: what follows in the stream is
// not the beginning of a frame.
func (c *Conn) failReads(err error) error {
	if err != nil {
		c.recvErr = err
		c.in.release()
	}
	return err
}

// recvHeader reads a length prefix. What came of it stays in c.in until it is whole, so that a
// deadline in the middle of it loses nothing.
func (c *Conn) recvHeader() (uint64, error) {
	for {
		c.dropAcks()
		n, size, err := ParseHeader(c.in.bytes())
		if err != nil {
			return 0, c.failReads(err)
		}
		if size > 0 {
			c.in.skip(size)
			return n, nil
		}
		err = c.fill(headerWant(c.in.bytes()) - c.in.len())
		if err == io.EOF && c.in.len() > 0 {
			err = c.failReads(io.ErrUnexpectedEOF)
		}
		if err != nil {
			return 0, err
		}
	}
}

// fill reads at least one byte to c.in: up to need, or as many as the read buffer takes.
func (c *Conn) fill(need int) error {
	if c.recvErr != nil {
		return c.recvErr
	}
	c.s.midFrame = c.in.len() > 0
	var err error
	if c.in.b == nil && c.readAhead > 0 {
		var n int
		var p *[]byte
		if n, p, err = c.s.readPooled(c.readAhead); err == nil {
			c.in.adopt(p, n)
		}
	} else {
		err = c.fillMore(need)
	}
	return c.readFailed(err)
}

// fillMore reads behind the bytes that wait already, or exactly need bytes if nothing may be read
// ahead.
func (c *Conn) fillMore(need int) error {
	if c.in.b == nil {
		c.in.b = c.in.small[:]
	}
	room := c.in.room(need)
	if c.readAhead == 0 {
		room = room[:need]
	}
	n, err := c.s.read(room)
	c.in.w += n
	return err
}

// readFailed turns an error between frames into what the caller sees. All but a deadline stay, for
// the system tells of a reset only once; bytes that came before are still there to be taken.
func (c *Conn) readFailed(err error) error {
	if err == nil {
		return nil
	}
	if err != io.EOF || c.closed.Load() {
		err = c.wrapError("receive", err)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.recvErr = err
	}
	return err
}

// recvBody reads a body of n bytes, checked against the limit, into buf or new memory.
func (c *Conn) recvBody(n int, buf []byte) ([]byte, error) {
	c.s.midFrame = true
	if n <= cap(buf) && buf != nil {
		return buf[:n], c.readFull(buf[:n])
	}
	if n <= trustedSize {
		p := make([]byte, n)
		return p, c.readFull(p)
	}
	return c.recvLarge(n)
}

// chunks holds the first part of large bodies.
var chunks = sync.Pool{New: func() any { return new([trustedSize]byte) }}

// recvLarge allocates n bytes only after 1/64 of them (64 KiB at least) has arrived: a header may
// claim anything.
func (c *Conn) recvLarge(n int) ([]byte, error) {
	var first []*[trustedSize]byte
	defer func() {
		for _, chunk := range first {
			chunks.Put(chunk)
		}
	}()
	got := 0
	for got < max(trustedSize, n>>trustShift) {
		chunk := chunks.Get().(*[trustedSize]byte)
		first = append(first, chunk)
		k := min(trustedSize, n-got)
		if err := c.readFull(chunk[:k]); err != nil {
			return nil, err
		}
		got += k
	}
	p := c.alloc(n)
	for i, chunk := range first {
		copy(p[i*trustedSize:got], chunk[:])
	}
	return p, c.readFull(p[got:])
}

func (c *Conn) alloc(n int) []byte {
	if c.opts.Alloc != nil {
		return c.opts.Alloc(n)[:n]
	}
	return make([]byte, n)
}

// readFull fills p with waiting bytes and then from the stream.
func (c *Conn) readFull(p []byte) error {
	if c.in.len() > 0 {
		p = p[c.in.take(p):]
	}
	for len(p) > 0 {
		if c.recvErr != nil {
			return c.recvErr
		}
		n, err := c.s.read(p)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}
