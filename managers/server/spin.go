package server

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
)

// DefaultBusyPoll is how long the next request of a busy client is looked for.
const DefaultBusyPoll = 20 * time.Microsecond

// spinBudget bounds how many sessions look for requests instead of waiting for them, and for how long. Looking
// pays while there are processors to spare. Where others want them, the system lets them run at every
// look, for milliseconds: then all looking rests for a while.
type spinBudget struct {
	time    time.Duration
	most    int32
	looking atomic.Int32
	crowded atomic.Int64 // until when looking rests, in nanoseconds since began
	began   time.Time

	mu   sync.Mutex // rest
	rest time.Duration
}

const (
	// stall is how much longer than its time a look takes where others were let run: many times what a
	// look costs, and less than the share of a processor that Linux gives to one of several threads.
	stall = 200 * time.Microsecond
	// After a stall looking rests for leastRest; twice as long if the one before was no longer ago than
	// some such rests, and at most for mostRest.
	leastRest = 50 * time.Millisecond
	mostRest  = 2 * time.Second
)

func (b *spinBudget) init(d time.Duration) {
	if d == 0 {
		d = DefaultBusyPoll
	}
	b.time, b.began = d, time.Now()
	if d > 0 {
		b.most = int32(runtime.GOMAXPROCS(0) / 2) // the others are for what there is to do
	}
}

// spin looks for the next request on conn, if not too many do so; asked says whether it did.
func (b *spinBudget) spin(conn *connection.Conn) (found, asked bool) {
	if b.most == 0 {
		return false, false
	}
	start := time.Since(b.began)
	if int64(start) < b.crowded.Load() {
		return false, false
	}
	defer b.looking.Add(-1)
	if b.looking.Add(1) > b.most {
		return false, false
	}
	found = conn.Transport().BusyPoll(b.time)
	if end := time.Since(b.began); end-start > b.time+stall {
		b.stalled(end)
	}
	return found, true
}

// stalled lets looking rest: others want the processors.
func (b *spinBudget) stalled(now time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rest = 2 * b.rest; now > time.Duration(b.crowded.Load())+2*b.rest {
		b.rest = leastRest
	}
	b.rest = min(max(b.rest, leastRest), mostRest)
	b.crowded.Store(int64(now + b.rest))
}

// spinner is what a session knows about the haste of its client.
type spinner struct {
	rest   int // how many requests are waited for before one is looked for
	misses int // how often in a row looking has found nothing
}

// The first requests of a connection are waited for, since most connections have few, and after each miss
// twice as many as after the one before.
const (
	firstRest = 8
	maxMisses = 10
)

// spin reports whether the next request is there already, or came while it was looked for.
func (e *spinner) spin(b *spinBudget, conn *connection.Conn) bool {
	if e.rest > 0 {
		e.rest--
		return false
	}
	found, asked := b.spin(conn)
	switch {
	case found:
		e.misses = 0
	case asked:
		e.misses = min(e.misses+1, maxMisses)
		e.rest = 1 << e.misses
	}
	return found
}
