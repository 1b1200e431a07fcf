package managers

import (
	"context"
	"sync"

	"mpbridge/pickle"
)

// QueueProxy is a queue in a manager, Python's or ours.
//
// Its waiting methods never leave a request behind that the server may still answer with an item: they
// ask in slices of time. A context that ends is noticed at the end of the slice, within a second, and
// if that slice brought the item it is returned all the same.
//
// On a queue with leases, an item that Get and its like return is lent until TaskDone, which acknowledges
// the one that this QueueProxy has had for longest; each keeps a connection for as long. Lease returns
// what can be acknowledged in any order.
type QueueProxy struct {
	*Proxy

	mu      sync.Mutex
	pending []*Delivery // got and not done yet
}

// Queue makes a queue of a registered type, or finds a shared one.
func (c *Client) Queue(ctx context.Context, typeid string, args ...any) (*QueueProxy, error) {
	p, err := c.Create(ctx, typeid, args...)
	if err != nil {
		return nil, err
	}
	return &QueueProxy{Proxy: p}, nil
}

// GetRaw takes the next item, still pickled, and waits for one until ctx ends.
func (q *QueueProxy) GetRaw(ctx context.Context) (r pickle.Raw, err error) {
	if q.lends() {
		d, err := q.Lease(ctx)
		return q.remember(d), err
	}
	err = inSlices(ctx, ErrEmpty, func(ctx context.Context, sec float64) error {
		r, err = q.CallRaw(ctx, "get", true, sec)
		return err
	})
	return r, err
}

// Get is GetRaw and decodes the item.
func (q *QueueProxy) Get(ctx context.Context) (any, error) {
	r, err := q.GetRaw(ctx)
	if err != nil {
		return nil, err
	}
	return q.client.decode(ctx, r)
}

// remember notes a delivery for TaskDone and returns its item.
func (q *QueueProxy) remember(d *Delivery) pickle.Raw {
	if d == nil {
		return pickle.Raw{}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = append(q.pending, d)
	return d.Raw
}

// first takes the delivery out that was remembered first, nil where there is none.
func (q *QueueProxy) first() *Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) == 0 {
		return nil
	}
	d := q.pending[0]
	q.pending[0] = nil
	q.pending = q.pending[1:]
	return d
}

// GetNowait takes the next item, or fails with ErrEmpty.
func (q *QueueProxy) GetNowait(ctx context.Context) (any, error) {
	if q.lends() {
		d, err := q.lease(ctx, 0)
		if err != nil {
			return nil, err
		}
		return q.client.decode(ctx, q.remember(d))
	}
	return q.Call(ctx, "get", false)
}

// Put puts v, and waits for room until ctx ends. When it returns nil the item is in the queue.
func (q *QueueProxy) Put(ctx context.Context, v any) error {
	return inSlices(ctx, ErrFull, func(ctx context.Context, sec float64) error {
		_, err := q.CallRaw(ctx, "put", v, true, sec)
		return err
	})
}

// PutNowait puts v, or fails with ErrFull.
func (q *QueueProxy) PutNowait(ctx context.Context, v any) error {
	_, err := q.CallRaw(ctx, "put", v, false)
	return err
}

// GetMany takes up to n items and waits for the first until ctx ends: in one call where the server can
// (ours), else one by one.
func (q *QueueProxy) GetMany(ctx context.Context, n int) ([]any, error) {
	first, err := q.Get(ctx)
	if err != nil {
		return nil, err
	}
	out := []any{first}
	if n > 1 && q.Has("get_many") && !q.lends() {
		if rest, err := q.elements(ctx, "get_many", n-1, 0); err == nil {
			out = append(out, rest...)
		}
		return out, nil
	}
	for len(out) < n {
		v, err := q.GetNowait(ctx)
		if err != nil {
			break // what was taken is the caller's; an error shows in the next call
		}
		out = append(out, v)
	}
	return out, nil
}

// Len returns the number of items: qsize().
func (q *QueueProxy) Len(ctx context.Context) (n int, err error) {
	err = q.CallInto(ctx, &n, "qsize")
	return n, err
}

// Empty tells whether the queue had no items.
func (q *QueueProxy) Empty(ctx context.Context) (b bool, err error) {
	err = q.CallInto(ctx, &b, "empty")
	return b, err
}

// Full tells whether the queue had no room.
func (q *QueueProxy) Full(ctx context.Context) (b bool, err error) {
	err = q.CallInto(ctx, &b, "full")
	return b, err
}

// TaskDone counts one item off.
func (q *QueueProxy) TaskDone(ctx context.Context) error {
	if d := q.first(); d != nil {
		_, err := d.Ack(ctx) // somebody else may have dealt with it since
		return err
	}
	_, err := q.CallRaw(ctx, "task_done")
	return err
}

// Join waits until every item was counted off. It takes nothing, so where ctx ends it the connection is
// simply closed.
func (q *QueueProxy) Join(ctx context.Context) error {
	_, err := q.CallRaw(ctx, "join")
	return err
}

// Shutdown makes the queue raise ShutDown: Queue.shutdown(immediate), of Python 3.13 and ours.
func (q *QueueProxy) Shutdown(ctx context.Context, immediate bool) error {
	_, err := q.CallRaw(ctx, "shutdown", immediate)
	return err
}

// TypedQueue is a QueueProxy whose items are Ts.
type TypedQueue[T any] struct {
	*QueueProxy
}

// QueueOf is Client.Queue for items of one Go type.
func QueueOf[T any](ctx context.Context, c *Client, typeid string, args ...any) (*TypedQueue[T], error) {
	q, err := c.Queue(ctx, typeid, args...)
	if err != nil {
		return nil, err
	}
	return &TypedQueue[T]{q}, nil
}

// Get takes the next item, and waits for one until ctx ends. An item that is no T is an error, and
// gone.
func (q *TypedQueue[T]) Get(ctx context.Context) (v T, err error) {
	r, err := q.GetRaw(ctx)
	if err != nil {
		return v, err
	}
	err = q.client.decodeInto(ctx, r, &v)
	return v, err
}

// Put puts v, and waits for room until ctx ends.
func (q *TypedQueue[T]) Put(ctx context.Context, v T) error { return q.QueueProxy.Put(ctx, v) }
