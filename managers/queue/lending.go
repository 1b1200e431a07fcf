package queue

import (
	"container/heap"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// lending is the book of a queue whose items are lent, not given: who has which item, and until when.
// It is guarded by the queue's mutex. Whatever happens to one loan takes a time that grows with the
// logarithm of the number of loans at most.
type lending struct {
	epoch     string               // marks the receipts of this queue
	open      map[uint64]*item     // taken at least once and not acknowledged, wherever they are, by seq
	borrowers map[uint64]*borrower // by the number of the connection
	ends      loanHeap             // what is lent, by when it ends
	timer     *time.Timer          // for the first of them, or earlier
	rings     time.Time            // when it does; zero where it is not set
	closed    bool                 // no timer any more: the server has stopped
}

// loan is one handing out of an item. A connection's loans stay in its list after they have ended: a
// task_done that comes late is for the item that was taken first, whoever has it now.
type loan struct {
	queue    *Engine
	item     *item // nil where it has ended
	seq      uint64
	owner    uint64 // the connection; 0 where none has it
	delivery int    // which handing out of the item
	until    time.Time
	place    int           // in the heap
	links    [chains]links // in the lists of its borrower
	in       [chains]bool  // whether it is in them
}

// maxLost is how many loans of one connection are remembered after they have ended.
const maxLost = 1024

func newLending() *lending {
	var epoch [4]byte
	_, _ = rand.Read(epoch[:]) // it never fails: crypto/rand
	return &lending{
		epoch: hex.EncodeToString(epoch[:]), open: make(map[uint64]*item),
		borrowers: make(map[uint64]*borrower),
	}
}

// borrower is what one connection took and did not acknowledge.
type borrower struct {
	taken chain // all of it, oldest first
	lost  chain // of it, what has ended, in the order in which it did
}

func newBorrower() *borrower { return &borrower{chain{kind: takenChain}, chain{kind: lostChain}} }

// remember adds a loan to its owner's list. Where that is long, the loan that ended first is forgotten.
func (b *lending) remember(l *loan) {
	who := b.borrowers[l.owner]
	if who == nil {
		who = newBorrower()
		b.borrowers[l.owner] = who
	}
	who.taken.add(l)
	if lost := who.lost.head; lost != nil && who.taken.count > maxLost {
		b.forget(lost)
	}
}

// forget takes a loan from its owner's list.
func (b *lending) forget(l *loan) {
	who := b.borrowers[l.owner]
	if who == nil {
		return
	}
	who.taken.remove(l)
	who.lost.remove(l)
	if who.taken.count == 0 {
		delete(b.borrowers, l.owner)
	}
}

// begin makes l the loan of an item.
func (q *Engine) begin(l *loan, it *item) {
	l.item, l.seq, it.loan = it, it.seq, l
	heap.Push(&q.lent.ends, l)
}

// end ends a loan, and returns its item if it had not ended yet.
func (q *Engine) end(l *loan) *item {
	it := l.item
	if it == nil {
		return nil
	}
	l.item, it.loan = nil, nil
	heap.Remove(&q.lent.ends, l.place)
	if len(q.lent.ends) == 0 {
		q.schedule()
	}
	if l.in[takenChain] {
		q.lent.borrowers[l.owner].lost.add(l)
	}
	return it
}

// schedule sets the timer, which may ring too early, to the end of the first loan. Where nothing is lent no
// timer keeps the queue.
func (q *Engine) schedule() {
	b := q.lent
	if b.closed || len(b.ends) == 0 {
		if b.timer != nil && !b.rings.IsZero() {
			b.timer.Stop()
		}
		b.rings = time.Time{}
		return
	}
	at := b.ends[0].until
	if !b.rings.IsZero() && !at.Before(b.rings) {
		return
	}
	b.rings = at
	if b.timer == nil {
		b.timer = time.AfterFunc(time.Until(at), q.expire)
	} else {
		b.timer.Reset(time.Until(at))
	}
}

// StopLeases ends the timer. Loans that are left are no more than items that were taken.
func (q *Engine) StopLeases() {
	if q.lent == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lent.closed = true
	q.schedule()
}

// loanHeap is a container/heap of loans, by when they end.
type loanHeap []*loan

func (h loanHeap) Len() int           { return len(h) }
func (h loanHeap) Less(i, j int) bool { return h[i].until.Before(h[j].until) }

func (h loanHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push adds a loan at the end.
func (h *loanHeap) Push(x any) {
	l := x.(*loan)
	l.place = len(*h)
	*h = append(*h, l)
}

// Pop removes the last loan, and room after many have gone.
func (h *loanHeap) Pop() any {
	old := *h
	n := len(old) - 1
	l := old[n]
	old[n] = nil
	*h = old[:n]
	if cap(old) > smallRing && n <= cap(old)/8 {
		*h = append(make(loanHeap, 0, cap(old)/4), old[:n]...)
	}
	return l
}

// chain is a list of loans in which each knows its neighbours. A loan is in one chain of a kind at most.
type chain struct {
	kind       int
	head, tail *loan
	count      int
}

// The kinds of chains: those of a borrower.
const (
	takenChain = iota
	lostChain
	chains
)

type links struct{ prev, next *loan }

// add puts a loan at the end.
func (c *chain) add(l *loan) {
	l.links[c.kind], l.in[c.kind] = links{prev: c.tail}, true
	if c.tail == nil {
		c.head = l
	} else {
		c.tail.links[c.kind].next = l
	}
	c.tail = l
	c.count++
}

// remove takes a loan out, if it is there.
func (c *chain) remove(l *loan) {
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
