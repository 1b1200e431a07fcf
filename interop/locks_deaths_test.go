//go:build linux && (amd64 || arm64)

package interop_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// overSoon is the context of a wait that is in vain.
func overSoon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestGoAndPythonCountTogetherUnderOneLock(t *testing.T) {
	const ours, theirs = 20000, 5000
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
		path, memory := sharedFile(t)
		peer := startLocks(t, py)
		peer.load(t, "lock", lock)
		peer.do(t, fmt.Sprintf(`
import mmap, struct
with open(%q, "r+b") as f:
    memory = mmap.mmap(f.fileno(), 4096)
def count(n):
    for i in range(n):
        with lock:
            struct.pack_into("<I", memory, 0, struct.unpack_from("<I", memory, 0)[0] + 1)
    return n
`, path))
		peer.begin(t, fmt.Sprintf("count(%d)", theirs))
		for range ours {
			require.NoError(t, lock.Acquire(soon(t)))
			binary.LittleEndian.PutUint32(memory, binary.LittleEndian.Uint32(memory)+1)
			require.NoError(t, lock.Release())
		}
		assert.EqualValues(t, theirs, peer.ended(t))
		assert.EqualValues(t, ours+theirs, binary.LittleEndian.Uint32(memory))
		assert.Equal(t, 1, lock.Value())
	})
}

func TestALockWhoseHolderWasKilledIsRepaired(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
		killed := startLocks(t, py)
		killed.load(t, "lock", lock)
		killed.do(t, "lock.acquire()")
		require.NoError(t, killed.Kill())
		<-killed.Exited()
		require.ErrorIs(t, lock.Acquire(overSoon(t)), context.DeadlineExceeded)
		repaired, err := lock.Repair()
		require.NoError(t, err)
		assert.True(t, repaired)
		require.NoError(t, lock.Acquire(soon(t)))
	})
}

func TestALockOfAPythonThatIsStoppedIsHadOnceItGoesOn(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
		peer := startLocks(t, py)
		peer.load(t, "lock", lock)
		peer.do(t, "lock.acquire()")
		require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGSTOP))
		defer func() { _ = syscall.Kill(peer.Pid(), syscall.SIGCONT) }()
		require.ErrorIs(t, lock.Acquire(overSoon(t)), context.DeadlineExceeded)
		require.NoError(t, peer.Send(map[string]string{"do": "lock.release()"}))
		require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGCONT))
		require.NoError(t, lock.Acquire(soon(t)))
		require.NoError(t, peer.Answer(patience, nil))
	})
}

func TestAPythonThatIsKilledWhileItWaitsForALockTakesNothingWithIt(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
		killed := startLocks(t, py)
		killed.load(t, "lock", lock)
		require.NoError(t, lock.Acquire(soon(t)))
		killed.begin(t, "lock.acquire()")
		require.Eventually(t, func() bool {
			b, err := os.ReadFile("/dev/shm/sem." + lock.Name()[1:])
			return err == nil && b[4] == 1
		}, patience, time.Millisecond)
		require.NoError(t, killed.Kill())
		<-killed.Exited()
		require.NoError(t, lock.Release())
		require.NoError(t, lock.Acquire(soon(t)))
		require.NoError(t, lock.Release())
		assert.Equal(t, 1, lock.Value())
	})
}

func TestASemaphoreOfGoCountsForPython(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		s := named[*synchronize.Semaphore](t)(synchronize.NewSemaphore(1, nil))
		bounded := named[*synchronize.BoundedSemaphore](t)(synchronize.NewBoundedSemaphore(2, nil))
		peer := startLocks(t, py)
		peer.load(t, "s", s)
		peer.load(t, "bounded", bounded)
		assert.Equal(t, "Semaphore BoundedSemaphore", peer.eval(t, "type(s).__name__ + ' ' + type(bounded).__name__"))
		peer.do(t, "for i in range(3): s.release()")
		assert.Equal(t, 4, s.Value())
		assert.Equal(t, 4., peer.eval(t, "s.get_value()"))
		assert.Equal(t, "ValueError", className(peer.raises(t, "bounded.release()")))
		require.True(t, bounded.TryAcquire())
		peer.do(t, "bounded.release()")
		require.ErrorIs(t, bounded.Release(), synchronize.ErrReleased)
	})
}

func TestGoOpensTheSemaphoresOfPython(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "s, bounded, rlock = ctx.Semaphore(2), ctx.BoundedSemaphore(2), ctx.RLock()")
		var u synchronize.Unpickler
		defer u.Close()
		s := got[*synchronize.Semaphore](t, peer, "s", &u)
		bounded := got[*synchronize.BoundedSemaphore](t, peer, "bounded", &u)
		rlock := got[*synchronize.RLock](t, peer, "rlock", &u)
		require.NoError(t, s.Release())
		assert.Equal(t, 3., peer.eval(t, "s.get_value()"))
		require.ErrorIs(t, bounded.Release(), synchronize.ErrReleased)
		assert.Equal(t, 2, bounded.MaxValue())
		me := synchronize.NewOwner()
		require.NoError(t, rlock.Acquire(soon(t), me))
		assert.Equal(t, false, peer.eval(t, "rlock.acquire(False)"))
		require.NoError(t, rlock.Release(me))
		assert.Equal(t, true, peer.eval(t, "rlock.acquire(False)"))
	})
}

func TestALockOfTheForkContextHasNoName(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "lock = multiprocessing.get_context('fork').Lock()._semlock")
		peer.do(t, "state = (lock.handle, lock.kind, lock.maxvalue, lock.name)")
		o := &pickle.Object{
			Kind: pickle.NewObj, Class: pickle.Global{Module: "multiprocessing.synchronize", Name: "Lock"},
			Args: pickle.Tuple{}, State: stateOf(t, peer), HasState: true,
		}
		_, err := new(synchronize.Unpickler).Object(o)
		require.ErrorIs(t, err, synchronize.ErrNoName)
	})
}

// stateOf is the tuple that the peer calls state.
func stateOf(t *testing.T, peer locksPeer) pickle.Tuple {
	t.Helper()
	var v any
	require.NoError(t, pickle.Unmarshal(peer.dump(t, "state"), &v))
	return v.(pickle.Tuple)
}

func TestPythonUsesASemaphoreInMemoryThatBothHave(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		path, memory := sharedFile(t)
		s, err := synchronize.Place(memory[64:], 1, 1, nil)
		require.NoError(t, err)
		defer s.Close()
		peer := startLocks(t, py)
		name := ", None"
		if py.Profile.NativeBytes {
			name = ""
		}
		peer.do(t, fmt.Sprintf(`
import ctypes, mmap
with open(%q, "r+b") as f:
    memory = mmap.mmap(f.fileno(), 4096)
lock = synchronize.Lock.__new__(synchronize.Lock)
lock.__setstate__((ctypes.addressof(ctypes.c_char.from_buffer(memory, 64)), 1, 1%s))
`, path, name))
		require.True(t, s.TryAcquire())
		peer.begin(t, "lock.acquire()")
		require.NoError(t, s.Release())
		assert.Equal(t, true, peer.ended(t))
		assert.False(t, s.TryAcquire())
		ended := make(chan error)
		go func() { ended <- s.Acquire(soon(t)) }()
		peer.do(t, "lock.release()")
		require.NoError(t, <-ended)
	})
}

func TestWhatGoMadeGoesByItsExactNames(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(nil))
		peer := startLocks(t, py)
		peer.load(t, "event", event)
		peer.do(t, "other = ctx.Lock()")
		require.Len(t, event.Names(), 5)
		for _, name := range event.Names() {
			require.FileExists(t, "/dev/shm/sem."+name[1:])
		}
		require.NoError(t, peer.Stop(), "a Python that has opened it ends, and removes nothing")
		for _, name := range event.Names() {
			require.FileExists(t, "/dev/shm/sem."+name[1:])
		}
		require.NoError(t, event.Unlink())
		for _, name := range event.Names() {
			_, err := os.Stat("/dev/shm/sem." + name[1:])
			require.True(t, errors.Is(err, fs.ErrNotExist), name)
		}
		require.NoError(t, event.Set(soon(t)), "who has it open goes on")
	})
}

func TestPythonPassesOnWhatItGotFromGo(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		event := named[*synchronize.Event](t)(synchronize.NewEvent(nil))
		peer := startLocks(t, py)
		peer.load(t, "event", event)
		var u synchronize.Unpickler
		defer u.Close()
		assert.Equal(t, event.Names(), got[*synchronize.Event](t, peer, "event", &u).Names())
	})
}

func TestABarrierInWhichAPythonDiedIsRepaired(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		path, memory := sharedFile(t)
		barrier := named[*synchronize.Barrier](t)(synchronize.NewBarrier(2, memory, nil))
		killed := startLocks(t, py)
		killed.loadWith(t, "barrier", barrier, &synchronize.Pickler{
			Buffer: func(b []byte) (any, error) { return wrapper(path, len(b)), nil },
		})
		killed.begin(t, "barrier.wait()")
		asleepFor(t, barrier.Names()[0], 1)
		require.NoError(t, killed.Kill())
		<-killed.Exited()
		require.NoError(t, barrier.Repair(soon(t), 1))
		_, err := barrier.Wait(soon(t))
		require.ErrorIs(t, err, synchronize.ErrBroken)
		require.NoError(t, barrier.Reset(soon(t)))
		ended := make(chan error)
		go func() {
			_, err := barrier.Wait(soon(t))
			ended <- err
		}()
		_, err = barrier.Wait(soon(t))
		require.NoError(t, err)
		require.NoError(t, <-ended)
	})
}
