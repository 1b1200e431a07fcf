package managers

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// budget bounds what all queues of a server hold together. A nil budget has no bounds.
type budget struct {
	maxItems, maxBytes int64
	items, bytes       atomic.Int64
	log                *slog.Logger

	crowded atomic.Bool // somebody is in waiting
	mu      sync.Mutex  // all below
	waiting []*Queue    // those in which a put waits for the budget, each once
	told    time.Time   // when the log was told last
}

func newBudget(l Limits, log *slog.Logger) *budget {
	return &budget{maxItems: l.MaxItems, maxBytes: l.MaxItemBytes, log: log}
}

// take makes room for an item of the given size, if there is any.
func (b *budget) take(size int64) bool {
	if b == nil {
		return true
	}
	b.force(size)
	if b.items.Load() <= b.maxItems && b.bytes.Load() <= b.maxBytes {
		return true
	}
	b.give(size)
	return false
}

// force counts an item whether there is room or not: one that comes back is not lost.
func (b *budget) force(size int64) {
	if b != nil {
		b.items.Add(1)
		b.bytes.Add(size)
	}
}

// give counts an item off. Who calls it calls retry once no queue is locked.
func (b *budget) give(size int64) {
	if b != nil {
		b.items.Add(-1)
		b.bytes.Add(-size)
	}
}

// await notes that a put waits in q, which is locked. Room may have been made before that was noted, so
// the caller tries once more.
func (b *budget) await(q *Queue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, q)
	b.crowded.Store(true)
	if time.Since(b.told) > time.Second {
		b.told = time.Now()
		b.log.Warn("the queues are full, a put waits", "items", b.items.Load(), "bytes", b.bytes.Load())
	}
}

// retry lets those continue who wait for the budget. It must not be called with a queue locked.
func (b *budget) retry() {
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
