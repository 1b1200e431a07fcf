//go:build linux

package filelock_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mpbridge/filelock"
	"mpbridge/internal/leak"
	"mpbridge/internal/testing/testwait"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

// opened gives a file that was opened so many times, each for reading and writing.
func opened(t *testing.T, times int) (out []*os.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	for range times {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		out = append(out, f)
	}
	return out
}

// kinds are the locks that belong to the open file.
var kinds = map[string]struct {
	lock   func(context.Context, *os.File, filelock.Mode) error
	try    func(*os.File, filelock.Mode) error
	unlock func(*os.File) error
}{
	"Flock": {filelock.Flock, filelock.TryFlock, filelock.Unflock},
	"Lockf": {
		func(ctx context.Context, f *os.File, m filelock.Mode) error {
			return filelock.Lockf(ctx, f, m, filelock.All)
		},
		func(f *os.File, m filelock.Mode) error { return filelock.TryLockf(f, m, filelock.All) },
		func(f *os.File) error { return filelock.Unlockf(f, filelock.All) },
	},
}

func TestTwoOpenFilesExcludeEachOther(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			f := opened(t, 3)
			require.NoError(t, k.try(f[0], filelock.Exclusive))
			require.ErrorIs(t, k.try(f[1], filelock.Exclusive), filelock.ErrBusy)
			require.ErrorIs(t, k.try(f[1], filelock.Shared), filelock.ErrBusy)
			require.NoError(t, k.unlock(f[0]))
			require.NoError(t, k.unlock(f[0]), "a second time")
			require.NoError(t, k.try(f[1], filelock.Shared))
			require.NoError(t, k.try(f[2], filelock.Shared))
			require.ErrorIs(t, k.try(f[0], filelock.Exclusive), filelock.ErrBusy)
		})
	}
}

func TestClosingAFileFreesItsLockAndClosingAnotherDoesNot(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			f := opened(t, 3)
			require.NoError(t, k.try(f[0], filelock.Exclusive))
			require.NoError(t, f[1].Close())
			require.ErrorIs(t, k.try(f[2], filelock.Exclusive), filelock.ErrBusy)
			require.NoError(t, f[0].Close())
			require.NoError(t, k.try(f[2], filelock.Exclusive))
		})
	}
}

func TestAPosixLockIsLostWhenAnyFileIsClosed(t *testing.T) {
	f := opened(t, 3)
	ctx := testwait.Soon(t)
	require.NoError(t, filelock.PosixLock(ctx, f[0], filelock.Exclusive, filelock.All))
	require.NoError(t, filelock.TryPosixLock(f[1], filelock.Exclusive, filelock.All), "the process has it already")
	require.ErrorIs(t, filelock.TryLockf(f[2], filelock.Exclusive, filelock.All), filelock.ErrBusy)
	require.NoError(t, f[1].Close())
	require.NoError(t, filelock.TryLockf(f[2], filelock.Exclusive, filelock.All))
}

func TestPartsOfAFileAreLockedByThemselves(t *testing.T) {
	f := opened(t, 2)
	first, second := filelock.Range{Length: 10}, filelock.Range{Start: 10}
	require.NoError(t, filelock.TryLockf(f[0], filelock.Exclusive, first))
	require.NoError(t, filelock.TryLockf(f[1], filelock.Exclusive, second))
	require.ErrorIs(t, filelock.TryLockf(f[1], filelock.Exclusive, filelock.Range{Start: 9, Length: 1}), filelock.ErrBusy)
	require.ErrorIs(t, filelock.TryLockf(f[0], filelock.Shared, filelock.Range{Start: 1 << 40, Length: 1}), filelock.ErrBusy)
	require.NoError(t, filelock.Unlockf(f[0], first))
	require.NoError(t, filelock.TryLockf(f[1], filelock.Exclusive, filelock.All))
}

func TestAWaitEndsWithItsContextOrWithTheLock(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			f := opened(t, 2)
			require.NoError(t, k.try(f[0], filelock.Exclusive))
			short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, k.lock(short, f[1], filelock.Exclusive), context.DeadlineExceeded)
			got := make(chan error)
			go func() { got <- k.lock(testwait.Soon(t), f[1], filelock.Exclusive) }()
			require.NoError(t, k.unlock(f[0]))
			require.NoError(t, <-got)
		})
	}
}

func TestALockNeedsAFileThatIsOpenForIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	r, err := os.Open(path)
	require.NoError(t, err)
	require.ErrorIs(t, filelock.TryLockf(r, filelock.Exclusive, filelock.All), filelock.ErrAccess)
	require.NoError(t, filelock.TryLockf(r, filelock.Shared, filelock.All))
	require.NoError(t, filelock.TryFlock(r, filelock.Exclusive), "flock does not ask")
	require.NoError(t, r.Close())
	require.ErrorIs(t, filelock.TryFlock(r, filelock.Exclusive), os.ErrClosed)
}

func TestWhatIsNoModeAndNoRangeIsRefused(t *testing.T) {
	f := opened(t, 1)[0]
	require.ErrorIs(t, filelock.TryFlock(f, 7), fs.ErrInvalid)
	require.ErrorIs(t, filelock.TryLockf(f, filelock.Shared, filelock.Range{Start: -1}), fs.ErrInvalid)
}

func TestALockOfAPathExcludesItsLike(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a, b := filelock.New(path, nil), filelock.New(path, nil)
	require.ErrorIs(t, a.Release(), filelock.ErrNotHeld)
	require.NoError(t, a.Acquire(testwait.Soon(t)))
	require.ErrorIs(t, a.TryAcquire(), filelock.ErrHeld)
	require.ErrorIs(t, b.TryAcquire(), filelock.ErrBusy)
	require.NoError(t, a.Release())
	require.NoError(t, b.TryAcquire())
	require.NoError(t, b.Release())
}

func TestAThousandTurnsAtALockCountRight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var all sync.WaitGroup
	inside, turns := 0, 0
	var mu sync.Mutex // for the race detector, which knows no file locks
	for range 4 {
		all.Go(func() {
			l := filelock.New(path, nil)
			for range 50 {
				assert.NoError(t, l.Acquire(testwait.Soon(t)))
				mu.Lock()
				inside++
				assert.Equal(t, 1, inside)
				mu.Unlock()
				mu.Lock()
				inside--
				turns++
				mu.Unlock()
				assert.NoError(t, l.Release())
			}
		})
	}
	all.Wait()
	assert.Equal(t, 200, turns)
}

// TestALockWhoseFileWasRemovedIsNone: who waited for it does not hold what others cannot see.
func TestALockWhoseFileWasRemovedIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a, b, c := filelock.New(path, nil), filelock.New(path, nil), filelock.New(path, nil)
	require.NoError(t, a.TryAcquire())
	got := make(chan error)
	go func() { got <- b.Acquire(testwait.Soon(t)) }()
	require.NoError(t, os.Remove(path))
	require.NoError(t, <-got, "a new file has the name")
	require.ErrorIs(t, c.TryAcquire(), filelock.ErrBusy)
	require.NoError(t, a.Release())
	require.ErrorIs(t, c.TryAcquire(), filelock.ErrBusy)
	require.NoError(t, b.Release())
}

func TestALockWhereNothingCanBeMadeIsAnErrorWithoutThePath(t *testing.T) {
	err := filelock.New(filepath.Join(t.TempDir(), "none", "secret"), nil).TryAcquire()
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotContains(t, err.Error(), "secret")
}

// In Python: with filelock.FileLock(path): ..., or fcntl.flock on the open file.
func ExampleLock() {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("jobs-%d.lock", os.Getpid()))
	defer os.Remove(path)
	lock := filelock.New(path, nil)
	if err := lock.Acquire(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filelock.New(path, nil).TryAcquire())
	fmt.Println(lock.Release())
	// Output:
	// filelock: another holds the lock
	// <nil>
}

// In Python: fcntl.lockf(f, fcntl.LOCK_EX, 100, 0).
func ExampleLockf() {
	f, err := os.CreateTemp("", "file")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	part := filelock.Range{Start: 0, Length: 100}
	fmt.Println(filelock.Lockf(context.Background(), f, filelock.Exclusive, part))
	fmt.Println(filelock.Unlockf(f, part))
	// Output:
	// <nil>
	// <nil>
}
