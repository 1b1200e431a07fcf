package queue

// store is how a queue keeps its items. It is guarded by the queue's mutex. Each of its methods but first, all
// and clear takes a time that grows with the logarithm of the number of items at most.
type store interface {
	// push adds a new item, whose seq is higher than any before. Where it cannot be compared with those that
	// are there it is not added, and the error says why.
	push(it *item) error
	// pop takes the item whose turn it is; there is one. It fails where the next ones cannot be compared,
	// once: then it goes on.
	pop() (*item, error)
	// restore puts an item that was popped back to the place that its seq gives it.
	restore(it *item)
	// remove takes an item out that was restored, if it is still there.
	remove(it *item)
	len() int
	// first calls f for up to n items in the order in which they would be taken, as far as there is one.
	first(n int, f func(*item)) error
	// all returns the items in no order.
	all() []*item
	clear()
}

func newStore(o Order) store {
	switch o {
	case LIFO:
		return &ageOrder{newest: true, back: itemHeap{less: newer}}
	case Priority:
		return newPriority()
	}
	return &ageOrder{back: itemHeap{less: older}}
}

func older(a, b *item) bool { return a.seq < b.seq }

func newer(a, b *item) bool { return a.seq > b.seq }

// ageOrder is a queue by age: the oldest item is next, or the newest. Those that were put are in a ring;
// those that came back are in a heap, since any number may come back, in any order.
type ageOrder struct {
	newest bool
	ring   ring
	back   itemHeap
}

func (q *ageOrder) len() int { return q.ring.count + q.back.len() }

func (q *ageOrder) push(it *item) error {
	q.ring.push(it)
	return nil
}

func (q *ageOrder) restore(it *item) { q.back.push(it) }

func (q *ageOrder) remove(it *item) { q.back.remove(it) }

// at is the item in the ring whose turn is after i others there.
func (q *ageOrder) at(i int) *item {
	if q.newest {
		i = q.ring.count - 1 - i
	}
	return *q.ring.at(i)
}

func (q *ageOrder) pop() (*item, error) {
	switch {
	case q.ring.count == 0, q.back.len() > 0 && q.back.less(q.back.items[0], q.at(0)):
		return q.back.pop(), nil
	case q.newest:
		return q.ring.popTail(), nil
	}
	return q.ring.popHead(), nil
}

func (q *ageOrder) first(n int, f func(*item)) error {
	n, i := min(n, q.len()), 0
	for it := range q.back.sorted() {
		for ; n > 0 && i < q.ring.count && q.back.less(q.at(i), it); n-- {
			f(q.at(i))
			i++
		}
		if n == 0 {
			return nil
		}
		f(it)
		n--
	}
	for ; n > 0; n-- {
		f(q.at(i))
		i++
	}
	return nil
}

func (q *ageOrder) all() []*item {
	out := append(make([]*item, 0, q.len()), q.back.items...)
	for i := range q.ring.count {
		out = append(out, *q.ring.at(i))
	}
	return out
}

func (q *ageOrder) clear() { q.ring, q.back.items = ring{}, nil }
