package queues

import (
	"math"

	"mpbridge/connection"
	"mpbridge/internal/option"
	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// Options are for what is made or unpickled. They are copied then. A nil *Options means defaults.
type Options struct {
	// MaxMessage is the longest item that is taken, in bytes; zero means connection.DefaultMaxMessage. A longer one is
	// read away and a *LimitError.
	MaxMessage int64

	// MaxSend, if not zero, is the longest item that is put, in bytes. Python 3.7 and older, 2.7 among them, cannot read
	// items beyond 1<<31-1.
	MaxSend int64

	// Encode says how items become pickles; nil means pickle's defaults, which every Python 3 reads. For Python 2.7
	// there is pickle.EncodeOptions.NativeBytes.
	Encode *pickle.EncodeOptions

	// Decode are the limits within which items become values, and its hooks; nil means pickle's defaults.
	Decode *pickle.DecodeOptions

	// Synchronize is for the locks and semaphores; Name means nothing here.
	Synchronize *synchronize.Options
}

// check returns o with defaults in place of zeros, or a *pickle.OptionError.
func (o *Options) check() (*Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = connection.DefaultMaxMessage
	}
	if c.Synchronize != nil {
		unnamed := *c.Synchronize
		unnamed.Name = ""
		c.Synchronize = &unnamed
	}
	return &c, option.Check("queues",
		option.Int("MaxMessage", c.MaxMessage, connection.FloorMaxMessage, min(connection.CeilMaxMessage, math.MaxInt)),
		option.Int("MaxSend", c.MaxSend, 0, math.MaxInt64))
}

// connection are the options of a Connection.
func (o *Options) connection() *connection.Options {
	return &connection.Options{MaxMessage: o.MaxMessage, MaxSend: o.MaxSend, Encode: o.Encode, Decode: o.Decode}
}
