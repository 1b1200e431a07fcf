package server

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
)

// DefaultBusyPoll is for how long the next request of a busy client is looked for at most, where no other client was
// served meanwhile. Among several clients that hurry it is a fifth of that: there the others' requests are what the
// processors are for, and to look for longer has made four clients slower than not to look at all.
const DefaultBusyPoll = 100 * time.Microsecond

// spinBudget bounds how many sessions look for requests instead of waiting for them, and for how long. Looking
// pays while there are processors to spare. Where others want them, the system lets them run at every
// look, for milliseconds: then all looking rests for a while.
type spinBudget struct {
	long, brief time.Duration // of a look, for a client that is alone and for one among others
	most        int32
	looking     atomic.Int32
	served      atomic.Uint64 // the number of the session that was served last
	changed     atomic.Int64  // when that became another one, in nanoseconds since began
	crowded     atomic.Int64  // until when looking rests, in nanoseconds since began
	began       time.Time

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
	b.long, b.brief, b.began = d, d/5, time.Now()
	if d > 0 {
		b.most = int32(runtime.GOMAXPROCS(0) / 2) // the others are for what there is to do
	}
}

// aloneFor is for how long no other session may have been served while one counts as alone. It is longer than a client in a
// hurry takes between two requests: two that take turns would each be alone now and then, and each lose the processor to a
// look for the other.
const aloneFor = 2 * time.Millisecond

// alone notes that a session was served, and reports whether no other was for a while.
func (b *spinBudget) alone(session uint64, now time.Time) bool {
	at := int64(now.Sub(b.began))
	if b.served.Load() == session {
		return at-b.changed.Load() > int64(aloneFor)
	}
	b.changed.Store(at)
	b.served.Store(session)
	return false
}

// spin looks for the next request on conn for the given time, if not too many do so; asked says whether it did.
func (b *spinBudget) spin(conn *connection.Conn, d time.Duration) (found, asked bool) {
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
	found = conn.Transport().BusyPoll(d)
	if end := time.Since(b.began); end-start > d+stall {
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
	rest   int           // how many requests are waited for before one is looked for
	misses int           // how often in a row looking has found nothing
	gap    time.Duration // between a reply and the next request, on average; a pause counts as longestGap
}

// The first requests of a connection are waited for, since most connections have few, and after each miss
// twice as many as after the one before.
const (
	firstRest  = 8
	maxMisses  = 10
	longestGap = time.Millisecond
)

// learn takes the time into account that passed between a reply and the next request.
func (e *spinner) learn(gap time.Duration) { e.gap += (min(gap, longestGap) - e.gap) / 8 }

// patience is for how long the next request is looked for: a client that was alone and asks soon is worth as long as it
// takes to ask, four times over, since one request that comes after the look costs more than several looks.
func (e *spinner) patience(b *spinBudget, alone bool) time.Duration {
	if !alone || e.gap > b.long {
		return b.brief
	}
	return min(max(4*e.gap, b.brief), b.long)
}

// spin reports whether the next request is there already, or came while it was looked for. alone says that no other
// session was served for a while.
func (e *spinner) spin(b *spinBudget, conn *connection.Conn, alone bool) bool {
	if e.rest > 0 {
		e.rest--
		return false
	}
	found, asked := b.spin(conn, e.patience(b, alone))
	switch {
	case found:
		e.misses = 0
	case asked:
		e.misses = min(e.misses+1, maxMisses)
		e.rest = 1 << e.misses
	}
	return found
}
