//go:build linux

package interop_test

import (
	"math"
	"strings"
	"testing"

	"mpbridge/interop"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShareableListsAreSharedWithPython(t *testing.T) {
	withMemory(t,
		memoryTest{"Python reads a list of Go", pythonReadsAListOfGo},
		memoryTest{"Go reads a list of Python", goReadsAListOfPython},
		memoryTest{"each sees what the other sets", eachSeesWhatTheOtherSets},
		memoryTest{"Go gives back what Python lost", goReadsWhatPythonLost},
		memoryTest{"lists have the same bytes", listsHaveTheSameBytes},
		memoryTest{"the other layout is not read", theOtherLayoutIsNotRead},
	)
}

// layoutOf is that of a Python's lists.
func layoutOf(py interop.Python) sharedmem.Layout {
	if py.Profile.Version == (interop.Version{Major: 3, Minor: 8}) {
		return sharedmem.LayoutSizes
	}
	return sharedmem.LayoutOffsets
}

// listed are items in Go and in Python.
var listed = []any{int64(-7), int64(math.MaxInt64), 2.5, true, false, nil, "", "text", "exactly8", "ééé", []byte("\xff\x00b"),
	[]byte{}, strings.Repeat("long", 1000)}

const listedInPython = `[-7, 2**63 - 1, 2.5, True, False, None, '', 'text', 'exactly8', 'ééé', b'\xff\x00b', b'', 'long' * 1000]`

func listFor(t *testing.T, py interop.Python, values ...any) *sharedmem.ShareableList {
	t.Helper()
	l, err := sharedmem.NewShareableList(values, &sharedmem.ListOptions{Layout: layoutOf(py)})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = l.SharedMemory().Unlink()
		assert.NoError(t, l.SharedMemory().Close())
	})
	return l
}

// attachesList has Python attach a list of ours.
func (m memory) attachesList(t *testing.T, l *sharedmem.ShareableList) {
	t.Helper()
	m.do(t, "theirs = ShareableList(name="+quoted(l.SharedMemory().Name())+"); untracked(theirs.shm)")
}

// list has Python make a list, which is attached here.
func (m memory) list(t *testing.T, values string) *sharedmem.ShareableList {
	t.Helper()
	l, err := sharedmem.AttachShareableList(m.text(t, "made = ShareableList("+values+")", "made.shm.name"), nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, l.SharedMemory().Close())
		m.do(t, "made.shm.close(); made.shm.unlink()")
	})
	return l
}

func pythonReadsAListOfGo(t *testing.T, py interop.Python, m memory) {
	l := listFor(t, py, listed...)
	m.attachesList(t, l)
	assert.Equal(t, true, m.get(t, "want = "+listedInPython, "list(theirs) == want"), m.get(t, "", "repr(list(theirs))"))
	assert.Equal(t, true, m.get(t, "", "[type(i) for i in theirs] == [type(i) for i in want]"))
	format, err := l.Format()
	require.NoError(t, err)
	assert.Equal(t, format, m.text(t, "", "theirs.format"))
}

func goReadsAListOfPython(t *testing.T, py interop.Python, m memory) {
	l := m.list(t, strings.ReplaceAll(listedInPython, "ééé", "eee"))
	assert.Equal(t, layoutOf(py), l.Layout())
	want := append([]any{}, listed...)
	want[9] = "eee"
	got, err := l.Items()
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for _, v := range []any{1, true, "text", nil, "nothing", 2.5} {
		count, err := l.Count(v)
		require.NoError(t, err)
		literal := map[any]string{1: "1", true: "True", "text": "'text'", nil: "None", "nothing": "'nothing'", 2.5: "2.5"}[v]
		assert.EqualValues(t, count, m.get(t, "", "made.count("+literal+")"), literal)
	}
}

func eachSeesWhatTheOtherSets(t *testing.T, py interop.Python, m memory) {
	ours := listFor(t, py, strings.Repeat("r", 30), 1, 2)
	m.attachesList(t, ours)
	for _, set := range []struct {
		v      any
		python string
	}{{"short", "'short'"}, {int64(5), "5"}, {nil, "None"}, {1.25, "1.25"}, {[]byte("b"), "b'b'"}, {true, "True"}, {"é", "'é'"}} {
		require.NoError(t, ours.Set(0, set.v))
		require.NoError(t, ours.Set(-1, set.v))
		assert.Equal(t, true, m.get(t, "", "theirs[0] == theirs[-1] == "+set.python), set.python)
		m.do(t, "theirs[1] = "+set.python)
		got, err := ours.Get(1)
		require.NoError(t, err)
		assert.Equal(t, set.v, got)
	}
	assert.Equal(t, "ValueError", m.text(t, "", "raises(theirs.__setitem__, 1, 'nine chars')"))
	require.ErrorIs(t, ours.Set(1, "nine chars"), sharedmem.ErrTooLong)
}

// goReadsWhatPythonLost: Python cuts texts of more bytes than characters, and takes zeros off.
func goReadsWhatPythonLost(t *testing.T, _ interop.Python, m memory) {
	l := m.list(t, `['ééééé', b'a\0\0', 'aéééé']`)
	assert.Equal(t, true, m.get(t, "", `made[0] == 'éééé' and made[1] == b'a'`))
	v, err := l.Get(0)
	require.NoError(t, err)
	assert.Equal(t, "éééé", v)
	v, err = l.Get(1)
	require.NoError(t, err)
	assert.Equal(t, []byte("a"), v)
	assert.Equal(t, "UnicodeDecodeError", m.text(t, "", "raises(lambda: made[2])"))
	_, err = l.Get(2)
	require.ErrorIs(t, err, sharedmem.ErrNotText)
}

func listsHaveTheSameBytes(t *testing.T, py interop.Python, m memory) {
	values := strings.ReplaceAll(listedInPython, "ééé", "eee")
	want := m.text(t, "made = ShareableList("+values+")", "bytes(made.shm.buf)")
	m.do(t, "made.shm.close(); made.shm.unlink()")
	ours := append([]any{}, listed...)
	ours[9] = "eee"
	l := listFor(t, py, ours...).SharedMemory()
	p := make([]byte, l.Size())
	_, err := l.ReadAt(p, 0)
	require.NoError(t, err)
	assert.Equal(t, want, string(p))
}

// theOtherLayoutIsNotRead is why a list has to be made for its readers.
func theOtherLayoutIsNotRead(t *testing.T, py interop.Python, m memory) {
	l, err := sharedmem.NewShareableList([]any{"text", 1}, &sharedmem.ListOptions{Layout: sharedmem.LayoutSizes - layoutOf(py)})
	require.NoError(t, err)
	defer l.SharedMemory().Close()
	defer func() { assert.NoError(t, l.SharedMemory().Unlink()) }()
	assert.Equal(t, false, m.get(t, `
def read(name):
    try:
        l = ShareableList(name=name)
        untracked(l.shm)
        return list(l)
    except Exception as e:
        return e
`, "read("+quoted(l.SharedMemory().Name())+") == ['text', 1]"))
}
