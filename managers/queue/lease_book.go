package queue

import (
	"container/heap"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// leaseBook is the book of a queue whose items are leased, not given: who has which item, and until when.
// It is guarded by the queue's mutex. Whatever happens to one lease takes a time that grows with the
// logarithm of the number of leases at most.
type leaseBook struct {
	epoch      string                  // marks the receipts of this queue
	open       map[uint64]*item        // taken at least once and not acknowledged, wherever they are, by seq
	owners     map[uint64]*ownerLeases // by the number of the connection
	byDeadline leaseHeap               // what is leased, by when it ends
	timer      *time.Timer             // for the first of them, or earlier
	timerAt    time.Time               // when it does; zero where it is not set
	closed     bool                    // no timer any more: the server has stopped
}

// lease is one handing out of an item. A connection's leases stay in its list after they have ended: a
// task_done that comes late is for the item that was taken first, whoever has it now.
type lease struct {
	queue    *Engine
	item     *item // nil where it has ended
	seq      uint64
	owner    uint64 // the connection; 0 where none has it
	delivery int    // which handing out of the item
	deadline time.Time
	place    int           // in the heap
	links    [chains]links // in the lists of its borrower
	in       [chains]bool  // whether it is in them
}

// maxEnded is how many leases of one connection are remembered after they have ended.
const maxEnded = 1024

func newLeaseBook() *leaseBook {
	var epoch [4]byte
	_, _ = rand.Read(epoch[:]) // it never fails: crypto/rand
	return &leaseBook{
		epoch: hex.EncodeToString(epoch[:]), open: make(map[uint64]*item),
		owners: make(map[uint64]*ownerLeases),
	}
}

// ownerLeases is what one connection took and did not acknowledge.
type ownerLeases struct {
	taken chain // all of it, oldest first
	lost  chain // of it, what has ended, in the order in which it did
}

func newOwnerLeases() *ownerLeases {
	return &ownerLeases{chain{kind: takenChain}, chain{kind: lostChain}}
}

// remember adds a lease to its owner's list. Where that is long, the lease that ended first is forgotten.
func (b *leaseBook) remember(l *lease) {
	who := b.owners[l.owner]
	if who == nil {
		who = newOwnerLeases()
		b.owners[l.owner] = who
	}
	who.taken.add(l)
	if lost := who.lost.head; lost != nil && who.taken.count > maxEnded {
		b.forget(lost)
	}
}

// forget takes a lease from its owner's list.
func (b *leaseBook) forget(l *lease) {
	who := b.owners[l.owner]
	if who == nil {
		return
	}
	who.taken.remove(l)
	who.lost.remove(l)
	if who.taken.count == 0 {
		delete(b.owners, l.owner)
	}
}

// begin makes l the lease of an item.
func (q *Engine) begin(l *lease, it *item) {
	l.item, l.seq, it.lease = it, it.seq, l
	heap.Push(&q.leases.byDeadline, l)
}

// end ends a lease, and returns its item if it had not ended yet.
func (q *Engine) end(l *lease) *item {
	it := l.item
	if it == nil {
		return nil
	}
	l.item, it.lease = nil, nil
	heap.Remove(&q.leases.byDeadline, l.place)
	if len(q.leases.byDeadline) == 0 {
		q.schedule()
	}
	if l.in[takenChain] {
		q.leases.owners[l.owner].lost.add(l)
	}
	return it
}

// schedule sets the timer, which may ring too early, to the end of the first lease. Where nothing is leased no
// timer keeps the queue.
func (q *Engine) schedule() {
	b := q.leases
	if b.closed || len(b.byDeadline) == 0 {
		if b.timer != nil && !b.timerAt.IsZero() {
			b.timer.Stop()
		}
		b.timerAt = time.Time{}
		return
	}
	at := b.byDeadline[0].deadline
	if !b.timerAt.IsZero() && !at.Before(b.timerAt) {
		return
	}
	b.timerAt = at
	if b.timer == nil {
		b.timer = time.AfterFunc(time.Until(at), q.expire)
	} else {
		b.timer.Reset(time.Until(at))
	}
}

// StopLeases ends the timer. Leases that are left are no more than items that were taken.
func (q *Engine) StopLeases() {
	if q.leases == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leases.closed = true
	q.schedule()
}

// leaseHeap is a container/heap of leases, by when they end.
type leaseHeap []*lease

func (h leaseHeap) Len() int           { return len(h) }
func (h leaseHeap) Less(i, j int) bool { return h[i].deadline.Before(h[j].deadline) }

func (h leaseHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push adds a lease at the end.
func (h *leaseHeap) Push(x any) {
	l := x.(*lease)
	l.place = len(*h)
	*h = append(*h, l)
}

// Pop removes the last lease, and room after many have gone.
func (h *leaseHeap) Pop() any {
	old := *h
	n := len(old) - 1
	l := old[n]
	old[n] = nil
	*h = old[:n]
	if cap(old) > smallRing && n <= cap(old)/8 {
		*h = append(make(leaseHeap, 0, cap(old)/4), old[:n]...)
	}
	return l
}

// chain is a list of leases in which each knows its neighbours. A lease is in one chain of a kind at most.
type chain struct {
	kind       int
	head, tail *lease
	count      int
}

// The kinds of chains: those of a borrower.
const (
	takenChain = iota
	lostChain
	chains
)

type links struct{ prev, next *lease }

// add puts a lease at the end.
func (c *chain) add(l *lease) {
	l.links[c.kind], l.in[c.kind] = links{prev: c.tail}, true
	if c.tail == nil {
		c.head = l
	} else {
		c.tail.links[c.kind].next = l
	}
	c.tail = l
	c.count++
}

// remove takes a lease out, if it is there.
func (c *chain) remove(l *lease) {
	if !l.in[c.kind] {
		return
	}
	at := l.links[c.kind]
	if at.prev == nil {
		c.head = at.next
	} else {
		at.prev.links[c.kind].next = at.next
	}
	if at.next == nil {
		c.tail = at.prev
	} else {
		at.next.links[c.kind].prev = at.prev
	}
	l.links[c.kind], l.in[c.kind] = links{}, false
	c.count--
}
