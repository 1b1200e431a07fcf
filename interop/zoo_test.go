package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/require"
)

// envZoo says how many programs TestProgramsAnswerAsOnCPythonsServer runs, with a new seed each time, or with
// that of envZooSeed: MPBRIDGE_ZOO=20000 go test -timeout 0 -run CPythonsServer ./interop takes some half an hour.
const (
	envZoo     = "MPBRIDGE_ZOO"
	envZooSeed = "MPBRIDGE_ZOO_SEED"
)

// The programs that a run without envZoo makes: the same each time.
const (
	zooPrograms = 350
	zooSeed     = 13
)

// zooVersions are those of which CPython's server is asked.
var zooVersions = []string{"2.7", "3.6", "3.8", "3.11", "3.13", "3.15"}

// zooDriver is the version under which Hypothesis makes up the programs.
const zooDriver = "3.13"

// zooClients are what speaks to our server beside the standard library, with the version that runs it. PyPy is
// a client of both servers.
var zooClients = []struct{ name, version string }{
	{"multiprocess", "3.11"}, {"billiard", "3.8"},
}

// zooRunner is what zoo_find.py starts: see zoo_runner.py.
type zooRunner struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Python  string   `json:"python"`
	Path    string   `json:"path"`
	Args    []string `json:"args"`
}

// TestProgramsAnswerAsOnCPythonsServer runs programs that Hypothesis makes up of every shared type's calls, with
// values of the standard library, numpy, pandas, dill and cloudpickle, against our server and CPython's.
// What differs must be in zoo/differences.json, and what is there must differ.
func TestProgramsAnswerAsOnCPythonsServer(t *testing.T) {
	at := startZoo(t)
	var runners []zooRunner
	for _, v := range zooVersions {
		runners = appendZooRunner(t, runners, at, v, "multiprocessing")
	}
	for _, c := range zooClients {
		runners = appendZooRunner(t, runners, at, c.version, c.name)
	}
	if r, ok := pypyRunner(t, at); ok {
		runners = append(runners, r)
	}
	examples, seed := zooPrograms, int64(zooSeed)
	limit := 5 * time.Minute
	if n, err := strconv.Atoi(os.Getenv(envZoo)); err == nil {
		examples, seed = n, time.Now().UnixNano()
		limit += time.Duration(n) * time.Second
	}
	if n, err := strconv.ParseInt(os.Getenv(envZooSeed), 10, 64); err == nil {
		seed = n
	}
	t.Logf("%d programs, seed %d", examples, seed)
	findDifferences(t, limit, map[string]any{
		"runners": runners, "examples": examples, "seed": seed, "differences": zooFile(t, "differences.json"),
		"cured": zooFile(t, "cured.jsonl"),
	})
}

func zooFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("zoo", name))
	require.NoError(t, err)
	return path
}

// startZoo serves SyncManager's types and the queues that zoo_server.py shares by name.
func startZoo(t *testing.T) connection.Address {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: rightKey})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	for name, o := range map[string]queue.Options{
		"get_queue": {}, "get_lifo": {Order: queue.LIFO}, "get_priority": {Order: queue.Priority}, "get_joinable": {},
	} {
		require.NoError(t, s.RegisterQueueFamily(name, &o))
	}
	at, err := s.Listen(filepath.Join(t.TempDir(), "zoo"))
	require.NoError(t, err)
	t.Cleanup(serveUntil(s))
	return at
}

// appendZooRunner appends a runner for a version whose client of our server is of the given package. Where there is no
// such Python it says so, or fails the test if MPBRIDGE_REQUIRED lists it.
func appendZooRunner(t *testing.T, to []zooRunner, at connection.Address, version, client string) []zooRunner {
	t.Helper()
	v, err := interop.ParseVersion(version)
	require.NoError(t, err)
	py, found := interop.Find()[v]
	if !found {
		require.False(t, interop.Required(v), "no CPython %s was found, and %s lists it", v, interop.EnvRequired)
		t.Logf("NOT RUN with CPython %s: it was not found", v)
		return to
	}
	name, packages := version, []string{"numpy"}
	if client != "multiprocessing" {
		name, packages = client+" "+version, append(packages, client)
	}
	path := needPackages(t, py, packages...)
	return append(to, zooRunner{Name: name, Version: version, Python: py.Path, Path: path,
		Args: []string{at.Name, string(rightKey), py.Path, path, client}})
}

// findDifferences runs zoo_find.py, which prints what differs, and fails the test where it finds something.
func findDifferences(t *testing.T, limit time.Duration, config map[string]any) {
	t.Helper()
	input, err := json.Marshal(config)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	v, err := interop.ParseVersion(zooDriver)
	require.NoError(t, err)
	py := needPython(t, v)
	cmd := exec.CommandContext(ctx, py.Path, zooFile(t, "zoo_find.py"))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+needPackages(t, py, "hypothesis"), "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stdin = bytes.NewReader(input)
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // as it is: what differs is printed as scripts
	require.NoError(t, cmd.Run(), "see above what differs")
}

// pypyRunner gives a runner for PyPy, where pypy3 is in PATH. CPython of the same version serves its reference.
func pypyRunner(t *testing.T, at connection.Address) (zooRunner, bool) {
	t.Helper()
	path, err := exec.LookPath("pypy3")
	if err != nil {
		t.Log("NOT RUN with PyPy: pypy3 is not in PATH")
		return zooRunner{}, false
	}
	out, err := exec.CommandContext(t.Context(), path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	require.NoError(t, err)
	version := string(bytes.TrimSpace(out))
	v, err := interop.ParseVersion(version)
	require.NoError(t, err)
	py, ok := interop.Find()[v]
	if !ok {
		t.Logf("NOT RUN with PyPy: it is %s, and there is no CPython of that version", version)
		return zooRunner{}, false
	}
	return zooRunner{Name: "PyPy", Version: version, Python: path,
		Args: []string{at.Name, string(rightKey), py.Path, "", "multiprocessing"}}, true
}
