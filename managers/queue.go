package managers

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/pickle"
)

// Order is the order in which a queue gives its items back.
type Order int

// The orders of Lib/queue.py: Queue, LifoQueue and PriorityQueue. Priority takes the smallest item first, by the
// order of package values and in the steps of heapq. An item that has no order among those it meets is not put:
// ErrTypeError. A get that cannot tell which items come next fails with it once, and loses nothing.
const (
	FIFO Order = iota
	LIFO
	Priority
)

// QueueOptions describes a queue.
type QueueOptions struct {
	// MaxSize is the number of items at which put waits; zero or less means no bound.
	MaxSize int
	// MaxBytes is how many bytes the queue holds at most before put waits; zero or less means no bound. Each
	// item counts as the length of its pickle and ItemOverhead more, also while it is lent. An item whose
	// pickle is longer than MaxBytes is a ValueError; any other fits into a queue that is empty.
	MaxBytes int64
	// Order is the order of the items; FIFO is the zero value.
	Order Order
	// Lease is for how long a client may have an item without acknowledging it, by task_done or ack.
	// Then, or when the client's connection ends before, the item comes back. Zero: an item that was
	// delivered is the client's for good.
	Lease time.Duration
	// MaxDeliveries is how often an item is handed out before it moves to the dead letters instead of
	// coming back; zero means for ever. A reply that left in part counts, since its reader may have died
	// of it; one that was written whole and not read does not. It needs a Lease, and a server, which has a
	// place for dead letters.
	MaxDeliveries int
}

// MinLease is the shortest lease.
const MinLease = 10 * time.Millisecond

func (o QueueOptions) check() error {
	switch {
	case o.Lease < 0 || o.Lease > 0 && o.Lease < MinLease:
		return fmt.Errorf("managers: a lease of %v is below %v", o.Lease, MinLease)
	case o.MaxDeliveries < 0:
		return fmt.Errorf("managers: MaxDeliveries %d is negative", o.MaxDeliveries)
	case o.MaxDeliveries > 0 && o.Lease == 0:
		return errors.New("managers: MaxDeliveries needs a Lease")
	}
	return nil
}

// Queue is queue.Queue as multiprocessing managers share it, with JoinableQueue's task_done and join.
// Values stay pickled. See the package's documentation for what it promises.
//
// All methods may be called concurrently.
type Queue struct {
	name string
	opts QueueOptions

	mu         sync.Mutex // all below; released before anybody is woken
	items      order
	seq        uint64
	getters    waiters
	putters    waiters
	joiners    waiters
	unfinished int
	shut       bool
	lent       *lending // nil where items are given for good
	leaving    leaving  // items that were given, and whose replies may come back
	again      uint64   // handings out of items that had been handed out before
	buried     uint64   // items that moved to the dead letters
	bytes      int64    // of the items that are counted
	counted    bool     // somebody counts items off, or waits for that
	disorder   error    // why get_many took less than there was: what the next get raises
	short      bool     // the budget has just refused an item
	awaiting   bool     // the budget knows that a put waits

	idled  func()  // called when it may have become empty without a call; nil where nobody cares
	dead   *Queue  // the dead letters; nil where there are none
	budget *budget // of the server; nil for a queue of this program alone

	puts, gets, returned atomic.Uint64
}

// NewQueue makes a queue of its own. A server's queues come from AddQueue and AddQueueFamily.
func NewQueue(o QueueOptions) *Queue {
	q := &Queue{opts: o, items: newOrder(o.Order)}
	if o.Lease > 0 {
		q.lent = newLending()
	}
	return q
}

// String describes the queue, by its name where it is shared, without showing what it holds.
func (q *Queue) String() string {
	kind := [...]string{"Queue", "LifoQueue", "PriorityQueue"}[q.opts.Order]
	if q.name != "" {
		kind += " " + q.name
	}
	return fmt.Sprintf("<queue.%s maxsize=%d qsize=%d>", kind, max(q.opts.MaxSize, 0), q.Len())
}

// QueueStats is what a queue can tell about itself.
type QueueStats struct {
	Name                 string
	Len, MaxSize         int
	Bytes                int64  // of the items and those that are lent, as QueueOptions.MaxBytes counts
	Getters, Putters     int    // calls that wait
	Unfinished           int    // items put and not yet counted off by task_done
	Puts, Gets, Returned uint64 // since the start; Returned went back undelivered
	Lent                 int    // items handed out and not acknowledged
	Leaving              int    // items given whose replies are not known to have been read
	Redelivered, Dead    uint64 // handed out again; moved to the dead letters
	ShutDown             bool
}

// Stats returns a snapshot.
func (q *Queue) Stats() QueueStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	lent := 0
	if q.lent != nil {
		lent = len(q.lent.ends)
	}
	return QueueStats{
		Bytes: q.bytes, Lent: lent, Leaving: len(q.leaving), Redelivered: q.again, Dead: q.buried,
		Name: q.name, Len: q.items.len(), MaxSize: max(q.opts.MaxSize, 0),
		Getters: q.getters.len(), Putters: q.putters.len(), Unfinished: q.unfinished,
		Puts: q.puts.Load(), Gets: q.gets.Load(), Returned: q.returned.Load(), ShutDown: q.shut,
	}
}

// Len returns the number of items that wait to be taken.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items.len()
}

// newItem makes an item of r. A priority queue looks at what it is ordered by, within what o may spend.
func (q *Queue) newItem(o *opener, r pickle.Raw) (it *item, err error) {
	it = &item{raw: r, queue: q}
	if q.opts.Order == Priority {
		it.rank, err = rankOf(o, r)
	}
	return it, err
}

// enter hands a new item to who waits for one, who is returned and must be woken, or keeps it until somebody
// takes it. Where it cannot be ordered among the others it stays outside.
func (q *Queue) enter(it *item) (*waiter, error) {
	q.number(it)
	w := q.hand(it)
	if w == nil {
		if err := q.items.push(it); err != nil {
			q.discount(it)
			return nil, err
		}
		q.recount(it)
	}
	q.entered()
	return w, nil
}

// number gives a new item its number.
func (q *Queue) number(it *item) {
	q.seq++
	it.seq = q.seq
}

// entered counts a new item.
func (q *Queue) entered() {
	q.unfinished++
	q.puts.Add(1)
}

// hand gives an item to the one who waits longest, who is returned and must be woken.
func (q *Queue) hand(it *item) *waiter {
	w := q.getters.present()
	if w != nil {
		w.item, w.done = it, true
		q.leaves(it)
	}
	return w
}

// take takes the next item. Puts that wait for the room get it and are returned, to be woken.
func (q *Queue) take() (*item, []*waiter, error) {
	err := q.disorder
	q.disorder = nil
	if err != nil {
		return nil, nil, err
	}
	it, err := q.items.pop()
	if err != nil {
		return nil, nil, err
	}
	q.leaves(it)
	return it, q.refill(), nil
}

// leaves notes that an item is on its way to who takes it. One that is lent stays the queue's meanwhile.
func (q *Queue) leaves(it *item) {
	if q.lent == nil {
		q.discount(it)
		q.leaving.add(it)
	} else {
		q.lent.open[it.seq] = it
	}
}

// putBack returns items that nobody received to their places.
func (q *Queue) putBack(its items) {
	for some := range slices.Chunk(its, atOnce) {
		var woken []*waiter
		q.mu.Lock()
		for _, it := range some {
			if w := q.putBackOne(it); w != nil {
				woken = append(woken, w)
			}
		}
		q.unlock()
		wakeAll(woken)
	}
}

// putBackOne returns who got the item instead and must be woken, if anybody did.
func (q *Queue) putBackOne(it *item) *waiter {
	if it.settled {
		return nil
	}
	q.returned.Add(1)
	q.leaving.remove(it)
	w := q.hand(it)
	if w == nil {
		q.recount(it)
		q.items.restore(it)
	}
	return w
}

// putAnyway puts an item in whether there is room or not, and also after a shutdown: it was accepted
// before.
func (q *Queue) putAnyway(it *item) {
	q.mu.Lock()
	q.number(it)
	w := q.hand(it)
	if w == nil {
		q.recount(it)
		if q.items.push(it) != nil {
			q.items.restore(it)
		}
	}
	q.entered()
	q.unlock()
	w.wake()
}

// patience is how long a put waits, if there is no room.
type patience struct {
	block bool
	until time.Time // zero means for ever
	// err is what is wrong with the arguments that say so. Lib/queue.py looks at them only where there is
	// something to wait for.
	err error
}

// forEver is the patience of put(item).
var forEver = patience{block: true}

// put puts an item in, and waits for room of any kind: MaxSize, MaxBytes, and the server's budget.
func (q *Queue) put(p parker, it *item, wait patience) error {
	q.mu.Lock()
	if err := q.refusal(it); err != nil {
		q.mu.Unlock()
		return err
	}
	if q.putters.len() == 0 {
		if w, ok, err := q.putNow(it); ok {
			q.unlock()
			w.wake()
			return err
		}
	}
	if !wait.block || wait.err != nil {
		q.short = false
		q.mu.Unlock()
		if wait.err != nil {
			return wait.err
		}
		return ErrFull
	}
	w := q.putters.add(p)
	w.item = it
	var woken []*waiter
	if q.short {
		woken = q.refill()
	}
	q.unlock()
	wakeAll(woken)
	return q.waitPut(p, w, wait.until)
}

// refusal is why an item cannot be put.
func (q *Queue) refusal(it *item) error {
	if q.shut {
		return ErrShutDown
	}
	return q.tooLarge(it.raw)
}

// putNow hands an item to who waits for one, who is returned and must be woken, or stores it where there
// is room. ok is false where there is none.
func (q *Queue) putNow(it *item) (w *waiter, ok bool, err error) {
	if q.getters.len() == 0 && !q.admit(it) {
		return nil, false, nil
	}
	w, err = q.enter(it)
	return w, true, err
}

// waitPut waits until the waiter's item is in the queue.
func (q *Queue) waitPut(p parker, w *waiter, until time.Time) error {
	done, err := await(p, &q.mu, w, until)
	if done {
		return w.err
	}
	return waitError(err, ErrFull)
}

// waitError is what a wait that ended with err means to the caller.
func waitError(err error, timedOut *Exception) error {
	if err == errTimeout {
		return timedOut
	}
	return err
}

// get takes up to n items. With block it waits for the first one until the given time.
func (q *Queue) get(p parker, n int, block bool, until time.Time) (*item, items, error) {
	q.mu.Lock()
	if q.items.len() == 0 && q.putters.first() != nil { // the server's budget is short: it need not hold this
		wakeAll(q.accept())
	}
	if q.items.len() == 0 {
		var err error
		switch {
		case q.shut:
			err = ErrShutDown
		case !block:
			err = ErrEmpty
		}
		if err != nil {
			q.mu.Unlock()
			return nil, nil, err
		}
		w := q.getters.add(p)
		q.mu.Unlock()
		first, err := q.waitGet(p, w, until)
		if err != nil || n == 1 {
			return first, nil, err
		}
		return first, q.more(n - 1), nil
	}
	first, woken, err := q.take()
	q.unlock()
	if err != nil {
		return nil, nil, err
	}
	q.gets.Add(1)
	wakeAll(woken)
	if n == 1 {
		return first, nil, nil
	}
	return first, q.more(n - 1), nil
}

// more takes up to n items without waiting. What cannot be ordered ends it, and the next get learns of that.
func (q *Queue) more(n int) items {
	var out items
	for more := true; more && len(out) < n; {
		var woken []*waiter
		q.mu.Lock()
		some := 0
		for len(out) < n && some < atOnce && q.items.len() > 0 {
			it, ready, err := q.take()
			if q.disorder = err; err != nil {
				break
			}
			out, woken = append(out, it), append(woken, ready...)
			some++
		}
		more = q.items.len() > 0 && q.disorder == nil
		q.unlock()
		q.gets.Add(uint64(some))
		wakeAll(woken)
	}
	return out
}

// waitGet waits until the waiter was handed an item. One that was handed over in the moment in which
// the wait failed goes back.
func (q *Queue) waitGet(p parker, w *waiter, until time.Time) (*item, error) {
	done, err := await(p, &q.mu, w, until)
	switch {
	case !done:
		return nil, waitError(err, ErrEmpty)
	case w.item == nil:
		return nil, w.err
	case err != nil && err != errTimeout:
		w.item.undo()
		return nil, err
	}
	q.gets.Add(1)
	return w.item, nil
}

// taskDone counts one item off.
func (q *Queue) taskDone() error {
	q.mu.Lock()
	q.counted = true
	if q.unfinished == 0 {
		q.mu.Unlock()
		return Raise(ErrValueError, "task_done() called too many times")
	}
	woken := q.countOff()
	q.mu.Unlock()
	wakeAll(woken)
	return nil
}

// countOff counts one item off and returns whom to wake.
func (q *Queue) countOff() []*waiter {
	q.unfinished = max(q.unfinished-1, 0)
	return q.finished()
}

// finished releases those who join, when nothing is unfinished.
func (q *Queue) finished() []*waiter {
	if q.unfinished > 0 {
		return nil
	}
	return q.joiners.release(nil)
}

// join waits until every item that was put has been counted off.
func (q *Queue) join(p parker) error {
	q.mu.Lock()
	q.counted = true
	if q.unfinished == 0 {
		q.mu.Unlock()
		return nil
	}
	w := q.joiners.add(p)
	q.mu.Unlock()
	done, err := await(p, &q.mu, w, time.Time{})
	if done {
		return nil
	}
	return err
}

// shutdown makes put raise ShutDown, and get too once the queue is empty. With immediate the items go,
// each counted off: Lib/queue.py, Queue.shutdown.
func (q *Queue) shutdown(immediate bool) {
	q.mu.Lock()
	q.shut = true
	var woken []*waiter
	var thrown []*item
	if immediate {
		q.unfinished = max(q.unfinished-q.items.len(), 0)
		thrown = q.throwAll()
		woken = q.joiners.release(nil)
	}
	woken = append(woken, q.getters.release(ErrShutDown)...)
	woken = append(woken, q.putters.release(ErrShutDown)...)
	q.unlock()
	dropItems(thrown)
	wakeAll(woken)
}

// clear throws the items away, counts each off, and returns how many there were.
func (q *Queue) clear() int {
	q.mu.Lock()
	thrown := q.throwAll()
	n := len(thrown)
	q.unfinished = max(q.unfinished-n, 0)
	woken := append(q.finished(), q.refill()...)
	q.unlock()
	dropItems(thrown)
	wakeAll(woken)
	return n
}

// throwAll empties the queue and returns what was in it.
func (q *Queue) throwAll() []*item {
	all := q.items.all()
	q.items.clear()
	q.disorder = nil
	for _, it := range all {
		q.forgetItem(it)
	}
	return all
}

func dropItems(its []*item) {
	for _, it := range its {
		it.drop()
	}
}

// eachKept calls f for the items that hold proxies.
func (q *Queue) eachKept(f func(*kept)) {
	q.mu.Lock()
	all := q.everything()
	q.mu.Unlock()
	for _, it := range all {
		if it.kept != nil {
			f(it.kept)
		}
	}
}

// peek returns up to n items that stay where they are, as cells.
func (q *Queue) peek(n int) ([]any, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]any, 0, min(n, q.items.len()))
	err := q.items.first(n, func(it *item) {
		it.shown = true
		if it.kept != nil {
			out = append(out, it.kept)
			return
		}
		out = append(out, it.raw)
	})
	return out, err
}
