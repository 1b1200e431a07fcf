package interop_test

import (
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/require"
)

// operandDifference is an answer that is not CPython's, on purpose.
type operandDifference struct {
	calls, values string // by bars; "" for all
	reason        string
}

var operandDifferences = []operandDifference{
	{"acquire|reverse", "", "any object has a truth, as to Python since 3.12; older ones take integers alone"},
	{"lock free|lock not blocking|rlock free|event|condition|semaphore|barrier|barrier of timeout",
		"Decimal|Fraction|-Fraction|large Fraction", "locks take every real number, as since Python 3.15; up to 3.9 they cut what has __int__"},
	{"list pop|list insert|array of ints|array of bytes", "Decimal|np.float32|np.array(1.5)|np.array([1])",
		"what has __int__ and no __index__ is no integer, as since Python 3.10"},
	{"barrier of", "-1|0|-2**70|half|np.int64 -1|np.float32|np.array([])", "a Barrier that nobody could pass is refused when it is made, as since Python 3.13"},
	{"barrier of|semaphore of|queue of", "list|complex|str|bytes|None|np.str_|np.timedelta64|np.array([])|np.array([1])|np.array([1, 2])",
		"what is no number is refused when the object is made, not by the call that compares with it, or never"},
	{"queue of", "1.5|half|np.float32|np.array(1.5)", "maxsize is compared by >=, as since Python 3.3, not by =="},
}

// departsOperand notes where an answer differs, and tells whether it may.
func departsOperand(call, value string, seen []atomic.Bool) bool {
	for i, d := range operandDifferences {
		if slices.Contains(strings.Split(d.calls, "|"), call) &&
			(d.values == "" || slices.Contains(strings.Split(d.values, "|"), value)) {
			seen[i].Store(true)
			return true
		}
	}
	return false
}

// TestNumbersOfEveryKindAreTakenAsByPython asks CPython's own server and ours the same: timeouts, indices, counts and
// truths of every type that a client has. None of these calls waits.
func TestNumbersOfEveryKindAreTakenAsByPython(t *testing.T) {
	seen := make([]atomic.Bool, len(operandDifferences))
	t.Cleanup(func() {
		for i, d := range operandDifferences {
			if len(interop.Find()) == len(interop.Profiles()) && !t.Failed() && !seen[i].Load() {
				t.Errorf("no Python differs any more: %s of %s", d.calls, d.values)
			}
		}
	})
	some := strings.Fields("2.7 3.6 3.8 3.11 3.13 3.15")
	forEachPython(t, func(t *testing.T, py interop.Python) {
		if !slices.Contains(some, py.Profile.Version.String()) {
			t.Skip("its neighbours are asked")
		}
		packages := os.DevNull
		if p, any, err := interop.PackagesFor(py.Profile.Version); err == nil && any && p.Has("numpy") {
			packages = needPackages(t, py, "numpy")
		}
		at, _ := startOurs(t)
		peer := startPeer(t, py, "operands.py", append(append([]string{packages}, words(at)...), hex.EncodeToString(rightKey))...)
		type answer struct {
			Calls []string
			Numpy bool
			Out   [][3]string
			Error string
		}
		about := ask[answer](t, peer, map[string]any{"list": true})
		require.NotEmpty(t, about.Calls)
		require.Equal(t, packages != os.DevNull, about.Numpy)
		for _, call := range about.Calls {
			a := ask[answer](t, peer, map[string]any{"call": call})
			require.Empty(t, a.Error, call)
			require.NotEmpty(t, a.Out, call)
			for _, row := range a.Out {
				if row[1] != row[2] && !departsOperand(call, row[0], seen) {
					t.Errorf("%s of %s: Python's server %s, ours %s", call, row[0], row[1], row[2])
				}
			}
		}
	})
}
