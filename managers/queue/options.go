package queue

import (
	"errors"
	"math"
	"time"

	"mpbridge/pickle"
)

// Order is the order in which a queue gives its items back.
type Order int

// The orders of Lib/queue.py: Queue, LifoQueue and PriorityQueue. Priority takes the smallest item first, by the
// order of package values and in the steps of heapq. An item that has no order among those it meets is not put:
// ErrTypeError. A get that cannot tell which items come next fails with it once, and loses nothing.
const (
	FIFO Order = iota
	LIFO
	Priority
)

// Options describes a queue.
type Options struct {
	// MaxSize is the number of items at which put waits; zero or less means no bound.
	MaxSize int
	// MaxBytes is how many bytes the queue holds at most before put waits; zero or less means no bound. Each
	// item counts as the length of its pickle and ItemOverhead more, also while it is leased. An item whose
	// pickle is longer than MaxBytes is a ValueError; any other fits into a queue that is empty.
	MaxBytes int64
	// Order is the order of the items; FIFO is the zero value.
	Order Order
	// Lease is for how long a client may have an item without acknowledging it, by task_done or ack.
	// Then, or when the client's connection ends before, the item comes back. Zero: an item that was
	// delivered is the client's for good.
	Lease time.Duration
	// MaxDeliveries is how often an item is handed out before it moves to the dead letters instead of
	// coming back; zero means for ever. A reply that left in part counts, since its reader may have died
	// of it; one that was written whole and not read does not. It needs a Lease, and a server, which has a
	// place for dead letters.
	MaxDeliveries int
	// Journal makes the items survive this process; nil: they do not. Each queue has one of its own.
	Journal Journal
}

// MinLease is the shortest lease.
const MinLease = 10 * time.Millisecond

// Checked returns the options, defaults for nil. The error is a *pickle.OptionError for what is out of its range.
func (o *Options) Checked() (Options, error) {
	if o == nil {
		return Options{}, nil
	}
	switch {
	case o.Lease < 0 || o.Lease > 0 && o.Lease < MinLease:
		return *o, &pickle.OptionError{Package: "queue", Option: "Lease", Value: int64(o.Lease), Low: int64(MinLease),
			High: math.MaxInt64, IsTime: true}
	case o.MaxDeliveries < 0:
		return *o, &pickle.OptionError{Package: "queue", Option: "MaxDeliveries", Value: int64(o.MaxDeliveries),
			High: math.MaxInt}
	case o.MaxDeliveries > 0 && o.Lease == 0:
		return *o, errors.New("queue: option MaxDeliveries needs a Lease")
	}
	return *o, nil
}

// Stats is what a queue can tell about itself.
type Stats struct {
	Name                 string
	Order                Order
	Leases               bool // whether items are leased
	Len, MaxSize         int
	Bytes                int64  // of the items and those that are leased, as Options.MaxBytes counts
	Getters, Putters     int    // calls that wait
	Unfinished           int    // items put and not yet counted off by task_done
	Puts, Gets, Returned uint64 // since the start; Returned went back undelivered
	Leased               int    // items handed out and not acknowledged
	InFlight             int    // items given whose replies are not known to have been read
	Redelivered, Dead    uint64 // handed out again; moved to the dead letters
	ShutDown             bool
}
