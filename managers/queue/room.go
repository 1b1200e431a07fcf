package queue

import (
	"log/slog"
	"sync"
	"sync/atomic"
)

// Room bounds what all queues of a server hold together. A nil Room has no bounds. Its methods may be called
// concurrently.
type Room struct {
	maxItems, maxBytes int64
	log                *slog.Logger

	room         sync.Mutex // items, bytes; held for no longer than it takes to count
	items, bytes int64

	crowded atomic.Bool // somebody is in waiting
	mu      sync.Mutex  // all below
	waiting []*Engine   // those in which a put waits for the Room, each once
}

// NewRoom makes the room for so many items, and so many bytes as Options.MaxBytes counts them. log is told when it
// is short.
func NewRoom(items, bytes int64, log *slog.Logger) *Room {
	return &Room{maxItems: items, maxBytes: bytes, log: log}
}

// take makes room for an item that counts as so many bytes, if there is any.
func (b *Room) take(size int64) bool {
	if b == nil {
		return true
	}
	b.room.Lock()
	defer b.room.Unlock()
	if b.lacks(size) {
		return false
	}
	b.items++
	b.bytes += size
	return true
}

// lacks reports whether there is no room for an item. b.room is held.
func (b *Room) lacks(size int64) bool { return b.items >= b.maxItems || b.bytes+size > b.maxBytes }

// full reports whether there is no room for the smallest item.
func (b *Room) full() bool {
	if b == nil {
		return false
	}
	b.room.Lock()
	defer b.room.Unlock()
	return b.lacks(smallestItem)
}

// force counts an item whether there is room or not: one that comes back is not lost.
func (b *Room) force(size int64) { b.add(1, size) }

// give counts an item off. Whoever calls it calls retry once no queue is locked.
func (b *Room) give(size int64) { b.add(-1, -size) }

func (b *Room) add(items, bytes int64) {
	if b == nil {
		return
	}
	b.room.Lock()
	b.items += items
	b.bytes += bytes
	b.room.Unlock()
}

// Held returns what all queues hold.
func (b *Room) Held() (items, bytes int64) {
	b.room.Lock()
	defer b.room.Unlock()
	return b.items, b.bytes
}

// await notes that a put waits in q, which is locked. Room may have been made before that was noted, so
// the caller tries once more.
func (b *Room) await(q *Engine) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, q)
	b.crowded.Store(true)
	items, bytes := b.Held()
	b.log.Warn("the queues are full, a put waits", "items", items, "bytes", bytes)
}

// retry lets those continue that wait for the Room. It must not be called with a queue locked.
func (b *Room) retry() {
	if b == nil || !b.crowded.Load() {
		return
	}
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.crowded.Store(false)
	b.mu.Unlock()
	for _, q := range waiting {
		q.resume()
	}
}
