package client_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shortly is a context that ends soon enough for a test to wait for.
func shortly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestALockIsHadByOneOwner(t *testing.T) {
	l := opened[*client.Lock](t)(dialOwn(t).OpenLock(soon(t), "Lock"))
	require.NoError(t, l.Acquire(soon(t)))
	returns(t, true)(l.Locked(soon(t)))
	other := l.WithOwner(opened[*client.Client](t)(dialAgain(t, l.Proxy)).NewOwner())
	assert.NotSame(t, l.Owner(), other.Owner())
	returns(t, false)(l.TryAcquire(soon(t)))
	require.ErrorIs(t, l.Acquire(shortly(t)), context.DeadlineExceeded)
	require.NoError(t, l.Release(soon(t)))
	require.ErrorIs(t, l.Release(soon(t)), managers.ErrRuntimeError)
}

// dialAgain connects a second client to the manager of an object.
func dialAgain(t *testing.T, p *client.Proxy) (*client.Client, error) {
	t.Helper()
	c, err := client.Dial(soon(t), p.Token().Address.String(), &client.Options{Authkey: []byte("key")})
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

func TestAReleaseIsDoneThoughItsContextHasEnded(t *testing.T) {
	l := opened[*client.Lock](t)(dialOwn(t).OpenLock(soon(t), "Lock"))
	require.NoError(t, l.Acquire(soon(t)))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, l.Release(ended))
	returns(t, false)(l.Locked(soon(t)))
}

func TestAnRLockIsItsOwnersAsOftenAsItIsAcquired(t *testing.T) {
	c := dialOwn(t)
	l := opened[*client.RLock](t)(c.OpenRLock(soon(t), "RLock"))
	other := l.WithOwner(c.NewOwner())
	require.NoError(t, l.Acquire(soon(t)))
	returns(t, true)(l.TryAcquire(soon(t)))
	returns(t, false)(other.TryAcquire(soon(t)))
	require.ErrorIs(t, other.Release(soon(t)), managers.ErrRuntimeError)
	require.NoError(t, l.Release(soon(t)))
	returns(t, true)(l.Locked(soon(t)))
	require.NoError(t, l.Release(soon(t)))
	returns(t, true)(other.TryAcquire(soon(t)))
	assert.NotSame(t, l.Owner(), other.Owner())
	require.NoError(t, other.Release(soon(t)))
}

func TestABoundedSemaphoreIsNotReleasedTooOften(t *testing.T) {
	s := opened[*client.Semaphore](t)(dialOwn(t).OpenBoundedSemaphore(soon(t), "BoundedSemaphore", 1))
	require.NoError(t, s.Acquire(soon(t)))
	returns(t, false)(s.TryAcquire(soon(t)))
	require.NoError(t, s.Release(soon(t)))
	require.ErrorIs(t, s.Release(soon(t)), managers.ErrValueError)
}

func TestAnEventEndsTheWaitForIt(t *testing.T) {
	e := opened[*client.Event](t)(dialOwn(t).OpenEvent(soon(t), "Event"))
	require.ErrorIs(t, e.Wait(shortly(t)), context.DeadlineExceeded)
	waited := make(chan error, 1)
	go func() { waited <- e.Wait(soon(t)) }()
	require.NoError(t, e.Set(soon(t)))
	require.NoError(t, <-waited)
	returns(t, true)(e.IsSet(soon(t)))
	require.NoError(t, e.Clear(soon(t)))
	returns(t, false)(e.IsSet(soon(t)))
}

func TestANotificationEndsAWait(t *testing.T) {
	c := dialOwn(t)
	cond := opened[*client.Condition](t)(c.OpenCondition(soon(t), "Condition"))
	woken, ready := make(chan error, 1), make(chan struct{})
	go func() {
		mine := cond.WithOwner(c.NewOwner())
		err := mine.Acquire(soon(t))
		close(ready)
		if err == nil {
			err = mine.Wait(soon(t))
			_ = mine.Release(soon(t))
		}
		woken <- err
	}()
	<-ready // it has the lock, which it gives back by waiting
	require.NoError(t, cond.Acquire(soon(t)))
	require.NoError(t, cond.Notify(soon(t), 1))
	require.NoError(t, cond.Release(soon(t)))
	require.NoError(t, <-woken)
}

func TestANotificationThatCameBetweenSlicesOfAWaitIsNotMissedForEver(t *testing.T) {
	c := dialOwn(t)
	cond := opened[*client.Condition](t)(c.OpenCondition(soon(t), "Condition"))
	var ready atomic.Bool
	done, looked := make(chan error, 1), make(chan struct{}, 100)
	go func() {
		mine := cond.WithOwner(c.NewOwner())
		err := mine.Acquire(soon(t))
		if err == nil {
			err = mine.WaitFor(soon(t), func(context.Context) (bool, error) {
				looked <- struct{}{}
				return ready.Load(), nil
			})
			_ = mine.Release(soon(t))
		}
		done <- err
	}()
	<-looked
	require.NoError(t, cond.Acquire(soon(t)))
	testwait.For(t, func() bool { // the slice is over, and the lock is not to be had
		text, err := cond.Repr(soon(t))
		return err == nil && strings.HasSuffix(text, ", 0)>")
	})
	ready.Store(true)
	require.NoError(t, cond.NotifyAll(soon(t)))
	require.NoError(t, cond.Release(soon(t)))
	require.NoError(t, <-done)
}

func TestAConditionIsForItsOwner(t *testing.T) {
	cond := opened[*client.Condition](t)(dialOwn(t).OpenCondition(soon(t), "Condition"))
	require.ErrorIs(t, cond.Notify(soon(t), 1), managers.ErrRuntimeError)
	require.ErrorIs(t, cond.NotifyAll(soon(t)), managers.ErrRuntimeError)
	require.ErrorIs(t, cond.Wait(soon(t)), managers.ErrRuntimeError)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, cond.Notify(ended, 1), context.Canceled)
}

func TestWaitForLooksAgainAfterEachNotification(t *testing.T) {
	c := dialOwn(t)
	cond := opened[*client.Condition](t)(c.OpenCondition(soon(t), "Condition"))
	looked := make(chan int, 10)
	done := make(chan error, 1)
	go func() {
		n := 0
		err := cond.Acquire(soon(t))
		if err == nil {
			err = cond.WaitFor(soon(t), func(context.Context) (bool, error) {
				n++
				looked <- n
				return n == 3, nil
			})
		}
		done <- err
	}()
	notifier := cond.WithOwner(c.NewOwner())
	for range 2 {
		<-looked
		require.NoError(t, notifier.Acquire(soon(t)))
		require.NoError(t, notifier.NotifyAll(soon(t)))
		require.NoError(t, notifier.Release(soon(t)))
	}
	require.NoError(t, <-done)
	require.NoError(t, cond.Release(soon(t)))
}

func TestABarrierLetsAllPassAtOnce(t *testing.T) {
	b := opened[*client.Barrier](t)(dialOwn(t).OpenBarrier(soon(t), "Barrier", 2))
	returns(t, 2)(b.Parties(soon(t)))
	numbers := make(chan int, 1)
	go func() {
		n, _ := b.Wait(soon(t))
		numbers <- n
	}()
	testwait.For(t, func() bool { n, err := b.Waiting(soon(t)); return err == nil && n == 1 })
	n, err := b.Wait(soon(t))
	require.NoError(t, err)
	assert.ElementsMatch(t, []int{0, 1}, []int{n, <-numbers})
}

func TestWhoGivesUpBreaksTheBarrier(t *testing.T) {
	b := opened[*client.Barrier](t)(dialOwn(t).OpenBarrier(soon(t), "Barrier", 2))
	_, err := b.Wait(shortly(t))
	require.ErrorIs(t, err, managers.ErrBrokenBarrier)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	returns(t, true)(b.Broken(soon(t)))
	require.NoError(t, b.Reset(soon(t)))
	returns(t, false)(b.Broken(soon(t)))
	require.NoError(t, b.Abort(soon(t)))
	_, err = b.Wait(soon(t))
	require.ErrorIs(t, err, managers.ErrBrokenBarrier)
}

func TestACancelledWaitAbortsTheBarrier(t *testing.T) {
	b := opened[*client.Barrier](t)(dialOwn(t).OpenBarrier(soon(t), "Barrier", 2))
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() {
		_, err := b.Wait(ctx)
		failed <- err
	}()
	testwait.For(t, func() bool { n, err := b.Waiting(soon(t)); return err == nil && n == 1 })
	cancel()
	err := <-failed
	require.ErrorIs(t, err, managers.ErrBrokenBarrier)
	require.ErrorIs(t, err, context.Canceled)
	_, err = b.Wait(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
