// Package waits lets calls wait for an object in a line: first come, first served. The object guards a [Line] by its
// mutex; whoever gives a [Waiter] what it waits for does so with the mutex held, and wakes it after that.
//
//	w := line.Add(caller, item)        // with the mutex held
//	mu.Unlock()
//	done, err := waits.Await(caller, &mu, w, deadline)
package waits

import (
	"errors"
	"sync"
	"time"
)

// What ends a wait other than what was waited for.
var (
	// ErrTimeout says that the deadline has passed.
	ErrTimeout = errors.New("managers: timed out")
	// ErrGone says that whoever waited is gone: a client's connection ended, or a context.
	ErrGone = errors.New("managers: the client is gone")
	// ErrStopped says that the server stops.
	ErrStopped = errors.New("managers: the server stops")
)

// Caller is who can wait: a client's call, or a goroutine of this program.
type Caller interface {
	// Park waits until the Waker's Wake is called, or returns ErrTimeout at the deadline (zero: never), ErrGone or
	// ErrStopped. It may return without a reason.
	Park(deadline time.Time) error
	// Waker returns what ends Park, from any goroutine.
	Waker() Waker
}

// Waker ends a Caller's wait. Its methods may be called concurrently, and do not wait.
type Waker interface {
	Wake()
	// Gone reports whether the caller is known to have left.
	Gone() bool
}

// Waiter is one call that waits for an object. Its fields are guarded by the object's mutex until Done.
type Waiter[T any] struct {
	For  T     // what the call wants, or what it got
	Err  error // why it did not get what it waited for
	Done bool  // it got what it waited for, or an error

	waker      Waker
	prev, next *Waiter[T]
	line       *Line[T]
}

// Wake ends the waiter's Park. Nil is fine. Under the object's mutex it would make others wait.
func (w *Waiter[T]) Wake() {
	if w != nil {
		w.waker.Wake()
	}
}

// WakeAll wakes several waiters.
func WakeAll[T any](ws []*Waiter[T]) {
	for _, w := range ws {
		w.Wake()
	}
}

// Line is the calls that wait for an object, the one that came first in front. It is guarded by the object's mutex.
type Line[T any] struct {
	head, tail *Waiter[T]
	count      int
}

// Len returns how many calls wait.
func (l *Line[T]) Len() int { return l.count }

// Add puts a call at the end of the line.
func (l *Line[T]) Add(c Caller, v T) *Waiter[T] {
	w := &Waiter[T]{For: v, waker: c.Waker(), prev: l.tail, line: l}
	if l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
	l.count++
	return w
}

// Next takes the first waiter out of the line, nil where there is none.
func (l *Line[T]) Next() *Waiter[T] {
	w := l.head
	if w != nil {
		l.remove(w)
	}
	return w
}

// NextAlive is Next for whoever is still there: to hand something to a waiter that is gone would put what comes
// after it first.
func (l *Line[T]) NextAlive() *Waiter[T] {
	w := l.FirstAlive()
	if w != nil {
		l.remove(w)
	}
	return w
}

// FirstAlive returns the first in the line who is still there. Those before are taken out of it and learn that
// they are gone; they are woken under the object's mutex: there are few.
func (l *Line[T]) FirstAlive() *Waiter[T] {
	for w := l.head; w != nil; w = l.head {
		if !w.waker.Gone() {
			return w
		}
		l.remove(w)
		w.end(ErrGone)
		w.Wake()
	}
	return nil
}

// end ends a wait in vain.
func (w *Waiter[T]) end(err error) {
	var nothing T
	w.For, w.Err, w.Done = nothing, err, true
}

// remove takes w out of the line, if it is still in it.
func (l *Line[T]) remove(w *Waiter[T]) {
	if w.line != l {
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
	w.prev, w.next, w.line = nil, nil, nil
	l.count--
}

// Release ends everybody's wait with err and returns whom to wake.
func (l *Line[T]) Release(err error) (woken []*Waiter[T]) {
	for w := l.Next(); w != nil; w = l.Next() {
		w.end(err)
		woken = append(woken, w)
	}
	return woken
}

// Grant takes up to n waiters out of the line, who have what they waited for, and returns them to be woken.
func (l *Line[T]) Grant(n int) (woken []*Waiter[T]) {
	for ; n > 0 && l.head != nil; n-- {
		w := l.Next()
		w.Done = true
		woken = append(woken, w)
	}
	return woken
}

// Expired reports whether a wait until the deadline need not begin.
func Expired(deadline time.Time) bool { return !deadline.IsZero() && !deadline.After(time.Now()) }

// Await parks until the waiter is done, or until the wait ends in another way: then it is out of its
// line. It can be done and have an error: then what it got must be passed on. mu guards the line and
// is not held.
func Await[T any](c Caller, mu *sync.Mutex, w *Waiter[T], deadline time.Time) (done bool, err error) {
	for {
		err := c.Park(deadline)
		mu.Lock()
		done := w.Done
		if !done && err != nil && w.line != nil {
			w.line.remove(w)
		}
		mu.Unlock()
		if done || err != nil {
			return done, err
		}
	}
}
