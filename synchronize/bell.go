package synchronize

import "sync/atomic"

// bell is a word of this process that a sleeper sleeps on beside the semaphore's.
type bell struct{ rung uint32 }

// ring wakes the sleeper, or keeps the next one from sleeping once.
func (b *bell) ring() {
	atomic.StoreUint32(&b.rung, 1)
	wakeBell(&b.rung)
}

func (b *bell) reset() { atomic.StoreUint32(&b.rung, 0) }
