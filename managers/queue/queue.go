package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// Queue is a queue in the hands of this program: one of its server's, or one of its own. It does what clients do
// with proxies, without a connection. All methods may be called concurrently.
type Queue struct {
	backend Backend
	dead    *Queue
}

// New makes a queue of its own; nil means all defaults. A server's queues come from RegisterQueue and RegisterQueueFamily. It fails
// for options out of their range, and where the Journal cannot be read. MaxDeliveries needs a server.
func New(o *Options) (*Queue, error) {
	checked, err := o.Checked()
	if err != nil {
		return nil, err
	}
	e := NewEngine("", checked, Host{})
	if err := e.Replay(); err != nil {
		return nil, err
	}
	return Over(e), nil
}

// Over returns the handle of a backend.
func Over(b Backend) *Queue {
	q := &Queue{backend: b}
	if e, ok := b.(*Engine); ok && e.dead != nil {
		q.dead = Over(e.dead)
	}
	return q
}

// Backend returns what keeps the items.
func (q *Queue) Backend() Backend { return q.backend }

// DeadLetters returns the queue of the items that were handed out too often, nil where there is none: see
// Options.MaxDeliveries.
func (q *Queue) DeadLetters() *Queue { return q.dead }

// String describes the queue, by its name where it is shared, without showing what it holds.
func (q *Queue) String() string {
	if s, ok := q.backend.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("<queue of %T>", q.backend)
}

// Stats returns a snapshot.
func (q *Queue) Stats() Stats { return q.backend.Stats() }

// Len returns the number of items that wait to be taken.
func (q *Queue) Len() int {
	if e, ok := q.backend.(*Engine); ok {
		return e.Len()
	}
	return q.backend.Stats().Len
}

// Leased lists the items that are handed out on lease, in the order in which they were put. It is empty for a queue
// without leases.
func (q *Queue) Leased() []Leased { return q.backend.Leased() }

// Put puts v into the queue, as a client's put(v) does, and waits for room until ctx ends. v is pickled
// unless it is a pickle.Raw. It fails with ErrShutDown after a shutdown.
func (q *Queue) Put(ctx context.Context, v any) error {
	r, err := pickle.NewRaw(v, nil)
	if err != nil {
		return err
	}
	return localError(ctx, q.backend.Put(NewCaller(ctx), Message{Raw: r}, Forever))
}

// TryPut is Put without waiting: it fails with ErrFull.
func (q *Queue) TryPut(v any) error {
	r, err := pickle.NewRaw(v, nil)
	if err != nil {
		return err
	}
	return q.backend.Put(nil, Message{Raw: r}, Wait{})
}

// Get takes the next item for good, and waits for one until ctx ends. Lease takes it on lease.
func (q *Queue) Get(ctx context.Context) (pickle.Raw, error) {
	r, err := q.take(NewCaller(ctx), Forever)
	return r, localError(ctx, err)
}

// TryGet is Get without waiting: it fails with ErrEmpty.
func (q *Queue) TryGet() (pickle.Raw, error) { return q.take(nil, Wait{}) }

// take takes an item for good, also where the queue leases to others.
func (q *Queue) take(by Caller, w Wait) (pickle.Raw, error) {
	d, err := q.backend.Take(by, Taking{Keep: true, Wait: w})
	if err != nil {
		return pickle.Raw{}, err
	}
	r, receipt := d.Message(0).Raw, d.Receipt(0)
	d.Resolve(Delivered)
	if receipt != "" {
		_, err = q.backend.Ack(receipt)
	}
	return r, err
}

// Lease takes the next item on lease, and waits for one until ctx ends. The lease ends after the queue's
// Options.Lease, whatever happens to the caller.
func (q *Queue) Lease(ctx context.Context) (*Delivery, error) {
	if !q.backend.Stats().Leases {
		return nil, managers.ErrNoLease
	}
	d, err := q.backend.Take(NewCaller(ctx), Taking{Keep: true, Wait: Forever})
	if err != nil {
		return nil, localError(ctx, err)
	}
	out := &Delivery{Raw: d.Message(0).Raw, Receipt: d.Receipt(0), Deliveries: d.Count(0), backend: q.backend}
	d.Resolve(Delivered)
	return out, nil
}

// TaskDone counts one item off, as task_done() does.
func (q *Queue) TaskDone() error { return q.backend.TaskDone(0) }

// Join waits until every item was counted off, or ctx ends.
func (q *Queue) Join(ctx context.Context) error {
	return localError(ctx, q.backend.Join(NewCaller(ctx)))
}

// Shutdown is Python's Queue.shutdown(immediate).
func (q *Queue) Shutdown(immediate bool) { q.backend.Shutdown(immediate) }

// local is a goroutine of this program that waits.
type local struct {
	ctx   context.Context
	woken chan struct{}
}

// NewCaller returns a goroutine of this program as a Caller, which is gone when ctx ends. It is for one call at a time.
func NewCaller(ctx context.Context) Caller { return &local{ctx, make(chan struct{}, 1)} }

// Waker returns what ends Park.
func (l *local) Waker() Waker { return l }

// Wake ends the Park that is under way, or the next one.
func (l *local) Wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// Gone reports whether the context has ended.
func (l *local) Gone() bool { return l.ctx.Err() != nil }

// Park waits for a wake or for the context. The queues never give it a time: ctx has it.
func (l *local) Park(time.Time) error {
	select {
	case <-l.woken:
		return nil
	case <-l.ctx.Done():
		return waits.ErrGone
	}
}

func localError(ctx context.Context, err error) error {
	if errors.Is(err, waits.ErrGone) {
		return context.Cause(ctx)
	}
	return err
}
