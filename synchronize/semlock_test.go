//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const (
	patience = 60 * time.Second
	tick     = time.Millisecond
)

// made is a semaphore whose name goes when the test ends.
func made(t testing.TB, value, limit int, o *synchronize.Options) *synchronize.SemLock {
	t.Helper()
	s, err := synchronize.Create(value, limit, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.Close()
		if err := s.Unlink(); !errors.Is(err, fs.ErrNotExist) {
			assert.NoError(t, err)
		}
	})
	return s
}

// file is where glibc keeps a semaphore.
func file(s *synchronize.SemLock) string {
	return filepath.Join("/dev/shm", "sem."+s.Name()[1:])
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// sleepers waits until n processes or goroutines sleep for s.
func sleepers(t testing.TB, s *synchronize.SemLock, n byte) {
	t.Helper()
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(file(s))
		return err == nil && b[4] == n
	}, patience, tick)
}

func TestASemaphoreHasTheBytesOfGlibc(t *testing.T) {
	for value, want := range map[int]string{
		0: "0000000000000000" + "80000000" + "0000000000000000000000000000000000000000",
		1: "0100000000000000" + "80000000" + "0000000000000000000000000000000000000000",
		synchronize.SemValueMax: "ffffff7f00000000" + "80000000" +
			"0000000000000000000000000000000000000000",
	} {
		b, err := os.ReadFile(file(made(t, value, synchronize.SemValueMax, nil)))
		require.NoError(t, err)
		assert.Equal(t, want, hex.EncodeToString(b))
	}
}

func TestASleeperIsCountedInTheSecondWord(t *testing.T) {
	s := made(t, 0, 1, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Acquire(ctx) }()
	sleepers(t, s, 1)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	sleepers(t, s, 0)
}

func TestWhatIsReleasedCanBeAcquiredOnce(t *testing.T) {
	s := made(t, 0, 2, nil)
	assert.False(t, s.TryAcquire())
	require.NoError(t, s.Release())
	assert.Equal(t, 1, s.Value())
	assert.True(t, s.TryAcquire())
	assert.False(t, s.TryAcquire())
}

func TestReleasingBeyondTheLimitIsRefused(t *testing.T) {
	s := made(t, 1, 1, nil)
	require.ErrorIs(t, s.Release(), synchronize.ErrReleased)
	assert.Equal(t, 1, s.Value())
}

func TestAReleaseWakesWhoSleepsInAnotherHandle(t *testing.T) {
	s := made(t, 0, 1, nil)
	other, err := synchronize.Open(s.Name(), 1, nil)
	require.NoError(t, err)
	defer other.Close()
	ended := make(chan error)
	go func() { ended <- other.Acquire(soon(t)) }()
	sleepers(t, s, 1)
	require.NoError(t, s.Release())
	require.NoError(t, <-ended)
	sleepers(t, s, 0)
}

func TestAWaitEndsWithTheCauseOfItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	s := made(t, 0, 1, nil)
	ended := make(chan error)
	go func() { ended <- s.Acquire(ctx) }()
	sleepers(t, s, 1)
	cancel(cause)
	require.ErrorIs(t, <-ended, cause)
}

func TestWhatCanBeTakenIsTakenEvenIfTheContextIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := made(t, 1, 1, nil)
	require.NoError(t, s.Acquire(ctx))
	require.ErrorIs(t, s.Acquire(ctx), context.Canceled)
}

func TestCloseEndsEveryWait(t *testing.T) {
	s := made(t, 0, 1, nil)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { assert.ErrorIs(t, s.Acquire(context.Background()), synchronize.ErrClosed) })
	}
	sleepers(t, s, 1)
	require.NoError(t, s.Close())
	all.Wait()
	assert.False(t, s.TryAcquire())
	require.ErrorIs(t, s.Release(), synchronize.ErrClosed)
	require.NoError(t, s.Close())
	sleepers(t, s, 0)
}

func TestAThousandWhoWaitTakeOneThread(t *testing.T) {
	s := made(t, 0, synchronize.SemValueMax, nil)
	before := threads(t)
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { assert.NoError(t, s.Acquire(soon(t))) })
	}
	sleepers(t, s, 1)
	assert.Less(t, threads(t), before+20)
	for range 1000 {
		require.NoError(t, s.Release())
	}
	all.Wait()
	assert.Zero(t, s.Value())
}

func threads(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/task")
	require.NoError(t, err)
	return len(entries)
}

func TestALockExcludes(t *testing.T) {
	for _, spin := range []time.Duration{0, 20 * time.Microsecond} {
		s := made(t, 1, 1, &synchronize.Options{Spin: spin})
		n := 0
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 2000 {
					if !assert.NoError(t, s.Acquire(soon(t))) {
						return
					}
					n++
					assert.NoError(t, s.Release())
				}
			})
		}
		all.Wait()
		assert.Equal(t, 8000, n)
		assert.Equal(t, 1, s.Value())
	}
}

func TestAMappingGoesWithTheSemaphore(t *testing.T) {
	s, err := synchronize.Create(1, 1, nil)
	require.NoError(t, err)
	var info unix.Stat_t
	require.NoError(t, unix.Stat(file(s), &info))
	require.NoError(t, s.Unlink())
	require.True(t, mapped(t, info.Ino))
	require.NoError(t, s.Close())
	require.Eventually(t, func() bool {
		runtime.GC()
		return !mapped(t, info.Ino)
	}, patience, tick)
}

// mapped tells whether this process has mapped the file of an inode in /dev/shm.
func mapped(t *testing.T, inode uint64) bool {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	require.NoError(t, err)
	for line := range strings.Lines(string(maps)) {
		if f := strings.Fields(line); len(f) > 5 && f[4] == fmt.Sprint(inode) && strings.HasPrefix(f[5], "/dev/shm/") {
			return true
		}
	}
	return false
}
