package main

import "sync/atomic"

// upstreams are the queues of a front: one for all workers, who take a socket when they are free, or several
// with workers of their own.
type upstreams struct {
	all    []*upstream
	robin  bool // each gets one in turn; else the one in which the fewest wait
	rounds atomic.Uint64
}

// upstream is one queue, and how many connections wait in it.
type upstream struct {
	queue   putter
	waiting atomic.Int64
}

// The ways to choose an upstream.
const (
	leastConn  = "least-conn"
	roundRobin = "round-robin"
)

func newUpstreams(choose string, queues ...putter) *upstreams {
	l := &upstreams{robin: choose == roundRobin}
	for _, q := range queues {
		l.all = append(l.all, &upstream{queue: q})
	}
	return l
}

// next chooses the upstream of one more connection, which has to leave it in the end.
func (l *upstreams) next() *upstream {
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

func (l *upstream) leave() { l.waiting.Add(-1) }
