//go:build linux && (amd64 || arm64)

package interop_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forRounds runs a test of many rounds: with two Pythons and n rounds by day, with all and a hundred times as
// many by night.
func forRounds(t *testing.T, n int, test func(t *testing.T, py interop.Python, n int)) {
	t.Helper()
	forEachPython(t, func(t *testing.T, py interop.Python) {
		rounds := n
		if os.Getenv("MPBRIDGE_NIGHTLY") != "" {
			rounds *= 100
		} else if v := py.Profile.Version; v != py312 && v != (interop.Version{Major: 2, Minor: 7}) {
			t.Skip("by night")
		}
		test(t, py, rounds)
	})
}

func TestAConditionIsInOrderAfterManyWaitsAndNotifiesOfBothSides(t *testing.T) {
	forRounds(t, 200, func(t *testing.T, py interop.Python, n int) {
		cond := named[*synchronize.Condition](t)(synchronize.NewCondition(nil, nil))
		waiter, notifier := startLocks(t, py), startLocks(t, py)
		for _, peer := range []locksPeer{waiter, notifier} {
			peer.load(t, "cond", cond)
			peer.do(t, fmt.Sprintf(`
import random
def wait():
    for i in range(%[1]d):
        with cond:
            cond.wait(random.random() / 500)
def notify():
    for i in range(%[1]d):
        with cond:
            random.choice([cond.notify, cond.notify_all])()
        time.sleep(random.random() / 1000)
`, n))
		}
		waiter.begin(t, "wait()")
		notifier.begin(t, "notify()")
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { assert.NoError(t, waitOften(cond, n)) })
		}
		all.Go(func() { assert.NoError(t, notifyOften(cond, n)) })
		assert.Nil(t, waiter.ended(t))
		assert.Nil(t, notifier.ended(t))
		all.Wait()
		asleepFor(t, cond.Names()[0], 0)
		me := synchronize.NewOwner()
		require.NoError(t, cond.Acquire(soon(t), me), "the lock is free")
		require.NoError(t, cond.Release(me))
	})
}

// waitOften waits for a condition for times that are often too short.
func waitOften(cond *synchronize.Condition, n int) error {
	me := synchronize.NewOwner()
	wait := func() error {
		if err := cond.Acquire(context.Background(), me); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), rand.N(2*time.Millisecond))
		defer cancel()
		err := cond.Wait(ctx, me)
		if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, synchronize.ErrLockLost) {
			err = nil
		}
		return errors.Join(err, cond.Release(me))
	}
	for range n {
		if err := wait(); err != nil {
			return err
		}
	}
	return nil
}

func notifyOften(cond *synchronize.Condition, n int) error {
	me := synchronize.NewOwner()
	for range n {
		if err := cond.Acquire(context.Background(), me); err != nil {
			return err
		}
		err := cond.Notify(context.Background(), me, 1+rand.N(3))
		if err = errors.Join(err, cond.Release(me)); err != nil {
			return err
		}
	}
	return nil
}

func TestABarrierIsInOrderAfterManyRoundsOfBothSides(t *testing.T) {
	forRounds(t, 100, func(t *testing.T, py interop.Python, n int) {
		if py.Profile.NativeBytes {
			t.Skip("Python 2 has no barrier")
		}
		path, memory := sharedFile(t)
		barrier := named[*synchronize.Barrier](t)(synchronize.NewBarrier(4, memory, nil))
		var peers []locksPeer
		for range 2 {
			peer := startLocks(t, py)
			peer.loadWith(t, "barrier", barrier, &synchronize.Pickler{
				Buffer: func(b []byte) (any, error) { return wrapper(path, len(b)), nil },
			})
			peer.begin(t, fmt.Sprintf("sum(barrier.wait() for i in range(%d))", n))
			peers = append(peers, peer)
		}
		sums := make(chan int)
		for range 2 {
			go func() {
				sum := 0
				for range n {
					i, err := barrier.Wait(context.Background())
					assert.NoError(t, err)
					sum += i
				}
				sums <- sum
			}()
		}
		total := <-sums + <-sums
		for _, peer := range peers {
			total += int(peer.ended(t).(float64))
		}
		assert.Equal(t, n*(0+1+2+3), total, "each round had each index once")
	})
}
