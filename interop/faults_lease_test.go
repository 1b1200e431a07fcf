package interop_test

import (
	"fmt"
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onWitnesses runs a test with a witness of each Python found, on both networks in turn.
func onWitnesses(t *testing.T, test func(t *testing.T, w *witness)) {
	t.Helper()
	w := newWard(t)
	forEachPython(t, func(t *testing.T, py interop.Python) {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(network, func(t *testing.T) { test(t, w.witness(t, py, "faulty.py", network)) })
		}
	})
}

func TestAnItemWhoseReadersFailIsADeadLetter(t *testing.T) {
	onWitnesses(t, func(t *testing.T, w *witness) {
		for _, f := range faults {
			l := w.ledger("mortal", "dead by one who "+f.name+t.Name())
			on[any](t, l, "fill", 0, 3, 0)
			for range 2 {
				v := l.victim(t, 0)
				do[any](t, v, "call", v.ident, "get")
				v.frame = do[int](t, v, "ask", v.ident, "qsize")
				do[any](t, v, "write", v.frame/2) // it has read its item: even a reset leaves no doubt
				f.strike(t, v)
				if f.lives {
					do[any](t, v, "close")
				}
				v.bury(t)
			}
			assert.Equal(t, []string{"1:1", "2:1"}, on[[]string](t, l, "drain"), f.name)
			dead := w.ledger("mortal.dead", l.name)
			assert.Equal(t, []string{"0"}, on[[]string](t, dead, "drain"), f.name)
			assert.Zero(t, l.stats().Unfinished, "what is dead is counted off, too")
		}
	})
}

func TestAnItemThatKillsWhoeverReadsItIsADeadLetter(t *testing.T) {
	onWitnesses(t, func(t *testing.T, w *witness) {
		l := w.ledger("mortal", t.Name())
		on[any](t, l, "fill", 0, 2, 1)
		for range 2 {
			v := l.victim(t, smallBuffer)
			do[any](t, v, "write", do[int](t, v, "ask", v.ident, "get"))
			do[any](t, v, "part", 1<<20)
			v.signal(t, "kill")
			v.gone(t)
		}
		assert.Equal(t, []string{"1:1"}, on[[]string](t, l, "drain"))
		assert.Equal(t, []string{"0"}, on[[]string](t, w.ledger("mortal.dead", l.name), "drain"))
	})
}

func TestAReplyThatNobodyReadMakesNoDeadLetter(t *testing.T) {
	onWitnesses(t, func(t *testing.T, w *witness) {
		l := w.ledger("mortal", t.Name())
		on[any](t, l, "fill", 0, 1, 0)
		for range 5 {
			v := l.victim(t, 0)
			do[any](t, v, "write", do[int](t, v, "ask", v.ident, "get"))
			do[any](t, v, "peek")
			v.signal(t, "kill")
			v.gone(t)
		}
		assert.Equal(t, []string{"0:6"}, on[[]string](t, l, "drain"))
	})
}

func TestALeaseThatAStoppedClientHasEndsAllTheSame(t *testing.T) {
	onWitnesses(t, func(t *testing.T, w *witness) {
		l := w.ledger("brief", t.Name())
		on[any](t, l, "fill", 0, 1, 0)
		v := l.victim(t, 0)
		mine := do[[]any](t, v, "call", v.ident, "lease")
		v.signal(t, "stop")
		theirs := on[[]any](t, l, "lease")
		assert.Equal(t, mine[1], theirs[1], "the same item")
		assert.NotEqual(t, mine[0], theirs[0], "on another receipt")
		require.Equal(t, true, on[any](t, l, "ack", theirs[0]))
		v.signal(t, "go_on")
		assert.Equal(t, false, do[any](t, v, "call", v.ident, "ack", mine[0]), "it is done")
		do[any](t, v, "close")
		v.bury(t)
		assert.Empty(t, on[[]string](t, l, "drain"))
	})
}

// TestItemsAreNotHandedToTheDead has clients waiting behind others that are killed: what is put then
// is theirs, in its order.
func TestItemsAreNotHandedToTheDead(t *testing.T) {
	onWitnesses(t, func(t *testing.T, w *witness) {
		l := w.ledger("plain", t.Name())
		var killed, alive []*victim
		for n := range 16 {
			v := l.victim(t, 0)
			do[any](t, v, "write", do[int](t, v, "ask", v.ident, "get"))
			eventually(t, "it waits", func() bool { return l.stats().Getters == n+1 })
			if n%4 == 3 {
				alive = append(alive, v)
			} else {
				killed = append(killed, v)
			}
		}
		on[any](t, l, "kill_and_fill", pidsOf(killed))
		for n, v := range alive {
			assert.Equal(t, n, do[int](t, v, "read"))
			do[any](t, v, "close")
			v.bury(t)
		}
		var rest []string
		for n := len(alive); n < len(killed); n++ {
			rest = append(rest, fmt.Sprint(n))
		}
		assert.Equal(t, rest, on[[]string](t, l, "drain"))
	})
}

func pidsOf(victims []*victim) []int {
	pids := make([]int, len(victims))
	for i, v := range victims {
		pids[i] = v.pid
	}
	return pids
}
