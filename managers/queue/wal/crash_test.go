package wal_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// history is a log's life, operation by operation, one batch each.
type history struct {
	fs     *memFS
	states []map[string][]string // after each operation
	begun  []int                 // steps of the folder when operation i+1 began
	ended  []int                 // and when it was answered
}

// live makes a log and does n operations of all kinds.
func live(t *testing.T, o *wal.Options, n int, random *rand.Rand) *history {
	h := &history{fs: newMemFS()}
	l := open(t, h.fs, o)
	h.states = append(h.states, shown(t, l))
	next := uint64(0)
	alive := []uint64{}
	a, b := l.Stream("a"), l.Stream("b")
	for range n {
		h.begun = append(h.begun, h.fs.steps())
		switch k := random.IntN(10); {
		case k < 5 || len(alive) == 0:
			next++
			alive = append(alive, next)
			keep(t, l, put(a, next, strings.Repeat(fmt.Sprint(next), 1+random.IntN(200))))
		case k < 8:
			at := random.IntN(len(alive))
			keep(t, l, settle(a, alive[at]), wal.Record{Kind: wal.Tally, Stream: a, Delta: 1})
			alive = slices.Delete(alive, at, at+1)
		case k < 9:
			keep(t, l, wal.Record{Kind: wal.Touch, Stream: a, Number: alive[0], Attrs: wal.Attrs{Deliveries: uint32(next)}})
		default:
			keep(t, l, wal.Record{Kind: wal.Move, Stream: a, Number: alive[0], To: b, ToNumber: alive[0]})
			alive = alive[1:]
		}
		h.ended = append(h.ended, h.fs.steps())
		h.states = append(h.states, shown(t, l))
	}
	require.NoError(t, l.Close())
	return h
}

// possible are the states that a crash after so many steps may leave: all that was answered, and of what was not a part.
func (h *history) possible(steps int) (out []string) {
	for i := range h.states {
		answered := i >= len(h.ended) || h.ended[i] > steps // the operation after state i was not answered
		begun := i == 0 || h.begun[i-1] <= steps            // that before it had begun
		if answered && begun {
			out = append(out, fmt.Sprint(h.states[i]))
		}
	}
	return out
}

func TestAfterACrashAtAnyStepAllIsThereThatWasAnswered(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			h := live(t, small, 60, random)
			states := 0
			for steps := range len(h.fs.trace) + 1 {
				possible := h.possible(steps)
				h.fs.crashes(steps, 8, random, func(f *memFS) {
					states++
					l, err := wal.Open(f, small)
					require.NoError(t, err, "after %d steps", steps)
					got := shown(t, l)
					delete(got, "") // none
					if !slices.Contains(possible, fmt.Sprint(got)) {
						assert.Contains(t, possible, fmt.Sprint(got), "after %d of %d steps", steps, len(h.fs.trace))
					}
					require.NoError(t, l.Close())
				})
			}
			t.Logf("%d states", states)
		})
	}
}

func TestACrashWhileItRecoversFromACrashLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	h := live(t, small, 25, random)
	for steps := 0; steps <= len(h.fs.trace); steps += 5 {
		possible := h.possible(steps)
		h.fs.crashes(steps, 2, random, func(f *memFS) {
			l, err := wal.Open(f, small)
			require.NoError(t, err)
			require.NoError(t, l.Close())
			for again := f.base; again <= len(f.trace); again++ {
				f.crashes(again, 2, random, func(f *memFS) {
					l, err := wal.Open(f, small)
					require.NoError(t, err, "after %d and %d steps", steps, again)
					assert.Contains(t, possible, fmt.Sprint(shown(t, l)))
					require.NoError(t, l.Close())
				})
			}
		})
	}
}

func TestWithoutSyncsACrashOfTheProgramLosesNothing(t *testing.T) {
	for _, p := range []wal.Policy{wal.Never, wal.Policy(1e6)} {
		o := *small
		o.Sync = p
		h := live(t, &o, 60, rand.New(rand.NewPCG(5, 5)))
		assert.Equal(t, h.states[len(h.states)-1], shown(t, open(t, h.fs.clone(), &o)))
	}
}

func TestWithoutSyncsACrashOfTheMachineLeavesAStateThatWas(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	for _, p := range []wal.Policy{wal.Never, wal.Policy(1e6)} {
		o := *small
		o.Sync = p
		h := live(t, &o, 60, random)
		var was []string
		for _, s := range h.states {
			was = append(was, fmt.Sprint(s))
		}
		for steps := 0; steps <= len(h.fs.trace); steps += 3 {
			h.fs.crashes(steps, 6, random, func(f *memFS) {
				l, err := wal.Open(f, &o)
				require.NoError(t, err, "after %d steps", steps)
				assert.Contains(t, was, fmt.Sprint(shown(t, l)))
				require.NoError(t, l.Close())
			})
		}
	}
}
