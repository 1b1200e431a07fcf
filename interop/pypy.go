package interop

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// EnvPyPy names the PyPy to use. The default is pypy3, where PATH has one.
const EnvPyPy = "MPBRIDGE_PYPY"

// pypyProbe prints the version of the language if the candidate is PyPy.
const pypyProbe = `
import sys, socket, multiprocessing.managers
if hasattr(sys, 'pypy_version_info'):
    sys.stdout.write('%d.%d' % sys.version_info[:2])
`

// PyPy gives an interpreter that Find does not: another implementation, with the profile of the CPython
// whose language and library it has.
func PyPy() (Python, error) { return pypy() }

var pypy = sync.OnceValues(func() (Python, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv(EnvPyPy), "pypy3"))
	if err != nil {
		return Python{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-c", pypyProbe)
	cmd.Env = peerEnv()
	out, err := cmd.Output()
	if err != nil {
		return Python{}, fmt.Errorf("%s: %w", path, err)
	}
	v, err := ParseVersion(string(out))
	if err != nil {
		return Python{}, fmt.Errorf("%s is no PyPy: %w", path, err)
	}
	profile, ok := ProfileOf(v)
	if !ok {
		return Python{}, fmt.Errorf("%s: PyPy for Python %s is not supported", path, v)
	}
	return Python{Path: path, Profile: profile}, nil
})
