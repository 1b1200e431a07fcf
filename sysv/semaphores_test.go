//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/sysv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newSemaphores(t testing.TB, values ...int) *sysv.Semaphores {
	t.Helper()
	s, err := sysv.CreateSemaphores(sysv.Private, values, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Remove() })
	return s
}

func values(t *testing.T, s *sysv.Semaphores) (out []int) {
	t.Helper()
	for i := range s.Len() {
		v, err := s.Value(i)
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

func TestSemaphoresHaveTheirValuesFromTheFirstMoment(t *testing.T) {
	s := newSemaphores(t, 0, 1, 32767)
	assert.Equal(t, []int{0, 1, 32767}, values(t, s))
	info, err := s.Info()
	require.NoError(t, err)
	assert.Equal(t, sysv.SemaphoreInfo{Semaphores: 3, Used: true}, info)
	unused := newSemaphores(t, 0)
	info, err = unused.Info()
	require.NoError(t, err)
	assert.True(t, info.Used, "also where all values are 0")
}

func TestASemaphoreExcludesTheOthers(t *testing.T) {
	s := newSemaphores(t, 1)
	ctx := testwait.Soon(t)
	counter := attach(t, newMemory(t, 8)).Bytes() // of which the race detector, which knows no semaphores, sees nothing
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				assert.NoError(t, s.Acquire(ctx))
				binary.NativeEndian.PutUint64(counter, binary.NativeEndian.Uint64(counter)+1)
				assert.NoError(t, s.Release())
			}
		})
	}
	all.Wait()
	assert.Equal(t, uint64(800), binary.NativeEndian.Uint64(counter))
}

func TestABusySemaphoreSaysSo(t *testing.T) {
	s := newSemaphores(t, 1)
	require.NoError(t, s.TryAcquire())
	require.ErrorIs(t, s.TryAcquire(), sysv.ErrBusy)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Acquire(ctx), context.DeadlineExceeded)
	require.NoError(t, s.Release())
	require.NoError(t, s.TryAcquire())
}

func TestOperationsAreDoneTogetherOrNotAtAll(t *testing.T) {
	s := newSemaphores(t, 2, 0)
	take := []sysv.Operation{{Number: 0, Delta: -2}, {Number: 1, Delta: -1}}
	require.ErrorIs(t, s.TryDo(take...), sysv.ErrBusy)
	assert.Equal(t, []int{2, 0}, values(t, s))
	done := make(chan error)
	go func() { done <- s.Do(testwait.Soon(t), take...) }()
	testwait.For(t, func() bool {
		n, err := s.Waiting(1)
		require.NoError(t, err)
		return n == 1
	})
	require.NoError(t, s.SetValue(1, 1))
	require.NoError(t, <-done)
	assert.Equal(t, []int{0, 0}, values(t, s))
}

func TestAWaitForZeroEndsAtZero(t *testing.T) {
	s := newSemaphores(t, 1)
	done := make(chan error)
	go func() { done <- s.Do(testwait.Soon(t), sysv.Operation{}) }()
	require.NoError(t, s.TryAcquire())
	require.NoError(t, <-done)
}

func TestWhatASemaphoreCannotBeIsALimitError(t *testing.T) {
	s := newSemaphores(t, 32767)
	_, tooMany := sysv.CreateSemaphores(sysv.Private, make([]int, 1000), nil)
	_, none := sysv.CreateSemaphores(sysv.Private, nil, nil)
	_, negative := sysv.CreateSemaphores(sysv.Private, []int{-1}, nil)
	_, number := s.Value(1)
	for what, err := range map[string]error{
		"released too often": s.Release(), "too large": s.SetValue(0, 32768), "no such number": number,
		"no operation": s.TryDo(), "a set too large": tooMany, "a set of none": none, "a negative value": negative,
	} {
		var limit *sysv.LimitError
		assert.ErrorAs(t, err, &limit, what)
	}
}

func TestRemovingASetEndsWhatWaits(t *testing.T) {
	s := newSemaphores(t, 0)
	ended := make(chan error)
	go func() { ended <- s.Acquire(testwait.Soon(t)) }()
	require.NoError(t, s.Remove())
	require.ErrorIs(t, <-ended, sysv.ErrRemoved)
	_, err := sysv.SemaphoresByID(s.ID())
	require.ErrorIs(t, err, sysv.ErrRemoved)
}

func TestASetThatIsThereKeepsItsValues(t *testing.T) {
	key := newKey(t)
	s, err := sysv.CreateSemaphores(key, []int{3, 4}, nil)
	require.NoError(t, err)
	defer s.Remove()
	again, err := sysv.CreateSemaphores(key, []int{9}, &sysv.CreateOptions{Existing: true})
	require.NoError(t, err)
	assert.Equal(t, []int{3, 4}, values(t, again))
}

// acquireAndWait is the program of a holder that dies.
func acquireAndWait(arguments []string) {
	id, _ := strconv.Atoi(arguments[0])
	s, err := sysv.SemaphoresByID(id)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Undo = true
	fmt.Println(s.TryAcquire())
	select {}
}

func TestAKilledHolderReleasesWhatIsUndone(t *testing.T) {
	s := newSemaphores(t, 1)
	holder := exec.Command(os.Args[0], strconv.Itoa(s.ID()))
	holder.Env = append(os.Environ(), "SYSV_TEST_CHILD=acquire")
	said, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	line := make([]byte, 6)
	_, err = said.Read(line)
	require.NoError(t, err)
	require.Equal(t, "<nil>\n", string(line))
	require.ErrorIs(t, s.TryAcquire(), sysv.ErrBusy)
	require.NoError(t, holder.Process.Kill())
	require.NoError(t, s.Acquire(testwait.Soon(t)))
	_ = holder.Wait()
}

// TestAThreadThatEndsUndoesNothing: what is undone belongs to the process, whichever thread did it.
func TestAThreadThatEndsUndoesNothing(t *testing.T) {
	s := newSemaphores(t, 1)
	s.Undo = true
	done := make(chan error)
	go func() {
		lockThreadForever() // which ends with the goroutine
		done <- s.TryAcquire()
	}()
	require.NoError(t, <-done)
	time.Sleep(5 * time.Millisecond) // for a thread that would have undone it
	require.ErrorIs(t, s.TryAcquire(), sysv.ErrBusy)
	require.NoError(t, s.Release())
}
