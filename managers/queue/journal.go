package queue

import (
	"errors"
	"time"

	"mpbridge/managers"
)

// Journal makes a queue of this process durable: it is told what happens to each item, in the order in which it
// happens. All methods but Replay and Sync, and Commit.Wait, are called with the queue locked and must not wait, nor call
// the queue. A nil Journal costs nothing.
//
// Items are named by their numbers: each is put with one that is higher than all before it, or Move gives it another.
// Errors are what a client is to get: OSError where there is no room, or the disk fails.
type Journal interface {
	// Replay calls f for each item that was put and not settled, in the order of their numbers, and returns what else is
	// known of the queue, whose order is noted for whoever looks at the journal without the queue. It is called once, before
	// all else.
	Replay(order Order, f func(number uint64, m Message, h HandedOut) error) (Replayed, error)
	// Put says that items were accepted: all of them are kept, or none. They are in the queue once done is told so. Of
	// their messages Raw does not change before that. After an error done is not called.
	Put(done Done, items ...Numbered) (Commit, error)
	// Move makes an item one of another queue, at once in both: ErrOtherJournal where that is not kept in the same place.
	Move(done Done, number uint64, to Journal, toNumber uint64) (Commit, error)
	// Delivered says how often an item has been handed out on lease. It may get lost in a crash.
	Delivered(number uint64, h HandedOut)
	// Settled says that an item is not in the queue any more and does not come back, and is counted off: it was
	// acknowledged, or thrown away.
	Settled(number uint64)
	// Given says that an item is its reader's for good, and not counted off. It may get lost in a crash.
	Given(number uint64)
	// Counted says that so many more tasks are unfinished, or fewer, without any item being put or settled.
	Counted(delta int)
	// Shut says that the queue was shut down.
	Shut()
	// Drop says that the queue is gone, with all that is in it. Nothing is said after that.
	Drop()
	// Sync waits until all that was said before is kept. What a client did is answered after it, and with its error.
	Sync() error
}

// Journals are the journals of a server's queues and other objects, by name. nil in place of one says that what has that
// name is not durable.
type Journals interface {
	// Journal returns that of the queue of a name. It is asked for once for each name, and again after Drop.
	Journal(name string) Journal
	// Object returns that of the object of a name that is no queue.
	Object(name string) managers.ObjectJournal
	// Names returns the names of the queues that there are journals of, in the order in which they were made.
	Names() []string
	// Used reports whether a server has served with these journals before, and Use says that one does now. What a snapshot
	// holds is older than what they have then.
	Used() bool
	Use()
	// Sync waits until all that was said to any of them is kept.
	Sync() error
	// Durability says when what was done is on stable storage: "always", "never", or how often.
	Durability() string
}

// Done is told what became of items. Committed is called once by a goroutine of the Journal, after the call that it
// belongs to has returned, in the order of these calls, and before Commit.Wait and Sync return.
type Done interface{ Committed(err error) }

// Commit is what becomes of what a Journal was told.
type Commit interface {
	// Wait waits until it is kept, or returns why it never will be.
	Wait() error
}

// Numbered is an item with its number.
type Numbered struct {
	Number  uint64
	Message *Message
	HandedOut
}

// HandedOut is how often an item has been handed out on lease, and how many of these replies were probably not read.
type HandedOut struct {
	Deliveries, Unread int
	// Until is when the delay ends after which it comes back; zero where none runs.
	Until time.Time
}

// Replayed is what a Journal knows of a queue beside its items.
type Replayed struct {
	Last  uint64 // the highest number that an item ever had
	Tally int    // how many tasks are unfinished more than there are items
	Epoch string // marks the receipts of the queue
	Shut  bool
}

// ErrOtherJournal says that two queues are not kept in the same place.
var ErrOtherJournal = errors.New("queue: the journal is another one's")

// Replay puts the items in that the queue's Journal has, whether there is room or not. It is called once, before the
// queue is used; without a Journal it does nothing.
func (q *Engine) Replay() error {
	j := q.opts.Journal
	if j == nil {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	known, err := j.Replay(q.opts.Order, func(number uint64, m Message, h HandedOut) error {
		it, err := q.newItem(m)
		if err != nil {
			return err
		}
		it.deliveries, it.unread = h.Deliveries, h.Unread
		it.seq, q.seq = number, max(q.seq, number)
		q.replayed(it, h.Until)
		return nil
	})
	q.seq = max(q.seq, known.Last)
	q.unfinished = max(q.unfinished+known.Tally, 0)
	q.shut = known.Shut
	if q.leases != nil {
		q.leases.epoch = known.Epoch
		q.schedule()
	}
	return err
}

// replayed puts an item in its place that was there before. Somebody may have its receipt, though the journal may not
// know that it was handed out.
func (q *Engine) replayed(it *item, until time.Time) {
	q.unfinished++
	if q.leases != nil {
		q.leases.open[it.seq] = it
		if until.After(time.Now()) {
			q.recount(it)
			q.begin(&lease{queue: q, delivery: it.deliveries, deadline: until}, it)
			return
		}
		q.recount(it)
		q.items.restore(it) // where an acknowledgement finds it
		return
	}
	q.store(it)
}

// journalDelivered tells the journal how often an item was handed out.
func (q *Engine) journalDelivered(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Delivered(it.seq, it.handedOut())
	}
}

// handedOut is how often an item was handed out.
func (it *item) handedOut() HandedOut { return HandedOut{Deliveries: it.deliveries, Unread: it.unread} }

// journalDelayed tells the journal until when an item does not come back.
func (q *Engine) journalDelayed(it *item, until time.Time) {
	if q.opts.Journal != nil {
		h := it.handedOut()
		h.Until = until
		q.opts.Journal.Delivered(it.seq, h)
	}
}

// journalSettled tells the journal that an item is gone.
func (q *Engine) journalSettled(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Settled(it.seq)
	}
}

// journalGiven tells the journal that an item is its reader's.
func (q *Engine) journalGiven(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Given(it.seq)
	}
}

// journalCounted tells the journal that the number of unfinished tasks has changed by itself.
func (q *Engine) journalCounted(delta int) {
	if q.opts.Journal != nil && delta != 0 {
		q.opts.Journal.Counted(delta)
	}
}

// sync waits until what was done is safe. It is called without the mutex.
func (q *Engine) sync() error {
	if q.opts.Journal == nil {
		return nil
	}
	return q.opts.Journal.Sync()
}

// Keep makes a queue durable that was made without a Journal, and replays that. It is called before the queue is used.
func (q *Engine) Keep(j Journal) error {
	q.opts.Journal = j
	return q.Replay()
}

// Drop tells the journal that nobody will use the queue again, nor find what is in it.
func (q *Engine) Drop() {
	if q.opts.Journal != nil {
		q.opts.Journal.Drop()
	}
}
