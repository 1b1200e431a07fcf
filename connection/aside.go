package connection

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

// ErrReadAhead is returned by RecvAside where bytes that belong to frames have left the socket
// already, or may: what came beside them, such as descriptors, would be lost.
var ErrReadAhead = errors.New("connection: the read buffer may hold what comes beside the frames")

// An Aside is a piece of conversation beside the frames. It gets the socket, non-blocking, and
// uses RawConn.Read or Write to wait. torn says that the two sides may no longer agree where the
// next frame begins.
type Aside func(socket syscall.RawConn) (torn bool, err error)

// RecvAside runs f, which may read from the socket what is no frame, while no other call receives:
// descriptors travel so (Lib/multiprocessing/reduction.py). It ends with ctx and the read deadline.
// It fails with ErrReadAhead, before f runs, on a Conn with a read buffer or in the middle of a
// frame. If f says that the stream is torn, the Conn can receive no more.
func (c *Conn) RecvAside(ctx context.Context, f Aside) error {
	if !c.rgate.lock(ctx.Done()) {
		return context.Cause(ctx)
	}
	defer c.rgate.unlock()
	c.dropAcks()
	switch {
	case c.closed.Load():
		return ErrClosed
	case c.rerr != nil:
		return c.rerr
	case c.s.raw == nil:
		return opError("receive aside", errors.ErrUnsupported)
	case c.ahead > 0 || c.in.len() > 0:
		return ErrReadAhead
	}
	torn, err := c.aside(ctx, receiving, "receive aside", f)
	if torn {
		_ = c.halfRead(err)
	}
	return err
}

// SendAside is RecvAside for what is written beside the frames.
func (c *Conn) SendAside(ctx context.Context, f Aside) error {
	if !c.wgate.lock(ctx.Done()) {
		return context.Cause(ctx)
	}
	defer c.wgate.unlock()
	switch {
	case c.closed.Load():
		return ErrClosed
	case c.werr != nil:
		return c.werr
	case c.s.raw == nil:
		return opError("send aside", errors.ErrUnsupported)
	}
	torn, err := c.aside(ctx, sending, "send aside", f)
	if torn {
		c.werr = err
	}
	return err
}

func (c *Conn) aside(
	ctx context.Context, set direction, op string, f Aside,
) (torn bool, err error) {
	err = c.during(ctx, set, func() (err error) {
		if torn, err = f(c.s.raw); err != nil {
			err = c.failure(op, err)
		}
		return err
	})
	return torn, err
}

// SetReadBuffer changes Options.ReadBuffer of this Conn from the next read on. A Conn on which
// descriptors are going to follow needs 0; what was read already stays and is received first. It
// waits for a call that is receiving.
func (c *Conn) SetReadBuffer(n int) {
	c.rgate.lock(nil)
	defer c.rgate.unlock()
	c.ahead = min(max(n, 0), MaxReadBuffer)
}

// SyscallConn gives access to the descriptor, for options and for passing it on. Reading and
// writing through it is for RecvAside and SendAside.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	sc, ok := c.s.nc.(syscall.Conn)
	if !ok {
		return nil, opError("descriptor", errors.ErrUnsupported)
	}
	return sc.SyscallConn()
}

// ackByte is what some Pythons answer to descriptors (recvfds in reduction.py), outside any frame.
const ackByte = 'A'

// maxAcks bounds how many are expected of a peer that may never send one.
const maxAcks = 1 << 20

// leastAckFrame is the length of the shortest message whose frame begins with that byte.
const leastAckFrame = ackByte << 24

// ExpectAck says that the peer may send the byte 'A' between two frames, once, now or later: some
// Pythons acknowledge descriptors so and others do not. It is dropped when it comes. No frame can
// be mistaken for it as long as Options.MaxMessage is below 0x41000000, as the default is; else
// ExpectAck fails.
func (c *Conn) ExpectAck() error {
	if c.opts.MaxMessage >= leastAckFrame {
		return fmt.Errorf("connection: an acknowledgement can be told from a frame only with "+
			"MaxMessage below %d", leastAckFrame)
	}
	if c.acks.Load() < maxAcks {
		c.acks.Add(1)
	}
	return nil
}

// TakeAck says whether an acknowledgement is still expected, and expects it no longer.
func (c *Conn) TakeAck() bool {
	for {
		n := c.acks.Load()
		if n == 0 {
			return false
		}
		if c.acks.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// dropAcks drops acknowledgements at the head of what was read. The caller holds rgate and stands
// between two frames.
func (c *Conn) dropAcks() {
	for c.in.len() > 0 && c.in.bytes()[0] == ackByte && c.TakeAck() {
		c.in.skip(1)
	}
}

// readAck reads the next byte if that is an acknowledgement, and says whether it was. peeked is
// that byte. The caller holds rgate.
func (c *Conn) readAck(peeked byte) (bool, error) {
	if peeked != ackByte || c.acks.Load() == 0 || c.in.len() > 0 {
		return false, nil
	}
	if err := c.fill(1); err != nil {
		return false, err
	}
	c.dropAcks()
	return true, nil
}

// PeerProtocol returns the protocol of the pickle that Recv received last, 0 if there was none. It
// tells much about the Python that sends: see the protocol numbers in package pickle.
func (c *Conn) PeerProtocol() int { return int(c.protocol.Load()) }

// noteProtocol remembers the protocol of a pickle.
func (c *Conn) noteProtocol(p []byte) {
	const proto = 0x80 // the opcode PROTO
	if len(p) > 1 && p[0] == proto {
		c.protocol.Store(int32(p[1]))
	}
}
