package interop_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moment is how long a test waits for what does not come.
const moment = 80 * time.Millisecond

// briefly is a context that ends soon.
func briefly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(soon(t), moment)
	t.Cleanup(cancel)
	return ctx
}

func TestGoUsesAnEventOfAManager(t *testing.T) {
	withSyncManager(t, []string{"Event"}, func(t *testing.T, m syncManager, c *client.Client) {
		e := must(c.OpenEvent(soon(t), "Event"))(t)
		assert.False(t, must(e.IsSet(soon(t)))(t))
		require.ErrorIs(t, e.Wait(briefly(t)), context.DeadlineExceeded)
		done := make(chan error, 1)
		go func() { done <- e.Wait(soon(t)) }()
		require.NoError(t, e.Set(soon(t)))
		require.NoError(t, <-done)
		require.NoError(t, e.Clear(soon(t)))
		assert.False(t, must(e.IsSet(soon(t)))(t))
	})
}

// excluder is what Lock and RLock have in common.
type excluder interface {
	Acquire(ctx context.Context) error
	TryAcquire(ctx context.Context) (bool, error)
	Release(ctx context.Context) error
}

// opened opens a Lock or an RLock, and returns it in the hands of two owners.
func opened(t *testing.T, c *client.Client, typeid string) (l, other excluder) {
	if typeid == "RLock" {
		r := must(c.OpenRLock(soon(t), typeid))(t)
		return r, r.WithOwner(c.NewOwner())
	}
	plain := must(c.OpenLock(soon(t), typeid))(t)
	return plain, plain.WithOwner(c.NewOwner())
}

func TestALockExcludes(t *testing.T) {
	for _, typeid := range []string{"Lock", "RLock"} {
		t.Run(typeid, func(t *testing.T) {
			withSyncManager(t, []string{typeid}, func(t *testing.T, m syncManager, c *client.Client) {
				l, other := opened(t, c, typeid)
				require.NoError(t, l.Acquire(soon(t)))
				assert.False(t, must(other.TryAcquire(soon(t)))(t))
				require.ErrorIs(t, other.Acquire(briefly(t)), context.DeadlineExceeded)
				done := make(chan error, 1)
				go func() { done <- other.Acquire(soon(t)) }()
				require.NoError(t, l.Release(soon(t)))
				require.NoError(t, <-done)
				require.NoError(t, other.Release(soon(t)))
				require.Error(t, l.Release(soon(t)), "nobody has it")
			})
		})
	}
}

func TestAnRLockBelongsToItsOwner(t *testing.T) {
	withSyncManager(t, []string{"RLock"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenRLock(soon(t), "RLock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		// Others use the connections that are free.
		for range 3 {
			require.ErrorIs(t, l.WithOwner(c.NewOwner()).Release(soon(t)), managers.ErrRuntimeError)
		}
		require.NoError(t, l.Acquire(soon(t)), "it can be acquired again")
		require.NoError(t, l.Release(soon(t)))
		assert.False(t, must(l.WithOwner(c.NewOwner()).TryAcquire(soon(t)))(t), "it is held once more")
		require.NoError(t, l.Release(soon(t)))
		assert.True(t, must(l.WithOwner(c.NewOwner()).TryAcquire(soon(t)))(t))
	})
}

func TestALockMayBeReleasedByAnotherOwner(t *testing.T) {
	withSyncManager(t, []string{"Lock"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenLock(soon(t), "Lock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		require.NoError(t, l.WithOwner(c.NewOwner()).Release(soon(t)))
		assert.True(t, must(l.TryAcquire(soon(t)))(t))
	})
}

func TestALockTellsWhetherItIsLocked(t *testing.T) {
	withSyncManager(t, []string{"Lock"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenLock(soon(t), "Lock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		locked, err := l.Locked(soon(t))
		if !m.locked {
			var remote *managers.RemoteError
			require.ErrorAs(t, err, &remote)
			return
		}
		require.NoError(t, err)
		assert.True(t, locked)
	})
}

func TestACancelledAcquireLeavesNoGhostBehind(t *testing.T) {
	withSyncManager(t, []string{"Lock"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenLock(soon(t), "Lock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		ctx, cancel := context.WithCancel(soon(t))
		done := make(chan error, 1)
		go func() { done <- l.WithOwner(c.NewOwner()).Acquire(ctx) }()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		require.NoError(t, l.Release(soon(t)))
		assert.True(t, must(l.TryAcquire(soon(t)))(t))
	})
}

func TestASemaphoreCounts(t *testing.T) {
	withSyncManager(t, []string{"BoundedSemaphore"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		s := must(c.OpenBoundedSemaphore(soon(t), "BoundedSemaphore", 2))(t)
		require.NoError(t, s.Acquire(soon(t)))
		assert.True(t, must(s.TryAcquire(soon(t)))(t))
		require.ErrorIs(t, s.Acquire(briefly(t)), context.DeadlineExceeded)
		require.NoError(t, s.Release(soon(t)))
		require.NoError(t, s.Release(soon(t)))
		require.ErrorIs(t, s.Release(soon(t)), managers.ErrValueError)
	})
}

func TestAConditionIsWaitedFor(t *testing.T) {
	withSyncManager(t, []string{"Condition", "Value"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		cond := must(c.OpenCondition(soon(t), "Condition"))(t)
		v := must(c.OpenValue(soon(t), "Value", "i", 0))(t)
		ready := func(ctx context.Context) (bool, error) {
			var n int
			err := v.GetInto(ctx, &n)
			return n == 1, err
		}
		done := make(chan error, 1)
		go func() {
			mine := cond.WithOwner(c.NewOwner())
			err := mine.Acquire(soon(t))
			if err == nil {
				err = errors.Join(mine.WaitFor(soon(t), ready), mine.Release(soon(t)))
			}
			done <- err
		}()
		require.NoError(t, cond.Acquire(soon(t)))
		require.NoError(t, v.Set(soon(t), 1))
		require.NoError(t, cond.Notify(soon(t), 1))
		require.NoError(t, cond.NotifyAll(soon(t)))
		require.NoError(t, cond.Release(soon(t)))
		require.NoError(t, <-done)
	})
}

func TestAConditionThatNobodyNotifiesIsHeldAfterTheWait(t *testing.T) {
	withSyncManager(t, []string{"Condition"}, func(t *testing.T, m syncManager, c *client.Client) {
		cond := must(c.OpenCondition(soon(t), "Condition"))(t)
		require.ErrorIs(t, cond.Wait(soon(t)), managers.ErrRuntimeError, "it is not acquired")
		require.ErrorIs(t, cond.Notify(soon(t), 1), managers.ErrRuntimeError)
		require.NoError(t, cond.Acquire(soon(t)))
		if err := cond.Wait(briefly(t)); !m.python2 {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		assert.False(t, must(cond.WithOwner(c.NewOwner()).TryAcquire(soon(t)))(t))
		require.NoError(t, cond.Release(soon(t)))
	})
}

func TestAConditionSharesTheLockOfItsOwner(t *testing.T) {
	withSyncManager(t, []string{"Condition"}, func(t *testing.T, m syncManager, c *client.Client) {
		owner := c.NewOwner()
		lock := must(c.OpenLock(soon(t), "Lock"))(t).WithOwner(owner)
		cond := must(c.OpenCondition(soon(t), "Condition", lock))(t).WithOwner(owner)
		require.NoError(t, lock.Acquire(soon(t)))
		assert.False(t, must(cond.WithOwner(c.NewOwner()).TryAcquire(soon(t)))(t))
		require.NoError(t, cond.NotifyAll(soon(t)))
		require.NoError(t, cond.Release(soon(t)))
		assert.True(t, must(lock.TryAcquire(soon(t)))(t))
	})
}

func TestABarrierLetsItsPartiesPass(t *testing.T) {
	withSyncManager(t, []string{"Barrier"}, func(t *testing.T, m syncManager, c *client.Client) {
		b := must(c.OpenBarrier(soon(t), "Barrier", 3))(t)
		assert.Equal(t, 3, must(b.Parties(soon(t)))(t))
		var wg sync.WaitGroup
		numbers := make([]int, 3)
		for i := range numbers {
			wg.Go(func() {
				n, err := b.Wait(soon(t))
				assert.NoError(t, err)
				numbers[i] = n
			})
		}
		wg.Wait()
		assert.ElementsMatch(t, []int{0, 1, 2}, numbers)
		assert.Equal(t, 0, must(b.Waiting(soon(t)))(t))
	})
}

func TestWhoGivesUpBreaksTheBarrier(t *testing.T) {
	withSyncManager(t, []string{"Barrier"}, func(t *testing.T, m syncManager, c *client.Client) {
		b := must(c.OpenBarrier(soon(t), "Barrier", 2))(t)
		_, err := b.Wait(briefly(t))
		require.ErrorIs(t, err, managers.ErrBrokenBarrier)
		assert.True(t, must(b.Broken(soon(t)))(t))
		require.NoError(t, b.Reset(soon(t)))
		assert.False(t, must(b.Broken(soon(t)))(t))
		ctx, cancel := context.WithCancel(soon(t))
		time.AfterFunc(moment, cancel)
		_, err = b.Wait(ctx)
		require.ErrorIs(t, err, managers.ErrBrokenBarrier)
		require.ErrorIs(t, err, context.Canceled)
		assert.True(t, must(b.Broken(soon(t)))(t))
	})
}
