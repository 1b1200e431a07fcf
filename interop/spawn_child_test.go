package interop_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wish is a request to testdata/peers/spawning.py.
type wish map[string]any

// spawning starts a Python whose children are this program.
func spawning(t *testing.T, py interop.Python) *interop.Peer {
	t.Helper()
	worker, err := os.Executable()
	require.NoError(t, err)
	return startPeer(t, py, "spawning.py", worker)
}

// answers asks for what one function of spawning.py returns.
func answers[T any](t *testing.T, peer *interop.Peer, do string, a wish) (out T) {
	t.Helper()
	request := map[string]any{"do": do}
	for key, v := range a {
		request[key] = v
	}
	var reply json.RawMessage
	require.NoError(t, peer.Ask(patience, request, &reply), do)
	var failed struct{ Error, Text string }
	if json.Unmarshal(reply, &failed) == nil {
		require.Empty(t, failed.Error, failed.Text)
	}
	require.NoError(t, json.Unmarshal(reply, &out), "%s", reply)
	return out
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func TestAGoProgramIsAChildOfMultiprocessing(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		s := &childTests{peer: spawning(t, py), dir: t.TempDir()}
		t.Run("a function is called with its arguments", s.arguments)
		t.Run("errors are said and are status 1", s.errors)
		t.Run("SystemExit says the status", s.exits)
		t.Run("it knows what its parent says of it", s.current)
		t.Run("a class of the program's own has a function", s.derived)
		t.Run("queues, locks and pipes are live, and shared ones are one", s.objects)
		t.Run("arguments are larger than a pipe", s.large)
		t.Run("what Go does not know is left to the interpreter", func(t *testing.T) { s.unknown(t, py) })
		t.Run("so are the tracker and the fork server", s.servers)
		t.Run("signals end it", s.signals)
		t.Run("its own children do not hold its sentinel", s.sentinel)
		t.Run("it learns of the end of its parent", s.orphan)
	})
}

// childTests are tests of one Python's children.
type childTests struct {
	peer *interop.Peer
	dir  string
}

func (s *childTests) path(name string) string { return filepath.Join(s.dir, name) }

// run starts a child for a target, and returns its status and what it wrote to stderr.
func (s *childTests) run(t *testing.T, target string, a wish) (status int, stderr string) {
	t.Helper()
	if a == nil {
		a = wish{}
	}
	a["target"], a["stderr"] = target, s.path("stderr")
	status = answers[int](t, s.peer, "run", a)
	return status, text(t, s.path("stderr"))
}

func (s *childTests) arguments(t *testing.T) {
	for how, a := range map[string]wish{
		"by position": {"args": []int{1, 2}}, "by name": {"args": []int{1}, "kwargs": wish{"b": 2}},
		"by a partial": {"bound": []int{1}, "args": []int{2}},
	} {
		status, stderr := s.run(t, "add", a)
		assert.Equal(t, 0, status, how)
		assert.Empty(t, stderr, how)
	}
}

func (s *childTests) errors(t *testing.T) {
	for want, a := range map[string]wish{
		"TypeError: add() missing 1 required positional argument: 'b'": {"args": []int{1}},
		"TypeError: add() argument 'b' must be int, not str":           {"args": []any{1, "2"}},
		"the sum is 7": {"args": []int{3, 4}},
	} {
		status, stderr := s.run(t, "add", a)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "Process SpawnProcess-")
		assert.Contains(t, stderr, "\n"+want+"\n")
	}
	status, stderr := s.run(t, "panics", nil)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "panic: no way")
	assert.Contains(t, stderr, "spawn_targets_test.go", "with the stack")
}

func (s *childTests) exits(t *testing.T) {
	for _, want := range []int{0, 7} {
		status, stderr := s.run(t, "leave", wish{"args": []int{want}})
		assert.Equal(t, want, status)
		assert.Empty(t, stderr)
	}
}

func (s *childTests) current(t *testing.T) {
	path := s.path("told")
	status, stderr := s.run(t, "describe", wish{"args": []string{path}, "kwargs": wish{"b": 1, "a": 2}})
	require.Equal(t, 0, status, stderr)
	var told map[string]any
	require.NoError(t, json.Unmarshal([]byte(text(t, path)), &told))
	assert.Contains(t, told["name"], "SpawnProcess-")
	assert.Len(t, told["identity"], 1)
	delete(told, "name")
	delete(told, "identity")
	pid := float64(s.peer.Pid())
	assert.Equal(t, map[string]any{
		"parent": pid, "getppid": pid, "authkey": 32.0, "class": "multiprocessing.context:SpawnProcess",
		"keywords": []any{"a", "b"}, "daemon": false, "stdin": true,
	}, told)
}

func (s *childTests) derived(t *testing.T) {
	path := s.path("resized")
	assert.Equal(t, 0, answers[int](t, s.peer, "run_resizer", wish{"path": path}))
	assert.Equal(t, "xxxxxxx", text(t, path))
}

func (s *childTests) objects(t *testing.T) {
	got := answers[[]any](t, s.peer, "relayed", nil)
	require.Len(t, got, 4)
	assert.Equal(t, triples(20), got[0])
	assert.Equal(t, []any{true, "same lock: true", 0.0}, got[1:], "waits for the lock, what it says then, status")
}

func (s *childTests) large(t *testing.T) {
	path := s.path("large")
	require.Equal(t, 0, answers[int](t, s.peer, "run_large", wish{"target": "length", "path": path, "size": 300_000}))
	assert.Equal(t, "300000", text(t, path))
}

func (s *childTests) unknown(t *testing.T, py interop.Python) {
	path := s.path("python")
	status, stderr := s.run(t, "in_python", wish{"args": []any{path, 1, "two"}})
	require.Equal(t, 0, status, stderr)
	words := strings.Fields(text(t, path))
	assert.Equal(t, []string{"1", "two"}, words[2:])
	assert.Equal(t, base(t, py.Path), base(t, words[1]), "the interpreter is the parent's")

	const size = 300_000 // more than a pipe holds
	require.Equal(t, 0, answers[int](t, s.peer, "run_large", wish{"target": "in_python", "path": path, "size": size}))
	assert.Greater(t, len(text(t, path)), size)

	status, stderr = s.run(t, "children_in_python", wish{"args": []any{path}})
	require.Equal(t, 0, status, stderr)
	assert.Contains(t, text(t, path), "grandchild")
}

// base is the file that a path leads to.
func base(t *testing.T, path string) string {
	t.Helper()
	file, err := filepath.EvalSymlinks(path)
	require.NoError(t, err)
	return file
}

func (s *childTests) servers(t *testing.T) {
	assert.Equal(t, []any{0.0, true}, answers[[]any](t, s.peer, "tracker_by_worker", nil))
	path := s.path("forked")
	assert.Equal(t, 0, answers[int](t, s.peer, "forkserver", wish{"path": path}))
	assert.Contains(t, text(t, path), "forked")
}

func (s *childTests) signals(t *testing.T) {
	assert.Equal(t, -15, answers[int](t, s.peer, "terminated", wish{"name": "terminate"}))
	assert.Equal(t, -9, answers[int](t, s.peer, "terminated", wish{"name": "kill"}))
}

func (s *childTests) sentinel(t *testing.T) {
	fired := answers[[]any](t, s.peer, "sentinel_fires", wish{"path": s.path("pid")})
	assert.Equal(t, []any{true, 0.0, true}, fired, "fired, status, and whether the grandchild still ran")
}

func (s *childTests) orphan(t *testing.T) {
	path := s.path("why")
	assert.Equal(t, -9, answers[int](t, s.peer, "leaves_a_child", wish{"path": path}))
	testwait.For(t, func() bool { data, _ := os.ReadFile(path); return len(data) > 0 })
	assert.Equal(t, "spawn: the parent process is gone", text(t, path))
}
