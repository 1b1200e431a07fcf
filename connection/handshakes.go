package connection

import (
	"errors"
	"sync"
	"time"
)

var (
	errSlow    = errors.New("the handshake took too long")
	errTooMany = errors.New("too many handshakes in progress; this was the oldest")
	errEvicted = errors.New("no more connections could be accepted, and this handshake was slow")
)

// crowdedTimeout is how long a handshake may take while nothing more can be accepted, as when the process has
// no descriptors left. Silent strangers would keep everybody out for the whole timeout else.
const crowdedTimeout = time.Second

// handshake is a peer that has not yet authenticated.
type handshake struct {
	c          *Conn
	since      time.Time
	prev, next *handshake
	cause      error // why it was ended from outside
	gone       bool  // out of the list
}

// waiting is the list of peers in a handshake, oldest first. All have the same time to finish, so
// one timer, for the oldest, serves all; and when the list is full the oldest gives way,
// so that silent strangers cannot keep honest peers out.
type handshakes struct {
	mu          sync.Mutex // all below; never held while closing a socket
	first, last *handshake
	n, max      int
	timeout     time.Duration
	timer       *time.Timer // nil while the list has never been used
	armed       bool
	closed      bool
}

// add enters a peer; false means that the list is closed.
func (w *handshakes) add(c *Conn) (*handshake, bool) {
	h := &handshake{c: c, since: time.Now()}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil, false
	}
	var old *handshake
	if w.n >= w.max {
		old = w.first
		w.end(old, errTooMany)
	}
	w.link(h)
	if !w.armed {
		w.arm(w.timeout)
	}
	w.mu.Unlock()
	if old != nil {
		_ = old.c.Close()
	}
	return h, true
}

func (w *handshakes) arm(d time.Duration) {
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.sweep)
		return
	}
	w.timer.Reset(d)
}

// sweep ends the handshakes whose time is over.
func (w *handshakes) sweep() {
	w.mu.Lock()
	w.armed = false
	over := w.older(w.timeout, errSlow)
	if w.first != nil && !w.closed {
		w.arm(max(w.timeout-time.Since(w.first.since), 0))
	}
	w.mu.Unlock()
	closeAll(over)
}

// hurry ends the handshakes that have lasted longer than crowdedTimeout, and returns whether there were any.
func (w *handshakes) evictOldest() bool {
	w.mu.Lock()
	over := w.older(crowdedTimeout, errEvicted)
	w.mu.Unlock()
	closeAll(over)
	return len(over) > 0
}

// older takes out the handshakes that began so long ago. The caller closes them once mu is free.
func (w *handshakes) older(age time.Duration, cause error) (over []*handshake) {
	for now := time.Now(); w.first != nil && !w.closed && now.Sub(w.first.since) >= age; {
		over = append(over, w.first)
		w.end(w.first, cause)
	}
	return over
}

func closeAll(over []*handshake) {
	for _, h := range over {
		_ = h.c.Close()
	}
}

// finish takes a peer out and returns why it was ended, if so.
func (w *handshakes) finish(h *handshake) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end(h, nil)
	return h.cause
}

// close ends all and takes no more.
func (w *handshakes) close() {
	w.mu.Lock()
	w.closed = true
	var over []*handshake
	for w.first != nil {
		over = append(over, w.first)
		w.end(w.first, ErrClosed)
	}
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Unlock()
	closeAll(over)
}

func (w *handshakes) link(h *handshake) {
	h.prev = w.last
	if w.last != nil {
		w.last.next = h
	} else {
		w.first = h
	}
	w.last = h
	w.n++
}

// end unlinks h, once, with the cause of it.
func (w *handshakes) end(h *handshake, cause error) {
	if h.gone {
		return
	}
	h.gone, h.cause = true, cause
	if h.prev != nil {
		h.prev.next = h.next
	} else {
		w.first = h.next
	}
	if h.next != nil {
		h.next.prev = h.prev
	} else {
		w.last = h.prev
	}
	h.prev, h.next = nil, nil
	w.n--
}
