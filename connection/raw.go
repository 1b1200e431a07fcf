package connection

import (
	"context"
	"errors"
	"syscall"
)

// ErrReadAhead is returned by WithRawRead where bytes that belong to frames have left the socket
// already, or may: what came beside them, such as descriptors, would be lost.
var ErrReadAhead = errors.New("connection: the read buffer may already hold what is to be read beside the frames")

// A RawFunc reads or writes beside the frames. It gets the socket, which does not block, and waits
// by RawConn.Read or RawConn.Write. midFrame says that the two sides may no longer agree where the
// next frame begins.
type RawFunc func(socket syscall.RawConn) (midFrame bool, err error)

// WithRawRead runs f, which may read what is not a frame from the socket, while no other call receives.
// File descriptors are passed this way (Lib/multiprocessing/reduction.py). Reads in f end with ctx and
// at the read deadline. It fails with ErrReadAhead, before f runs, on a Conn with a read buffer or in the middle of a
// frame. If f reports midFrame, the Conn can receive no more.
func (t Transport) WithRawRead(ctx context.Context, f RawFunc) error {
	c := t.c
	if !c.recvMu.lock(ctx.Done()) {
		return context.Cause(ctx)
	}
	defer c.recvMu.unlock()
	c.dropAcks()
	switch {
	case c.closed.Load():
		return ErrClosed
	case c.recvErr != nil:
		return c.recvErr
	case c.s.raw == nil:
		return opError("raw read", errors.ErrUnsupported)
	case c.readAhead > 0 || c.in.len() > 0:
		return ErrReadAhead
	}
	midFrame, err := c.runRaw(ctx, receiving, "raw read", f)
	if midFrame {
		_ = c.failReads(err)
	}
	return err
}

// WithRawWrite is WithRawRead for what is written beside the frames, while no other call sends.
func (t Transport) WithRawWrite(ctx context.Context, f RawFunc) error {
	c := t.c
	if !c.sendMu.lock(ctx.Done()) {
		return context.Cause(ctx)
	}
	defer c.sendMu.unlock()
	switch {
	case c.closed.Load():
		return ErrClosed
	case c.sendErr != nil:
		return c.sendErr
	case c.s.raw == nil:
		return opError("raw write", errors.ErrUnsupported)
	}
	midFrame, err := c.runRaw(ctx, sending, "raw write", f)
	if midFrame {
		c.sendErr = err
	}
	return err
}

func (c *Conn) runRaw(
	ctx context.Context, set direction, op string, f RawFunc,
) (midFrame bool, err error) {
	err = c.withContext(ctx, set, func() (err error) {
		if midFrame, err = f(c.s.raw); err != nil {
			err = c.wrapError(op, err)
		}
		return err
	})
	return midFrame, err
}

// SetReadBuffer changes Options.ReadBuffer of this Conn from the next read on. A Conn on which
// descriptors are going to follow needs 0; what was read already stays and is received first. It
// waits for a call that is receiving.
func (t Transport) SetReadBuffer(n int) {
	c := t.c
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	c.readAhead = min(max(n, 0), CeilReadBuffer)
}

// SyscallConn gives access to the descriptor, for options and for passing it on. Reading and
// writing through it is for WithRawRead and WithRawWrite.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	sc, ok := c.s.nc.(syscall.Conn)
	if !ok {
		return nil, opError("descriptor", errors.ErrUnsupported)
	}
	return sc.SyscallConn()
}
