package interop_test

import (
	"sync/atomic"
	"testing"

	"mpbridge/interop"
)

// iterableDifferences are where ours differs on purpose.
var iterableDifferences = []answerDifference{
	{"array of doubles|array of ints", "UserString", "a UserString is no number to array.array here: TypeError, not ValueError"},
	{"array of doubles|array of ints", "complex", "numpy throws imaginary parts away, with a warning to the server"},
	{"array of doubles|array of ints", "long double|void", "long doubles and voids are kept, and are no numbers here"},
	{"array of ints", "float32", "what has __int__ and no __index__ is no integer, as since Python 3.10"},
	{"dict|update", "records|void", "records are kept, and are not looked into"},
	{"dict|update", "DataFrame of twice the same", "the columns of a name that stands twice are not made into a DataFrame"},
	{"list|extend|+=|slice|dict|update|array of ints|array of doubles", "set of mine|no set of mine|frozenset of mine",
		"a class of which only the client knows that it is a set is one where nothing but a set can be meant"},
	{"issuperset", "pairs in a UserList", "all elements are hashed, also where the first one decides"},
}

// TestWhateverPythonIteratesOverIsIterable asks CPython's own server and ours the same: iterables of every kind that a
// client can send, in every call that takes one. The elements have to be of the same types.
func TestWhateverPythonIteratesOverIsIterable(t *testing.T) {
	asked := atomic.Int32{}
	known := expectDifferences(t, iterableDifferences, func() bool { return int(asked.Load()) == len(interop.Profiles()) })
	forEachPython(t, func(t *testing.T, py interop.Python) {
		askBoth(t, py, "iterables.py", []string{"numpy", "pandas"}, func(iterable string, row [3]string) {
			if !known.has(row[0], iterable) {
				t.Errorf("%s of %s: Python's server %s, ours %s", row[0], iterable, row[1], row[2])
			}
		})
		asked.Add(1)
	})
}
