package queue

import (
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// The room that a queue has for items: MaxSize, MaxBytes, and the server's budget. Leased items
// keep their room. All of this is called with the queue's mutex held, except for what says otherwise.

// ItemOverhead is how many bytes each item in a queue counts beside those of its pickle, about what it takes
// to keep one. It takes as much again while the item is leased, which is not counted.
const ItemOverhead = 160

// smallestItem is what None counts.
const smallestItem = ItemOverhead + 1

// cost is what an item counts towards Options.MaxBytes and Limits.MaxItemBytes.
func cost(r pickle.Raw) int64 { return int64(r.Size()) + ItemOverhead }

// TooLarge is the error for an item that never fits, whatever else the queue holds. An item that is no
// larger than MaxBytes fits into an empty queue.
func (q *Engine) TooLarge(r pickle.Raw) error {
	size := int64(r.Size())
	switch {
	case q.opts.MaxBytes > 0 && size > q.opts.MaxBytes:
		return managers.ErrValueError.New(fmt.Sprintf(
			"an item of %d bytes does not fit into a queue of %d bytes", size, q.opts.MaxBytes))
	case q.host.Room != nil && cost(r) > q.host.Room.maxBytes:
		return managers.ErrValueError.New(fmt.Sprintf(
			"an item of %d bytes and %d for keeping it does not fit into the %d bytes for items of all queues",
			size, ItemOverhead, q.host.Room.maxBytes))
	}
	return nil
}

// lacks reports whether the queue itself has no room for an item that counts as so many bytes.
func (q *Engine) lacks(size int64) bool {
	return q.opts.MaxSize > 0 && q.items.len()+q.pending >= q.opts.MaxSize ||
		q.opts.MaxBytes > 0 && q.bytes > 0 && q.bytes+size > q.opts.MaxBytes
}

// Full is full(): whether a put of the smallest item would wait. It is called without the mutex.
func (q *Engine) Full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lacks(smallestItem) || q.host.Room.full()
}

// admit makes room for an item, if there is any.
func (q *Engine) admit(it *item) bool {
	size := cost(it.Raw)
	if q.lacks(size) {
		return false
	}
	if !q.host.Room.take(size) {
		q.roomRefused = true
		return false
	}
	q.count(it, size)
	return true
}

// count notes that an item has room.
func (q *Engine) count(it *item, size int64) {
	it.room = size
	it.counted = true
	q.bytes += size
}

// recount counts an item that comes back, whether there is room or not.
func (q *Engine) recount(it *item) {
	if !it.counted {
		size := cost(it.Raw)
		q.host.Room.force(size)
		q.count(it, size)
	}
}

// discount gives the room of an item back. The mutex is then given back by unlock.
func (q *Engine) discount(it *item) {
	if it.counted {
		it.counted = false
		q.bytes -= it.room
		q.host.Room.give(it.room)
	}
}

// unlock gives the mutex back after room was made.
func (q *Engine) unlock() {
	q.mu.Unlock()
	q.host.Room.retry()
}

// refill moves the items of puts that wait into the queue while there is room, and returns whom to wake.
func (q *Engine) refill() (woken []*waits.Waiter[*item]) {
	for w := q.putters.FirstAlive(); w != nil && !q.shut; w = q.putters.FirstAlive() {
		if !q.admit(w.For) {
			if q.roomRefused && !q.roomAwaited {
				q.roomAwaited = true
				q.host.Room.await(q)
				continue
			}
			break
		}
		woken = append(woken, q.accept()...)
	}
	q.roomRefused = false
	return woken
}

// accept moves the item of the put that waits longest into the queue and returns whom to wake.
func (q *Engine) accept() []*waits.Waiter[*item] {
	w := q.putters.Next()
	it := w.For
	w.For, w.Done = nil, true
	woken := []*waits.Waiter[*item]{w}
	if q.opts.Journal != nil {
		q.acceptDurably(w, it)
		return woken
	}
	getter, err := q.insert(it)
	if w.Err = err; getter != nil {
		woken = append(woken, getter)
	}
	return woken
}

// resume goes on where the server's budget was short. It is called without the mutex.
func (q *Engine) resume() {
	q.mu.Lock()
	q.roomAwaited = false
	woken := q.refill()
	q.mu.Unlock()
	waits.WakeAll(woken)
}

// abandon gives the room of all items back: nobody will take them. It is called without the mutex.
func (q *Engine) abandon() {
	q.mu.Lock()
	for _, it := range q.everything() {
		q.discount(it)
	}
	q.unlock()
}

// everything returns the items in the queue and those that are leased.
func (q *Engine) everything() []*item {
	all := q.items.all()
	if q.leases != nil {
		for _, l := range q.leases.byDeadline {
			all = append(all, l.item)
		}
	}
	return all
}
