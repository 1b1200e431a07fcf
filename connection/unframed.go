package connection

import "net"

// How much CopyTo reads at once: from a descriptor into a buffer that is held only while data moves;
// from TLS into one that is held while nothing comes, so it is small until more than that came.
const (
	copyLarge  = 64 << 10
	copyRecord = 16 << 10
	copyIdle   = 1 << 10
)

// CopyTo sends to dst whatever the Conn receives, as it comes and regardless of frames, until one of
// the two fails: exactly one of the errors is not nil. recv is io.EOF at the end of the stream, and in
// any case all that was received before has been sent. send says that bytes were received which dst
// did not take. n is how many it took.
//
// A sender that, like CPython, waits for acknowledgements between two halves of a message gets them
// at once. Deadlines and Close of both Conns work as with messages.
func (t Transport) CopyTo(dst *Conn) (n int64, recv, send error) {
	c := t.c
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	dst.sendMu.lock(nil)
	defer dst.sendMu.unlock()
	got := 0
	for {
		var p *[]byte
		if got, p, recv = c.nextBytes(c.copySize(got)); recv != nil {
			return n, recv, nil
		}
		sent, err := dst.sendUnframed((*p)[:got])
		putBuffer(p)
		n += int64(sent)
		if err != nil {
			return n, nil, err
		}
	}
}

// copySize returns how much to read after a read of last bytes.
func (c *Conn) copySize(last int) int {
	switch {
	case c.s.raw != nil:
		return copyLarge
	case last < copyIdle:
		return copyIdle
	}
	return copyRecord
}

// nextBytes receives some bytes to a pooled buffer. The caller holds recvMu.
func (c *Conn) nextBytes(size int) (int, *[]byte, error) {
	if waiting := c.in.len(); waiting > 0 {
		p := getBuffer(waiting)
		return c.in.take(*p), p, nil
	}
	if c.recvErr != nil {
		return 0, nil, c.recvErr
	}
	c.s.midFrame = true // the peer may be in the middle of what it has to say
	n, p, err := c.s.readPooled(size)
	return n, p, c.readFailed(err)
}

// sendUnframed sends b, all or nothing more ever. The caller holds sendMu.
func (c *Conn) sendUnframed(b []byte) (int, error) {
	if c.sendErr != nil {
		return 0, c.sendErr
	}
	n, err := c.s.write(b, nil, c.opts.WriteStall)
	if err != nil {
		c.sendErr = c.wrapError("send", err)
	}
	return n, c.sendErr
}

// CloseWrite tells the peer that nothing more comes; receiving goes on. It waits for a send under way.
// One file cannot do it: ErrNotSupported. The two of a PipeConn can.
func (t Transport) CloseWrite() error {
	c := t.c
	half, ok := c.s.nc.(interface{ CloseWrite() error })
	if !ok {
		return ErrNotSupported
	}
	c.sendMu.lock(nil)
	defer c.sendMu.unlock()
	if c.sendErr != nil {
		return c.sendErr
	}
	c.sendErr = ErrClosed
	if err := half.CloseWrite(); err != nil {
		return c.wrapError("close", err)
	}
	return nil
}

// Reset closes the socket as the system does for a process that is killed with bytes unread: what was
// sent and not yet taken is thrown away, and the peer sees a reset. On other than TCP it is Close.
func (t Transport) Reset() error {
	c := t.c
	if tcp, ok := c.s.socket().nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		if c.s.tls != nil {
			_ = tcp.Close() // first, for TLS would say farewell
		}
	}
	return c.Close()
}
