package managers

import (
	"sync"
	"time"
)

// parker is who can wait: a client's call, or a goroutine of this program.
type parker interface {
	// park waits until it is woken, or returns errTimeout, errGone or errStopped. It may return
	// without a reason.
	park(until time.Time) error
	// waker returns what ends the park, from any goroutine.
	waker() waker
}

type waker interface {
	wake()
	// gone tells, without waiting, whether who waits is known to have left.
	gone() bool
}

// waiter is one call that waits for an object. Its fields are guarded by the object's mutex until done.
type waiter struct {
	waker      waker
	item       *item  // of a queue: what it received, or what it wants to put
	owner      uint64 // of a lock: for whom
	count      int    // of a lock: how often; of a barrier: who came before
	err        error
	done       bool // it got what it waited for, or an error
	prev, next *waiter
	list       *waiters
}

// wake ends the waiter's park. Nil is fine. Under the object's mutex it would make others wait.
func (w *waiter) wake() {
	if w != nil {
		w.waker.wake()
	}
}

func wakeAll(ws []*waiter) {
	for _, w := range ws {
		w.wake()
	}
}

// waiters is a line: first come, first served. It is guarded by the object's mutex.
type waiters struct {
	head, tail *waiter
	count      int
}

func (l *waiters) len() int { return l.count }

func (l *waiters) add(p parker) *waiter {
	w := &waiter{waker: p.waker(), prev: l.tail, list: l}
	if l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
	l.count++
	return w
}

// next takes the first waiter out of the line, nil where there is none.
func (l *waiters) next() *waiter {
	w := l.head
	if w != nil {
		l.remove(w)
	}
	return w
}

// present is next for who is still there: to hand something to a waiter that is gone would put what comes
// after it first.
func (l *waiters) present() *waiter {
	w := l.first()
	if w != nil {
		l.remove(w)
	}
	return w
}

// first returns the first in the line who is still there. Those before are taken out of it and learn that
// they are gone; they are woken under the object's mutex: there are few.
func (l *waiters) first() *waiter {
	for w := l.head; w != nil; w = l.head {
		if !w.waker.gone() {
			return w
		}
		l.remove(w)
		w.item, w.err, w.done = nil, errGone, true
		w.wake()
	}
	return nil
}

// remove takes w out of the line, if it is still in it.
func (l *waiters) remove(w *waiter) {
	if w.list != l {
		return
	}
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.list = nil, nil, nil
	l.count--
}

// release ends everybody's wait with err and returns whom to wake.
func (l *waiters) release(err error) (woken []*waiter) {
	for w := l.next(); w != nil; w = l.next() {
		w.item, w.err, w.done = nil, err, true
		woken = append(woken, w)
	}
	return woken
}

// over tells whether a wait until then need not begin.
func over(until time.Time) bool { return !until.IsZero() && !until.After(time.Now()) }

// await parks until the waiter is done, or until the wait ends in another way: then it is out of its
// line. It can be done and have an error: then what it got must be passed on. mu guards the line and
// is not held.
func await(p parker, mu *sync.Mutex, w *waiter, until time.Time) (done bool, err error) {
	for {
		err := p.park(until)
		mu.Lock()
		done := w.done
		if !done && err != nil && w.list != nil {
			w.list.remove(w)
		}
		mu.Unlock()
		if done || err != nil {
			return done, err
		}
	}
}
