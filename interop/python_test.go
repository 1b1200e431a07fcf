package interop_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"mpbridge/interop"

	"github.com/stretchr/testify/require"
)

// patience is for answers that take milliseconds: it only ends a test that has failed already,
// and must outlast a machine with more work than cores.
const patience = 60 * time.Second

// forEachPython runs test once per supported version, as a subtest called py3.12. A version that
// is not on this machine is skipped, or fails if MPBRIDGE_REQUIRED lists it. The subtests run in
// parallel and begin after the calling function has returned: clean up with t.Cleanup, not defer.
func forEachPython(t *testing.T, test func(t *testing.T, py interop.Python)) {
	t.Helper()
	forPythonsFrom(t, interop.Version{}, test)
}

// forEachPython3 is forEachPython without Python 2.
func forEachPython3(t *testing.T, test func(t *testing.T, py interop.Python)) {
	t.Helper()
	forPythonsFrom(t, interop.Version{Major: 3}, test)
}

func forPythonsFrom(t *testing.T, oldest interop.Version, test func(*testing.T, interop.Python)) {
	t.Helper()
	for _, profile := range interop.Profiles() {
		if profile.Version.Compare(oldest) < 0 {
			continue
		}
		t.Run("py"+profile.Version.String(), func(t *testing.T) {
			t.Parallel()
			test(t, needPython(t, profile.Version))
		})
	}
}

// needPython gives an interpreter of the version, or skips or fails the test as forEachPython does.
func needPython(t *testing.T, v interop.Version) interop.Python {
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

// needPyPy gives PyPy, or skips the test: it is no Python that MPBRIDGE_REQUIRED can list.
func needPyPy(t *testing.T) interop.Python {
	t.Helper()
	py, err := interop.PyPy()
	if err != nil {
		t.Skipf("no PyPy was found: %v", err)
	}
	return py
}

// startPeer runs a script of testdata/peers until the test ends.
func startPeer(t *testing.T, py interop.Python, script string, args ...string) *interop.Peer {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "peers", script))
	require.NoError(t, err)
	peer, err := interop.StartPeer(py, patience, path, args...)
	require.NoError(t, err)
	t.Cleanup(func() {
		err := peer.Stop()
		if t.Failed() {
			t.Logf("%s: %v, its stderr:\n%s", script, err, peer.Stderr())
		}
	})
	return peer
}

// ask sends one request to a peer and returns its answer.
func ask[Reply any](t *testing.T, peer *interop.Peer, request any) Reply {
	t.Helper()
	var reply Reply
	require.NoError(t, peer.Ask(patience, request, &reply))
	return reply
}

// shortDir is a folder for unix sockets: their names are limited to about 100 bytes, and t.TempDir
// puts the name of the test into the path.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mp")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestParseVersionRefusesWhatIsNoVersion(t *testing.T) {
	for _, text := range []string{"", "3", "3.", ".3", "3.12.1", "3.x", "-3.1", "3.12 "} {
		_, err := interop.ParseVersion(text)
		require.Error(t, err, "%q", text)
	}
}
