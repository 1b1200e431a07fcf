package interop_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/require"
)

// syncManager is a running SyncManager that Go's proxies are tested against.
type syncManager struct {
	at      connection.Address
	typeids []string
	python2 bool
	locked  bool // its locks can tell whether they are locked
	// storesProxy: a proxy that is stored in it is read back as a proxy; else as a copy.
	storesProxy bool
	// storesAuto: that holds for types without a proxy class of their own, too.
	storesAuto bool
	// anyAddress: it knows its objects by their idents, whatever address a proxy names.
	anyAddress bool
	// counter: it has get_counter, which manager.py registers.
	counter bool
	stop    func() // ends it at once
	// python is an interpreter whose programs are its clients.
	python func(t *testing.T) interop.Python
	// options are those of peers that have to use the package that it is of.
	options []string
}

// syncServer starts such a manager.
type syncServer struct {
	name  string
	start func(t *testing.T) syncManager
}

// syncServers are our server, and CPython's managers of every version.
func syncServers() []syncServer {
	out := []syncServer{{"ours", startOurManager}}
	for _, profile := range interop.Profiles() {
		out = append(out, syncServer{"py" + profile.Version.String(), func(t *testing.T) syncManager {
			return startPythonManager(t, profile)
		}})
	}
	for _, fork := range forks {
		out = append(out, syncServer{fork, func(t *testing.T) syncManager {
			py := needPython(t, forksOn)
			m := startManager(t, py.With(needPackages(t, py, fork)), "--package", fork)
			m.options = []string{"--package", fork}
			m.storesAuto = fork != "billiard" // whose managers store what the proxy is of
			return m
		}})
	}
	return append(out, syncServer{"pypy3", func(t *testing.T) syncManager { return startManager(t, needPyPy(t)) }})
}

// forks are packages that began as copies of multiprocessing; their managers run on forksOn.
var (
	forks   = []string{"multiprocess", "billiard"}
	forksOn = interop.Version{Major: 3, Minor: 13}
)

func startPythonManager(t *testing.T, p interop.Profile) syncManager {
	t.Helper()
	return startManager(t, needPython(t, p.Version))
}

// startManager runs manager.py, with options of its own.
func startManager(t *testing.T, py interop.Python, options ...string) syncManager {
	t.Helper()
	p := py.Profile
	a := connection.Address{Network: connection.TCP, Name: "127.0.0.1"}
	peer := startPeer(t, py, "manager.py", slices.Concat(options, words(a), []string{hex.EncodeToString(rightKey)})...)
	return syncManager{
		at: addressOf(t, peer.Ready), typeids: p.Typeids, python2: p.NativeBytes,
		locked:      slices.Contains(p.LockMethods, "locked"),
		storesProxy: !p.NativeBytes,
		storesAuto:  !p.NativeBytes && p.Version.Compare(interop.Version{Major: 3, Minor: 9}) >= 0,
		counter:     true,
		python:      func(*testing.T) interop.Python { return py },
		stop: func() {
			require.NoError(t, peer.Kill())
			<-peer.Exited()
		},
	}
}

// withSyncManager runs a test against each server that has the typeids.
func withSyncManager(
	t *testing.T, typeids []string, test func(t *testing.T, m syncManager, c *client.Client),
) {
	t.Helper()
	for _, s := range syncServers() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			m := s.start(t)
			for _, id := range typeids {
				if !slices.Contains(m.typeids, id) {
					return // this release has no such type
				}
			}
			test(t, m, dialManager(t, m))
		})
	}
}

// dialManager returns a client that lasts as long as the test.
func dialManager(t *testing.T, m syncManager) *client.Client {
	t.Helper()
	c, err := client.Dial(soon(t), m.at.String(), &client.Options{Authkey: rightKey})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// must returns a value that came without an error.
func must[V any](v V, err error) func(t *testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// collect drains an iteration.
func collect(t *testing.T, all func(yield func(any, error) bool)) []any {
	t.Helper()
	var out []any
	for v, err := range all {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}
