package client

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// Owner is one caller in the eyes of a manager's locks: what a thread is in a Python program. An RLock
// that an Owner acquired is that Owner's to acquire again and to release; a Condition is waited for and
// notified by the Owner that acquired it.
//
// A manager takes each connection for a caller of its own, so an Owner that holds something keeps one
// connection to itself. When that ends, what the Owner held is lost, and its calls fail with
// ErrOwnerLost from then on: nothing is acquired again behind the caller's back. CPython's manager
// leaves such a lock locked for good.
//
// Each lock that a Client makes has an Owner of its own until As gives it another one. As a thread does,
// an Owner makes one call after the other: of two goroutines that use one Owner, one waits.
type Owner struct {
	client *Client
	turn   chan struct{} // full while a call is under way; guards what follows
	conn   *connection.Conn
	holds  map[string]int // by ident: how often it was acquired
	lost   bool
}

// ErrOwnerLost is what the calls of an Owner return after its connection ended while it held something.
var ErrOwnerLost = errors.New("managers: the connection ended on which a lock was held")

var errForeignOwner = errors.New("managers: the owner is another client's")

// NewOwner returns an Owner that holds nothing.
func (c *Client) NewOwner() *Owner {
	return &Owner{client: c, turn: make(chan struct{}, 1), holds: make(map[string]int)}
}

// change says by how much the result of a call changes how often something is held.
type change func(result pickle.Raw) (int, error)

func acquired(result pickle.Raw) (int, error) {
	ok, err := truthOf(result)
	if ok {
		return 1, err
	}
	return 0, err
}

func released(pickle.Raw) (int, error) { return -1, nil }

func unchanged(pickle.Raw) (int, error) { return 0, nil }

// call calls a method as this owner. Where ctx ends it, the connection is lost.
func (o *Owner) call(
	ctx context.Context, p *Proxy, by change, method string, args ...any,
) (pickle.Raw, error) {
	if p.client != o.client {
		return pickle.Raw{}, errForeignOwner
	}
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
		return pickle.Raw{}, context.Cause(ctx)
	}
	defer func() { <-o.turn }()
	if o.lost {
		return pickle.Raw{}, ErrOwnerLost
	}
	r, err := o.exchange(ctx, p, method, args)
	if err != nil {
		return pickle.Raw{}, err
	}
	defer o.settle()
	v, err := r.Result(method)
	if err != nil {
		return pickle.Raw{}, err
	}
	n, err := by(v)
	o.count(p.token.Ident, n)
	return v, err
}

func (o *Owner) exchange(ctx context.Context, p *Proxy, method string, args []any) (wire.Reply, error) {
	c := o.client
	msg, err := c.request(p.token.Ident, method, args)
	if err != nil {
		return wire.Reply{}, err
	}
	if o.conn == nil {
		conn, err := c.serving(ctx)
		if err != nil {
			return wire.Reply{}, err
		}
		if err := c.pin(conn); err != nil {
			return wire.Reply{}, err
		}
		o.conn = conn
	}
	r, err := c.roundTrip(ctx, o.conn, msg)
	runtime.KeepAlive(p)
	runtime.KeepAlive(args)
	if err != nil {
		return wire.Reply{}, o.lose(err)
	}
	return r, nil
}

// lose gives up the connection, and with it what was held.
func (o *Owner) lose(err error) error {
	o.client.unpin(o.conn)
	_ = o.conn.Close()
	o.conn = nil
	if len(o.holds) == 0 {
		return err
	}
	clear(o.holds)
	o.lost = true
	return fmt.Errorf("%w: %w", ErrOwnerLost, err)
}

func (o *Owner) count(ident string, by int) {
	if n := o.holds[ident] + by; n > 0 {
		o.holds[ident] = n
	} else {
		delete(o.holds, ident) // or it was somebody else's Lock that was released
	}
}

// settle returns the connection once nothing is held.
func (o *Owner) settle() {
	if o.conn != nil && len(o.holds) == 0 {
		o.client.unpin(o.conn)
		o.client.giveBack(o.conn)
		o.conn = nil
	}
}

// pin notes an owner's connection, so that Close finds it. After Close it closes it itself.
func (c *Client) pin(conn *connection.Conn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return ErrClosed
	}
	c.pinned[conn] = struct{}{}
	return nil
}

func (c *Client) unpin(conn *connection.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pinned, conn)
}

// tryAcquire calls acquire with these arguments and reports whether it acquired.
type tryAcquire func(ctx context.Context, args ...any) (bool, error)

// acquire tries until it acquired or ctx ends. A request that may acquire is never abandoned.
func (c *Client) acquire(ctx context.Context, try tryAcquire) error {
	if c.dialect.NativeBytes {
		return acquirePolling(ctx, try)
	}
	return inSlices(ctx, errNotYet, func(ctx context.Context, sec float64) error {
		ok, err := try(ctx, true, sec)
		if err == nil && !ok {
			return errNotYet
		}
		return err
	})
}

// The pauses between the tries of acquirePolling.
const (
	firstPause = time.Millisecond
	lastPause  = 50 * time.Millisecond
)

// acquirePolling is for Python 2, whose locks know no timeout.
func acquirePolling(ctx context.Context, try tryAcquire) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if ok, err := acquireNow(ctx, try); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// acquireNow tries once without waiting for the lock.
func acquireNow(ctx context.Context, try tryAcquire) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	own, cancel := patient(ctx)
	defer cancel()
	return try(own, false)
}
