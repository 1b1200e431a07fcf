package wal

import (
	"runtime"
	"time"
)

// pace is how long a batch is held open for producers who are about to come back. Without that, those who wait for their
// answers would be served in two halves that alternate.
type pace struct {
	sync        time.Duration // of late, on average
	outstanding int           // commits that there were at once, of late
}

const (
	// paceShare is what part of a sync a batch may wait for more.
	paceShare   = 10
	longestPace = 500 * time.Microsecond
	// shortTimer is what a timer takes longer than it should.
	shortTimer = 100 * time.Microsecond
)

// took notes how long a sync took.
func (p *pace) took(d time.Duration) {
	if p.sync == 0 {
		p.sync = d
	}
	p.sync += (d - p.sync) / 8
}

// gather waits until as many commits are in the open batch as there were at once of late. A lone producer is never
// waited for.
func (l *Log) gather() {
	limit := min(l.pace.sync/paceShare, longestPace)
	if l.pace.outstanding < 2 || limit <= 0 {
		return
	}
	end := time.Now().Add(limit)
	for !l.gathered() {
		left := time.Until(end)
		switch {
		case left <= 0:
			return
		case left < shortTimer:
			runtime.Gosched()
			continue
		}
		t := time.NewTimer(left)
		select {
		case <-l.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// gathered tells whether there are enough, or the log ends.
func (l *Log) gathered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.want = l.pace.outstanding
	return l.open.waiters >= l.want || l.closing
}
