package connection

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Transport is what lies beneath the messages of a Conn: its read buffer, its socket, and what the
// system knows of the peer. Packages that build a protocol of their own on a Conn use it; whoever
// only sends and receives does not. Its methods may be called from any goroutine, and each says
// which calls of the Conn it waits for.
type Transport struct{ c *Conn }

// Transport returns the handle on what lies beneath the messages.
func (c *Conn) Transport() Transport { return Transport{c} }

// RecvInto is Conn.RecvBytes into buf, if the message fits its capacity, else into a new slice. A
// limit other than 0, in bytes, applies where it is less than Options.MaxMessage: for peers that are
// owed less than others.
func (t Transport) RecvInto(ctx context.Context, buf []byte, limit int64) ([]byte, error) {
	most := t.c.opts.MaxMessage
	if limit > 0 {
		most = min(limit, most)
	}
	return t.c.recvContext(ctx, buf, most)
}

// ExpectAck says that the peer may send the byte 'A' between two frames, once, now or later: some
// Pythons acknowledge descriptors so and others do not. It is dropped when it comes. No frame can
// be mistaken for it as long as Options.MaxMessage is below 0x41000000, as the default is; else
// ExpectAck fails.
func (t Transport) ExpectAck() error {
	c := t.c
	if c.opts.MaxMessage >= leastAckFrame {
		return fmt.Errorf("connection: an acknowledgement can be told apart from a frame only with "+
			"MaxMessage below %d", leastAckFrame)
	}
	if c.acks.Load() < maxAcks {
		c.acks.Add(1)
	}
	return nil
}

// TakeAck reports whether an acknowledgement is still expected, and expects it no longer.
func (t Transport) TakeAck() bool { return t.c.takeAck() }

// PeerProtocol returns the protocol of the pickle that Recv received last, 0 if there was none. It
// tells much about the Python that sends: see the protocol numbers in package pickle.
func (t Transport) PeerProtocol() int { return int(t.c.protocol.Load()) }

// SetKeepAlive has the kernel ask an idle TCP peer for signs of life after idle, and again every
// idle/3; three questions without an answer end the connection. A negative idle turns it off. Other
// kinds of connection need none, and ignore it.
func (t Transport) SetKeepAlive(idle time.Duration) error {
	c := t.c
	tcp, ok := c.s.socket().nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	cfg := net.KeepAliveConfig{Enable: idle >= 0, Idle: idle, Interval: idle / 3, Count: 3}
	if err := tcp.SetKeepAliveConfig(cfg); err != nil {
		return opError("keep-alive", err)
	}
	return nil
}
