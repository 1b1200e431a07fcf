package managers

import (
	"cmp"
	"container/heap"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"
)

// lending is the book of a queue whose items are lent, not given: who has which item, and until when.
// It is guarded by the queue's mutex.
type lending struct {
	epoch  string             // marks the receipts of this queue
	open   map[uint64]*item   // handed out at least once and not acknowledged, by seq
	loans  map[uint64]*loan   // of those that are not in the queue, by seq
	owners map[uint64][]*loan // what each connection took and did not acknowledge, oldest first
	ends   loanHeap           // by when they end
	timer  *time.Timer        // for the first of them
	closed bool               // no timer any more: the server has stopped
}

// loan is one handing out of an item. A connection's loans stay in its list after they have ended: a
// task_done that comes late is for the item that was taken first, whoever has it now.
type loan struct {
	queue    *Queue
	item     *item
	owner    uint64 // the connection; 0 where none has it
	delivery int    // which handing out of the item
	doubtful bool   // its reply was sent, and may have been read
	torn     bool   // its reply left in part
	until    time.Time
	place    int // in the heap
}

// maxLost is how many loans of one connection are remembered after they have ended.
const maxLost = 1024

func newLending() *lending {
	var epoch [4]byte
	_, _ = rand.Read(epoch[:]) // it never fails: crypto/rand
	return &lending{
		epoch: hex.EncodeToString(epoch[:]), open: make(map[uint64]*item),
		loans: make(map[uint64]*loan), owners: make(map[uint64][]*loan),
	}
}

// lend notes that a connection has the item from now on.
func (q *Queue) lend(owner uint64, it *item) *loan {
	q.mu.Lock()
	defer q.mu.Unlock()
	if it.settled { // somebody who had it before acknowledged it in this moment
		return &loan{queue: q, item: it, owner: owner}
	}
	it.home = nil // its memory may be needed for another reply
	q.recount(it)
	it.deliveries++
	if it.deliveries > 1 {
		q.again++
	}
	l := &loan{queue: q, item: it, owner: owner, delivery: it.deliveries, until: time.Now().Add(q.opts.Lease)}
	q.lent.open[it.seq] = it
	q.begin(l)
	if owner != 0 {
		q.lent.remember(l)
	}
	return l
}

// remember adds a loan to its owner's list.
func (b *lending) remember(l *loan) {
	list := append(b.owners[l.owner], l)
	if len(list) > maxLost {
		if i := slices.IndexFunc(list, func(l *loan) bool { return b.loans[l.item.seq] != l }); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
	}
	b.owners[l.owner] = list
}

// forget takes a loan from its owner's list.
func (b *lending) forget(l *loan) {
	list := b.owners[l.owner]
	if i := slices.Index(list, l); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if b.owners[l.owner] = list; len(list) == 0 {
		delete(b.owners, l.owner)
	}
}

// begin makes l the item's loan.
func (q *Queue) begin(l *loan) {
	q.lent.loans[l.item.seq] = l
	heap.Push(&q.lent.ends, l)
	q.schedule()
}

// end ends a loan, if it has not ended yet. It tells whether it had not.
func (q *Queue) end(l *loan) bool {
	if q.lent.loans[l.item.seq] != l {
		return false
	}
	delete(q.lent.loans, l.item.seq)
	heap.Remove(&q.lent.ends, l.place)
	q.schedule()
	return true
}

// schedule sets the timer to the end of the first loan.
func (q *Queue) schedule() {
	b := q.lent
	switch {
	case b.closed || len(b.ends) == 0:
		if b.timer != nil {
			b.timer.Stop()
		}
	case b.timer == nil:
		b.timer = time.AfterFunc(time.Until(b.ends[0].until), q.expire)
	default:
		b.timer.Reset(time.Until(b.ends[0].until))
	}
}

// expire takes back what was lent for long enough.
func (q *Queue) expire() {
	var back []*item
	q.mu.Lock()
	for now := time.Now(); len(q.lent.ends) > 0 && !q.lent.ends[0].until.After(now) && !q.lent.closed; {
		l := q.lent.ends[0]
		q.end(l)
		back = append(back, l.item)
	}
	q.schedule()
	q.mu.Unlock()
	q.takeBack(back)
}

// takeBack puts items that were lent back into the queue, or into the dead letters where they were
// handed out too often.
func (q *Queue) takeBack(its []*item) {
	slices.SortFunc(its, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	for _, it := range its {
		if q.opts.MaxDeliveries > 0 && it.deliveries-it.unread >= q.opts.MaxDeliveries {
			q.bury(it)
			continue
		}
		q.putBack(it)
		it.pin(-1)
	}
}

// bury moves an item to the dead letters, which counts it off here.
func (q *Queue) bury(it *item) {
	q.mu.Lock()
	if it.settled {
		q.mu.Unlock()
		it.pin(-1)
		return
	}
	q.forgetItem(it)
	q.buried++
	woken := append(q.refill(), q.countOff()...)
	q.unlock()
	wakeAll(woken)
	if q.dead == nil {
		it.drop()
	} else if dead, err := q.dead.newItem(it.raw); err == nil {
		dead.kept = it.kept
		_ = q.dead.put(nil, dead, false, time.Time{}) // it has no bound; a shut one keeps nothing
	}
	it.pin(-1)
}

// doubt makes undo count the handing out, so that a receipt which was read is of no other.
func (l *loan) doubt() { l.doubtful = true }

// begun makes undo leave the handing out as it is: one more in vain.
func (l *loan) begun() { l.torn = true }

// undo takes the item back because the reply that carried it did not reach the client.
func (l *loan) undo() {
	q := l.queue
	q.mu.Lock()
	q.lent.forget(l)
	had := q.end(l)
	switch {
	case !had || l.torn: // who died while it read may have died of the item
	case l.doubtful:
		l.item.unread++
	default:
		l.item.deliveries--
	}
	q.mu.Unlock()
	if had {
		q.takeBack([]*item{l.item})
	}
}

// done is of no interest: the item is the client's once it is acknowledged.
func (*loan) done() {}

// loans are several that left with one reply.
type loans []*loan

func (ls loans) doubt() {
	for _, l := range ls {
		l.doubt()
	}
}

func (ls loans) begun() {
	for _, l := range ls {
		l.begun()
	}
}

func (ls loans) undo() {
	for _, l := range ls {
		l.undo()
	}
}

func (loans) done() {}

// ownerGone takes back what a connection had when it ended.
func (q *Queue) ownerGone(owner uint64) {
	var back []*item
	q.mu.Lock()
	for _, l := range q.lent.owners[owner] {
		if q.end(l) {
			back = append(back, l.item)
		}
	}
	delete(q.lent.owners, owner)
	q.mu.Unlock()
	q.takeBack(back)
}

// forgetItem notes that an item is settled. The mutex is then given back by unlock.
func (q *Queue) forgetItem(it *item) {
	q.discount(it)
	if q.lent != nil {
		it.settled = true
		delete(q.lent.open, it.seq)
	}
}

// settle counts an item off for good, wherever it is now. It returns whom to wake, and is called with
// the mutex held.
func (q *Queue) settle(it *item) []*waiter {
	q.forgetItem(it)
	if l := q.lent.loans[it.seq]; l != nil {
		q.end(l)
	} else {
		q.items.remove(it)
	}
	return append(q.refill(), q.countOff()...)
}

// acknowledge settles the item of a receipt. It returns false where that was done before.
func (q *Queue) acknowledge(r receipt) bool {
	q.mu.Lock()
	it := q.lent.open[r.seq]
	if it == nil {
		q.mu.Unlock()
		return false
	}
	lent := false
	if l := q.lent.loans[r.seq]; l != nil {
		lent = true
		q.lent.forget(l)
	}
	woken := q.settle(it)
	q.unlock()
	wakeAll(woken)
	it.drop()
	if lent {
		it.pin(-1)
	}
	return true
}

// doneBy acknowledges what the connection took first. The error is a ValueError where it has nothing.
func (q *Queue) doneBy(owner uint64) error {
	q.mu.Lock()
	list := q.lent.owners[owner]
	if len(list) == 0 {
		q.mu.Unlock()
		return Raise(ErrValueError, "task_done() called too many times")
	}
	l := list[0]
	q.lent.forget(l)
	q.mu.Unlock()
	q.acknowledge(receipt{l.item.seq, l.delivery})
	return nil
}

// refuse gives the item of a receipt back, after a while. It returns false where the loan has ended.
func (q *Queue) refuse(r receipt, delay time.Duration) bool {
	q.mu.Lock()
	l := q.current(r)
	if l == nil {
		q.mu.Unlock()
		return false
	}
	q.lent.forget(l)
	q.end(l)
	if delay > 0 {
		q.begin(&loan{queue: q, item: l.item, delivery: l.delivery, until: time.Now().Add(delay)})
		q.mu.Unlock()
		return true
	}
	q.mu.Unlock()
	q.takeBack([]*item{l.item})
	return true
}

// current is the loan of a receipt, nil where it has ended.
func (q *Queue) current(r receipt) *loan {
	l := q.lent.loans[r.seq]
	if l == nil || l.delivery != r.delivery {
		return nil
	}
	return l
}

// prolong lets the loan of a receipt end d from now. It returns false where it has ended.
func (q *Queue) prolong(r receipt, d time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.current(r)
	if l == nil {
		return false
	}
	l.until = time.Now().Add(d)
	heap.Fix(&q.lent.ends, l.place)
	q.schedule()
	return true
}

// stopLending ends the timer. Loans that are left are no more than items that were taken.
func (q *Queue) stopLending() {
	if q.lent == nil {
		return
	}
	q.mu.Lock()
	q.lent.closed = true
	q.schedule()
	q.mu.Unlock()
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

// Pop removes the last loan.
func (h *loanHeap) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return l
}
