package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// taken returns the upstreams of n connections, none of which leaves, by their index.
func taken(l *upstreams, n int) (out []int) {
	for range n {
		chosen := l.next()
		for i, upstream := range l.all {
			if upstream == chosen {
				out = append(out, i)
			}
		}
	}
	return out
}

func TestLanesTakeTurns(t *testing.T) {
	assert.Equal(t, []int{0, 1, 2, 0, 1}, taken(newUpstreams(roundRobin, nil, nil, nil), 5))
}

func TestTheUpstreamWithTheFewestConnectionsIsChosen(t *testing.T) {
	l := newUpstreams(leastConn, nil, nil, nil)
	taken(l, 3)
	l.all[1].leave()
	assert.Equal(t, []int{1}, taken(l, 1))
}

func TestTheWayToChooseIsChecked(t *testing.T) {
	code, said := try("front", "--choose", "at random")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, `"--choose" flag: want least-conn or round-robin`)
}
