//go:build linux

package interop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Queues that stock Python has made, in the hands of a Go program that it starts: see queueChild.

// startQueueParent starts a Python that has made the queues of queue_parent.py.
func startQueueParent(t *testing.T, py interop.Python) queueUser {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	peer := startPeer(t, py, "queue_parent.py", program)
	return queueUser{t, peer, 0}
}

// pairs are the first of two queues of a kind in queue_parent.py.
var queuePairs = map[string]int{"SimpleQueue": 0, "Queue": 2, "JoinableQueue": 4}

func TestAGoChildEchoesWhatItsPythonPuts(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		u := startQueueParent(t, py)
		for kind, at := range queuePairs {
			t.Run(kind, func(t *testing.T) {
				u := queueUser{t, u.peer, at}
				child := u.ask(queueRequest{Op: "start", Name: "echo"}).(float64)
				for i, size := range itemSizes {
					u.ask(queueRequest{Op: "put", Items: []any{i}, Size: &size})
					require.Equal(t, []any{float64(i)}, u.ask(queueRequest{Op: "get", Queue: 1, Count: 1}))
				}
				if kind == "JoinableQueue" {
					u.ask(queueRequest{Op: "call", Name: "join"})
				}
				u.ask(queueRequest{Op: "put", Items: []any{nil}})
				require.Equal(t, []any{nil}, u.ask(queueRequest{Op: "get", Queue: 1, Count: 1}))
				assert.Equal(t, 0.0, u.ask(queueRequest{Op: "wait", Name: strconv.Itoa(int(child))}))
			})
		}
	})
}

func TestAGoChildHasAConnection(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		u := startQueueParent(t, py)
		u.at = 6
		child := u.ask(queueRequest{Op: "start", Queue: 1, Name: "echo"}).(float64)
		u.ask(queueRequest{Op: "send", Items: []any{"one", 2}})
		require.Equal(t, []any{"one", 2.0}, u.ask(queueRequest{Op: "recv", Count: 2}))
		u.ask(queueRequest{Op: "call", Queue: 1, Name: "close"})
		u.ask(queueRequest{Op: "call", Name: "close"})
		assert.Equal(t, 0.0, u.ask(queueRequest{Op: "wait", Name: strconv.Itoa(int(child))}))
	})
}

// A crew of one stock process and two of Go works on one queue; each item is done once, and all places are free in the end.
func TestAMixedCrewDoesEachItemOnce(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		u := startQueueParent(t, py)
		u.at = queuePairs["Queue"]
		crew := []any{
			u.ask(queueRequest{Op: "start", Name: "echo"}), u.ask(queueRequest{Op: "start", Name: "echo"}),
			u.ask(queueRequest{Op: "stock"}),
		}
		const n = 200
		var items []any
		for i := range n {
			items = append(items, i)
		}
		size := 3000 // several of which fill the pipe
		u.send(queueRequest{Op: "spread", Items: append(items, nil, nil, nil), Size: &size})
		done := make([]int, n)
		nones := 0
		for _, item := range u.answer().([]any) {
			if item == nil {
				nones++
			} else {
				done[int(item.(float64))]++
			}
		}
		require.Equal(t, len(crew), nones)
		for i, times := range done {
			require.Equal(t, 1, times, "item %d", i)
		}
		for _, pid := range crew {
			require.Equal(t, 0.0, u.ask(queueRequest{Op: "wait", Name: strconv.Itoa(int(pid.(float64)))}))
		}
		for i := range 2 {
			assert.Equal(t, 10.0, u.ask(queueRequest{Op: "places", Queue: i}))
		}
	})
}

// A stock consumer that is killed as it waits takes the queue with it; one of Go takes nothing.
func TestAKilledGoChildThatWaitedLeavesTheQueueUsable(t *testing.T) {
	then := map[unix.Signal]string{unix.SIGKILL: "Z", unix.SIGSTOP: "T"}
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		u := startQueueParent(t, py)
		for _, at := range queuePairs {
			for signal, state := range then {
				u := queueUser{t, u.peer, at}
				pid := int(u.ask(queueRequest{Op: "start", Name: "echo"}).(float64))
				u.ask(queueRequest{Op: "put", Items: []any{1}})
				require.Equal(t, []any{1.0}, u.ask(queueRequest{Op: "get", Queue: 1, Count: 1}))
				waitSleeping(t, pid)
				require.NoError(t, unix.Kill(pid, signal))
				waitState(t, pid, state)
				u.ask(queueRequest{Op: "put", Items: []any{2}})
				require.Equal(t, []any{2.0}, u.ask(queueRequest{Op: "get", Count: 1}))
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
	})
}

// waitSleeping waits until all threads of a process sleep.
func waitSleeping(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		for _, name := range threads {
			if state := stateIn(name); state != "S" {
				return false
			}
		}
		return len(threads) > 0
	}, patience, time.Millisecond)
}

func waitState(t *testing.T, pid int, state string) {
	t.Helper()
	require.Eventually(t, func() bool { return stateIn(fmt.Sprintf("/proc/%d/stat", pid)) == state }, patience, time.Millisecond)
}

// stateIn is the state in a file /proc/.../stat, behind the name in brackets.
func stateIn(name string) string {
	text, _ := os.ReadFile(name)
	_, rest, _ := strings.Cut(string(text), ") ")
	state, _, _ := strings.Cut(rest, " ")
	return state
}
