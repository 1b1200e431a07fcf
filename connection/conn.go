package connection

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Conn sends and receives messages, each a byte string or a pickled value, as Python's
// multiprocessing.connection.Connection does. It owns its socket.
//
// One goroutine may receive while another sends; several that do the same take turns, message by
// message. Deadlines may be set and Close called from anywhere. An error inside a frame makes
// that direction of the Conn unusable and is returned by every later call, for the two sides no
// longer agree where the next frame begins. A deadline that passes between frames does no harm, and
// a message that is too long can be read away: see Discard.
type Conn struct {
	s      stream
	opts   *Options
	key    *heldKey // that the peer proved to a Listener; nil where there was none to prove
	closed atomic.Bool

	recvMu      ctxMutex // in, recvErr, refusedBody, readAhead and reading from s
	recvErr     error
	in          inbuf
	refusedBody uint64 // length of the body that follows and was refused for it; recvErr says so
	readAhead   int    // how far a read may go beyond what is needed

	sendMu   ctxMutex // sendErr, sentPart and writing to s
	sendErr  error
	sentPart bool // the last message left in part

	acks     atomic.Int32 // how many acknowledgements of descriptors may still come
	protocol atomic.Int32 // of the last pickle received
}

// NewConn makes a Conn of a connected socket, without any handshake. It takes over nc, also when it
// fails, which is with an *OptionError.
func NewConn(nc net.Conn, opts *Options) (*Conn, error) {
	checked, err := opts.check()
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return newConn(nc, checked), nil
}

// newConn is NewConn with checked options, which Conns may share.
func newConn(nc net.Conn, opts *Options) *Conn {
	c := &Conn{opts: opts, readAhead: opts.ReadBuffer}
	c.s.init(nc)
	return c
}

// Close closes the socket. Calls in progress on either side of the Conn end with ErrClosed. With TLS it
// takes a moment, a tenth of a second at most, to tell the peer.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return ErrClosed
	}
	if t := c.opts.Tracer; t != nil {
		t.forget(c)
	}
	if c.s.tls != nil {
		// Closing says so to the peer, after any write that is under way.
		_ = c.s.under.setWrite(fromCall, time.Now().Add(closePatience))
		_ = c.s.tls.Close() // fails where the peer could not be told
		return nil
	}
	if err := c.s.nc.Close(); err != nil {
		return opError("close", err)
	}
	return nil
}

// NetConn returns the underlying connection, for options and ancillary data. Reading from it while
// Buffered is not 0, or beside a call of this Conn, takes bytes out of the frames. With TLS it is a
// *tls.Conn.
func (c *Conn) NetConn() net.Conn { return c.s.nc }

// LocalAddr returns this side's address.
func (c *Conn) LocalAddr() net.Addr { return c.s.nc.LocalAddr() }

// RemoteAddr returns the other side's address; that of most unix socket clients is empty.
func (c *Conn) RemoteAddr() net.Addr { return c.s.nc.RemoteAddr() }

// SetDeadline sets both deadlines; a zero time means none.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline sets when receiving and waiting give up with os.ErrDeadlineExceeded, calls in
// progress included; a zero time means never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.deadlineError(c.s.setRead(fromUser, t))
}

// SetWriteDeadline is SetReadDeadline for sending.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.deadlineError(c.s.setWrite(fromUser, t))
}

func (c *Conn) deadlineError(err error) error {
	switch {
	case err == nil:
		return nil
	case c.closed.Load():
		return ErrClosed
	}
	return opError("set deadline", err)
}

// wrapError puts an error from the stream into this package's words.
func (c *Conn) wrapError(op string, err error) error {
	switch {
	case c.closed.Load() || errors.Is(err, net.ErrClosed):
		return ErrClosed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return opError(op, os.ErrDeadlineExceeded)
	case errors.Is(err, ErrStalled):
		return err
	case c.s.tls != nil && isAlert(err):
		return tlsError(err)
	}
	return opError(op, err)
}

// direction is receiving or sending, as far as contexts are concerned.
type direction func(s *stream, sl deadlineSource, t time.Time) error

func receiving(s *stream, sl deadlineSource, t time.Time) error { return s.setRead(sl, t) }
func sending(s *stream, sl deadlineSource, t time.Time) error   { return s.setWrite(sl, t) }

// withContext runs f, whose reads or writes end when ctx does. The caller holds the ctxMutex of that
// direction. An error that ctx caused is ctx's own.
func (c *Conn) withContext(ctx context.Context, set direction, f func() error) error {
	if ctx.Done() == nil {
		return f()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = set(&c.s, fromCall, past)
		close(fired)
	})
	err := f()
	if !stop() {
		<-fired
		_ = set(&c.s, fromCall, time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
