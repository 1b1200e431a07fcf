//go:build linux && (amd64 || arm64)

package interop_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startDoomed starts a copy of this program, and returns what kills it.
func startDoomed(t *testing.T, what string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDoomed+"="+what)
	require.NoError(t, cmd.Start())
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	return kill
}

func TestALockWhoseGoWasKilledIsPythonsOnceItIsRepaired(t *testing.T) {
	lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
	peer := startLocks(t, needPython(t, py312))
	peer.load(t, "lock", lock)
	kill := startDoomed(t, "hold "+lock.Name())
	require.Eventually(t, lock.Locked, patience, time.Millisecond)
	kill()
	assert.Equal(t, false, peer.eval(t, "lock.acquire(True, 0.01)"))
	repaired, err := lock.Repair()
	require.NoError(t, err)
	assert.True(t, repaired)
	assert.Equal(t, true, peer.eval(t, "lock.acquire(True, 0.01)"))
}

func TestAGoThatWasKilledWhileItWaitedIsStoodInFor(t *testing.T) {
	event := named[*synchronize.Event](t)(synchronize.NewEvent(nil))
	peer := startLocks(t, needPython(t, py312))
	peer.load(t, "event", event)
	kill := startDoomed(t, "wait "+event.Names()[0])
	asleepFor(t, event.Names()[0], 1)
	kill()
	require.NoError(t, event.Condition().Repair(1))
	peer.do(t, "event.set()")
	assert.Equal(t, true, peer.eval(t, "event.is_set()"))
	asleepFor(t, event.Names()[0], 0)
}
