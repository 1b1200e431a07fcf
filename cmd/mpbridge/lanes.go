package main

import "sync/atomic"

// lanes are the queues of a front: one for all workers, who take a socket when they are free, or several
// with workers of their own.
type lanes struct {
	all    []*lane
	robin  bool // each gets one in turn; else the one in which the fewest wait
	rounds atomic.Uint64
}

// lane is one queue, and how many connections wait in it.
type lane struct {
	queue   putter
	waiting atomic.Int64
}

// The ways to choose a lane.
const (
	leastBusy  = "least-busy"
	roundRobin = "round-robin"
)

func newLanes(choose string, queues ...putter) *lanes {
	l := &lanes{robin: choose == roundRobin}
	for _, q := range queues {
		l.all = append(l.all, &lane{queue: q})
	}
	return l
}

// next chooses a lane for one more connection. Whoever calls it gives the place back by leave.
func (l *lanes) next() *lane {
	first := int((l.rounds.Add(1) - 1) % uint64(len(l.all)))
	chosen := l.all[first]
	for i := 1; i < len(l.all) && !l.robin; i++ {
		if other := l.all[(first+i)%len(l.all)]; other.waiting.Load() < chosen.waiting.Load() {
			chosen = other
		}
	}
	chosen.waiting.Add(1)
	return chosen
}

func (l *lane) leave() { l.waiting.Add(-1) }
