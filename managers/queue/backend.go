package queue

import (
	"time"

	"mpbridge/managers/internal/waits"
)

// Backend is what keeps the items of one queue: it orders, waits, leases and counts deliveries. [Engine] is the one that
// keeps them in this process. What every Backend has to do is what package queuetest asks of it.
//
// All methods may be called concurrently. Errors that Python has an exception for are *Exception: ErrFull, ErrEmpty,
// ErrShutDown, ErrValueError, and ErrTypeError for what has no order.
type Backend interface {
	// Put puts an item in, and waits for room as w says. Of an item that it refused the Backend keeps nothing.
	Put(by Caller, m Message, w Wait) error
	// Take takes items whose turn it is, at least one, and waits for the first one as t says.
	Take(by Caller, t Taking) (Deliveries, error)
	// Peek returns up to n items in the order in which they would be taken. They stay where they are.
	Peek(n int) ([]Message, error)
	// Ack says that the item of a receipt was dealt with, whoever has it now. It returns false where that was said
	// before. An error, here and below, is a ValueError: not a receipt, or a queue without leases.
	Ack(receipt string) (bool, error)
	// Nack gives the item of a receipt back after a delay. It returns false where its lease has ended.
	Nack(receipt string, delay time.Duration) (bool, error)
	// Extend lets the lease of a receipt end d from now. It returns false where it has ended.
	Extend(receipt string, d time.Duration) (bool, error)
	// Leased lists what is handed out on lease, in the order in which it was put.
	Leased() []Leased
	// TaskDone counts one item off; where items are leased, it acknowledges what that owner took first.
	TaskDone(owner uint64) error
	// Join waits until every item that was put has been counted off.
	Join(by Caller) error
	// Clear throws the items away that wait to be taken, counts each off, and returns how many there were.
	Clear() int
	// Shutdown is queue.Queue.shutdown of Python 3.13: put raises ShutDown from now on, and get once the queue is
	// empty. With immediate the items go, each counted off.
	Shutdown(immediate bool)
	// OwnerGone takes back what a connection had on lease when it ended.
	OwnerGone(owner uint64)
	// Stats returns a snapshot.
	Stats() Stats
	// Close ends timers and gives back what the Backend holds. Nobody calls it after that.
	Close() error
}

// Caller is who puts or takes: a client's call, or a goroutine of this program. It may be nil for what does not wait.
type Caller = waits.Caller

// Waker ends a Caller's wait.
type Waker = waits.Waker

// What a Caller's Park returns where its wait ends without what it waited for.
var (
	ErrTimeout = waits.ErrTimeout
	ErrGone    = waits.ErrGone
	ErrStopped = waits.ErrStopped
)

// Wait is how long a call waits, if it has to.
type Wait struct {
	// Block says whether the call waits at all.
	Block bool
	// Deadline is when it stops; the zero time means never.
	Deadline time.Time
	// Err is what is wrong with the arguments that say so: the call fails with it where it would have to wait.
	// Lib/queue.py looks at them only where there is something to wait for.
	Err error
}

// Forever is the Wait of put(item).
var Forever = Wait{Block: true}

// Taking says what to take.
type Taking struct {
	// Max is how many items at most; 0 means one.
	Max int
	// MaxBytes bounds the pickles of several items together, with what a reply needs beside them; 0 means no bound.
	// One item is taken whatever its size.
	MaxBytes int64
	// Owner is the connection that gets them on lease. What is leased to 0 comes back only at the end of its lease.
	Owner uint64
	// Keep says that the items are read after Resolve: their Memory is not used again.
	Keep bool
	Wait
}

// Outcome is what became of a reply that carried something away.
type Outcome int

const (
	// Delivered: the client is known to have read the reply.
	Delivered Outcome = iota
	// Unsent: nothing of it was written.
	Unsent
	// Torn: it left in part, and its reader may have died of it.
	Torn
	// Unread: it was written whole and probably not read, but it may have been.
	Unread
)

// Deliveries are the items that one Take took. Resolve is called once, and nothing else after it.
type Deliveries interface {
	Len() int
	// Message returns item i.
	Message(i int) *Message
	// Receipt names this handing out of item i; it is empty where items are given for good.
	Receipt(i int) string
	// Count is how often item i has been handed out by now; 0 where items are given for good.
	Count(i int) int
	// Resolve says what became of the reply that carried them. What was not Delivered goes back to its place.
	Resolve(o Outcome)
}

// Leased is an item that was leased and is not acknowledged.
type Leased struct {
	Receipt    string
	Client     uint64        // the number of the connection; 0 for this program, and while a delay runs
	Deliveries int           // how often it was handed out
	Left       time.Duration // until it comes back
}
