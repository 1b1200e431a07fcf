package sysv

// QueueInfo is what the kernel says of a queue.
type QueueInfo struct {
	Messages        int // how many it holds
	Bytes, MaxBytes int // how many bytes it holds and may hold
}

// MaxValue is the greatest value of a semaphore.
const MaxValue = 32767

// Operation is one of those that Do does at once.
type Operation struct {
	Number int  // of the semaphore in its set, from 0
	Delta  int  // what is added; a negative one waits until the value is enough, 0 until the value is 0
	Undo   bool // as Semaphores.Undo
}

// SemaphoreInfo is what the kernel says of a set.
type SemaphoreInfo struct {
	Semaphores int // how many there are
	// Used says that an operation was done. Python's libraries make a set and give it its value in a second step;
	// whoever opens such a set has to wait until it was used. Sets that Go made are used from their first moment.
	Used bool
}

// MemoryInfo is what the kernel says of a segment.
type MemoryInfo struct {
	Size     int // bytes
	Attached int // by how many attachments, in all processes
}
