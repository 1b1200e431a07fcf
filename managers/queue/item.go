package queue

import "mpbridge/pickle"

// Message is one item on its way into a queue, or as it is in one.
type Message struct {
	// Raw is the item, pickled.
	Raw pickle.Raw
	// Key is what a priority queue orders the item by. Where it is nil the item is decoded for it.
	Key *SortKey
	// References are what proxies in the item stand for; nil where there are none.
	References References
	// Memory is what Raw lies in, where that can be used again; nil where it cannot.
	Memory Memory
}

// References are the objects of which an item holds proxies. They live as long as it does.
type References interface {
	// Pin keeps them for n more replies that are on their way; a negative n takes that back.
	Pin(n int)
	// Drop lets go of them: the item is not in the queue any more.
	Drop()
}

// Memory is what an item lies in.
type Memory interface {
	// Free is called once, when nobody refers to the item any more.
	Free()
}

// item is one value in a queue, with the number that tells its place among the others.
type item struct {
	Message
	seq   uint64
	queue *Engine
	lease *lease // under which somebody has it, or a delay runs; nil where it is not leased

	room       int64 // bytes, where it is counted among what the queue holds
	deliveries int   // how often it was handed out, where the queue leases
	unread     int   // of them, those whose replies were written and probably not read
	place      int32 // in a heap of items or among those that leave, where it is in one

	counted bool
	settled bool // it was acknowledged or thrown away: it does not come back
	peeked  bool // somebody peeked at it and may still be reading
}

// pin keeps what the item's proxies stand for while the item is on its way.
func (it *item) pin(n int) {
	if it.References != nil {
		it.References.Pin(n)
	}
}

// drop lets go of what the item's proxies stand for.
func (it *item) drop() {
	if it.References != nil {
		it.References.Drop()
	}
}

// delivered gives the item's memory back: its reply was read, and the item is nowhere else.
func (it *item) delivered() {
	it.queue.received(it)
	it.drop()
	it.pin(-1)
	if it.Memory == nil || it.peeked {
		return
	}
	it.Memory.Free()
	it.Memory, it.Raw = nil, pickle.Raw{}
}

// items are several that left with one reply.
type items []*item

// What a reply of many items takes besides their pickles, at most: of each, and all together.
const (
	itemFrame  = 16
	replyFrame = 64
)

// fitting returns those that a message of so many bytes has room for, at least one, and the rest.
func (its items) fitting(most int64) (fit, rest items) {
	room := most - replyFrame
	for i, it := range its {
		if room -= int64(it.Raw.Size()) + itemFrame; room < 0 && i > 0 {
			return its[:i], its[i:]
		}
	}
	return its, nil
}

func (its items) pin(n int) {
	for _, it := range its {
		it.pin(n)
	}
}
