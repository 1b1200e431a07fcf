package queue

import (
	"errors"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// engineIn is the engine of a queue.
func engineIn(q *Queue) *Engine { return q.backend.(*Engine) }

// Fill puts n small items into a queue.
func Fill(q *Queue, n int) {
	for i := range n {
		r, err := pickle.NewRaw(i, nil)
		if err != nil {
			panic(err)
		}
		if err := engineIn(q).Restore(Message{Raw: r}, 0, 0); err != nil {
			panic(err)
		}
	}
}

// Reply is what a reply to get_many carries away.
type Reply struct {
	carried Deliveries
	queue   *Queue
}

// TakeMany takes up to n items as get_many of a connection does, on lease where the queue leases.
func TakeMany(q *Queue, owner uint64, n int) Reply {
	d, err := q.backend.Take(nil, Taking{Max: n, Owner: owner})
	if errors.Is(err, managers.ErrEmpty) {
		return Reply{carried: given(nil), queue: q}
	}
	if err != nil {
		panic(err)
	}
	return Reply{carried: d, queue: q}
}

// Undo is what happens where the reply did not reach the client.
func (r Reply) Undo() { r.carried.Resolve(Unsent) }

// Ack acknowledges item i of the reply.
func (r Reply) Ack(i int) bool {
	ok, err := r.queue.backend.Ack(r.carried.Receipt(i))
	return ok && err == nil
}

// Nack gives item i of the reply back.
func (r Reply) Nack(i int) bool {
	ok, err := r.queue.backend.Nack(r.carried.Receipt(i), 0)
	return ok && err == nil
}

// OwnerGone is what happens when a connection ends.
func OwnerGone(q *Queue, owner uint64) { q.backend.OwnerGone(owner) }

// TaskDoneBy is task_done of a connection.
func TaskDoneBy(q *Queue, owner uint64) error { return q.backend.TaskDone(owner) }

// Remembered is how many leases of a connection a queue has in its book.
func Remembered(in *Queue, owner uint64) int {
	q := engineIn(in)
	q.mu.Lock()
	defer q.mu.Unlock()
	if who := q.leases.owners[owner]; who != nil {
		return who.taken.count
	}
	return 0
}

// CountComparisons lets a queue count how often it compares two items.
func CountComparisons(q *Queue) *int {
	n := new(int)
	switch o := engineIn(q).items.(type) {
	case *ageOrder:
		less := o.back.less
		o.back.less = func(a, b *item) bool {
			*n++
			return less(a, b)
		}
	case *priority:
		less := o.less
		o.less = func(a, b *item) (bool, error) {
			*n++
			return less(a, b)
		}
	}
	return n
}

// Peek is peek(n).
func Peek(q *Queue, n int) (out []pickle.Raw) {
	its, err := q.backend.Peek(n)
	if err != nil {
		panic(err)
	}
	for _, it := range its {
		out = append(out, it.Raw)
	}
	return out
}

// TakeItem takes the next item and returns what puts it back, as a reply that failed does.
func TakeItem(q *Queue) (back func()) {
	d, err := q.backend.Take(nil, Taking{})
	if err != nil {
		panic(err)
	}
	return func() { d.Resolve(Unsent) }
}
