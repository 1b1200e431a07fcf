package connection

import (
	"sync"
	"time"
)

// refusalsPerSecond is how many refused peers are logged each second: a log that is flooded tells
// nothing, and fills a disk.
const refusalsPerSecond = 20

// refusals decides which refused peers are logged.
type refusals struct {
	mu      sync.Mutex // all below
	second  int64
	logged  int
	skipped int
}

// next tells whether a refusal at the given time is logged, and how many before it were not.
func (r *refusals) next(now time.Time) (log bool, skipped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := now.Unix(); s != r.second {
		r.second, r.logged = s, 0
	}
	if r.logged >= refusalsPerSecond {
		r.skipped++
		return false, 0
	}
	r.logged++
	skipped, r.skipped = r.skipped, 0
	return true, skipped
}
