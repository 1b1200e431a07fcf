package client

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// Lease takes the next item on lease, and waits for one until ctx ends. The lease ends with the queue's
// own time, or with the connection that it came on, which is kept for it until Ack or Nack; so each
// Delivery must get one of them. It fails with ErrNoLease where the queue has none.
func (q *Queue) Lease(ctx context.Context) (d *Delivery, err error) {
	err = inSlices(ctx, managers.ErrEmpty, func(ctx context.Context, sec float64) error {
		d, err = q.lease(ctx, sec)
		return err
	})
	return d, err
}

// lease asks once, for an item that comes within sec seconds.
func (q *Queue) lease(ctx context.Context, sec float64) (*Delivery, error) {
	if !q.hasLeases() {
		return nil, managers.ErrNoLease
	}
	o := q.client.NewOwner()
	r, err := o.call(ctx, q.Proxy, leased, "lease", sec)
	if err != nil {
		return nil, err
	}
	parts, err := r.Elements()
	if err != nil || len(parts) != 2 {
		return nil, errors.New("managers: lease() did not return (receipt, item)")
	}
	d := &Delivery{Raw: parts[1].Clone()}
	if d.Receipt, err = wire.Text(parts[0]); err != nil {
		return nil, err
	}
	d.queue, d.owner = q, o
	_, count, _ := strings.Cut(d.Receipt, ":")
	d.Deliveries, err = strconv.Atoi(count)
	return d, err
}

func (q *Queue) hasLeases() bool { return q.Has("lease") }

// leased keeps an owner's connection for the lease that came on it.
func leased(pickle.Raw) (int, error) { return 1, nil }

// Delivery is an item that a queue in a manager leased to this program, with the connection that has it. It comes
// back to the queue when its lease ends, unless it is acknowledged before. Its methods may be called concurrently.
type Delivery struct {
	// Raw is the item, still pickled.
	Raw pickle.Raw
	// Receipt names this handing out of the item: Queue.ack(receipt) in Python.
	Receipt string
	// Deliveries is how often the item was handed out by now: more than one means that somebody else had
	// it before, or may have had it, and did not acknowledge it.
	Deliveries int

	queue *Queue
	owner *Owner
}

// Ack says that the item was dealt with: it does not come back, and Queue.join counts it off. It returns
// false where that was said before, by whoever got the item.
func (d *Delivery) Ack(ctx context.Context) (bool, error) {
	return d.call(ctx, released, "ack", d.Receipt)
}

// Nack gives the item back at once, or after a delay. It returns false where the lease has ended.
func (d *Delivery) Nack(ctx context.Context, delay time.Duration) (bool, error) {
	return d.call(ctx, released, "nack", d.Receipt, delay.Seconds())
}

// Extend lets the lease end after the given time from now. It returns false where it has ended.
func (d *Delivery) Extend(ctx context.Context, by time.Duration) (bool, error) {
	return d.call(ctx, unchanged, "extend", d.Receipt, by.Seconds())
}

func (d *Delivery) call(ctx context.Context, by change, method string, args ...any) (bool, error) {
	own, cancel := patient(ctx)
	defer cancel()
	r, err := d.owner.call(own, d.queue.Proxy, by, method, args...)
	if errors.Is(err, ErrOwnerLost) {
		return false, nil // the lease ended with the connection
	}
	if err != nil {
		return false, err
	}
	return truthOf(r)
}
