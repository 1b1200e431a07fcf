package connection

import "fmt"

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
func (t Transport) ExpectAck() error {
	c := t.c
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
func (t Transport) TakeAck() bool {
	c := t.c
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

// dropAcks drops acknowledgements at the head of what was read. The caller holds recvMu and stands
// between two frames.
func (c *Conn) dropAcks() {
	for c.in.len() > 0 && c.in.bytes()[0] == ackByte && c.Transport().TakeAck() {
		c.in.skip(1)
	}
}

// readAck reads the next byte if that is an acknowledgement, and says whether it was. peeked is
// that byte. The caller holds recvMu.
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
func (t Transport) PeerProtocol() int { return int(t.c.protocol.Load()) }

// noteProtocol remembers the protocol of a pickle.
func (c *Conn) noteProtocol(p []byte) {
	const proto = 0x80 // the opcode PROTO
	if len(p) > 1 && p[0] == proto {
		c.protocol.Store(int32(p[1]))
	}
}
