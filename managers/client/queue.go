package client

import (
	"context"
	"errors"
	"sync"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// Queue is a queue in a manager, Python's or ours.
//
// Its waiting methods never leave a request behind that the server may still answer with an item: they
// ask in slices of time. A context that ends is noticed at the end of the slice, within a second, and
// if that slice brought the item it is returned all the same.
//
// On a queue with leases, an item that Get and its like return is leased until TaskDone, which acknowledges
// the one that this Queue has had for longest; each keeps a connection for as long. Lease returns
// what can be acknowledged in any order.
type Queue struct {
	*Proxy

	mu      sync.Mutex
	pending []*Delivery // got and not done yet
}

// OpenQueue makes a queue of a registered type, or finds a shared one.
func (c *Client) OpenQueue(ctx context.Context, typeid string, args ...any) (*Queue, error) {
	p, err := c.Open(ctx, typeid, args...)
	if err != nil {
		return nil, err
	}
	return &Queue{Proxy: p}, nil
}

// GetRaw takes the next item, still pickled, and waits for one until ctx ends.
func (q *Queue) GetRaw(ctx context.Context) (pickle.Raw, error) {
	it, err := q.take(ctx)
	return it.raw, err
}

// taken is an item that was taken out of the queue, or leased.
type taken struct {
	raw      pickle.Raw
	delivery *Delivery // nil where the queue has no leases
}

func (q *Queue) take(ctx context.Context) (it taken, err error) {
	if q.hasLeases() {
		d, err := q.Lease(ctx)
		return taken{q.remember(d), d}, err
	}
	err = inSlices(ctx, managers.ErrEmpty, func(ctx context.Context, sec float64) error {
		it.raw, err = q.CallRaw(ctx, "get", true, sec)
		return err
	})
	return it, err
}

// Get is GetRaw and decodes the item. One that cannot be decoded is an *ItemError, which has it.
func (q *Queue) Get(ctx context.Context) (any, error) {
	it, err := q.take(ctx)
	if err != nil {
		return nil, err
	}
	return q.opened(ctx, it)
}

// opened decodes an item.
func (q *Queue) opened(ctx context.Context, it taken) (any, error) {
	v, err := q.client.decode(ctx, it.raw)
	if err != nil {
		return nil, q.misfit(it, err)
	}
	return v, nil
}

// remember notes a delivery for TaskDone and returns its item.
func (q *Queue) remember(d *Delivery) pickle.Raw {
	if d == nil {
		return pickle.Raw{}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = append(q.pending, d)
	return d.Raw
}

// first takes the delivery out that was remembered first, nil where there is none.
func (q *Queue) first() *Delivery {
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

// TryGet takes the next item, or fails with ErrEmpty.
func (q *Queue) TryGet(ctx context.Context) (any, error) {
	var it taken
	var err error
	if q.hasLeases() {
		if it.delivery, err = q.lease(ctx, 0); err == nil {
			it.raw = q.remember(it.delivery)
		}
	} else {
		it.raw, err = q.CallRaw(ctx, "get", false)
	}
	if err != nil {
		return nil, err
	}
	return q.opened(ctx, it)
}

// Put puts v, and waits for room until ctx ends. When it returns nil the item is in the queue.
func (q *Queue) Put(ctx context.Context, v any) error {
	return inSlices(ctx, managers.ErrFull, func(ctx context.Context, sec float64) error {
		_, err := q.CallRaw(ctx, "put", v, true, sec)
		return err
	})
}

// TryPut puts v, or fails with ErrFull.
func (q *Queue) TryPut(ctx context.Context, v any) error {
	_, err := q.CallRaw(ctx, "put", v, false)
	return err
}

// GetMany takes up to n items and waits for the first until ctx ends: in one call where the server can
// (ours), else one by one. For items that cannot be decoded the error holds an *ItemError each, beside the
// others.
func (q *Queue) GetMany(ctx context.Context, n int) ([]any, error) {
	first, err := q.Get(ctx)
	if err != nil {
		return nil, err
	}
	out := []any{first}
	if n > 1 && q.Has("get_many") && !q.hasLeases() {
		r, err := q.CallRaw(ctx, "get_many", n-1, 0)
		if err != nil {
			return out, nil // what was taken is the caller's; the error shows in the next call
		}
		rest, err := q.openedAll(ctx, r)
		return append(out, rest...), err
	}
	for len(out) < n {
		v, err := q.TryGet(ctx)
		if misfit := (*ItemError)(nil); errors.As(err, &misfit) {
			return out, err
		}
		if err != nil {
			break
		}
		out = append(out, v)
	}
	return out, nil
}

// openedAll decodes the items of a list, each by itself.
func (q *Queue) openedAll(ctx context.Context, list pickle.Raw) (out []any, err error) {
	parts, err := list.Elements()
	if err != nil {
		return nil, q.misfit(taken{raw: list}, err)
	}
	for _, p := range parts {
		v, wrong := q.opened(ctx, taken{raw: p})
		if wrong != nil {
			err = errors.Join(err, wrong)
			continue
		}
		out = append(out, v)
	}
	return out, err
}

// Len returns the number of items: qsize().
func (q *Queue) Len(ctx context.Context) (n int, err error) {
	err = q.CallInto(ctx, &n, "qsize")
	return n, err
}

// Empty reports whether the queue had no items.
func (q *Queue) Empty(ctx context.Context) (b bool, err error) {
	err = q.CallInto(ctx, &b, "empty")
	return b, err
}

// Full reports whether the queue had no room.
func (q *Queue) Full(ctx context.Context) (b bool, err error) {
	err = q.CallInto(ctx, &b, "full")
	return b, err
}

// TaskDone counts one item off.
func (q *Queue) TaskDone(ctx context.Context) error {
	if d := q.first(); d != nil {
		_, err := d.Ack(ctx) // somebody else may have dealt with it since
		return err
	}
	_, err := q.CallRaw(ctx, "task_done")
	return err
}

// Join waits until every item was counted off. It takes nothing, so where ctx ends it the connection is
// simply closed.
func (q *Queue) Join(ctx context.Context) error {
	_, err := q.CallRaw(ctx, "join")
	return err
}

// Shutdown makes the queue raise ShutDown: Queue.shutdown(immediate), of Python 3.13 and ours.
func (q *Queue) Shutdown(ctx context.Context, immediate bool) error {
	_, err := q.CallRaw(ctx, "shutdown", immediate)
	return err
}
