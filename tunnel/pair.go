package tunnel

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"mpbridge/connection"
)

// pair is one connection through the tunnel: a client's, and the one made for it.
type pair struct {
	client, target *connection.Conn
	halfClose      bool
	lastWords      time.Duration
}

// lastWords is how long a peer may go on speaking after the other has left.
const lastWords = 5 * time.Second

// outcome is how one direction ended: recv or send is not nil.
type outcome struct {
	n          int64
	recv, send error
}

func pass(from, to *connection.Conn) (o outcome) {
	o.n, o.recv, o.send = from.Transport().CopyTo(to)
	return o
}

// failure returns what is worth telling: not an ordinary end, nor that this side ended it.
func (o outcome) failure() error {
	if o.recv == io.EOF || o.stopped() {
		return nil
	}
	return errors.Join(o.recv, o.send)
}

func (o outcome) stopped() bool {
	return errors.Is(o.recv, os.ErrDeadlineExceeded) || errors.Is(o.send, os.ErrDeadlineExceeded)
}

// run passes bytes in both directions until both are over, and closes the connections.
func (p *pair) run() (up, down outcome) {
	var first sync.Once
	over := make(chan struct{})
	go func() {
		defer close(over)
		down = pass(p.target, p.client)
		first.Do(func() { p.targetEnded(down) })
	}()
	up = pass(p.client, p.target)
	first.Do(func() { p.clientEnded(up) })
	<-over
	p.close(up, down)
	return up, down
}

// clientEnded does what the end of the direction from the client means for the other.
func (p *pair) clientEnded(up outcome) {
	switch {
	case p.halfClose && up.recv == io.EOF:
		_ = p.target.Transport().CloseWrite()
	case connection.IsDisconnect(up.send):
		// The target has closed; its last reply may still be here to be read.
		_ = p.target.SetReadDeadline(time.Now().Add(p.lastWords))
	default:
		p.stop(p.target, p.client)
	}
}

// targetEnded does what the end of the direction to the client means for the other.
func (p *pair) targetEnded(down outcome) {
	switch {
	case down.recv != io.EOF:
		p.stop(p.client, p.target)
	case !p.halfClose:
		_ = p.client.SetReadDeadline(time.Now().Add(p.lastWords))
		fallthrough
	default:
		_ = p.client.Transport().CloseWrite()
	}
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// stop ends one direction. Bytes that were not yet read stay where they are.
func (p *pair) stop(from, to *connection.Conn) {
	_ = from.SetReadDeadline(longAgo)
	_ = to.SetWriteDeadline(longAgo)
}

// close closes both connections so that each peer learns whether the other took what it sent. Closing
// one with bytes unread resets it, which the system sees to.
func (p *pair) close(up, down outcome) {
	finish(p.target, down.send != nil || p.clientLost(up.recv))
	finish(p.client, up.send != nil || down.failure() != nil)
}

// clientLost tells by how receiving from the client ended whether it took all that was sent to it.
func (p *pair) clientLost(recv error) bool {
	switch {
	case recv == nil, errors.Is(recv, os.ErrDeadlineExceeded):
		return false
	case connection.IsDisconnect(recv):
		return p.client.Transport().LostLastSend(recv)
	}
	return true
}

func finish(c *connection.Conn, lost bool) {
	if lost {
		_ = c.Transport().Reset()
		return
	}
	_ = c.Close()
}
