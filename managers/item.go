package managers

import "mpbridge/pickle"

// item is one value in a queue, with the number that tells its place among the others.
type item struct {
	raw   pickle.Raw
	seq   uint64
	rank  *rank // of a priority queue
	queue *Queue
	kept  *kept    // raw, where it holds proxies of objects of this server
	from  *message // the memory that raw lies in, where it can be used again
	loan  *loan    // under which somebody has it, or a delay runs; nil where it is not lent

	room       int64 // bytes, where it is counted among what the queue holds
	deliveries int   // how often it was handed out, where the queue lends
	unread     int   // of them, those whose replies were written and probably not read
	place      int32 // in a heap of items or among those that leave, where it is in one

	counted bool
	settled bool // it was acknowledged or thrown away: it does not come back
	shown   bool // somebody peeked at it and may still be reading
}

// message is memory that goes back to where it came from when its item is nowhere else.
type message struct {
	home  *buffers
	bytes []byte
}

// undo puts the item back where it was: its reply did not reach anybody.
func (it *item) undo() {
	items{it}.undo()
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
	it.queue.received(it)
	it.drop()
	it.pin(-1)
	if it.from == nil || it.shown {
		return
	}
	it.from.home.put(it.from.bytes)
	it.from, it.raw = nil, pickle.Raw{}
}

// items are several that left with one reply.
type items []*item

func (its items) done() {
	for _, it := range its {
		it.done()
	}
}

// What a reply of many items takes besides their pickles, at most: of each, and all together.
const (
	itemFrame  = 16
	replyFrame = 64
)

// fitting returns those that a message of so many bytes has room for, at least one, and the rest.
func (its items) fitting(most int64) (fit, rest items) {
	room := most - replyFrame
	for i, it := range its {
		if room -= int64(it.raw.Size()) + itemFrame; room < 0 && i > 0 {
			return its[:i], its[i:]
		}
	}
	return its, nil
}

// undo puts all of them back where they were: one reply carries items of one queue.
func (its items) undo() {
	if len(its) == 0 {
		return
	}
	its[0].queue.putBack(its)
	its.unpin()
}

func (its items) unpin() {
	for _, it := range its {
		it.pin(-1)
	}
}
