package server

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// Call is one call of a method by one client. It and what it returns are valid until Object.Call
// returns, and belong to the goroutine that Object.Call runs in.
type Call struct {
	// Method is the name that was called.
	Method string

	server  *Server
	session *session // nil where the program itself makes an object
	on      *entry   // whose method it is; nil where it makes an object
	args    []pickle.Raw
	kwargs  []pickle.Kwarg
	bound   bound
	parked  bool
	effect  effect  // nil: the reply carries nothing away
	opens   *opener // of what the call is about; made when something is opened

	unwaitable error // why the call cannot wait, where it has to
}

// effect is what a reply carries away.
type effect interface {
	// Resolve says what became of the reply, once. What the call did is taken back where it was not Delivered.
	Resolve(o queue.Outcome)
}

// Args returns the positional arguments, still pickled.
func (c *Call) Args() []pickle.Raw { return c.args }

// Kwargs returns the keyword arguments, still pickled.
func (c *Call) Kwargs() []pickle.Kwarg { return c.kwargs }

// Owner identifies the client's connection. It is never used again, and is what owns a lock.
func (c *Call) Owner() uint64 {
	if c.session == nil {
		return 0
	}
	return c.session.id
}

// Dialect returns what the client can read.
func (c *Call) Dialect() pickle.Dialect {
	if c.session == nil {
		return pickle.Dialect{}
	}
	return c.session.dialect
}

// address returns where the client reached the server.
func (c *Call) address() connection.Address {
	if c.session == nil {
		return connection.Address{}
	}
	return c.server.addressFor(c.session.conn)
}

// cloneRaw is an argument that stays valid after the call: a large one keeps the message that it came in,
// a small one is copied out of the connection's buffer.
func (c *Call) cloneRaw(r pickle.Raw) pickle.Raw {
	if c.session == nil || c.session.owned && r.Size() >= len(c.session.message)/2 {
		return r
	}
	return r.Clone()
}

// Park waits until the session is woken; the call's arguments are gone then. It returns waits.ErrTimeout at
// the given time (zero: never), waits.ErrGone when the client's connection ends, waits.ErrStopped when the server
// stops. A wake-up may come without a reason, so that the caller looks again and parks again.
func (c *Call) Park(deadline time.Time) error {
	if c.unwaitable != nil {
		return c.unwaitable
	}
	if n := c.server.waiting.Add(1); n > int64(c.server.limits.MaxWaiters) {
		c.server.waiting.Add(-1)
		err := &LimitError{"calls that wait", int64(c.server.limits.MaxWaiters)}
		c.session.log().Warn("a call may not wait", "error", err)
		return err
	}
	defer c.server.waiting.Add(-1)
	c.parked = true
	c.args, c.kwargs = nil, nil
	c.session.release()
	defer c.session.observeWait()()
	return c.session.park(deadline, true)
}

// Context returns a context that ends when the client is gone, the call is over, or the time is that Shutdown
// gives to calls in flight. A method that does nothing but wait should end at Server.Stopping, too.
// Watching the connection begins when the context's Done is first asked for, so a method that never
// waits pays nothing for it.
func (c *Call) Context() context.Context {
	if c.session == nil {
		return c.server.lifetime
	}
	if c.session.watch == nil {
		c.session.watch = &watch{session: c.session}
	}
	return c.session.watch
}

// watch is the context of one call.
type watch struct {
	session *session

	mu      sync.Mutex // all below
	done    chan struct{}
	err     error
	release chan struct{}
	over    chan struct{}
}

// Deadline reports that there is none.
func (w *watch) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value returns nil: nothing travels with a call.
func (w *watch) Value(any) any { return nil }

// Err returns why Done was closed.
func (w *watch) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Done starts to watch the connection and returns a channel that closes when the client is gone.
func (w *watch) Done() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done, w.release = make(chan struct{}), make(chan struct{})
		w.over = make(chan struct{})
		go w.run()
	}
	return w.done
}

// run waits beside the call and ends with it.
func (w *watch) run() {
	defer close(w.over)
	for {
		err := w.session.park(time.Time{}, false)
		select {
		case <-w.release:
			return
		default:
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			w.end()
			return
		}
	}
}

// stop ends the watching before the connection is read or written again. The context ends with its
// call, so that what a method left running ends too.
func (w *watch) stop() {
	w.mu.Lock()
	started := w.done != nil
	if !started {
		w.done = make(chan struct{})
	}
	w.mu.Unlock()
	if started {
		close(w.release)
		w.session.Wake()
		<-w.over
	}
	w.end()
}

// end closes Done, once.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = context.Canceled
		close(w.done)
	}
}

// Waker is what ends Park: waits.Caller.
func (c *Call) Waker() waits.Waker { return c.session }

// byValue is a result that is sent as it is, though the method's result becomes an object elsewhere.
type byValue struct{ value any }
