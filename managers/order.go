package managers

import (
	"container/heap"
	"slices"

	"mpbridge/pickle"
)

// item is one value in a queue, with the number that tells its place among the others.
type item struct {
	raw   pickle.Raw
	seq   uint64
	key   sortKey // of a priority queue
	queue *Queue

	kept *kept // raw, where it holds proxies of objects of this server

	room    int64 // bytes, where it is counted among what the queue holds
	counted bool

	deliveries int  // how often it was handed out, where the queue lends
	unread     int  // of them, those whose replies were written and probably not read
	settled    bool // it was acknowledged or thrown away: it does not come back

	home   *buffers // where memory goes back to, nil where it is left to the garbage collector
	memory []byte   // the message that raw lies in
	shown  bool     // somebody peeked at it and may still be reading
}

// undo puts the item back where it was: its reply did not reach anybody.
func (it *item) undo() {
	it.queue.putBack(it)
	it.pin(-1)
}

// pin keeps what the item's proxies stand for while the item is on its way.
func (it *item) pin(n int) {
	if it.kept != nil {
		it.kept.proxies[0].table.pin(it.kept.proxies, n)
	}
}

// drop lets go of what the item's proxies stand for.
func (it *item) drop() {
	if it.kept != nil {
		drop(it.kept)
	}
}

// done gives the item's memory back: its reply was read, and the item is nowhere else.
func (it *item) done() {
	it.drop()
	it.pin(-1)
	if it.home == nil || it.shown {
		return
	}
	it.home.put(it.memory)
	it.home, it.memory, it.raw = nil, nil, pickle.Raw{}
}

// items are several that left with one reply.
type items []*item

func (its items) done() {
	for _, it := range its {
		it.done()
	}
}

func (its items) undo() {
	for _, it := range its {
		it.undo()
	}
}

// order is how a queue keeps its items. It is guarded by the queue's mutex.
type order interface {
	// push adds a new item, whose seq is higher than any before.
	push(it *item)
	// pop takes the item whose turn it is; there is one.
	pop() *item
	// restore puts an item back to the place that its seq gives it.
	restore(it *item)
	// remove takes an item out, if it is there.
	remove(it *item)
	len() int
	// first calls f for up to n items in the order in which they would be taken.
	first(n int, f func(*item))
	// all returns the items in no order.
	all() []*item
	clear()
}

// fifo is a ring whose head can also grow backwards: an item that comes back belongs before all that
// were put after it.
type fifo struct {
	ring  []*item
	head  int
	count int
}

func (q *fifo) len() int { return q.count }

func (q *fifo) at(i int) **item { return &q.ring[(q.head+i)&(len(q.ring)-1)] }

func (q *fifo) grow() {
	if q.count < len(q.ring) {
		return
	}
	bigger := make([]*item, max(8, 2*len(q.ring)))
	for i := range q.count {
		bigger[i] = *q.at(i)
	}
	q.ring, q.head = bigger, 0
}

func (q *fifo) push(it *item) {
	q.grow()
	q.count++
	*q.at(q.count - 1) = it
}

func (q *fifo) pop() *item {
	p := q.at(0)
	it := *p
	*p = nil
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.count--
	q.shrink()
	return it
}

// shrink gives room back after a long queue was emptied.
func (q *fifo) shrink() {
	if len(q.ring) <= 1024 || q.count > len(q.ring)/8 {
		return
	}
	smaller := make([]*item, len(q.ring)/4)
	for i := range q.count {
		smaller[i] = *q.at(i)
	}
	q.ring, q.head = smaller, 0
}

// restore moves the few items at the head that were put earlier aside.
func (q *fifo) restore(it *item) {
	q.grow()
	q.head = (q.head - 1) & (len(q.ring) - 1)
	q.count++
	i := 0
	for ; i+1 < q.count && (*q.at(i + 1)).seq < it.seq; i++ {
		*q.at(i) = *q.at(i + 1)
	}
	*q.at(i) = it
}

// remove closes the gap from the head, where items that came back are.
func (q *fifo) remove(it *item) {
	i := 0
	for i < q.count && *q.at(i) != it {
		i++
	}
	if i == q.count {
		return
	}
	for ; i > 0; i-- {
		*q.at(i) = *q.at(i - 1)
	}
	q.pop()
}

func (q *fifo) first(n int, f func(*item)) {
	for i := range min(n, q.count) {
		f(*q.at(i))
	}
}

func (q *fifo) all() (out []*item) {
	q.first(q.count, func(it *item) { out = append(out, it) })
	return out
}

func (q *fifo) clear() { *q = fifo{} }

// lifo takes the newest item first.
type lifo struct{ stack []*item }

func (q *lifo) len() int { return len(q.stack) }

func (q *lifo) push(it *item) { q.stack = append(q.stack, it) }

func (q *lifo) pop() *item {
	n := len(q.stack) - 1
	it := q.stack[n]
	q.stack[n] = nil
	q.stack = q.stack[:n]
	return it
}

func (q *lifo) restore(it *item) {
	q.stack = append(q.stack, it)
	for i := len(q.stack) - 1; i > 0 && q.stack[i-1].seq > it.seq; i-- {
		q.stack[i-1], q.stack[i] = q.stack[i], q.stack[i-1]
	}
}

func (q *lifo) remove(it *item) {
	if i := slices.Index(q.stack, it); i >= 0 {
		q.stack = slices.Delete(q.stack, i, i+1)
	}
}

func (q *lifo) first(n int, f func(*item)) {
	for i := range min(n, len(q.stack)) {
		f(q.stack[len(q.stack)-1-i])
	}
}

func (q *lifo) all() []*item { return slices.Clone(q.stack) }

func (q *lifo) clear() { q.stack = nil }

// priority takes the smallest item first and, of equal ones, the oldest.
type priority struct{ heap itemHeap }

func (q *priority) len() int         { return len(q.heap) }
func (q *priority) push(it *item)    { heap.Push(&q.heap, it) }
func (q *priority) restore(it *item) { heap.Push(&q.heap, it) }
func (q *priority) pop() *item       { return heap.Pop(&q.heap).(*item) }
func (q *priority) all() []*item     { return slices.Clone(q.heap) }
func (q *priority) clear()           { q.heap = nil }

func (q *priority) remove(it *item) {
	if i := slices.Index(q.heap, it); i >= 0 {
		heap.Remove(&q.heap, i)
	}
}

func (q *priority) first(n int, f func(*item)) {
	rest := append(itemHeap(nil), q.heap...)
	for range min(n, len(rest)) {
		f(heap.Pop(&rest).(*item))
	}
}

// itemHeap is a container/heap of items.
type itemHeap []*item

func (h itemHeap) Len() int      { return len(h) }
func (h itemHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *itemHeap) Push(x any)   { *h = append(*h, x.(*item)) }

// Less reports whether item i goes before item j.
func (h itemHeap) Less(i, j int) bool {
	if c := h[i].key.compare(h[j].key); c != 0 {
		return c < 0
	}
	return h[i].seq < h[j].seq
}

// Pop removes the last item.
func (h *itemHeap) Pop() any {
	old := *h
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return it
}
