package server

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/pickle"
)

// Defaults of Limits.
const (
	// DefaultMaxConnections is how many authenticated connections are served at once.
	DefaultMaxConnections = 100_000
	// DefaultMaxObjects is how many objects clients may have made at once.
	DefaultMaxObjects = 1 << 20
	// DefaultMaxQueues is how many queues clients may have made by name at once, in all families.
	DefaultMaxQueues = 100_000
	// DefaultMaxReferences is how many references clients may have to one object.
	DefaultMaxReferences = 1 << 30
	// DefaultMaxItems is how many items all queues hold at once.
	DefaultMaxItems = 1 << 27
	// DefaultMaxItemBytes is how many bytes of items all queues hold at once.
	DefaultMaxItemBytes = 16 << 30
	// DefaultMaxPickleDepth is how many marks may be open at once in a pickle that the server opens.
	DefaultMaxPickleDepth = pickle.DefaultMaxDepth
	// DefaultMaxPickleMemo is how many memo entries such a pickle may write.
	DefaultMaxPickleMemo = pickle.DefaultMaxMemo
	// DefaultMaxPickleValues is how many values such a pickle may make.
	DefaultMaxPickleValues = pickle.DefaultMaxItems
	// DefaultMaxIntDigits is how many decimal digits an integer may have that is pickled as text.
	DefaultMaxIntDigits = pickle.DefaultMaxDigits
	// DefaultMaxCallValues is how many values one call may make that are there at once.
	DefaultMaxCallValues = 1 << 24
	// DefaultMaxCallBytes is how many bytes of memory they may take, roughly.
	DefaultMaxCallBytes = 1 << 30
	// DefaultMaxCallSteps is how many steps a call may take, of some ten to a hundred nanoseconds each.
	DefaultMaxCallSteps = 1 << 30
	// DefaultMaxWorkBytes is how many bytes the values of all calls may take at once.
	DefaultMaxWorkBytes = 4 << 30
	// DefaultWriteStall is how long a client may read nothing of a reply before its connection ends.
	DefaultWriteStall = 60 * time.Second
	// DefaultHandshakeTimeout is how long a client may take to authenticate.
	DefaultHandshakeTimeout = 10 * time.Second
	// DefaultObjectGrace is how long an object stays after the last reference to it is gone.
	DefaultObjectGrace = 10 * time.Second
)

// Limits bounds what clients can make the server spend. Zero fields take their default. A client that
// meets one gets an exception or the end of its connection, and the log a line. A message over
// MaxMessage is read away, some of it within every WriteStall, so that its client can be answered.
type Limits struct {
	MaxMessage       int64         // bytes of one message; DefaultMaxMessage
	MaxConnections   int           // authenticated connections; DefaultMaxConnections
	MaxPerAddress    int           // of them, from one address or over unix sockets; MaxConnections
	MaxHandshakes    int           // connections that authenticate; connection.DefaultMaxPending
	MaxWaiters       int           // calls that wait for something; MaxConnections
	MaxObjects       int           // objects made by create; DefaultMaxObjects
	MaxObjectsPerKey int           // of them, by one key that is not an admin's; a quarter of MaxObjects
	MaxQueues        int           // queues of families, which clients make by name; DefaultMaxQueues
	MaxQueuesPerKey  int           // of them, by one key that is not an admin's; a quarter of MaxQueues
	MaxReferences    int           // references to one object; DefaultMaxReferences
	MaxItems         int64         // items in all queues, leased ones too; DefaultMaxItems
	MaxItemBytes     int64         // bytes of them: each its pickle and ItemOverhead; DefaultMaxItemBytes
	MaxPickleDepth   int           // marks open at once in a pickle that is opened; DefaultMaxPickleDepth
	MaxPickleMemo    int           // memo entries of one; DefaultMaxPickleMemo
	MaxPickleValues  int           // values that one makes; DefaultMaxPickleValues
	MaxIntDigits     int           // decimal digits of an integer; DefaultMaxIntDigits, binary ones any number
	MaxCallValues    int64         // values that a call makes and has at once; DefaultMaxCallValues
	MaxCallBytes     int64         // bytes that they take; DefaultMaxCallBytes, MaxMessage if that is more
	MaxCallSteps     int64         // steps of a call: looking at a value, comparing two; DefaultMaxCallSteps
	MaxWorkBytes     int64         // bytes of the values of all calls; DefaultMaxWorkBytes, or twice MaxCallBytes
	WriteStall       time.Duration // a reply of which nothing is read; DefaultWriteStall
	HandshakeTimeout time.Duration // authentication; DefaultHandshakeTimeout
	ObjectGrace      time.Duration // an object without references; DefaultObjectGrace
	// IdleTimeout ends a connection that asks nothing for so long; zero means never. A thread of a Python
	// program keeps its connection while it does other things, and finds the end of it at its next call.
	IdleTimeout time.Duration
	// MaxPerKey is how many connections one key may have that is not an admin's. The default is three quarters of what
	// all such keys may have: MaxConnections, or what the process may open (RLIMIT_NOFILE) if that is less, except for a
	// few that are kept for admins.
	MaxPerKey int
}

// limitRange is what one limit may be set to.
type limitRange struct {
	name             string
	value, low, high int64
}

// The longest time and the largest number that a limit may be.
const (
	minDuration = int64(10 * time.Millisecond)
	maxDuration = int64(10 * 365 * 24 * time.Hour)
	maxCount    = 1 << 40
	minBytes    = 4 << 10
	maxBytes    = 1 << 46
	maxSteps    = 1 << 60
	// What a call makes that does nothing out of the way.
	minCall      = 1 << 10
	minCallBytes = 64 << 10
)

// check fills in the defaults and refuses what is out of range.
func (l Limits) check() (Limits, error) {
	l.MaxMessage = cmp.Or(l.MaxMessage, managers.DefaultMaxMessage)
	l.MaxConnections = cmp.Or(l.MaxConnections, DefaultMaxConnections)
	l.MaxPerAddress = cmp.Or(l.MaxPerAddress, l.MaxConnections)
	l.MaxHandshakes = cmp.Or(l.MaxHandshakes, connection.DefaultMaxPending)
	l.MaxWaiters = cmp.Or(l.MaxWaiters, l.MaxConnections)
	l.MaxObjects = cmp.Or(l.MaxObjects, DefaultMaxObjects)
	l.MaxObjectsPerKey = cmp.Or(l.MaxObjectsPerKey, max(l.MaxObjects/4, 1))
	l.MaxQueues = cmp.Or(l.MaxQueues, DefaultMaxQueues)
	l.MaxQueuesPerKey = cmp.Or(l.MaxQueuesPerKey, max(l.MaxQueues/4, 1))
	l.MaxReferences = cmp.Or(l.MaxReferences, DefaultMaxReferences)
	l.MaxItems = cmp.Or(l.MaxItems, DefaultMaxItems)
	l.MaxItemBytes = cmp.Or(l.MaxItemBytes, DefaultMaxItemBytes)
	l.MaxPickleDepth = cmp.Or(l.MaxPickleDepth, DefaultMaxPickleDepth)
	l.MaxPickleMemo = cmp.Or(l.MaxPickleMemo, DefaultMaxPickleMemo)
	l.MaxPickleValues = cmp.Or(l.MaxPickleValues, DefaultMaxPickleValues)
	l.MaxCallValues = cmp.Or(l.MaxCallValues, DefaultMaxCallValues)
	l.MaxCallBytes = cmp.Or(l.MaxCallBytes, max(DefaultMaxCallBytes, l.MaxMessage))
	l.MaxCallSteps = cmp.Or(l.MaxCallSteps, DefaultMaxCallSteps)
	l.MaxWorkBytes = cmp.Or(l.MaxWorkBytes, max(DefaultMaxWorkBytes, 2*l.MaxCallBytes))
	l.WriteStall = cmp.Or(l.WriteStall, DefaultWriteStall)
	l.HandshakeTimeout = cmp.Or(l.HandshakeTimeout, DefaultHandshakeTimeout)
	l.ObjectGrace = cmp.Or(l.ObjectGrace, DefaultObjectGrace)
	for _, r := range l.ranges() {
		if r.value < r.low || r.value > r.high {
			return l, &pickle.OptionError{
				Package: "server", Option: "Limits." + r.name, Value: r.value, Low: r.low, High: r.high, IsTime: r.low == minDuration,
			}
		}
	}
	return l, nil
}

func (l Limits) ranges() []limitRange {
	all := []limitRange{
		{"MaxMessage", l.MaxMessage, minBytes, maxBytes},
		{"MaxConnections", int64(l.MaxConnections), 1, maxCount},
		{"MaxPerAddress", int64(l.MaxPerAddress), 1, maxCount},
		{"MaxHandshakes", int64(l.MaxHandshakes), 1, maxCount},
		{"MaxWaiters", int64(l.MaxWaiters), 1, maxCount},
		{"MaxObjects", int64(l.MaxObjects), 1, maxCount},
		{"MaxObjectsPerKey", int64(l.MaxObjectsPerKey), 1, maxCount},
		{"MaxQueues", int64(l.MaxQueues), 1, maxCount},
		{"MaxQueuesPerKey", int64(l.MaxQueuesPerKey), 1, maxCount},
		{"MaxReferences", int64(l.MaxReferences), 1, maxCount},
		{"MaxItems", l.MaxItems, 1, maxCount},
		{"MaxItemBytes", l.MaxItemBytes, minBytes, maxBytes},
		{"MaxPickleDepth", int64(l.MaxPickleDepth), pickle.FloorMaxDepth, pickle.CeilMaxDepth},
		{"MaxPickleMemo", int64(l.MaxPickleMemo), pickle.FloorMaxMemo, pickle.CeilMaxMemo},
		{"MaxPickleValues", int64(l.MaxPickleValues), pickle.FloorMaxItems, pickle.CeilMaxItems},
		{"MaxCallValues", l.MaxCallValues, minCall, maxCount},
		{"MaxCallBytes", l.MaxCallBytes, minCallBytes, maxBytes},
		{"MaxCallSteps", l.MaxCallSteps, minCall, maxSteps},
		{"MaxWorkBytes", l.MaxWorkBytes, minCallBytes, maxBytes},
		{"WriteStall", int64(l.WriteStall), minDuration, maxDuration},
		{"HandshakeTimeout", int64(l.HandshakeTimeout), minDuration, maxDuration},
		{"ObjectGrace", int64(l.ObjectGrace), minDuration, maxDuration},
	}
	if l.MaxIntDigits != 0 {
		all = append(all,
			limitRange{"MaxIntDigits", int64(l.MaxIntDigits), pickle.FloorMaxDigits, pickle.CeilMaxDigits})
	}
	if l.MaxPerKey != 0 {
		all = append(all, limitRange{"MaxPerKey", int64(l.MaxPerKey), 1, maxCount})
	}
	if l.IdleTimeout != 0 {
		all = append(all, limitRange{"IdleTimeout", int64(l.IdleTimeout), minDuration, maxDuration})
	}
	return all
}

// decoding returns how the server opens what a client sent: nil for the defaults of package pickle.
func (l Limits) decoding() *pickle.DecodeOptions {
	if l.MaxPickleDepth == DefaultMaxPickleDepth && l.MaxPickleMemo == DefaultMaxPickleMemo &&
		l.MaxPickleValues == DefaultMaxPickleValues && l.MaxIntDigits == 0 &&
		l.MaxMessage <= pickle.DefaultMaxBytes {
		return nil
	}
	return &pickle.DecodeOptions{
		MaxDepth: l.MaxPickleDepth, MaxMemo: l.MaxPickleMemo, MaxItems: l.MaxPickleValues,
		MaxDigits: l.MaxIntDigits, MaxBytes: int(min(max(l.MaxMessage, pickle.DefaultMaxBytes), math.MaxInt)),
	}
}

// LimitError says that a limit of the server was met.
type LimitError struct {
	What  string
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("managers: more than %d %s", e.Limit, e.What)
}

// maxItems bounds the elements of one list, array or result: l *= n must not take all memory there is.
const maxItems = 1 << 26

var errTooMany = managers.ErrMemoryError.New(fmt.Sprintf("one object has at most %d elements here", maxItems))

const maxIteratorKeys = 1 << 20
