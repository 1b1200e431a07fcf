package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/spf13/pflag"
)

// limitFlags sets a server's limits. Zero stands for the library's default.
func limitFlags(f *pflag.FlagSet, l *server.Limits) {
	l.MaxMessage, l.MaxItemBytes = managers.DefaultMaxMessage, server.DefaultMaxItemBytes
	f.Var((*byteSize)(&l.MaxMessage), "max-message", "bytes of one message")
	f.IntVar(&l.MaxConnections, "max-connections", server.DefaultMaxConnections, "connections at once")
	f.IntVar(&l.MaxPerAddress, "max-per-address", 0, "of them, from one address (default --max-connections)")
	f.IntVar(&l.MaxPerKey, "max-per-key", 0,
		"of them, with one key that is no admin's (default three quarters of --max-connections or of the open files)")
	f.IntVar(&l.MaxHandshakes, "max-handshakes", connection.DefaultMaxPending, "connections that authenticate")
	f.IntVar(&l.MaxWaiters, "max-waiters", 0, "calls that wait (default --max-connections)")
	f.IntVar(&l.MaxObjects, "max-objects", server.DefaultMaxObjects, "objects that clients make")
	f.IntVar(&l.MaxObjectsPerKey, "max-objects-per-key", 0,
		"of them, by one key that is no admin's (default a quarter of --max-objects)")
	f.IntVar(&l.MaxQueues, "max-queues", server.DefaultMaxQueues,
		"queues that clients make by name, as get_queue('orders')")
	f.IntVar(&l.MaxQueuesPerKey, "max-queues-per-key", 0,
		"of them, by one key that is no admin's (default a quarter of --max-queues)")
	f.Int64Var(&l.MaxItems, "max-items", server.DefaultMaxItems, "items in all queues")
	f.Var((*byteSize)(&l.MaxItemBytes), "max-item-bytes",
		fmt.Sprintf("bytes of the items in all queues: each its pickle and %d", queue.ItemOverhead))
	f.IntVar(&l.MaxPickleDepth, "max-pickle-depth", server.DefaultMaxPickleDepth,
		"marks open at once (nested containers of several elements) in a pickle that is opened")
	f.IntVar(&l.MaxPickleMemo, "max-pickle-memo", server.DefaultMaxPickleMemo, "memo entries of one")
	f.IntVar(&l.MaxPickleValues, "max-pickle-values", server.DefaultMaxPickleValues, "values that one makes")
	f.IntVar(&l.MaxIntDigits, "max-int-digits", 0,
		fmt.Sprintf("digits of an integer in one (default %d as text, any number in binary form)",
			server.DefaultMaxIntDigits))
	f.Int64Var(&l.MaxCallValues, "max-call-values", server.DefaultMaxCallValues,
		"values that one call makes and has at once")
	f.Var((*byteSize)(&l.MaxCallBytes), "max-call-bytes", "bytes of memory that they take, roughly (default 1GiB, "+
		"or --max-message where that is more)")
	f.Int64Var(&l.MaxCallSteps, "max-call-steps", server.DefaultMaxCallSteps,
		"steps that one call takes: looking at a value, comparing two")
	f.Var((*byteSize)(&l.MaxWorkBytes), "max-work-bytes", "bytes of the values of all calls at once (default 4GiB, "+
		"or twice --max-call-bytes where that is more)")
	f.DurationVar(&l.HandshakeTimeout, "handshake-timeout", server.DefaultHandshakeTimeout,
		"time to authenticate")
	f.DurationVar(&l.WriteStall, "write-stall", server.DefaultWriteStall,
		"time in which a client must take something of its reply")
	f.DurationVar(&l.IdleTimeout, "idle-timeout", 0, "end connections that ask nothing for so long (0: never)")
	f.DurationVar(&l.ObjectGrace, "object-grace", server.DefaultObjectGrace,
		"time that an object stays after its last reference")
}

// byteSize is a number of bytes on the command line: 512, 64KiB, 1.5GiB.
type byteSize int64

var byteUnits = []struct {
	suffix string
	size   float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

// String shows the size in the largest unit that divides it.
func (b *byteSize) String() string {
	text := strconv.FormatInt(int64(*b), 10)
	for _, u := range byteUnits {
		if n := int64(u.size); *b != 0 && int64(*b)%n == 0 {
			text = strconv.FormatInt(int64(*b)/n, 10) + u.suffix
		}
	}
	return text
}

// Type names the value in the help.
func (*byteSize) Type() string { return byteSizeType }

const byteSizeType = "size"

// Set reads a size.
func (b *byteSize) Set(text string) error {
	number, unit := text, 1.0
	for _, u := range byteUnits {
		if n, ok := strings.CutSuffix(text, u.suffix); ok {
			number, unit = n, u.size
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || n*unit >= math.MaxInt64 {
		return fmt.Errorf("want a number of bytes, as in 64MiB")
	}
	*b = byteSize(n * unit)
	return nil
}
