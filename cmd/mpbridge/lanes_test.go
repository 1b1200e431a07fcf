package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// taken returns the places of the lanes that n connections get, none of which leaves.
func taken(l *lanes, n int) (out []int) {
	for range n {
		chosen := l.next()
		for i, lane := range l.all {
			if lane == chosen {
				out = append(out, i)
			}
		}
	}
	return out
}

func TestLanesTakeTurns(t *testing.T) {
	assert.Equal(t, []int{0, 1, 2, 0, 1}, taken(newLanes(roundRobin, nil, nil, nil), 5))
}

func TestTheLeastBusyLaneIsChosen(t *testing.T) {
	l := newLanes(leastBusy, nil, nil, nil)
	taken(l, 3)
	l.all[1].leave()
	assert.Equal(t, []int{1}, taken(l, 1))
}

func TestTheWayToChooseIsChecked(t *testing.T) {
	code, said := try("front", "--choose", "at random")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, said, `"--choose" flag: want least-busy or round-robin`)
}
