package queue

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
)

// atOnce is how many items are moved while others wait for the queue.
const atOnce = 1024

// lease notes that a connection has the items from now on: those of one reply.
func (q *Engine) lease(owner uint64, its ...*item) []*lease {
	out := make([]*lease, 0, len(its))
	for some := range slices.Chunk(its, atOnce) {
		q.mu.Lock()
		deadline := time.Now().Add(q.opts.Lease)
		for _, it := range some {
			out = append(out, q.leaseOne(owner, it, deadline))
		}
		q.schedule()
		q.mu.Unlock()
	}
	return out
}

func (q *Engine) leaseOne(owner uint64, it *item, deadline time.Time) *lease {
	if it.settled { // somebody who had it before acknowledged it in this moment
		return &lease{queue: q, seq: it.seq, owner: owner}
	}
	it.Memory = nil // its memory may be needed for another reply
	q.recount(it)
	it.deliveries++
	q.journalDelivered(it)
	if it.deliveries > 1 {
		q.redelivered++
	}
	l := &lease{queue: q, owner: owner, delivery: it.deliveries, deadline: deadline}
	q.begin(l, it)
	if owner != 0 {
		q.leases.remember(l)
	}
	return l
}

// expire takes back what was leased for long enough.
func (q *Engine) expire() {
	for {
		back := q.expired()
		if len(back) == 0 {
			return
		}
		q.takeBack(back)
	}
}

// expired ends leases whose time is over, and sets the timer for the others.
func (q *Engine) expired() (back items) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.leases
	for now := time.Now(); len(back) < atOnce && !b.closed && len(b.byDeadline) > 0; {
		if b.byDeadline[0].deadline.After(now) {
			break
		}
		back = append(back, q.end(b.byDeadline[0]))
	}
	b.timerAt = time.Time{}
	q.schedule()
	return back
}

// takeBack puts items that were leased back into the queue, or into the dead letters where they were
// handed out too often.
func (q *Engine) takeBack(its items) {
	slices.SortFunc(its, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	back := its[:0]
	for _, it := range its {
		if q.dead != nil && it.deliveries-it.unread >= q.opts.MaxDeliveries {
			q.deadLetter(it)
		} else {
			back = append(back, it)
		}
	}
	q.putBack(back)
	back.pin(-1)
}

// deadLetter moves an item to the dead letters, which counts it off here.
func (q *Engine) deadLetter(it *item) {
	if q.opts.Journal != nil && q.dead.opts.Journal != nil && q.bury(it) {
		return
	}
	q.mu.Lock()
	if it.settled {
		q.mu.Unlock()
		it.pin(-1)
		return
	}
	q.forgetItem(it)
	q.deadLettered++
	woken := q.refill()
	q.unlock()
	_ = q.dead.putAnyway(&item{Message: Message{Raw: it.Raw, References: it.References}, queue: q.dead})
	q.mu.Lock()
	woken = append(woken, q.countOff()...) // not before: an empty queue may go, and its dead letters with it
	q.mu.Unlock()
	waits.WakeAll(woken)
	it.pin(-1)
	if q.idled != nil {
		q.idled()
	}
}

// returnLease ends a lease that was in vain and returns its item, nil where it had ended before.
func (q *Engine) returnLease(l *lease, o Outcome) *item {
	q.leases.forget(l)
	it := q.end(l)
	switch {
	case it == nil || o == Torn: // who died while it read may have died of the item
	case o == Unread: // the receipt may have been read: it is of no other handing out
		it.unread++
		q.journalDelivered(it)
	default:
		it.deliveries--
		q.journalDelivered(it)
	}
	return it
}

// Owes reports whether a connection has something of the queue.
func (q *Engine) Owes(owner uint64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.leases == nil || q.leases.owners[owner] != nil
}

// OwnerGone takes back what a connection had when it ended.
func (q *Engine) OwnerGone(owner uint64) {
	if q.leases == nil {
		return
	}
	var back items
	for more := true; more; {
		q.mu.Lock()
		who := q.leases.owners[owner]
		for n := 0; n < atOnce && who != nil && who.taken.count > 0; n++ {
			l := who.taken.head
			q.leases.forget(l)
			if it := q.end(l); it != nil {
				back = append(back, it)
			}
		}
		more = who != nil && who.taken.count > 0
		q.mu.Unlock()
	}
	q.takeBack(back)
}

// forgetItem notes that an item is settled. The mutex is then given back by unlock.
func (q *Engine) forgetItem(it *item) {
	q.journalSettled(it)
	q.discount(it)
	if q.leases != nil {
		it.settled = true
		delete(q.leases.open, it.seq)
	}
}

// settle counts an item off for good, wherever it is now. It returns whom to wake, and is called with
// the mutex held.
func (q *Engine) settle(it *item) []*waits.Waiter[*item] {
	q.forgetItem(it)
	if it.lease != nil {
		q.end(it.lease)
	} else {
		q.items.remove(it)
	}
	return append(q.refill(), q.countOff()...)
}

// ack settles the item of a receipt. It returns false where that was done before.
func (q *Engine) ack(r receipt) bool {
	q.mu.Lock()
	it := q.leases.open[r.seq]
	if it == nil {
		q.mu.Unlock()
		return false
	}
	leased := it.lease != nil
	if leased {
		q.leases.forget(it.lease)
	}
	woken := q.settle(it)
	q.unlock()
	waits.WakeAll(woken)
	it.drop()
	if leased {
		it.pin(-1)
	}
	return true
}

// doneBy acknowledges what the connection took first. The error is a ValueError where it has nothing.
func (q *Engine) doneBy(owner uint64) error {
	q.mu.Lock()
	who := q.leases.owners[owner]
	if who == nil {
		q.mu.Unlock()
		return managers.ErrValueError.New("task_done() called too many times")
	}
	l := who.taken.head
	q.leases.forget(l)
	q.mu.Unlock()
	q.ack(receipt{l.seq, l.delivery})
	return nil
}

// nack gives the item of a receipt back, after a while. It returns false where the lease has ended.
func (q *Engine) nack(r receipt, delay time.Duration) bool {
	q.mu.Lock()
	l := q.current(r)
	if l == nil {
		q.mu.Unlock()
		return false
	}
	q.leases.forget(l)
	it := q.end(l)
	if delay > 0 {
		until := time.Now().Add(delay)
		q.begin(&lease{queue: q, delivery: l.delivery, deadline: until}, it)
		q.journalDelayed(it, until)
		q.schedule()
		q.mu.Unlock()
		return true
	}
	q.mu.Unlock()
	q.takeBack(items{it})
	return true
}

// current is the lease of a receipt, nil where it has ended.
func (q *Engine) current(r receipt) *lease {
	it := q.leases.open[r.seq]
	if it == nil || it.lease == nil || it.lease.delivery != r.delivery {
		return nil
	}
	return it.lease
}

// extend lets the lease of a receipt end d from now. It returns false where it has ended.
func (q *Engine) extend(r receipt, d time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.current(r)
	if l == nil {
		return false
	}
	l.deadline = time.Now().Add(d)
	heap.Fix(&q.leases.byDeadline, l.place)
	q.schedule()
	return true
}
