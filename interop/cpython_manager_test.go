package interop_test

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mpbridge/interop"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// envCPythonTests asks for the tests below, which are long and depend on time; .ci/scores runs them.
const envCPythonTests = "MPBRIDGE_CPYTHON_TESTS"

// TestManagerTestsOfCPython runs the tests of managers that each interpreter brings along against our
// server. What does not pass is run against CPython's own in the same way: if it passes there it should here.
func TestManagerTestsOfCPython(t *testing.T) {
	if os.Getenv(envCPythonTests) == "" {
		t.Skipf("the manager tests of CPython take minutes: .ci/scores runs them, with %s set", envCPythonTests)
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		if !py.Tests {
			require.False(t, interop.Required(py.Profile.Version), "%s has no tests of its own", py.Path)
			t.Skipf("CPython %s is there without its own tests", py.Profile.Version)
		}
		scoreManagerTests(t, py, "CPython")
	})
}

// multiprocessScored are the versions whose tests of multiprocess differ from those of the one before.
var multiprocessScored = []string{"3.6", "3.8", "3.10", "3.12", "3.13", "3.15"}

// TestManagerTestsOfMultiprocess does the same with multiprocess, a fork of multiprocessing that pickles with dill:
// its tests, its clients, and its own server to compare with. Pools are left out: they have workers of their own.
func TestManagerTestsOfMultiprocess(t *testing.T) {
	if os.Getenv(envCPythonTests) == "" {
		t.Skipf("the manager tests of multiprocess take minutes: .ci/scores runs them, with %s set", envCPythonTests)
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		if !slices.Contains(multiprocessScored, py.Profile.Version.String()) {
			t.Skip("its neighbours have the same tests of multiprocess")
		}
		py = py.With(needPackages(t, py, "multiprocess", "dill"))
		scoreManagerTests(t, py, "multiprocess", "--package", "multiprocess", "--no-pools")
	})
}

// scoreManagerTests runs tests, chosen by arguments for managertests.py, against a server of their own and
// against ours.
func scoreManagerTests(t *testing.T, py interop.Python, whose string, args ...string) {
	t.Helper()
	ours := runOnOurs(t, py, args...)
	require.NotEmpty(t, ours)
	theirs := baseline(t, py, ours, args)
	again := disagreeing(py, theirs, ours)
	if len(again) > 0 { // some of them measure time: they get a second chance with less to disturb them
		maps.Copy(ours, runOnOurs(t, py, slices.Concat(args, []string{"--workers", "1"}, again)...))
	}
	score(t, py, whose, theirs, ours)
}

// baseline has the outcome of tests with CPython's own server: of those that do not pass here, for the others need not
// be compared, and by night of all.
func baseline(t *testing.T, py interop.Python, ours map[string]testReport, args []string) map[string]testReport {
	t.Helper()
	args = append(slices.Clone(args), "--baseline")
	if os.Getenv(envNightly) != "" {
		return runManagerTests(t, py, args...)
	}
	theirs, failed := make(map[string]testReport), []string(nil)
	for name, r := range ours {
		if theirs[name] = r; r.Outcome != "ok" {
			failed = append(failed, name)
		}
	}
	if len(failed) > 0 {
		maps.Copy(theirs, runManagerTests(t, py, append(args, failed...)...))
	}
	return theirs
}

// testReport is what managertests.py says of one test.
type testReport struct {
	Test, Outcome, Text string
}

// runManagerTests runs managertests.py and returns its reports by test.
func runManagerTests(t *testing.T, py interop.Python, args ...string) map[string]testReport {
	t.Helper()
	peer := startPeer(t, py, "managertests.py", append([]string{"--key", hex.EncodeToString(rightKey)}, args...)...)
	reports := make(map[string]testReport)
	for {
		line, err := peer.ReadLine(2 * patience)
		if err != nil {
			require.Empty(t, peer.Stderr())
			require.NotErrorIs(t, err, interop.ErrPeerSilent)
			return reports
		}
		var r testReport
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		reports[r.Test] = r
	}
}

// runOnOurs is runManagerTests against a server of ours.
func runOnOurs(t *testing.T, py interop.Python, args ...string) map[string]testReport {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "peers", "managertests.py"))
	require.NoError(t, err)
	at, end := startOurs(t, pool.Options{Python: py.Path, Main: script, Path: []string{filepath.Dir(script)}})
	defer end()
	return runManagerTests(t, py, append([]string{"--at", strings.Join(words(at), " ")}, args...)...)
}

// disagreeing names the tests that pass on their server only, but for the known differences.
func disagreeing(py interop.Python, theirs, ours map[string]testReport) (names []string) {
	for name, r := range theirs {
		if r.Outcome == "ok" && ours[name].Outcome != "ok" && !departs(py, name) {
			names = append(names, name)
		}
	}
	return names
}

// score prints how many tests pass of those that pass on CPython's server, and fails for each that does
// not without being on the list of differences, or is on that list and passes.
func score(t *testing.T, py interop.Python, whose string, theirs, ours map[string]testReport) {
	passed, all, meant := 0, 0, 0
	for name, r := range theirs {
		if r.Outcome != "ok" {
			continue
		}
		all++
		got := ours[name]
		switch {
		case got.Outcome == "ok":
			passed++
			assert.False(t, departs(py, name), "%s passes, but is on the list of differences", name)
		case departs(py, name):
			meant++
		default:
			assert.Fail(t, name+" does not pass", "%s: %s", got.Outcome, got.Text)
		}
	}
	require.NotZero(t, all)
	t.Logf("score: Python %s: %d of %d manager tests of %s pass; %d are listed differences",
		py.Profile.Version, passed, all, whose, meant)
}
