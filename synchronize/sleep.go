package synchronize

import "time"

// How long one sleep takes at most. The first knows nothing of the context and is cheap. The others end by
// themselves as well: a wake-up that went to a process which was killed then wakes nobody else, and is found
// so.
const (
	firstSleep = time.Millisecond
	longSleep  = time.Second
	blindSleep = 20 * time.Millisecond // where the kernel cannot wait for two words
)
