// Package testpython runs tests against the Pythons of this machine, and their peer scripts.
package testpython

import (
	"path/filepath"
	"testing"
	"time"

	"mpbridge/interop"

	"github.com/stretchr/testify/require"
)

// Patience is for answers that take milliseconds: it only ends a test that has failed already,
// and must outlast a machine with more work than cores.
const Patience = 60 * time.Second

// Each runs test once per supported version from the oldest on, as a subtest called py3.12. A version that
// is not on this machine is skipped, or fails if MPBRIDGE_REQUIRED lists it. The subtests run in
// parallel and begin after the calling function has returned: clean up with t.Cleanup, not defer.
func Each(t *testing.T, oldest interop.Version, test func(*testing.T, interop.Python)) {
	t.Helper()
	for _, profile := range interop.Profiles() {
		if profile.Version.Compare(oldest) < 0 {
			continue
		}
		t.Run("py"+profile.Version.String(), func(t *testing.T) {
			t.Parallel()
			test(t, Need(t, profile.Version))
		})
	}
}

// Need gives an interpreter of the version, or skips or fails the test as Each does.
func Need(t *testing.T, v interop.Version) interop.Python {
	t.Helper()
	py, ok := interop.Find()[v]
	switch {
	case ok:
	case interop.Required(v):
		t.Fatalf("no CPython %s was found, and %s lists it", v, interop.EnvRequired)
	default:
		t.Skipf("no CPython %s was found", v)
	}
	return py
}

// Start runs a script with its arguments until the test ends.
func Start(t *testing.T, py interop.Python, script string, args ...string) *interop.Peer {
	t.Helper()
	path, err := filepath.Abs(script)
	require.NoError(t, err)
	peer, err := interop.StartPeer(py, Patience, path, args...)
	require.NoError(t, err)
	t.Cleanup(func() {
		err := peer.Stop()
		if t.Failed() {
			t.Logf("%s: %v, its stderr:\n%s", filepath.Base(script), err, peer.Stderr())
		}
	})
	return peer
}

// Ask sends one request to a peer and returns its answer.
func Ask[Reply any](t *testing.T, peer *interop.Peer, request any) Reply {
	t.Helper()
	var reply Reply
	require.NoError(t, peer.Ask(Patience, request, &reply))
	return reply
}
