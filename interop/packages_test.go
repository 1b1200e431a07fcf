package interop_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// needPackages gives what PYTHONPATH has to be for a Python to find packages, by pip's names for them. Where tests use
// one of them with no Python of that version it skips the test, and where `make packages` was not run it skips it
// aloud, or fails it if MPBRIDGE_REQUIRED lists the version.
func needPackages(t testing.TB, py interop.Python, names ...string) (pythonpath string) {
	t.Helper()
	v := py.Profile.Version
	p, any, err := interop.PackagesFor(v)
	require.NoError(t, err)
	for _, name := range names {
		if !any || !p.Has(name) {
			t.Skipf("no %s for Python %s in interop/packages", name, v)
		}
	}
	switch {
	case p.Complete():
	case interop.Required(v):
		t.Fatalf("the packages for Python %s are not there, and %s lists it: make packages", v, interop.EnvRequired)
	default:
		t.Skipf("the packages for Python %s are not there: make packages", v)
	}
	return p.Dir
}

func TestPackagesAreFoundByTheirPythons(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		names := []string{}
		for _, name := range []string{"numpy", "pandas", "dill", "cloudpickle", "multiprocess", "billiard", "hypothesis"} {
			if p, any, err := interop.PackagesFor(py.Profile.Version); err == nil && any && p.Has(name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			t.Skip("tests use none with this Python")
		}
		cmd := exec.CommandContext(t.Context(), py.Path, "-c", "import "+strings.Join(names, ", "))
		cmd.Env = append(os.Environ(), "PYTHONPATH="+needPackages(t, py, names...))
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s", out)
	})
}
