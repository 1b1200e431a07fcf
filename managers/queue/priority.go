package queue

import (
	"slices"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// priority is the order of queue.PriorityQueue: a heap that asks nothing but whether one item is less than
// another, the same questions in the same order as heapq does. So what has no total order comes out as it does
// in Python, and what cannot be compared is Python's TypeError, at the same put or get.
//
// Where Python keeps what it could not put in its place, and loses what it could not give away, this order does
// neither: a push that fails leaves everything as it was, and what a pop that failed would have given is what
// the next one gives.
//
// Source: Modules/_heapqmodule.c.
type priority struct {
	heap     []*item
	owed     *item // what the pop that failed would have given
	less     func(a, b *item) (bool, error)
	limit    values.BudgetLimits // of what one push or pop may spend on comparing, with the queue's mutex held
	pool     *values.Pool
	decoding pickle.DecodeOptions
	work     *values.Budget // what it has spent, once it spends anything
}

// orderLimits is what one push or pop may spend on comparing while others wait for the queue.
var orderLimits = values.BudgetLimits{Values: 1 << 20, Bytes: 64 << 20, Steps: 1 << 22}

func newPriority() *priority {
	p := &priority{limit: orderLimits}
	p.less = p.compare
	return p
}

// bound lowers the limits to those of a server's calls, and takes its limits of pickles.
func (p *priority) bound(h Host) {
	if h.Decode != nil {
		p.decoding = *h.Decode
	}
	if l := h.Compare; l != nil {
		p.limit.Values = min(p.limit.Values, l.Values)
		p.limit.Bytes = min(p.limit.Bytes, l.Bytes)
		p.limit.Steps = min(p.limit.Steps, l.Steps)
	}
	p.pool = h.Pool
}

// budget is that of the push or pop that is under way.
func (p *priority) budget() *values.Budget {
	if p.work == nil {
		p.work = values.NewBudget(p.limit, nil, p.pool)
	}
	return p.work
}

// rest ends a push or pop.
func (p *priority) rest() {
	p.work.Close()
	p.work = nil
}

func (p *priority) len() int {
	if p.owed != nil {
		return len(p.heap) + 1
	}
	return len(p.heap)
}

// push is heapq.heappush, except for an item that cannot be compared: it stays outside.
func (p *priority) push(it *item) error {
	defer p.rest()
	at, err := p.room(len(p.heap), it)
	if err != nil {
		return disorder(err)
	}
	p.insert(it, at)
	return nil
}

// orderable tells why an item cannot be put, without putting it.
func (p *priority) orderable(it *item) error {
	defer p.rest()
	if _, err := p.room(len(p.heap), it); err != nil {
		return disorder(err)
	}
	return nil
}

// room returns where in the heap an item belongs that comes from place at: below an ancestor that is not
// larger.
func (p *priority) room(at int, it *item) (int, error) {
	for at > 0 {
		parent := (at - 1) / 2
		less, err := p.less(it, p.heap[parent])
		if err != nil || !less {
			return at, err
		}
		at = parent
	}
	return at, nil
}

// insert adds an item whose place is at, which is the last one or an ancestor of it.
func (p *priority) insert(it *item, at int) {
	p.heap = append(p.heap, nil)
	p.lower(len(p.heap)-1, at)
	p.set(at, it)
}

// lower moves the ancestors of place from down a level each, as far as place to.
func (p *priority) lower(from, to int) {
	for from > to {
		parent := (from - 1) / 2
		p.set(from, p.heap[parent])
		from = parent
	}
}

func (p *priority) set(at int, it *item) { p.heap[at], it.place = it, int32(at) }

// pop is heapq.heappop.
func (p *priority) pop() (*item, error) {
	if it := p.owed; it != nil {
		p.owed = nil
		return it, nil
	}
	defer p.rest()
	least := p.heap[0]
	last := p.cut()
	if len(p.heap) == 0 {
		return least, nil
	}
	p.set(0, last)
	if err := p.sink(0); err != nil {
		p.owed = least
		return nil, disorder(err)
	}
	return least, nil
}

// disorder is the exception that an item without order is to clients, and to this program.
func disorder(err error) error {
	if exc := managers.AsException(err); exc != nil {
		return exc
	}
	return err
}

// cut takes the last item off, and room after many have gone.
func (p *priority) cut() *item {
	n := len(p.heap) - 1
	it := p.heap[n]
	p.heap[n] = nil
	p.heap = p.heap[:n]
	if cap(p.heap) > smallRing && n <= cap(p.heap)/8 {
		p.heap = append(make([]*item, 0, cap(p.heap)/4), p.heap...)
	}
	return it
}

// sink is _siftup of heapq: the smaller children of the item at a place rise until it has none, and from there
// it rises to where it belongs. Where that cannot be found out all items are still there.
func (p *priority) sink(top int) error {
	it, at := p.heap[top], top
	for child := 2*at + 1; child < len(p.heap); child = 2*at + 1 {
		if child+1 < len(p.heap) {
			less, err := p.less(p.heap[child], p.heap[child+1])
			if err != nil {
				return err
			}
			if !less {
				child++
			}
		}
		p.set(at, p.heap[child])
		p.set(child, it)
		at = child
	}
	return p.rise(at, top)
}

// rise is _siftdown of heapq: the item at a place changes places with those of its ancestors, below top, that
// are larger.
func (p *priority) rise(at, top int) error {
	for it := p.heap[at]; at > top; {
		parent := (at - 1) / 2
		less, err := p.less(it, p.heap[parent])
		if err != nil || !less {
			return err
		}
		p.set(at, p.heap[parent])
		p.set(parent, it)
		at = parent
	}
	return nil
}

// restore puts an item that was popped before those that are equal and were put later. Where it meets one that
// it cannot be compared with it stays below that, as whoever gets them will learn.
func (p *priority) restore(it *item) {
	defer p.rest()
	at := len(p.heap)
	for at > 0 {
		parent := p.heap[(at-1)/2]
		less, err := p.less(it, parent)
		if err == nil && !less && it.seq < parent.seq {
			var more bool
			more, err = p.less(parent, it)
			less = !more
		}
		if err != nil || !less {
			break
		}
		at = (at - 1) / 2
	}
	p.insert(it, at)
}

func (p *priority) remove(it *item) {
	if p.owed == it {
		p.owed = nil
		return
	}
	at := int(it.place)
	if at >= len(p.heap) || p.heap[at] != it {
		return
	}
	last := p.cut()
	if last == it {
		return
	}
	defer p.rest()
	p.set(at, last)
	_ = p.rise(at, 0) // nobody asked for an order: whoever gets the items learns what has none
	_ = p.sink(at)
}

// first looks at copies of the heap's places, since only popping tells the order of what is equal.
func (p *priority) first(n int, f func(*item)) error {
	if n > 0 && p.owed != nil {
		f(p.owed)
		n--
	}
	if n <= 0 || len(p.heap) == 0 {
		return nil
	}
	f(p.heap[0])
	if n == 1 {
		return nil
	}
	shadow := &priority{heap: slices.Clone(p.heap), less: p.less}
	defer p.rest()
	defer p.replace()
	for ; n > 0 && len(shadow.heap) > 0; n-- {
		it, err := shadow.pop()
		if err != nil {
			return err
		}
		if it != p.heap[0] {
			f(it)
		}
	}
	return nil
}

// replace tells all items their places again.
func (p *priority) replace() {
	for at, it := range p.heap {
		it.place = int32(at)
	}
}

func (p *priority) all() []*item {
	all := append(make([]*item, 0, p.len()), p.heap...)
	if p.owed != nil {
		all = append(all, p.owed)
	}
	return all
}

func (p *priority) clear() { p.heap, p.owed = nil, nil }
