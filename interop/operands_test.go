package interop_test

import (
	"slices"
	"strings"
	"testing"

	"mpbridge/interop"
)

// operandDifferences are where ours differs on purpose.
var operandDifferences = []answerDifference{
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

// TestNumbersOfEveryKindAreTakenAsByPython asks CPython's own server and ours the same: timeouts, indices, counts and
// truths of every type that a client has. None of these calls waits.
func TestNumbersOfEveryKindAreTakenAsByPython(t *testing.T) {
	known := expectDifferences(t, operandDifferences, func() bool { return len(interop.Find()) == len(interop.Profiles()) })
	some := strings.Fields("2.7 3.6 3.8 3.11 3.13 3.15")
	forEachPython(t, func(t *testing.T, py interop.Python) {
		if !slices.Contains(some, py.Profile.Version.String()) {
			t.Skip("its neighbours are asked")
		}
		askBoth(t, py, "operands.py", []string{"numpy"}, func(call string, row [3]string) {
			if !known.has(call, row[0]) {
				t.Errorf("%s of %s: Python's server %s, ours %s", call, row[0], row[1], row[2])
			}
		})
	})
}
