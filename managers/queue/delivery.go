package queue

import (
	"context"
	"time"

	"mpbridge/pickle"
)

// Delivery is an item that a queue of this program leased to it. It comes back to the queue when its lease ends,
// unless it is acknowledged before. Its methods may be called concurrently.
type Delivery struct {
	// Raw is the item, still pickled.
	Raw pickle.Raw
	// Receipt names this handing out of the item: Queue.ack(receipt) in Python.
	Receipt string
	// Deliveries is how often the item was handed out by now: more than one means that somebody else had
	// it before, or may have had it, and did not acknowledge it.
	Deliveries int

	backend Backend
}

// Ack says that the item was dealt with: it does not come back, and Queue.join counts it off. It returns
// false where that was said before, by whoever got the item.
func (d *Delivery) Ack(context.Context) (bool, error) { return d.backend.Ack(d.Receipt) }

// Nack gives the item back at once, or after a delay. It returns false where the lease has ended.
func (d *Delivery) Nack(_ context.Context, delay time.Duration) (bool, error) {
	return d.backend.Nack(d.Receipt, delay)
}

// Extend lets the lease end after the given time from now. It returns false where it has ended.
func (d *Delivery) Extend(_ context.Context, by time.Duration) (bool, error) {
	return d.backend.Extend(d.Receipt, by)
}
