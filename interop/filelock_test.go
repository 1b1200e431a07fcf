//go:build linux

package interop_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"mpbridge/filelock"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// lockRequest is a request to locks.py, and what the functions below do in Go.
type lockRequest struct {
	Op     string `json:"op"`
	Kind   string `json:"kind"`
	Path   string `json:"path"`
	Shared bool   `json:"shared"`
	Start  int64  `json:"start"`
	Length int64  `json:"length"`
}

func (r lockRequest) mode() filelock.Mode {
	if r.Shared {
		return filelock.Shared
	}
	return filelock.Exclusive
}

func (r lockRequest) part() filelock.Range { return filelock.Range{Start: r.Start, Length: r.Length} }

// goLocks are the kinds of locks in Go.
var goLocks = map[string]func(f *os.File, r lockRequest) error{
	"Flock":     func(f *os.File, r lockRequest) error { return filelock.TryFlock(f, r.mode()) },
	"Lockf":     func(f *os.File, r lockRequest) error { return filelock.TryLockf(f, r.mode(), r.part()) },
	"PosixLock": func(f *os.File, r lockRequest) error { return filelock.TryPosixLock(f, r.mode(), r.part()) },
}

// excluding says which kind of Python excludes which of Go.
var excluding = map[string]map[string]bool{
	"flock": {"Flock": true},
	"lockf": {"Lockf": true, "PosixLock": true},
}

// lockPeer is a Python and a file to lock.
type lockPeer struct {
	*interop.Peer
	path string
}

// TestFileLocks runs the tests below with one process of each Python, and kills it at the end.
func TestFileLocks(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
		peer := lockPeer{startPeer(t, py, "locks.py"), path}
		for name, test := range map[string]func(*testing.T, lockPeer){
			"what Python holds Go is kept from, of its kind":         lockOfPython,
			"what Go holds Python is kept from, of its kind":         lockOfGo,
			"shared locks and other parts are no obstacle to either": locksTogether,
			"Python and Go wait for each other":                      locksWaitedFor,
		} {
			t.Run(name, func(t *testing.T) { test(t, peer) })
		}
		t.Run("what Python held is free when it is killed", func(t *testing.T) { lockOfTheDead(t, peer) })
		t.Run("the package filelock", func(t *testing.T) { lockOfFilelock(t, py.With(needPackages(t, py, "filelock"))) })
	})
}

// busy tells whether Python is kept from a lock; it holds it where it is not.
func (p lockPeer) busy(t *testing.T, r lockRequest) bool {
	t.Helper()
	r.Op, r.Path = "lock", p.path
	reply := ask[struct {
		Busy        bool
		Error, Text string
	}](t, p.Peer, r)
	require.Empty(t, reply.Error, reply.Text)
	return reply.Busy
}

func (p lockPeer) frees(t *testing.T) {
	t.Helper()
	ask[struct{}](t, p.Peer, lockRequest{Op: "free"})
}

func (p lockPeer) file(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(p.path, os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// closes gives up the locks of a file before it closes it: a child that is being started at that moment still has the
// descriptor until its exec, and with it flock's and lockf's locks.
func closes(t *testing.T, f *os.File) {
	t.Helper()
	require.NoError(t, filelock.Unflock(f))
	require.NoError(t, filelock.Unlockf(f, filelock.All))
	require.NoError(t, filelock.PosixUnlock(f, filelock.All))
	require.NoError(t, f.Close())
}

func lockOfPython(t *testing.T, peer lockPeer) {
	for python, excluded := range excluding {
		require.False(t, peer.busy(t, lockRequest{Kind: python}))
		for kind, try := range goLocks {
			f := peer.file(t)
			err := try(f, lockRequest{})
			if excluded[kind] {
				assert.ErrorIs(t, err, filelock.ErrBusy, "%s, held by %s", kind, python)
			} else {
				assert.NoError(t, err, "%s, held by %s", kind, python)
			}
			closes(t, f)
		}
		peer.frees(t)
	}
}

func lockOfGo(t *testing.T, peer lockPeer) {
	for kind, try := range goLocks {
		f := peer.file(t)
		require.NoError(t, try(f, lockRequest{}))
		for python, excluded := range excluding {
			busy := peer.busy(t, lockRequest{Kind: python})
			assert.Equal(t, excluded[kind], busy, "%s, held by %s", python, kind)
			if !busy {
				peer.frees(t)
			}
		}
		closes(t, f)
	}
}

func locksTogether(t *testing.T, peer lockPeer) {
	for python, kind := range map[string]string{"flock": "Flock", "lockf": "Lockf"} {
		f := peer.file(t)
		require.False(t, peer.busy(t, lockRequest{Kind: python, Shared: true}))
		require.NoError(t, goLocks[kind](f, lockRequest{Shared: true}), kind)
		require.ErrorIs(t, goLocks[kind](f, lockRequest{}), filelock.ErrBusy, kind)
		peer.frees(t)
		closes(t, f)
	}
	f := peer.file(t)
	require.False(t, peer.busy(t, lockRequest{Kind: "lockf", Start: 10, Length: 10}))
	require.NoError(t, goLocks["Lockf"](f, lockRequest{Start: 0, Length: 10}))
	require.NoError(t, goLocks["Lockf"](f, lockRequest{Start: 20}))
	require.ErrorIs(t, goLocks["Lockf"](f, lockRequest{Start: 19, Length: 1}), filelock.ErrBusy)
	peer.frees(t)
	closes(t, f)
}

func locksWaitedFor(t *testing.T, peer lockPeer) {
	for python, wait := range map[string]func(context.Context, *os.File) error{
		"flock": func(ctx context.Context, f *os.File) error { return filelock.Flock(ctx, f, filelock.Exclusive) },
		"lockf": func(ctx context.Context, f *os.File) error {
			return filelock.Lockf(ctx, f, filelock.Exclusive, filelock.All)
		},
	} {
		f := peer.file(t)
		require.False(t, peer.busy(t, lockRequest{Kind: python}))
		got := make(chan error)
		go func() { got <- wait(soon(t), f) }()
		peer.frees(t)
		require.NoError(t, <-got)

		require.NoError(t, peer.Send(lockRequest{Op: "wait", Kind: python, Path: peer.path}))
		waitsIn(t, peer.Peer, unix.SYS_FLOCK, unix.SYS_FCNTL)
		closes(t, f)
		require.NoError(t, peer.Answer(patience, nil))
		peer.frees(t)
	}
}

func lockOfTheDead(t *testing.T, peer lockPeer) {
	require.False(t, peer.busy(t, lockRequest{Kind: "flock"}))
	require.False(t, peer.busy(t, lockRequest{Kind: "lockf"}))
	f := peer.file(t)
	require.NoError(t, peer.Kill())
	require.NoError(t, filelock.Flock(soon(t), f, filelock.Exclusive))
	require.NoError(t, filelock.Lockf(soon(t), f, filelock.Exclusive, filelock.All))
}

func lockOfFilelock(t *testing.T, py interop.Python) {
	peer := lockPeer{startPeer(t, py, "locks.py"), filepath.Join(t.TempDir(), "lock")}
	lock := filelock.New(peer.path, nil)
	require.NoError(t, lock.TryAcquire())
	assert.True(t, peer.busy(t, lockRequest{Kind: "filelock"}))
	require.NoError(t, lock.Release())
	require.False(t, peer.busy(t, lockRequest{Kind: "filelock"}))
	require.ErrorIs(t, lock.TryAcquire(), filelock.ErrBusy)
	peer.frees(t)
	require.NoError(t, lock.Acquire(soon(t)))
	require.NoError(t, lock.Release())
}
