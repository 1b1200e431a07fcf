package connection

// ackByte is what some Pythons answer to descriptors (recvfds in reduction.py), outside any frame.
const ackByte = 'A'

// maxAcks bounds how many are expected of a peer that may never send one.
const maxAcks = 1 << 20

// leastAckFrame is the length of the shortest message whose frame begins with that byte.
const leastAckFrame = ackByte << 24

// takeAck is Transport.TakeAck.
func (c *Conn) takeAck() bool {
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
	for c.in.len() > 0 && c.in.bytes()[0] == ackByte && c.takeAck() {
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

// noteProtocol remembers the protocol of a pickle.
func (c *Conn) noteProtocol(p []byte) {
	const proto = 0x80 // the opcode PROTO
	if len(p) > 1 && p[0] == proto {
		c.protocol.Store(int32(p[1]))
	}
}
