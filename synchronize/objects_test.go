//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"testing"
	"time"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kept is something whose names go when the test ends.
func kept[T interface {
	Close() error
	Unlink() error
}](t testing.TB, x T, err error) T {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = x.Close()
		if err := x.Unlink(); !errors.Is(err, fs.ErrNotExist) {
			assert.NoError(t, err)
		}
	})
	return x
}

// over is a context that is over soon.
func over(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func newRLock(t *testing.T) *synchronize.RLock {
	l, err := synchronize.NewRLock(nil)
	return kept(t, l, err)
}

func newEvent(t *testing.T, o *synchronize.Options) *synchronize.Event {
	e, err := synchronize.NewEvent(o)
	return kept(t, e, err)
}

func newCondition(t *testing.T, o *synchronize.Options) *synchronize.Condition {
	c, err := synchronize.NewCondition(nil, o)
	return kept(t, c, err)
}

func newBarrier(t *testing.T, parties int, o *synchronize.BarrierOptions) *synchronize.Barrier {
	b, err := synchronize.NewBarrier(parties, shared(t), o)
	return kept(t, b, err)
}

func TestALockThatIsFreeIsNotRepaired(t *testing.T) {
	lock, err := synchronize.NewLock(nil)
	kept(t, lock, err)
	repaired, err := lock.Repair()
	require.NoError(t, err)
	assert.False(t, repaired)
	require.True(t, lock.TryAcquire())
	repaired, err = lock.Repair()
	require.NoError(t, err)
	assert.True(t, repaired)
	assert.False(t, lock.Locked())
}

func TestAnRLockIsReleasedAsOftenAsItWasAcquired(t *testing.T) {
	lock, me, other := newRLock(t), synchronize.NewOwner(), synchronize.NewOwner()
	require.NoError(t, lock.Acquire(soon(t), me))
	require.True(t, lock.TryAcquire(me))
	require.ErrorIs(t, lock.Acquire(over(t), other), context.DeadlineExceeded)
	require.NoError(t, lock.Release(me))
	assert.True(t, lock.Owned(me))
	require.NoError(t, lock.Release(me))
	assert.False(t, lock.Owned(me))
	require.NoError(t, lock.Acquire(soon(t), other))
	require.NoError(t, lock.Release(other))
}

func TestAnRLockKnowsItsOwner(t *testing.T) {
	lock, me := newRLock(t), synchronize.NewOwner()
	require.ErrorIs(t, lock.Release(me), synchronize.ErrNotOwner)
	require.ErrorIs(t, lock.Acquire(soon(t), nil), synchronize.ErrNotOwner)
	assert.False(t, lock.TryAcquire(nil))
	require.NoError(t, lock.Acquire(soon(t), me))
	require.ErrorIs(t, lock.Release(synchronize.NewOwner()), synchronize.ErrNotOwner)
	require.ErrorIs(t, lock.Release(nil), synchronize.ErrNotOwner)
}

func TestAnRLockThatIsHeldHereIsNotRepaired(t *testing.T) {
	lock, me := newRLock(t), synchronize.NewOwner()
	other, err := synchronize.OpenRLock(lock.Name(), nil)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, lock.Acquire(soon(t), me))
	repaired, err := lock.Repair()
	require.NoError(t, err)
	assert.False(t, repaired)
	repaired, err = other.Repair()
	require.NoError(t, err)
	assert.True(t, repaired)
}

func TestABoundedSemaphoreHasTheLimitThatItBeganWith(t *testing.T) {
	s, err := synchronize.NewBoundedSemaphore(2, nil)
	kept(t, s, err)
	require.ErrorIs(t, s.Release(), synchronize.ErrReleased)
	require.True(t, s.TryAcquire())
	require.NoError(t, s.Release())
	other, err := synchronize.OpenBoundedSemaphore(s.Name(), 2, nil)
	require.NoError(t, err)
	defer other.Close()
	require.ErrorIs(t, other.Release(), synchronize.ErrReleased)
}

func TestASemaphoreHasNoLimit(t *testing.T) {
	s, err := synchronize.NewSemaphore(0, nil)
	kept(t, s, err)
	for range 5 {
		require.NoError(t, s.Release())
	}
	assert.Equal(t, 5, s.Value())
}

func TestAConditionIsOpenedByItsName(t *testing.T) {
	c := newCondition(t, nil)
	other, err := synchronize.OpenCondition(c.Locking().Name(), nil, nil)
	require.NoError(t, err)
	defer other.Close()
	assert.Equal(t, c.Names(), other.Names())
	ended := make(chan error)
	me, you := synchronize.NewOwner(), synchronize.NewOwner()
	require.NoError(t, c.Acquire(soon(t), me))
	go func() {
		err := other.Acquire(soon(t), you)
		ready := false
		if err == nil {
			err = other.WaitFor(soon(t), you, func() bool {
				defer func() { ready = true }()
				return ready
			})
		}
		ended <- errors.Join(err, other.Release(you))
	}()
	for done := false; !done; {
		require.NoError(t, c.Notify(soon(t), me, 1))
		require.NoError(t, c.Release(me))
		select {
		case err := <-ended:
			require.NoError(t, err)
			done = true
		default:
			require.NoError(t, c.Acquire(soon(t), me))
		}
	}
}

func TestAConditionIsForWhoHoldsItsLock(t *testing.T) {
	c, me := newCondition(t, nil), synchronize.NewOwner()
	require.ErrorIs(t, c.Wait(soon(t), me), synchronize.ErrNotOwner)
	require.ErrorIs(t, c.NotifyAll(soon(t), me), synchronize.ErrNotOwner)
}

func TestAWaitThatIsOverHoldsTheLockAgain(t *testing.T) {
	c, me := newCondition(t, nil), synchronize.NewOwner()
	require.NoError(t, c.Acquire(soon(t), me))
	require.NoError(t, c.Acquire(soon(t), me))
	require.ErrorIs(t, c.Wait(over(t), me), context.DeadlineExceeded)
	require.NoError(t, c.Release(me))
	assert.True(t, c.Locking().Locked(), "it was acquired twice")
	require.NoError(t, c.Release(me))
	assert.False(t, c.Locking().Locked())
}

func TestAWaitSaysThatItsLockIsLost(t *testing.T) {
	c, me := newCondition(t, &synchronize.Options{Patience: 20 * time.Millisecond}), synchronize.NewOwner()
	thief, err := synchronize.OpenRLock(c.Locking().Name(), nil)
	require.NoError(t, err)
	defer thief.Close()
	require.NoError(t, c.Acquire(soon(t), me))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- c.Wait(ctx, me) }()
	require.NoError(t, thief.Acquire(soon(t), synchronize.NewOwner()))
	cancel()
	err = <-ended
	require.ErrorIs(t, err, synchronize.ErrLockLost)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, c.Release(me), synchronize.ErrNotOwner)
}

func TestClosingAConditionEndsItsWaits(t *testing.T) {
	c, me := newCondition(t, nil), synchronize.NewOwner()
	require.NoError(t, c.Acquire(soon(t), me))
	ended := make(chan error)
	go func() { ended <- c.Wait(context.Background(), me) }()
	require.Eventually(t, func() bool { return !c.Locking().Locked() }, patience, tick)
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-ended, synchronize.ErrClosed)
}

func TestAnEventIsOpenedByItsName(t *testing.T) {
	e := newEvent(t, nil)
	other, err := synchronize.OpenEvent(e.Condition().Locking().Name(), nil)
	require.NoError(t, err)
	defer other.Close()
	require.ErrorIs(t, other.Wait(over(t)), context.DeadlineExceeded)
	ended := make(chan error)
	go func() { ended <- other.Wait(soon(t)) }()
	require.NoError(t, e.Set(soon(t)))
	require.NoError(t, <-ended)
	require.NoError(t, other.Clear(soon(t)))
	set, err := e.IsSet(soon(t))
	require.NoError(t, err)
	assert.False(t, set)
}

func TestTheCauseOfAContextSaysNothingOfTheLock(t *testing.T) {
	e := newEvent(t, nil)
	for _, cause := range []error{synchronize.ErrLockLost, synchronize.ErrClosed} { // of something else
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan error)
		go func() { ended <- e.Wait(ctx) }()
		require.Eventually(t, func() bool { return !e.Condition().Locking().Locked() }, patience, tick)
		cancel(cause)
		require.ErrorIs(t, <-ended, cause)
		require.NoError(t, e.Set(soon(t)), "the lock is free")
		require.NoError(t, e.Clear(soon(t)))
	}
}

func TestAnEventWhoseNameIsTakenLeavesNothing(t *testing.T) {
	e := newEvent(t, nil)
	taken := e.Names()[len(e.Names())-1] // its flag: all others are made before
	base := taken[:len(taken)-len("-flag")] + "x"
	blocker := made(t, 0, 1, &synchronize.Options{Name: base + "-flag"})
	_, err := synchronize.NewEvent(&synchronize.Options{Name: base})
	require.ErrorIs(t, err, fs.ErrExist)
	for _, suffix := range []string{"", "-sleeping", "-woken", "-wait"} {
		_, err := os.Stat("/dev/shm/sem." + base[1:] + suffix)
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	_, err = os.Stat(file(blocker))
	require.NoError(t, err)
}

func TestABarrierLetsAllGoAtOnceAgainAndAgain(t *testing.T) {
	b := newBarrier(t, 3, nil)
	for range 20 {
		indexes := make([]bool, 3)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				i, err := b.Wait(soon(t))
				assert.NoError(t, err)
				indexes[i] = true
			})
		}
		all.Wait()
		assert.Equal(t, []bool{true, true, true}, indexes)
	}
}

func TestTheLastAtABarrierCallsItsAction(t *testing.T) {
	calls := 0
	b := newBarrier(t, 1, &synchronize.BarrierOptions{Action: func() error { calls++; return nil }})
	for range 3 {
		_, err := b.Wait(soon(t))
		require.NoError(t, err)
	}
	assert.Equal(t, 3, calls)
}

func TestAnActionThatFailsBreaksTheBarrier(t *testing.T) {
	failure := errors.New("no")
	for name, fail := range map[string]func() error{
		"by an error": func() error { return failure },
		"by a panic":  func() error { panic(failure) },
	} {
		t.Run(name, func(t *testing.T) {
			action := fail
			b := newBarrier(t, 1, &synchronize.BarrierOptions{Action: func() error { return action() }})
			func() {
				defer func() { _ = recover() }()
				_, err := b.Wait(soon(t))
				assert.ErrorIs(t, err, failure)
			}()
			broken, err := b.Broken(soon(t))
			require.NoError(t, err)
			assert.True(t, broken)
			require.NoError(t, b.Reset(soon(t)))
			action = func() error { return nil }
			_, err = b.Wait(soon(t))
			require.NoError(t, err, "who failed has left")
		})
	}
}

func TestWhoHasNoTimeLeftBreaksTheBarrier(t *testing.T) {
	b := newBarrier(t, 3, nil)
	ended := make(chan error)
	go func() {
		_, err := b.Wait(soon(t))
		ended <- err
	}()
	require.Eventually(t, func() bool {
		n, err := b.NWaiting(soon(t))
		return err == nil && n == 1
	}, patience, tick)
	_, err := b.Wait(over(t))
	require.ErrorIs(t, err, synchronize.ErrBroken)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	err = <-ended
	require.ErrorIs(t, err, synchronize.ErrBroken)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	_, err = b.Wait(soon(t))
	require.ErrorIs(t, err, synchronize.ErrBroken)
}

func TestTheLastAtABarrierLetsTheOthersGoThoughItsTimeIsOver(t *testing.T) {
	b := newBarrier(t, 2, nil)
	ended := make(chan error)
	go func() {
		_, err := b.Wait(soon(t))
		ended <- err
	}()
	require.Eventually(t, func() bool {
		n, err := b.NWaiting(soon(t))
		return err == nil && n == 1
	}, patience, tick)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := b.Wait(gone)
	require.NoError(t, err)
	require.NoError(t, <-ended)
}

func TestABarrierHasATimeoutOfItsOwn(t *testing.T) {
	b := newBarrier(t, 2, &synchronize.BarrierOptions{Timeout: time.Millisecond})
	_, err := b.Wait(context.Background())
	require.ErrorIs(t, err, synchronize.ErrBroken)
}

func TestResettingABarrierSendsThoseAwayWhoWait(t *testing.T) {
	b := newBarrier(t, 2, nil)
	ended := make(chan error)
	go func() {
		_, err := b.Wait(soon(t))
		ended <- err
	}()
	require.Eventually(t, func() bool {
		n, err := b.NWaiting(soon(t))
		return err == nil && n == 1
	}, patience, tick)
	require.NoError(t, b.Reset(soon(t)))
	require.ErrorIs(t, <-ended, synchronize.ErrBroken)
	go func() {
		_, err := b.Wait(soon(t))
		ended <- err
	}()
	_, err := b.Wait(soon(t))
	require.NoError(t, err)
	require.NoError(t, <-ended)
}

func TestMemoryThatNoBarrierFitsInIsRefused(t *testing.T) {
	mem := shared(t)
	var format *synchronize.FormatError
	_, err := synchronize.NewBarrier(2, mem[:7], nil)
	require.ErrorAs(t, err, &format)
	_, err = synchronize.NewBarrier(2, mem[2:], nil)
	require.ErrorAs(t, err, &format)
	_, err = synchronize.NewBarrier(0, mem, nil)
	require.Error(t, err)
}
