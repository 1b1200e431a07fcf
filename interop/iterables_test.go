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

// iterableDifferences are where ours differs on purpose.
var iterableDifferences = []operandDifference{
	{"array of doubles|array of ints", "UserString", "a UserString is no number to array.array here: TypeError, not ValueError"},
	{"array of doubles|array of ints", "complex", "numpy throws imaginary parts away, with a warning to the server"},
	{"array of doubles|array of ints", "long double|void", "long doubles and voids are kept, and are no numbers here"},
	{"array of ints", "float32", "what has __int__ and no __index__ is no integer, as since Python 3.10"},
	{"dict|update", "records|void", "records are kept, and are not looked into"},
	{"dict|update", "DataFrame", "a DataFrame's columns are not made here"},
	{"issuperset", "pairs in a UserList", "all elements are hashed, also where the first one decides"},
}

// departsIterable notes where an answer differs, and tells whether it may.
func departsIterable(call, iterable string, seen []atomic.Bool) bool {
	for i, d := range iterableDifferences {
		if slices.Contains(strings.Split(d.calls, "|"), call) && slices.Contains(strings.Split(d.values, "|"), iterable) {
			seen[i].Store(true)
			return true
		}
	}
	return false
}

// TestWhateverPythonIteratesOverIsIterable asks CPython's own server and ours the same: iterables of every kind that a
// client can send, in every call that takes one. The elements have to be of the same types.
func TestWhateverPythonIteratesOverIsIterable(t *testing.T) {
	seen := make([]atomic.Bool, len(iterableDifferences))
	asked := atomic.Int32{}
	t.Cleanup(func() {
		for i, d := range iterableDifferences {
			if int(asked.Load()) == len(interop.Profiles()) && !t.Failed() && !seen[i].Load() {
				t.Errorf("no Python differs any more: %s of %s", d.calls, d.values)
			}
		}
	})
	forEachPython(t, func(t *testing.T, py interop.Python) {
		packages := os.DevNull
		if p, any, err := interop.PackagesFor(py.Profile.Version); err == nil && any && p.Has("pandas") {
			packages = needPackages(t, py, "numpy", "pandas")
		}
		at, _ := startOurs(t)
		peer := startPeer(t, py, "iterables.py", append(append([]string{packages}, words(at)...), hex.EncodeToString(rightKey))...)
		type answer struct {
			Iterables []string
			Numpy     bool
			Out       [][3]string
			Error     string
		}
		about := ask[answer](t, peer, map[string]any{"list": true})
		require.NotEmpty(t, about.Iterables)
		require.Equal(t, packages != os.DevNull, about.Numpy)
		for _, name := range about.Iterables {
			a := ask[answer](t, peer, map[string]any{"iterable": name})
			require.Empty(t, a.Error, name)
			require.NotEmpty(t, a.Out, name)
			for _, row := range a.Out {
				if row[1] != row[2] && !departsIterable(row[0], name, seen) {
					t.Errorf("%s of %s: Python's server %s, ours %s", row[0], name, row[1], row[2])
				}
			}
		}
		asked.Add(1)
	})
}
