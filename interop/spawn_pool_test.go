package interop_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/interop"
)

// pooling starts a Python whose pools have this program as their workers.
func pooling(t *testing.T, py interop.Python) *interop.Peer {
	t.Helper()
	worker, err := os.Executable()
	require.NoError(t, err)
	return startPeer(t, py, "pooling.py", worker)
}

// triples are those of the numbers from 0.
func triples(n int) (out []any) {
	for i := range n {
		out = append(out, float64(3*i))
	}
	return out
}

func TestAStockPoolHasGoWorkers(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := pooling(t, py)
		got := answers[map[string]any](t, peer, "pooled", wish{"names": []string{
			"map", "chunks", "starmap", "imap", "unordered", "apply", "partial", "large", "exception", "chunk_exception",
			"iterable", "unknown", "wrong_arguments", "unpicklable",
		}})
		assert.Equal(t, triples(50), got["map"])
		assert.Equal(t, triples(500), got["chunks"])
		assert.Equal(t, []any{8.0, 9.0}, got["starmap"])
		assert.Equal(t, append(triples(10), triples(10)...), got["imap"])
		assert.Equal(t, triples(20), got["unordered"])
		assert.Equal(t, []any{"ababab", 14.0, []any{14.0}}, got["apply"])
		assert.Equal(t, []any{2.0, 4.0, 8.0}, got["partial"])
		assert.Equal(t, []any{true, true}, got["large"])
		raises(t, got["exception"], [][3]string{
			{"LookupError", "lookup", `in interop_test.fail`}, {"RuntimeError", "it failed", "RuntimeError: it failed"},
			{"RuntimeError", "panic: no way", `File "spawn_targets_test.go"`},
		})
		raises(t, got["chunk_exception"], [][3]string{{"LookupError", "lookup", "Traceback (most recent call last):"}})
		raises(t, got["iterable"], [][3]string{{"ValueError", "from the iterable", ""}, {"ValueError", "from the iterable", ""}})
		const unknown = "this worker is a Go program, which has no function __main__:not_in_go; it has __main__:Resizer, add, "
		raises(t, got["unknown"], [][3]string{
			{"AttributeError", unknown, ""}, {"AttributeError", unknown, ""},
			{"AttributeError", "which has no function builtins:len", ""},
		})
		raises(t, got["wrong_arguments"], [][3]string{
			{"TypeError", "triple() takes 1 positional argument but 0 were given", ""},
			{"TypeError", "triple() takes 1 positional argument but 2 were given", ""},
		})
		raises(t, got["unpicklable"], [][3]string{{"MaybeEncodingError", "Error sending result: 'a Go chan int'", ""}})
	})
}

// raises checks what the function caught of a peer returned: class, text and cause, the last two in part.
func raises(t *testing.T, got any, want [][3]string) {
	t.Helper()
	all, _ := got.([]any)
	require.GreaterOrEqual(t, len(all), len(want), "%v", got)
	for i, w := range want {
		caught := all[i].([]any)
		assert.Equal(t, w[0], caught[0], "%v", caught)
		assert.Contains(t, caught[1], w[1])
		if w[2] != "" {
			assert.Contains(t, caught[2], w[2])
		}
	}
	for _, after := range all[len(want):] {
		assert.NotEmpty(t, after, "the worker goes on")
	}
}

func TestWorkersOfAPoolAreSetUpAndReplaced(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := pooling(t, py)
		got := answers[map[string]any](t, peer, "pooled", wish{
			"names": []string{"set_up", "pids"}, "initializer": "set_up", "initargs": []string{"ready"}, "maxtasksperchild": 6, "workers": 1,
		})
		assert.Equal(t, []any{"ready", "ready", "ready", "ready", "ready", "ready"}, got["set_up"])
		assert.Equal(t, []any{12.0, 2.0, false}, got["pids"])

		got = answers[map[string]any](t, peer, "pooled", wish{
			"names": []string{"caught"}, "initializer": "not_in_go", "initargs": []int{1}, "workers": 1,
		})
		raises(t, got["caught"], [][3]string{{"AttributeError", "no function __main__:not_in_go", ""}})
	})
}

func TestAPoolIsTerminated(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		path := filepath.Join(t.TempDir(), "waits")
		got := answers[[]any](t, pooling(t, py), "terminated", wish{"path": path})
		assert.Equal(t, []any{[]any{-15.0, -15.0}, []any{false, false, false, false}}, got)
	})
}

func TestAStockExecutorHasGoWorkers(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := pooling(t, py)
		got := answers[map[string]any](t, peer, "executed", wish{"names": []string{
			"submit", "map", "exception", "unknown", "unpicklable", "cancel",
		}})
		assert.Equal(t, []any{12.0, 8.0}, got["submit"])
		assert.Equal(t, append(triples(20), 8.0, 9.0), got["map"])
		raises(t, got["exception"], [][3]string{
			{"LookupError", "lookup", "in interop_test.fail"}, {"RuntimeError", "panic: no way", "in interop_test.panics"},
			{"LookupError", "lookup", "Traceback"},
		})
		raises(t, got["unknown"], [][3]string{{"AttributeError", "which has no function __main__:not_in_go", ""}})
		raises(t, got["unpicklable"], [][3]string{{"TypeError", "the result cannot be pickled", ""}})
		assert.Equal(t, 100.0, got["cancel"])
	})
}

func TestWorkersOfAnExecutorAreSetUpAndReplaced(t *testing.T) {
	forPythonsFrom(t, interop.Version{Major: 3, Minor: 7}, func(t *testing.T, py interop.Python) {
		peer := pooling(t, py)
		got := answers[map[string]any](t, peer, "executed", wish{
			"names": []string{"set_up"}, "initializer": "set_up", "initargs": []string{"ready"}, "workers": 1,
		})
		assert.Equal(t, []any{"ready", "ready", "ready"}, got["set_up"])
		got = answers[map[string]any](t, peer, "executed", wish{
			"names": []string{"broken"}, "initializer": "set_up_badly", "initargs": []string{"x"}, "workers": 1,
		})
		assert.Equal(t, []any{"BrokenProcessPool"}, got["broken"])
		if py.Profile.Version.Compare(interop.Version{Major: 3, Minor: 11}) >= 0 {
			got = answers[map[string]any](t, peer, "executed", wish{
				"names": []string{"pids"}, "max_tasks_per_child": 2, "workers": 1,
			})
			assert.Equal(t, 3.0, got["pids"])
		}
	})
}
