package connection

import (
	"math"
	"time"

	"mpbridge/internal/option"
)

// Limits of this package. Each is compared with what the wire claims before memory is taken.
const (
	// DefaultMaxMessage is the largest message that a Conn accepts unless its options say
	// otherwise, in bytes.
	DefaultMaxMessage = 1 << 30

	// FloorMaxMessage is the least value of Options.MaxMessage, in bytes.
	FloorMaxMessage = 64

	// CeilMaxMessage is the greatest value of Options.MaxMessage, in bytes. Where an int has 32 bits
	// it is math.MaxInt.
	CeilMaxMessage = 1 << 46

	// DefaultHandshakeTimeout is how long a peer may take to authenticate.
	DefaultHandshakeTimeout = 10 * time.Second

	// DefaultMaxPending is how many peers may be in the middle of a handshake at once.
	DefaultMaxPending = 1024

	// CeilReadBuffer is the greatest value of Options.ReadBuffer, in bytes.
	CeilReadBuffer = 64 << 10
)

const (
	maxAuthMessage = 256 // deliver_challenge and answer_challenge read no more

	// smallMessage is the size up to which header and body are joined in one buffer;
	// CPython's _send_bytes draws the line at the same place.
	smallMessage = 16384

	// trustedSize is how many bytes are allocated on the word of a header alone.
	trustedSize = 64 << 10

	// trustShift: of a longer body, 1/64 must have arrived before the rest is allocated.
	trustShift = 6

	// discardRate is what a peer has to send on average of a message that is read away, in bytes a
	// second: one that trickles would keep its reader for ever.
	discardRate = 64 << 10

	lingerBytes = 64 << 10        // read from a refused peer before its socket is closed
	lingerTime  = 2 * time.Second // and for how long
)

// check returns o with defaults in place of zeros, or an *OptionError.
func (o *Options) check() (*Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = DefaultMaxMessage
	}
	return &c, option.Check("connection",
		option.Int("MaxMessage", c.MaxMessage, FloorMaxMessage, min(CeilMaxMessage, math.MaxInt)),
		option.Int("MaxSend", c.MaxSend, 0, math.MaxInt64),
		option.Int("ReadBuffer", c.ReadBuffer, 0, CeilReadBuffer),
		option.Time("WriteStall", c.WriteStall, 0))
}
