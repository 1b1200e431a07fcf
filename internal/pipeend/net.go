package pipeend

import (
	"context"
	"errors"
	"net"
	"time"
)

// NetConn is the End as a net.Conn that waits. Nothing else may use the End beside it.
func (e *End) NetConn() net.Conn { return &netConn{e} }

// Of returns the End that a net.Conn of NetConn is.
func Of(c net.Conn) (*End, bool) {
	n, ok := c.(*netConn)
	if !ok {
		return nil, false
	}
	return n.e, true
}

type netConn struct{ e *End }

// Read reads at least one byte, unless p is empty.
func (c *netConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, err := c.e.Read(p)
		if !errors.Is(err, ErrWouldBlock) {
			return n, err
		}
		if err := c.e.AwaitRead(context.Background()); err != nil {
			return 0, err
		}
	}
}

// Write writes all of p.
func (c *netConn) Write(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := c.e.Write([][]byte{p[n:]})
		n += m
		if errors.Is(err, ErrWouldBlock) {
			err = c.e.AwaitWrite(context.Background())
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *netConn) Close() error                       { return c.e.Close() }
func (c *netConn) LocalAddr() net.Addr                { return addr{} }
func (c *netConn) RemoteAddr() net.Addr               { return addr{} }
func (c *netConn) SetReadDeadline(t time.Time) error  { return c.e.SetReadDeadline(t) }
func (c *netConn) SetWriteDeadline(t time.Time) error { return c.e.SetWriteDeadline(t) }

func (c *netConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// addr is the address of what has none.
type addr struct{}

func (addr) Network() string { return "file" }
func (addr) String() string  { return "file" }
