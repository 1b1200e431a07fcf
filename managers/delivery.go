package managers

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"mpbridge/pickle"
)

// Delivery is an item that a queue lent to this program. It comes back to the queue when its lease ends,
// unless it is acknowledged before. Its methods may be called concurrently.
type Delivery struct {
	// Raw is the item, still pickled.
	Raw pickle.Raw
	// Receipt names this handing out of the item: Queue.ack(receipt) in Python.
	Receipt string
	// Deliveries is how often the item was handed out by now: more than one means that somebody else had
	// it before, or may have had it, and did not acknowledge it.
	Deliveries int

	lender lender
}

// lender is where a Delivery came from. Each of its methods is about one handing out.
type lender interface {
	ack(ctx context.Context) (bool, error)
	nack(ctx context.Context, delay time.Duration) (bool, error)
	extend(ctx context.Context, by time.Duration) (bool, error)
}

// Ack says that the item was dealt with: it does not come back, and Queue.join counts it off. It returns
// false where that was said before, by whoever got the item.
func (d *Delivery) Ack(ctx context.Context) (bool, error) { return d.lender.ack(ctx) }

// Nack gives the item back at once, or after a delay. It returns false where the lease has ended.
func (d *Delivery) Nack(ctx context.Context, delay time.Duration) (bool, error) {
	return d.lender.nack(ctx, delay)
}

// Extend lets the lease end after the given time from now. It returns false where it has ended.
func (d *Delivery) Extend(ctx context.Context, by time.Duration) (bool, error) {
	return d.lender.extend(ctx, by)
}

// ErrNoLease is what Lease returns for a queue whose items are given, not lent.
var ErrNoLease = errors.New("managers: the queue has no leases")

// Lease takes the next item on lease, and waits for one until ctx ends. The lease ends after the queue's
// QueueOptions.Lease, whatever happens to the caller.
func (q *Queue) Lease(ctx context.Context) (*Delivery, error) {
	if q.lent == nil {
		return nil, ErrNoLease
	}
	it, _, err := q.get(newLocal(ctx), 1, true, time.Time{})
	if err != nil {
		return nil, localError(ctx, err)
	}
	it.pin(1)
	l := q.lend(0, it)[0]
	return &Delivery{
		Raw: it.raw, Receipt: q.receiptOf(l), Deliveries: l.delivery,
		lender: localLender{q, receipt{it.seq, l.delivery}},
	}, nil
}

// localLender is a queue of this program.
type localLender struct {
	queue   *Queue
	receipt receipt
}

func (l localLender) ack(context.Context) (bool, error) {
	return l.queue.acknowledge(l.receipt), nil
}

func (l localLender) nack(_ context.Context, delay time.Duration) (bool, error) {
	return l.queue.refuse(l.receipt, delay), nil
}

func (l localLender) extend(_ context.Context, by time.Duration) (bool, error) {
	return l.queue.prolong(l.receipt, by), nil
}

// Lease takes the next item on lease, and waits for one until ctx ends. The lease ends with the queue's
// own time, or with the connection that it came on, which is kept for it until Ack or Nack; so each
// Delivery must get one of them. It fails with ErrNoLease where the queue has none.
func (q *QueueProxy) Lease(ctx context.Context) (d *Delivery, err error) {
	err = inSlices(ctx, ErrEmpty, func(ctx context.Context, sec float64) error {
		d, err = q.lease(ctx, sec)
		return err
	})
	return d, err
}

// lease asks once, for an item that comes within sec seconds.
func (q *QueueProxy) lease(ctx context.Context, sec float64) (*Delivery, error) {
	if !q.lends() {
		return nil, ErrNoLease
	}
	o := q.client.NewOwner()
	r, err := o.call(ctx, q.Proxy, lent, "lease", sec)
	if err != nil {
		return nil, err
	}
	parts, err := r.Elements()
	if err != nil || len(parts) != 2 {
		return nil, errors.New("managers: lease() did not return (receipt, item)")
	}
	d := &Delivery{Raw: parts[1].Clone()}
	if d.Receipt, err = text(parts[0]); err != nil {
		return nil, err
	}
	d.lender = &remoteLender{q, o, d.Receipt}
	_, count, _ := strings.Cut(d.Receipt, ":")
	d.Deliveries, err = strconv.Atoi(count)
	return d, err
}

func (q *QueueProxy) lends() bool { return q.Has("lease") }

// lent keeps an owner's connection for the lease that came on it.
func lent(pickle.Raw) (int, error) { return 1, nil }

// remoteLender is a queue in a manager, with the connection that has the item.
type remoteLender struct {
	queue   *QueueProxy
	owner   *Owner
	receipt string
}

func (l *remoteLender) ack(ctx context.Context) (bool, error) {
	return l.call(ctx, released, "ack", l.receipt)
}

func (l *remoteLender) nack(ctx context.Context, delay time.Duration) (bool, error) {
	return l.call(ctx, released, "nack", l.receipt, delay.Seconds())
}

func (l *remoteLender) extend(ctx context.Context, by time.Duration) (bool, error) {
	return l.call(ctx, unchanged, "extend", l.receipt, by.Seconds())
}

func (l *remoteLender) call(ctx context.Context, by change, method string, args ...any) (bool, error) {
	own, cancel := patient(ctx)
	defer cancel()
	r, err := l.owner.call(own, l.queue.Proxy, by, method, args...)
	if errors.Is(err, ErrOwnerLost) {
		return false, nil // the lease ended with the connection
	}
	if err != nil {
		return false, err
	}
	return truthOf(r)
}
