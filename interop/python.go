package interop

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Names of the environment variables that steer the search for interpreters.
const (
	// EnvPythons lists interpreters to use before any other, separated as PATH is.
	EnvPythons = "MPBRIDGE_PYTHONS"
	// EnvRequired lists versions ("2.7 3.12") that must be there: where their absence would
	// skip a test, it fails it.
	EnvRequired = "MPBRIDGE_REQUIRED"
	// EnvOnly lists versions, "2.7 3.14": no other takes part. Without it all do that are found.
	EnvOnly = "MPBRIDGE_ONLY"
)

// probeTimeout bounds one start of a candidate; the slowest seen needs a third of a second.
const probeTimeout = 20 * time.Second

// probe prints the version if the candidate is a CPython with the modules that peers need, and "tests"
// if it brings along its own tests of multiprocessing. A wrapper that starts nothing, a minimal install
// and another implementation all print nothing.
const probe = `
import os, sys, socket, multiprocessing
names = ['_test_multiprocessing.py', 'test_multiprocessing.py']
tests = [n for n in names if os.path.exists(os.path.join(os.path.dirname(os.__file__), 'test', n))]
if not hasattr(sys, 'pypy_version_info'):
    sys.stdout.write('%d.%d ' % sys.version_info[:2] + ('tests' if tests else ''))
`

// Python is one interpreter on this machine.
type Python struct {
	Path    string
	Profile Profile
	Tests   bool // it brings along CPython's own tests

	packages string // what With added
}

// With gives the interpreter as one whose peers find the packages in a folder. Without it they find none, which
// is what most tests are about.
func (py Python) With(pythonpath string) Python {
	py.packages = pythonpath
	return py
}

// Find looks for one interpreter of every supported version, in MPBRIDGE_PYTHONS, PATH, pyenv's
// folder and /opt/pythons, in this order; the first of a version wins, or the first that has Tests. Each
// candidate is run once per process, for it may not be what its name says.
func Find() map[Version]Python {
	found.Do(func() {
		found.pythons = map[Version]Python{}
		for _, group := range candidates() {
			probeAll(group, found.pythons)
		}
		if only := strings.Fields(os.Getenv(EnvOnly)); len(only) > 0 {
			maps.DeleteFunc(found.pythons, func(v Version, _ Python) bool { return !slices.Contains(only, v.String()) })
		}
	})
	return found.pythons
}

var found struct {
	sync.Once
	pythons map[Version]Python
}

// Required tells whether MPBRIDGE_REQUIRED lists the version.
func Required(v Version) bool {
	return slices.Contains(strings.Fields(os.Getenv(EnvRequired)), v.String())
}

// candidates gives paths of executables by place, most wanted place first. Within a place the
// full names come first: they say what they are.
func candidates() [][]string {
	named := []string{}
	for _, p := range slices.Backward(profiles) {
		named = append(named, "python"+p.Version.String())
	}
	named = append(named, "python3", "python2", "python")
	var groups [][]string
	add := func(paths []string) {
		paths = slices.DeleteFunc(paths, func(p string) bool { return !executable(p) })
		groups = append(groups, paths)
	}
	add(filepath.SplitList(os.Getenv(EnvPythons)))
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// pyenv's shims only lead to its versions, which are looked at below, and slowly.
		if filepath.IsAbs(dir) && filepath.Base(dir) != "shims" {
			add(joinAll(dir, named))
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		pyenv, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "*", "bin", "python"))
		add(pyenv)
	}
	add(joinAll("/opt/pythons/bin", named))
	return groups
}

func joinAll(dir string, names []string) []string {
	paths := make([]string, 0, len(names))
	for _, name := range names {
		paths = append(paths, filepath.Join(dir, name))
	}
	return paths
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// probeAll runs the candidates of one place side by side and adds those of a supported version
// that has none yet, in the order of the paths.
func probeAll(paths []string, into map[Version]Python) {
	probed := make([]Python, len(paths))
	limit := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			probed[i], _ = probePython(path)
		})
	}
	wg.Wait()
	for _, py := range probed {
		v := py.Profile.Version
		if have, ok := into[v]; py.Path != "" && (!ok || py.Tests && !have.Tests) {
			into[v] = py
		}
	}
}

// probePython runs one candidate. It returns no Path for a version that is not supported.
func probePython(path string) (py Python, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-c", probe)
	cmd.Env = peerEnv()
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return py, fmt.Errorf("%s: %w", path, err)
	}
	version, tests, _ := strings.Cut(string(out), " ")
	v, err := ParseVersion(version)
	if err != nil {
		return py, err
	}
	profile, supported := ProfileOf(v)
	if supported {
		py = Python{Path: path, Profile: profile, Tests: tests != ""}
	}
	return py, nil
}
