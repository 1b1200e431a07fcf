package interop_test

import (
	"testing"

	"mpbridge/interop"
)

// TestADequeOfOursIsThatOfCollections asks CPython's own server, which offers collections.deque, and ours the same.
func TestADequeOfOursIsThatOfCollections(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		askBoth(t, py, "deques.py", []string{"no packages"}, func(deque string, row [3]string) {
			t.Errorf("%s of a deque %s: Python's server %s, ours %s", row[0], deque, row[1], row[2])
		})
	})
}
