package mqueue

import (
	"io/fs"
	"math"
	"strings"

	"mpbridge/internal/option"
)

// Bounds of numbers.
const (
	// MaxPriority is the greatest priority of a message.
	MaxPriority = 32767

	// DefaultMaxBuffer is the greatest MaxMessageSize of a queue that is opened, in bytes, where
	// OpenOptions.MaxBuffer is 0: the most that Linux lets a queue have.
	DefaultMaxBuffer = 16 << 20

	defaultMode = 0o600
	maxName     = 255 // NAME_MAX, without the slash
)

// Access says which way messages may go, as far as this process is concerned.
type Access int

// The kinds of Access. Opening with less than ReadWrite needs less of the queue's mode.
const (
	ReadWrite Access = iota
	ReadOnly
	WriteOnly
)

// CreateOptions of a new queue; nil means all defaults.
type CreateOptions struct {
	// MaxMessages is how many messages it holds, 0 means 10. Sending to a full queue waits.
	MaxMessages int
	// MaxMessageSize is how long a message may be, in bytes; 0 means 8192.
	MaxMessageSize int
	// Mode says who may open it; 0 means 0600. It holds whatever the umask is.
	Mode fs.FileMode
	// Existing opens the queue of that name, if there is one, as Open does: its numbers are then its own.
	Existing bool
}

// OpenOptions of a queue that is there; nil means all defaults.
type OpenOptions struct {
	// Access is what the queue is opened for.
	Access Access
	// MaxBuffer bounds the queue's MaxMessageSize, in bytes: a receiver needs a buffer of that size, whatever comes.
	// 0 means DefaultMaxBuffer. A queue beyond it is not opened, which is a *LimitError.
	MaxBuffer int
}

// The numbers of a queue that was not told otherwise, which every kernel allows.
const (
	defaultMessages    = 10
	defaultMessageSize = 8192
)

// Attributes of a queue: what mq_getattr says.
type Attributes struct {
	MaxMessages     int // how many messages it holds
	MaxMessageSize  int // how long a message may be, in bytes
	CurrentMessages int // how many it holds now
}

// check returns o with defaults in place of zeros, or an *OptionError.
func (o *CreateOptions) check() (*CreateOptions, error) {
	var c CreateOptions
	if o != nil {
		c = *o
	}
	if c.MaxMessages == 0 {
		c.MaxMessages = defaultMessages
	}
	if c.MaxMessageSize == 0 {
		c.MaxMessageSize = defaultMessageSize
	}
	if c.Mode == 0 {
		c.Mode = defaultMode
	}
	return &c, option.Check("mqueue",
		option.Int("MaxMessages", c.MaxMessages, 1, math.MaxInt32),
		option.Int("MaxMessageSize", c.MaxMessageSize, 1, math.MaxInt32),
		option.Int("Mode", int64(c.Mode), 0, 0o777))
}

// check returns o with defaults in place of zeros, or an *OptionError.
func (o *OpenOptions) check() (*OpenOptions, error) {
	var c OpenOptions
	if o != nil {
		c = *o
	}
	if c.MaxBuffer == 0 {
		c.MaxBuffer = DefaultMaxBuffer
	}
	return &c, option.Check("mqueue",
		option.Int("Access", int(c.Access), int64(ReadWrite), int64(WriteOnly)),
		option.Int("MaxBuffer", c.MaxBuffer, 1, math.MaxInt32))
}

// goodName tells whether mq_open would take a name.
func goodName(name string) bool {
	rest, slash := strings.CutPrefix(name, "/")
	return slash && rest != "" && rest != "." && rest != ".." && len(rest) <= maxName && !strings.ContainsAny(rest, "/\x00")
}
