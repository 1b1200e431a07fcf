package managers

import (
	"fmt"
	"time"
)

// Defaults of Limits.
const (
	// DefaultMaxMessage is how long one message may be, in bytes.
	DefaultMaxMessage = 1 << 30
	// DefaultMaxConnections is how many authenticated connections are served at once.
	DefaultMaxConnections = 100_000
	// DefaultMaxObjects is how many objects clients may have made at once.
	DefaultMaxObjects = 1 << 20
	// DefaultWriteStall is how long a client may read nothing of a reply before its connection ends.
	DefaultWriteStall = 60 * time.Second
	// DefaultHandshakeTimeout is how long a client may take to authenticate.
	DefaultHandshakeTimeout = 10 * time.Second
	// DefaultMaxItems is how many items all queues hold at once.
	DefaultMaxItems = 1 << 27
	// DefaultMaxItemBytes is how many bytes of items all queues hold at once.
	DefaultMaxItemBytes = 16 << 30
	// DefaultObjectGrace is how long an object stays after the last reference to it is gone.
	DefaultObjectGrace = 10 * time.Second
)

// The least that a limit may be set to.
const (
	minMaxMessage = 4 << 10
	minDuration   = 10 * time.Millisecond
)

// Limits bounds what clients can make the server spend. Zero fields take their default.
type Limits struct {
	MaxMessage       int64         // bytes of one message; DefaultMaxMessage
	MaxConnections   int           // authenticated connections; DefaultMaxConnections
	MaxObjects       int           // objects made by create; DefaultMaxObjects
	MaxItems         int64         // items in all queues, lent ones too; DefaultMaxItems
	MaxItemBytes     int64         // bytes of them, as they were pickled; DefaultMaxItemBytes
	WriteStall       time.Duration // a reply of which nothing is read; DefaultWriteStall
	HandshakeTimeout time.Duration // authentication; DefaultHandshakeTimeout
	ObjectGrace      time.Duration // an object without references; DefaultObjectGrace
}

// check fills in the defaults and refuses values below the floor.
func (l Limits) check() (Limits, error) {
	l.MaxMessage = orDefault(l.MaxMessage, DefaultMaxMessage)
	l.MaxConnections = orDefault(l.MaxConnections, DefaultMaxConnections)
	l.MaxObjects = orDefault(l.MaxObjects, DefaultMaxObjects)
	l.MaxItems = orDefault(l.MaxItems, DefaultMaxItems)
	l.MaxItemBytes = orDefault(l.MaxItemBytes, DefaultMaxItemBytes)
	l.WriteStall = orDefault(l.WriteStall, DefaultWriteStall)
	l.HandshakeTimeout = orDefault(l.HandshakeTimeout, DefaultHandshakeTimeout)
	l.ObjectGrace = orDefault(l.ObjectGrace, DefaultObjectGrace)
	switch {
	case l.MaxMessage < minMaxMessage:
		return l, fmt.Errorf("managers: MaxMessage %d is below %d", l.MaxMessage, minMaxMessage)
	case l.MaxConnections < 1 || l.MaxObjects < 1:
		return l, fmt.Errorf("managers: MaxConnections and MaxObjects must be positive")
	case min(l.WriteStall, l.HandshakeTimeout, l.ObjectGrace) < minDuration:
		return l, fmt.Errorf("managers: a time limit is below %v", minDuration)
	}
	return l, nil
}

func orDefault[T int | int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// LimitError says that a limit of the server was met.
type LimitError struct {
	What  string
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("managers: more than %d %s", e.Limit, e.What)
}
