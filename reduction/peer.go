package reduction

import (
	"cmp"
	"runtime"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/option"
)

// Peer says how the other side of a connection passes descriptors. See the package comment.
type Peer uint8

// The kinds of peer.
const (
	// PeerUnknown is found out, as far as that is possible.
	PeerUnknown Peer = iota
	// PeerPython2 passes one descriptor at a time and acknowledges nothing.
	PeerPython2
	// PeerSilent acknowledges nothing: Python 3.6 to 3.13 on Linux, and Go that was told so.
	PeerSilent
	// PeerAcks acknowledges, and waits for acknowledgements: Python from 3.14 on, and any Python 3
	// on macOS.
	PeerAcks
)

// DefaultAckTimeout is how long a peer may take to acknowledge descriptors.
const DefaultAckTimeout = 10 * time.Second

// Options of passing descriptors along a connection; nil means all defaults.
type Options struct {
	// Peer says who is on the other side.
	Peer Peer

	// AckTimeout bounds the wait for the acknowledgement of PeerAcks; 0 means DefaultAckTimeout.
	AckTimeout time.Duration
}

// check returns o with defaults in place of zeros, or a *connection.OptionError.
func (o *Options) check() (*Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	c.AckTimeout = cmp.Or(c.AckTimeout, DefaultAckTimeout)
	return &c, option.Check("reduction",
		option.Int("Peer", int(c.Peer), int64(PeerUnknown), int64(PeerAcks)),
		option.Time("AckTimeout", c.AckTimeout, 1))
}

// sender says what kind of sender the peer is, which must be known before anything is read.
func (o *Options) sender(c *connection.Conn) (Peer, error) {
	if o.Peer != PeerUnknown {
		return o.Peer, nil
	}
	p := senderByProtocol(c.Transport().PeerProtocol(), runtime.GOOS)
	if p == PeerUnknown {
		return p, ErrUnknownPeer
	}
	return p, nil
}

// senderByProtocol knows which pickle protocol each Python writes by default: 2 is Python 2, 3 and
// 4 are 3.6 to 3.13, 5 is what came later (Lib/pickle.py, DEFAULT_PROTOCOL).
func senderByProtocol(protocol int, system string) Peer {
	switch {
	case protocol <= 0:
		return PeerUnknown
	case protocol <= 2:
		return PeerPython2
	case protocol <= 4 && system != "darwin":
		return PeerSilent
	}
	return PeerAcks
}
