package queue

import (
	"cmp"
	"slices"

	"mpbridge/pickle"
)

// Saved is an item as a snapshot has it.
type Saved struct {
	Raw pickle.Raw
	// Deliveries is how often it was handed out, and Unread how many of these were probably not read.
	Deliveries, Unread int

	seq uint64
}

// Save returns the items in the order in which they were put: those in the queue, those that are leased, and those on
// their way to a client or back. Their memory is not used again. What is done here is done with the queue locked; what
// the function that it returns does is not.
func (q *Engine) Save() func() []Saved {
	q.mu.Lock()
	its := append(q.items.all(), q.inFlight...)
	if q.leases != nil {
		for _, it := range q.leases.open {
			its = append(its, it) // some are in the queue as well
		}
	}
	all := make([]Saved, len(its))
	for i, it := range its {
		it.peeked = true // a reader's end must not give its memory to the next message
		all[i] = Saved{Raw: it.Raw, Deliveries: it.deliveries, Unread: it.unread, seq: it.seq}
	}
	q.mu.Unlock()
	return func() []Saved {
		slices.SortFunc(all, func(a, b Saved) int { return cmp.Compare(a.seq, b.seq) })
		return slices.CompactFunc(all, func(a, b Saved) bool { return a.seq == b.seq })
	}
}

// Restore puts an item in that was saved, whether there is room or not.
func (q *Engine) Restore(m Message, deliveries, unread int) error {
	it, err := q.newItem(m)
	if err != nil {
		return err
	}
	it.deliveries, it.unread = deliveries, unread
	return q.putAnyway(it)
}

// Need is how much a queue is needed to which nobody refers.
type Need int

const (
	// Unneeded is a queue that is empty and on which nobody waits.
	Unneeded Need = iota
	// LeftOver is a queue from which items were taken that nobody has counted off, and nobody ever counts:
	// neither task_done nor join was called. It goes when room is needed.
	LeftOver
	// Needed is any other.
	Needed
)

// Need tells how much the queue is needed to which nobody refers.
func (q *Engine) Need() Need {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.items.len()+q.pending+q.getters.Len()+q.putters.Len()+q.joiners.Len() > 0:
		return Needed
	case q.unfinished == 0:
		return Unneeded
	case q.counted || q.leases != nil: // what is leased is counted off by its acknowledgement
		return Needed
	}
	return LeftOver
}

// Empty reports whether there is nothing in the queue, or leased from it, that a snapshot would have.
func (q *Engine) Empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.leases != nil {
		return q.unfinished == 0
	}
	return q.items.len()+q.pending == 0 // whose items were taken is a new one after a restart, too
}
