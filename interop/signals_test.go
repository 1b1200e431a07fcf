//go:build linux

package interop_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"mpbridge/filelock"
	"mpbridge/internal/testing/testwait"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What docs/signals.md says, as each Python does it.

// realTime is a signal of which the kernel delivers as many as were sent. The first few belong to the C library.
const realTime = syscall.Signal(40)

type signalsReply struct {
	Handler, Bytes, Taken int
	Returncode            *int
	Survived              bool
	Error, Text           string
}

// signalsPeer is a Python that gets signals.
type signalsPeer struct{ *interop.Peer }

func (p signalsPeer) asks(t *testing.T, request map[string]any) signalsReply {
	t.Helper()
	reply := ask[signalsReply](t, p.Peer, request)
	require.Empty(t, reply.Error, reply.Text)
	return reply
}

func (p signalsPeer) gets(t *testing.T, s syscall.Signal, times int) {
	t.Helper()
	for range times {
		require.NoError(t, syscall.Kill(p.Pid(), s))
	}
}

func TestSignalsReachPythonAsOftenAsTheyAreQueued(t *testing.T) {
	const times = 1000
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := signalsPeer{startPeer(t, py, "signals.py")}
		peer.asks(t, map[string]any{"op": "count", "signal": syscall.SIGUSR1})
		peer.gets(t, syscall.SIGUSR1, times)
		standard := peer.asks(t, map[string]any{"op": "counted"})
		assert.Positive(t, standard.Handler)
		assert.LessOrEqual(t, standard.Handler, standard.Bytes, "the handler misses some that have come")
		assert.LessOrEqual(t, standard.Bytes, times)

		peer.asks(t, map[string]any{"op": "count", "signal": realTime})
		peer.gets(t, realTime, times)
		queued := peer.asks(t, map[string]any{"op": "counted"})
		if py.Profile.NativeBytes { // Python 2 writes no byte while a handler is still to run, and has no sigwaitinfo
			assert.Positive(t, queued.Bytes)
		} else {
			assert.Equal(t, times, queued.Bytes, "the wakeup fd counts each")
			peer.asks(t, map[string]any{"op": "block", "signal": realTime + 1})
			peer.gets(t, realTime+1, times)
			assert.Equal(t, times, peer.asks(t, map[string]any{"op": "taken", "signal": realTime + 1}).Taken)
		}
	})
}

// TestAGoProgramEndsForPythonAsItsDocumentationSays: the program is this one.
func TestAGoProgramEndsForPythonAsItsDocumentationSays(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := signalsPeer{startPeer(t, py, "signals.py")}
		program := []string{os.Args[0], answersLines}
		for s, returncode := range map[syscall.Signal]int{
			syscall.SIGTERM: -15, syscall.SIGKILL: -9, syscall.SIGINT: -2, syscall.SIGHUP: -1,
			syscall.SIGQUIT: 2, syscall.SIGABRT: 2,
		} {
			reply := peer.asks(t, map[string]any{"op": "child", "program": program, "signal": s, "survives": false})
			require.NotNil(t, reply.Returncode)
			assert.Equal(t, returncode, *reply.Returncode, "%v", s)
		}
		for _, s := range []syscall.Signal{syscall.SIGALRM, syscall.SIGUSR1, syscall.SIGUSR2} {
			reply := peer.asks(t, map[string]any{"op": "child", "program": program, "signal": s, "survives": true})
			assert.True(t, reply.Survived, "%v", s)
		}
	})
}

// TestAPythonEndsForGoAsTheSignalSays: exitcode in Python is minus the signal.
func TestAPythonEndsForGoAsTheSignalSays(t *testing.T) {
	ends := []syscall.Signal{syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGALRM}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		s := ends[py.Profile.Version.Minor%len(ends)]
		peer := signalsPeer{startPeer(t, py, "signals.py")}
		peer.gets(t, s, 1)
		<-peer.Exited()
		assert.Contains(t, fmt.Sprint(peer.Stop()), s.String())
	})
}

func TestAnAlarmEndsAPythonThatHasNoHandler(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := signalsPeer{startPeer(t, py, "signals.py")}
		peer.asks(t, map[string]any{"op": "alarm"})
		<-peer.Exited()
		assert.Contains(t, fmt.Sprint(peer.Stop()), syscall.SIGALRM.String())
	})
}

func TestAStoppedPythonKeepsItsLocksUntilItGoesOn(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := lockPeer{startPeer(t, py, "locks.py"), t.TempDir() + "/file"}
		require.NoError(t, os.WriteFile(peer.path, nil, 0o600))
		require.False(t, peer.busy(t, lockRequest{Kind: "flock"}))
		require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGSTOP))
		testwait.For(t, func() bool { return processState(t, peer.Pid()) == "T" })
		require.ErrorIs(t, filelock.TryFlock(peer.file(t), filelock.Exclusive), filelock.ErrBusy)
		require.NoError(t, syscall.Kill(peer.Pid(), syscall.SIGCONT))
		peer.frees(t)
		require.NoError(t, filelock.Flock(soon(t), peer.file(t), filelock.Exclusive))
	})
}

// processState is the letter by which the kernel says what a process does.
func processState(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), ") ")
	return rest[:1]
}
