//go:build linux

package interop_test

import (
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"testing"

	"mpbridge/interop"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memory is a Python that shares memory with a test: memory.py.
type memory struct{ *interop.Peer }

func startMemory(t *testing.T, py interop.Python) memory {
	t.Helper()
	return memory{startPeer(t, py, "memory.py")}
}

// do runs statements.
func (m memory) do(t *testing.T, statements string) { t.Helper(); m.get(t, statements, "None") }

// get runs statements and returns what an expression is then, as package json decodes it; bytes are a string.
func (m memory) get(t *testing.T, statements, expression string) any {
	t.Helper()
	return m.ask(t, map[string]string{"do": statements, "get": expression})
}

// dump is what Python pickles of an expression for a child.
func (m memory) dump(t *testing.T, expression string) []byte {
	t.Helper()
	return []byte(m.ask(t, map[string]string{"dump": expression}).(string))
}

func (m memory) ask(t *testing.T, request any) any {
	t.Helper()
	answer := ask[any](t, m.Peer, request)
	if object, ok := answer.(map[string]any); ok {
		require.NotContains(t, object, "error", "%v\n%v", request, object)
		bytes, err := hex.DecodeString(object["bytes"].(string))
		require.NoError(t, err)
		return string(bytes)
	}
	return answer
}

// text is get for what is text or bytes.
func (m memory) text(t *testing.T, statements, expression string) string {
	t.Helper()
	answer := m.get(t, statements, expression)
	require.IsType(t, "", answer, "%s", expression)
	return answer.(string)
}

// quoted is a text as a literal of Python.
func quoted(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(literal)
}

// memoryTest is a test with a Python that shares memory.
type memoryTest struct {
	name string
	run  func(*testing.T, interop.Python, memory)
}

// withMemory runs tests with each Python that has segments, one process for all of them.
func withMemory(t *testing.T, tests ...memoryTest) {
	t.Helper()
	withMemoryFrom(t, interop.Version{Major: 3, Minor: 8}, tests...)
}

func withMemoryFrom(t *testing.T, oldest interop.Version, tests ...memoryTest) {
	t.Helper()
	forPythonsFrom(t, oldest, func(t *testing.T, py interop.Python) {
		m := startMemory(t, py)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) { test.run(t, py, m) })
		}
	})
}

// newSegment makes a segment that the test ends without.
func newSegment(t *testing.T, name string, size int) *sharedmem.SharedMemory {
	t.Helper()
	s, err := sharedmem.Create(name, size, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.Unlink()
		assert.NoError(t, s.Close())
	})
	return s
}

func attached(t *testing.T, name string) *sharedmem.SharedMemory {
	t.Helper()
	s, err := sharedmem.Attach(name, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// segmentFile is where a segment is.
func segmentFile(name string) string { return filepath.Join("/dev/shm", name) }
