//go:build linux && (amd64 || arm64)

package interop_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// got is what Go makes of something that a Python has pickled for a child.
func got[T any](t *testing.T, peer locksPeer, expression string, u *synchronize.Unpickler) T {
	t.Helper()
	var v any
	require.NoError(t, pickle.Unmarshal(peer.dump(t, expression), &v))
	x, err := u.Object(v)
	require.NoError(t, err)
	want, ok := x.(T)
	require.True(t, ok, "%T", x)
	return want
}

// asleepFor waits until so many wait for a condition that Go has made under a name.
func asleepFor(t *testing.T, name string, n int) {
	t.Helper()
	value := func(part string) int {
		b, err := os.ReadFile("/dev/shm/sem." + name[1:] + part)
		require.NoError(t, err)
		return int(binary.LittleEndian.Uint32(b))
	}
	require.Eventually(t, func() bool { return value("-sleeping")-value("-woken") == n }, patience, 5*time.Millisecond)
}

// asleep is asleepFor a condition that the peer has made, and shows.
func (p locksPeer) asleep(t *testing.T, condition string, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return p.eval(t, condition+"._sleeping_count.get_value() - "+condition+"._woken_count.get_value()") == float64(n)
	}, patience, 5*time.Millisecond)
}

func TestPythonWaitsForAnEventThatGoSets(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(nil))
		peer := startLocks(t, py)
		peer.load(t, "event", event)
		assert.Equal(t, false, peer.eval(t, "event.is_set()"))
		peer.begin(t, "event.wait(60)")
		asleepFor(t, event.Names()[0], 1)
		require.NoError(t, event.Set(soon(t)))
		assert.Equal(t, true, peer.ended(t))
		assert.Equal(t, true, peer.eval(t, "event.is_set() and event.wait(0)"))
		require.NoError(t, event.Clear(soon(t)))
		assert.Equal(t, false, peer.eval(t, "event.wait(0)"))
	})
}

func TestGoWaitsForAnEventThatPythonSets(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "event = ctx.Event()")
		event := got[*synchronize.Event](t, peer, "event", new(synchronize.Unpickler))
		defer event.Close()
		ended := make(chan error)
		go func() { ended <- event.Wait(soon(t)) }()
		peer.asleep(t, "event._cond", 1)
		peer.do(t, "event.set()")
		require.NoError(t, <-ended)
		set, err := event.IsSet(soon(t))
		require.NoError(t, err)
		assert.True(t, set)
		peer.do(t, "event.clear()")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, event.Wait(ctx), context.DeadlineExceeded)
		peer.asleep(t, "event._cond", 0)
	})
}

func TestGoWakesAsManyOfPythonsSleepersAsItSays(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		cond := named[*synchronize.Condition](t)(synchronize.NewCondition(nil, nil))
		peer := startLocks(t, py)
		peer.load(t, "cond", cond)
		peer.do(t, sleepersOf("cond", 3))
		asleepFor(t, cond.Names()[0], 3)
		me := synchronize.NewOwner()
		require.ErrorIs(t, cond.Notify(soon(t), me, 1), synchronize.ErrNotOwner)
		require.NoError(t, cond.Acquire(soon(t), me))
		require.NoError(t, cond.Notify(soon(t), me, 2))
		require.NoError(t, cond.Release(me))
		peer.asleep(t, "cond", 1)
		peer.do(t, "cond.acquire(); cond.notify_all(); cond.release()")
		peer.do(t, "for t in sleepers: t.join()")
		peer.asleep(t, "cond", 0)
	})
}

// sleepersOf are statements that begin threads which wait for a condition.
func sleepersOf(condition string, n int) string {
	return fmt.Sprintf(`
def sleep():
    with_lock = %[1]s
    with_lock.acquire()
    with_lock.wait()
    with_lock.release()
sleepers = [threading.Thread(target=sleep) for i in range(%[2]d)]
for t in sleepers:
    t.daemon = True
    t.start()
`, condition, n)
}

func TestPythonWakesWhoWaitsInGo(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "cond = ctx.Condition()")
		cond := got[*synchronize.Condition](t, peer, "cond", new(synchronize.Unpickler))
		defer cond.Close()
		ended := make(chan error)
		for range 3 {
			go func() {
				me := synchronize.NewOwner()
				if err := cond.Acquire(soon(t), me); err != nil {
					ended <- err
					return
				}
				err := cond.Wait(soon(t), me)
				ended <- errors.Join(err, cond.Release(me))
			}()
		}
		peer.asleep(t, "cond", 3)
		peer.do(t, "cond.acquire(); cond.notify(); cond.release()")
		require.NoError(t, <-ended)
		peer.asleep(t, "cond", 2)
		peer.do(t, "cond.acquire(); cond.notify_all(); cond.release()")
		require.NoError(t, <-ended)
		require.NoError(t, <-ended)
	})
}

func TestAnRLockOfOneSideIsTakenForTheOther(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.RLock](t)(synchronize.NewRLock(nil))
		peer := startLocks(t, py)
		peer.load(t, "lock", lock)
		assert.Equal(t, true, peer.eval(t, "isinstance(lock, synchronize.RLock)"))
		me, other := synchronize.NewOwner(), synchronize.NewOwner()
		require.NoError(t, lock.Acquire(soon(t), me))
		require.NoError(t, lock.Acquire(soon(t), me))
		assert.False(t, lock.TryAcquire(other))
		require.NoError(t, lock.Release(me))
		assert.Equal(t, false, peer.eval(t, "lock.acquire(False)"))
		require.NoError(t, lock.Release(me))
		require.ErrorIs(t, lock.Release(me), synchronize.ErrNotOwner)
		assert.Equal(t, true, peer.eval(t, "lock.acquire(False) and lock.acquire(False)"))
		peer.do(t, "lock.release()")
		assert.False(t, lock.TryAcquire(me))
		peer.do(t, "lock.release()")
		assert.True(t, lock.TryAcquire(me))
		assert.Equal(t, "AssertionError", className(peer.raises(t, "lock.release()")))
	})
}

// sharedFile is memory that is a file, so that both sides can map it.
func sharedFile(t *testing.T) (path string, memory []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "memory")
	require.NoError(t, os.WriteFile(path, make([]byte, 4096), 0o600))
	return path, mapFile(t, path)
}

func mapFile(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	memory, err := unix.Mmap(int(f.Fd()), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Munmap(memory) })
	return memory
}

// wrapper is what Python unpickles as the BufferWrapper of a file's first bytes.
func wrapper(path string, size int) any {
	call := func(module, name string, args ...any) *pickle.Object {
		class := pickle.Global{Module: module, Name: name}
		return &pickle.Object{Kind: pickle.Reduce, Class: class, Args: pickle.Tuple(args)}
	}
	arena := call("multiprocessing.heap", "Arena", int64(4096), call("os", "open", path, int64(os.O_RDWR)))
	return &pickle.Object{
		Kind: pickle.NewObj, Args: pickle.Tuple{},
		Class: pickle.Global{Module: "multiprocessing.heap", Name: "BufferWrapper"},
		State: pickle.NewDict("_state", pickle.Tuple{
			pickle.Tuple{arena, int64(0), int64(size)}, int64(size),
		}), HasState: true,
	}
}

func TestABarrierOfGoHoldsPythonAndGo(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		path, memory := sharedFile(t)
		barrier := named[*synchronize.Barrier](t)(synchronize.NewBarrier(3, memory, nil))
		peer := startLocks(t, py)
		peer.loadWith(t, "barrier", barrier, &synchronize.Pickler{
			Buffer: func(b []byte) (any, error) { return wrapper(path, len(b)), nil },
		})
		assert.Equal(t, true, peer.eval(t, "isinstance(barrier, synchronize.Barrier)"))
		passThrough(t, peer, barrier)
	})
}

func TestABarrierOfPythonHoldsPythonAndGo(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "barrier = ctx.Barrier(3)")
		barrier := got[*synchronize.Barrier](t, peer, "barrier", &synchronize.Unpickler{
			Buffer: func(v any) ([]byte, error) { return arenaOf(t, peer, v.(*pickle.Object)), nil },
		})
		defer barrier.Close()
		passThrough(t, peer, barrier)
	})
}

// arenaOf maps the memory of a BufferWrapper of a peer.
func arenaOf(t *testing.T, peer locksPeer, v *pickle.Object) []byte {
	t.Helper()
	state, _ := v.Attrs().Get("_state")
	block := state.(pickle.Tuple)[0].(pickle.Tuple)
	dup := block[0].(*pickle.Object).Args.(pickle.Tuple)[1].(*pickle.Object)
	fd, _ := dup.Attrs().Get("fd")
	start := block[1].(int64)
	return mapFile(t, fmt.Sprintf("/proc/%d/fd/%d", peer.Pid(), fd))[start : start+synchronize.BarrierSize]
}

// passThrough has two goroutines and a Python meet at a barrier, which then is broken and reset.
func passThrough(t *testing.T, peer locksPeer, barrier *synchronize.Barrier) {
	t.Helper()
	for range 5 {
		indexes := make(chan float64)
		for range 2 {
			go func() {
				i, err := barrier.Wait(soon(t))
				assert.NoError(t, err)
				indexes <- float64(i)
			}()
		}
		assert.ElementsMatch(t, []float64{0, 1, 2},
			[]float64{peer.eval(t, "barrier.wait()").(float64), <-indexes, <-indexes})
	}
	broken := make(chan error)
	go func() {
		_, err := barrier.Wait(soon(t))
		broken <- err
	}()
	require.Eventually(t, func() bool { return peer.eval(t, "barrier.n_waiting") == 1. }, patience, 5*time.Millisecond)
	peer.do(t, "barrier.abort()")
	require.ErrorIs(t, <-broken, synchronize.ErrBroken)
	assert.Equal(t, true, peer.eval(t, "barrier.broken"))
	require.NoError(t, barrier.Reset(soon(t)))
	assert.Equal(t, false, peer.eval(t, "barrier.broken"))
	assert.Equal(t, "BrokenBarrierError", className(peer.raises(t, "barrier.wait(0.01)")))
	yes, err := barrier.Broken(soon(t))
	require.NoError(t, err)
	assert.True(t, yes)
}

func TestASleeperThatWasKilledDoesNotKeepGoFromSettingAnEvent(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(&synchronize.Options{
			Patience: 300 * time.Millisecond,
			Gone:     func(missing int) int { return missing },
		}))
		killed, peer := startLocks(t, py), startLocks(t, py)
		killed.load(t, "event", event)
		peer.load(t, "event", event)
		killed.begin(t, "event.wait(60)")
		asleepFor(t, event.Names()[0], 1)
		require.NoError(t, killed.Kill())
		<-killed.Exited()
		require.NoError(t, event.Set(soon(t)))
		assert.Equal(t, true, peer.eval(t, "event.is_set() and event.wait(1)"))
		peer.do(t, "event.clear()")
		peer.do(t, "event.set()")
		peer.asleep(t, "event._cond", 0)
	})
}

func TestPythonsNotifyGoesOnOnceItIsSaidThatASleeperIsDead(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(nil))
		killed, peer := startLocks(t, py), startLocks(t, py)
		killed.load(t, "event", event)
		peer.load(t, "event", event)
		killed.begin(t, "event.wait(60)")
		asleepFor(t, event.Names()[0], 1)
		require.NoError(t, killed.Kill())
		<-killed.Exited()
		peer.begin(t, "event.set()")
		locked := func() bool { return event.Condition().Locking().Locked() }
		require.Eventually(t, locked, patience, time.Millisecond)
		require.NoError(t, event.Condition().Repair(1))
		assert.Nil(t, peer.ended(t))
		assert.Equal(t, true, peer.eval(t, "event.is_set()"))
		peer.asleep(t, "event._cond", 0)
	})
}

func TestASleeperThatIsStoppedIsMissedAndWokenByTheNextNotify(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(&synchronize.Options{
			Patience: 100 * time.Millisecond,
		}))
		stopped := startLocks(t, py)
		stopped.load(t, "event", event)
		stopped.begin(t, "event.wait(60)")
		asleepFor(t, event.Names()[0], 1)
		require.NoError(t, syscall.Kill(stopped.Pid(), syscall.SIGSTOP))
		defer func() { _ = syscall.Kill(stopped.Pid(), syscall.SIGCONT) }()
		var silent *synchronize.SilentError
		require.ErrorAs(t, event.Set(soon(t)), &silent)
		assert.Equal(t, 1, silent.Missing)
		set, err := event.IsSet(soon(t))
		require.NoError(t, err)
		assert.True(t, set)
		require.NoError(t, syscall.Kill(stopped.Pid(), syscall.SIGCONT))
		require.NoError(t, event.Set(soon(t)))
		assert.Equal(t, true, stopped.ended(t))
		asleepFor(t, event.Names()[0], 0)
	})
}
