package interop_test

import (
	"os"
	"path/filepath"
	"testing"

	"mpbridge/internal/testing/testpython"
	"mpbridge/interop"

	"github.com/stretchr/testify/require"
)

// patience is for answers that take milliseconds.
const patience = testpython.Patience

// forEachPython runs test once per supported version, as testpython.Each says.
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
	testpython.Each(t, oldest, test)
}

// needPython gives an interpreter of the version, or skips or fails the test as forEachPython does.
func needPython(t *testing.T, v interop.Version) interop.Python {
	t.Helper()
	return testpython.Need(t, v)
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
	return testpython.Start(t, py, filepath.Join("testdata", "peers", script), args...)
}

// ask sends one request to a peer and returns its answer.
func ask[Reply any](t *testing.T, peer *interop.Peer, request any) Reply {
	t.Helper()
	return testpython.Ask[Reply](t, peer, request)
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
