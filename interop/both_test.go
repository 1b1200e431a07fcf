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

// answerDifference is an answer of ours that is not CPython's, on purpose.
type answerDifference struct {
	calls, values string // by bars; values are "" for all
	reason        string
}

// answerDifferences are those of one test, each of which has to show while the test runs.
type answerDifferences struct {
	list []answerDifference
	seen []atomic.Bool
}

// expectDifferences fails the test at its end where one of them did not show, if every Python was asked.
func expectDifferences(t *testing.T, list []answerDifference, everyPython func() bool) *answerDifferences {
	d := &answerDifferences{list, make([]atomic.Bool, len(list))}
	t.Cleanup(func() {
		for i, one := range d.list {
			if everyPython() && !t.Failed() && !d.seen[i].Load() {
				t.Errorf("no Python differs any more: %s of %s", one.calls, one.values)
			}
		}
	})
	return d
}

// has notes where an answer differs, and tells whether it may.
func (d *answerDifferences) has(call, value string) bool {
	for i, one := range d.list {
		if slices.Contains(strings.Split(one.calls, "|"), call) &&
			(one.values == "" || slices.Contains(strings.Split(one.values, "|"), value)) {
			d.seen[i].Store(true)
			return true
		}
	}
	return false
}

// askBoth has a script ask CPython's own server and ours the same, with packages where the last of them is there for the
// Python, and calls differs for each name and row of which the answers are not the same.
func askBoth(t *testing.T, py interop.Python, script string, packages []string, differs func(name string, row [3]string)) {
	t.Helper()
	dir := os.DevNull
	if p, any, err := interop.PackagesFor(py.Profile.Version); err == nil && any && p.Has(packages[len(packages)-1]) {
		dir = needPackages(t, py, packages...)
	}
	at, _ := startOurs(t)
	peer := startPeer(t, py, script, append(append([]string{dir}, words(at)...), hex.EncodeToString(rightKey))...)
	type answer struct {
		Names []string
		Numpy bool
		Out   [][3]string
		Error string
	}
	about := ask[answer](t, peer, map[string]any{"list": true})
	require.NotEmpty(t, about.Names)
	require.Equal(t, dir != os.DevNull, about.Numpy)
	for _, name := range about.Names {
		a := ask[answer](t, peer, map[string]any{"name": name})
		require.Empty(t, a.Error, name)
		require.NotEmpty(t, a.Out, name)
		for _, row := range a.Out {
			if row[1] != row[2] {
				differs(name, row)
			}
		}
	}
}
