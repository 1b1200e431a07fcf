package queue

import "slices"

// given are items that a queue without leases handed out.
type given items

// Len is how many there are.
func (g given) Len() int { return len(g) }

// Message returns item i.
func (g given) Message(i int) *Message { return &g[i].Message }

// Receipt is empty: they are given for good.
func (g given) Receipt(int) string { return "" }

// Count is 0: nobody counts.
func (g given) Count(int) int { return 0 }

// Resolve puts all of them back where they were, or forgets them: one reply carries items of one queue.
func (g given) Resolve(o Outcome) {
	switch {
	case len(g) == 0:
	case o == Delivered:
		for _, it := range g {
			it.delivered()
		}
	default:
		g[0].queue.putBack(items(g))
		items(g).pin(-1)
	}
}

// givenOne is a given item without a list of its own: the commonest delivery costs no memory.
type givenOne struct{ it *item }

// Len is 1.
func (g givenOne) Len() int { return 1 }

// Message returns the item.
func (g givenOne) Message(int) *Message { return &g.it.Message }

// Receipt is empty: it is given for good.
func (g givenOne) Receipt(int) string { return "" }

// Count is 0: nobody counts.
func (g givenOne) Count(int) int { return 0 }

// Resolve puts the item back where it was, or forgets it.
func (g givenOne) Resolve(o Outcome) {
	if o == Delivered {
		g.it.delivered()
		return
	}
	given{g.it}.Resolve(o)
}

// leasedItems are items that a queue leased.
type leasedItems struct {
	items  items
	leases []*lease // of the same items
}

// Len is how many there are.
func (l *leasedItems) Len() int { return len(l.items) }

// Message returns item i.
func (l *leasedItems) Message(i int) *Message { return &l.items[i].Message }

// Receipt names the lease of item i.
func (l *leasedItems) Receipt(i int) string { return l.leases[i].queue.receiptOf(l.leases[i]) }

// Count is how often item i was handed out.
func (l *leasedItems) Count(i int) int { return l.leases[i].delivery }

// Resolve takes all of them back, unless the reply was delivered: then they are the client's until they are
// acknowledged, or until their leases end.
func (l *leasedItems) Resolve(o Outcome) {
	if o == Delivered {
		return
	}
	var back items
	for some := range slices.Chunk(l.leases, atOnce) {
		q := some[0].queue
		q.mu.Lock()
		for _, l := range some {
			if it := q.returnLease(l, o); it != nil {
				back = append(back, it)
			}
		}
		q.mu.Unlock()
	}
	if len(back) > 0 {
		l.leases[0].queue.takeBack(back)
	}
}
