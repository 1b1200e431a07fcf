package connection

import "time"

// Options of one Conn. They are copied when the Conn is made; nil means all defaults.
type Options struct {
	// MaxMessage is the largest message accepted, in bytes; 0 means DefaultMaxMessage.
	// A longer one is a *LimitError before its body is read; Discard lets the Conn go on.
	MaxMessage int64

	// MaxSend, if not 0, is the largest message that may be sent, in bytes. Set it to 1<<31-1
	// for peers that do not know the long form of the header.
	MaxSend int64

	// ReadBuffer is how many bytes one read may take beyond what is asked for. With 0 nothing
	// beyond the current message is ever read, so that file descriptors may follow on the same
	// socket. The buffer is held only while bytes wait in it: an idle Conn has none.
	ReadBuffer int

	// WriteStall is how long a send may go on without the peer taking a single byte before it
	// fails with ErrStalled; 0 means for ever. Slow but living readers are not disturbed.
	WriteStall time.Duration

	// Alloc, if not nil, supplies the memory of messages that are too long to be allocated on the
	// word of their header: a slice of length n, whatever is in it. A server that knows when it is
	// done with a message can hand the same memory out again.
	Alloc func(n int) []byte

	// Encode says how Send turns values into bytes; nil means pickle's defaults.
	Encode *EncodeOptions

	// Decode says how Recv turns bytes into values; nil means pickle's defaults.
	Decode *DecodeOptions

	// Tracer, if not nil, gets a line for each frame.
	Tracer *Tracer
}
