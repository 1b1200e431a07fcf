package connection

import (
	"errors"
	"os"
	"time"
)

// Buffered returns how many received bytes wait in the read buffer.
func (t Transport) Buffered() int {
	c := t.c
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	return c.in.len()
}

// WaitReadable waits until the peer sends at least one byte more than is Buffered already, and
// returns nil then, or at once if the read buffer is full. It returns io.EOF or a reset when the
// peer is gone, and os.ErrDeadlineExceeded when the read deadline has passed, after which the Conn
// goes on as before; another goroutine may set that deadline to end the wait.
//
// With Options.ReadBuffer the bytes go to the read buffer, so that the receive that follows
// needs no read of its own; without, nothing is consumed and Buffered stays as it is.
func (t Transport) WaitReadable() error {
	c := t.c
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	return c.waitMore()
}

func (c *Conn) waitMore() error {
	switch {
	case c.recvErr != nil:
		return c.recvErr
	case c.readAhead > 0:
		return c.fillAhead()
	case c.s.raw != nil:
		c.s.midFrame = false
		return c.waitReady(false)
	case c.in.len() >= shortHeader:
		return nil
	}
	// Every frame begins with these bytes, so reading them takes nothing of another's.
	return c.fill(shortHeader - c.in.len())
}

// fillAhead reads something to the read buffer that is no acknowledgement, if there is room.
func (c *Conn) fillAhead() error {
	for {
		if c.in.b != nil && len(c.in.room(1)) == 0 {
			return nil
		}
		if err := c.fill(1); err != nil {
			return err
		}
		if c.dropAcks(); c.in.len() > 0 {
			return nil
		}
	}
}

// waitReady waits, or with noWait only looks, for a byte that is no acknowledgement.
func (c *Conn) waitReady(noWait bool) error {
	for {
		first, err := c.s.waitReady(noWait)
		if err != nil {
			return c.readFailed(err)
		}
		if dropped, err := c.readAck(first); !dropped || c.in.len() > 0 {
			return err
		}
	}
}

// Poll reports whether something can be received within timeout: a byte of a message or the end of
// the stream. 0 asks without waiting, a negative timeout waits for ever. An error means that
// asking failed: the Conn is closed or its read deadline has passed.
func (c *Conn) Poll(timeout time.Duration) (bool, error) {
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	if c.dropAcks(); c.in.len() > 0 || c.recvErr != nil && !errors.Is(c.recvErr, ErrClosed) {
		return true, nil
	}
	err := c.pollFor(timeout)
	switch {
	case err == nil || IsDisconnect(err):
		return true, nil
	case errors.Is(err, os.ErrDeadlineExceeded) && timeout >= 0 && !c.s.rd.passed(fromUser):
		return false, nil
	}
	return false, err
}

// pollShortest is how long Poll(0) waits where the system cannot be asked without waiting.
const pollShortest = time.Millisecond

func (c *Conn) pollFor(timeout time.Duration) error {
	if timeout < 0 {
		return c.waitMore()
	}
	if timeout == 0 {
		if c.s.raw != nil && c.recvErr == nil {
			return c.waitReady(true)
		}
		timeout = pollShortest
	}
	if err := c.s.setRead(fromCall, time.Now().Add(timeout)); err != nil {
		return c.wrapError("poll", err)
	}
	err := c.waitMore()
	_ = c.s.setRead(fromCall, time.Time{})
	return err
}

// PeerGone reports whether the peer has already closed or reset the connection, without waiting and
// without reading. False promises nothing. It may be called beside any other method.
func (t Transport) PeerGone() bool {
	c := t.c
	sock := c.s.socket()
	return c.closed.Load() || sock.raw != nil && sock.peerGone()
}

// LostLastSend reports whether the peer did not read all that was sent to it, once a receive has failed
// with cause. A server can then give what was lost to another client.
//
// A reset says so by itself: the peer's system sends one when a process dies with unread bytes in
// its queue, or when bytes arrive for a socket that is closed. After an end of stream on TCP
// the answer to what was written last may be under way, so LostLastSend waits until everything is
// acknowledged (false), a reset arrives (true) or a second has passed (true). An end of stream on
// other sockets means that everything was taken. True can be wrong, when the peer took the bytes
// and its system could not say so; false can be wrong only about a process that took them from
// its queue and did nothing with them. Any other cause gives false.
//
// With TLS the peer may have said that this is the end before its system did, so LostLastSend waits
// as long for that.
//
// On systems other than Linux the cause alone decides.
func (t Transport) LostLastSend(cause error) bool {
	c := t.c
	sock := c.s.socket()
	switch {
	case isReset(cause):
		return true
	case !IsDisconnect(cause) || !sock.tcp || sock.raw == nil:
		return false
	}
	return sock.unacknowledged(unreadPatience, c.s.tls != nil)
}

// SentPartially reports whether only part of the last message was sent: the peer may have begun to read
// it and never gets the rest, and nothing more can be sent. It waits while a message is being sent.
func (t Transport) SentPartially() bool {
	c := t.c
	c.sendMu.lock(nil)
	defer c.sendMu.unlock()
	return c.sentPart
}

// unreadPatience bounds the wait of LostLastSend.
const unreadPatience = time.Second
