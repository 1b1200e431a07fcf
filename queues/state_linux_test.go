//go:build amd64 || arm64

package queues_test

import (
	"os"
	"strings"
	"testing"

	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// states are those of objects of every kind, as Python 3 and 2.7 write them. Their names are gone and their descriptors
// are closed.
func states(t testing.TB) (all []any) {
	simple, err := queues.NewSimpleQueue(nil)
	if err != nil {
		t.Skip(err)
	}
	queue, err := queues.NewQueue(5, nil)
	require.NoError(t, err)
	joinable, err := queues.NewJoinableQueue(0, nil)
	require.NoError(t, err)
	a, b, err := queues.Pipe(true, nil)
	require.NoError(t, err)
	for _, python2 := range []bool{false, true} {
		for _, x := range []any{simple, queue, joinable, a} {
			p := queues.Pickler{
				Synchronize: &synchronize.Pickler{Python2: python2},
				Duplicate:   func(f *os.File) (int, error) { return 1000, f.Close() },
			}
			require.True(t, p.Knows(x))
			o, err := p.Object(x)
			require.NoError(t, err)
			all = append(all, o)
		}
	}
	for _, q := range []anyQueue{simple, queue, joinable} {
		finish(t, q)
	}
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
	return all
}

func TestAnObjectThatIsGivenTwiceIsOne(t *testing.T) {
	q, err := queues.NewSimpleQueue(nil)
	if err != nil {
		t.Skip(err)
	}
	defer finish(t, q)
	calls := 0
	p := queues.Pickler{Duplicate: func(f *os.File) (int, error) { calls++; return 1000, f.Close() }}
	first, err := p.Object(q)
	require.NoError(t, err)
	second, err := p.Object(q)
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.Equal(t, 2, calls)
}

func TestWithoutDescriptorsNothingIsPickled(t *testing.T) {
	q, err := queues.NewSimpleQueue(nil)
	if err != nil {
		t.Skip(err)
	}
	_, err = new(queues.Pickler).Object(q)
	require.ErrorIs(t, err, queues.ErrNoDescriptors)
	finish(t, q)
	p := queues.Pickler{Duplicate: func(f *os.File) (int, error) { return 1000, f.Close() }}
	_, err = p.Object(q)
	require.ErrorIs(t, err, queues.ErrClosed)
	_, err = p.Object(7)
	assert.Error(t, err)
}

// wrong states are made of right ones.
func TestStatesThatPythonDoesNotWrite(t *testing.T) {
	queue := states(t)[1].(*pickle.Object)
	with := func(i int, v any) *pickle.Object {
		o := *queue
		state := append(pickle.Tuple{}, o.State.(pickle.Tuple)...)
		state[i] = v
		o.State = state
		return &o
	}
	short := *queue
	short.State = queue.State.(pickle.Tuple)[:5]
	for name, v := range map[string]any{
		"no object":               7,
		"of another class":        &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "os", Name: "system"}, Args: pickle.Tuple{}},
		"too short":               &short,
		"a maxsize that is none":  with(1, "five"),
		"a negative maxsize":      with(1, int64(-1)),
		"a reader that is none":   with(2, nil),
		"a writer that is none":   with(3, pickle.Tuple{}),
		"locks that are none":     with(4, int64(1)),
		"a semaphore that is one": with(6, with(1, nil).State.(pickle.Tuple)[4]),
		"a creator that is none":  with(7, nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := new(queues.Unpickler).Object(v)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), "queues: ") || strings.HasPrefix(err.Error(), "synchronize: "), err)
		})
	}
}

// FuzzState: whatever is pickled, making it live ends in an object that can be closed or in an error.
func FuzzState(f *testing.F) {
	for _, v := range states(f) {
		data, err := pickle.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if pickle.Unmarshal(data, &v) != nil {
			return
		}
		var u queues.Unpickler // whose descriptors stay open: they may be those of the test
		live, err := u.Object(v)
		if err != nil {
			return
		}
		if !u.Knows(v) {
			t.Fatal("it does not know what it has made live")
		}
		if err := live.(interface{ Close() error }).Close(); err != nil {
			t.Fatal(err)
		}
	})
}
