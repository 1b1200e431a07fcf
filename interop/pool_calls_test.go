package interop_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/peerlog/logtest"
	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// py312 is the interpreter of tests that are about this side alone.
var py312 = interop.Version{Major: 3, Minor: 12}

func TestPoolRefusesWhatCannotBePickledAndGoesOn(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	ctx := t.Context()
	var unsupported *pickle.UnsupportedError
	bad := make(chan int)
	_, err := p.Call(ctx, "tasks:square", bad)
	require.ErrorAs(t, err, &unsupported)
	_, err = p.Call(ctx, "tasks:add", 1, pool.Kwargs{"b": bad})
	require.ErrorAs(t, err, &unsupported)
	items := []any{1, bad, 3}
	for _, chunk := range []int{1, 3} {
		_, err = pool.Map[int](ctx, p, "tasks:square", items, &pool.MapOptions{Chunk: chunk})
		require.ErrorAs(t, err, &unsupported)
	}
	_, err = pool.StarMap[int](ctx, p, "tasks:add", [][]any{{1, bad}}, nil)
	require.ErrorAs(t, err, &unsupported)
	results := 0
	for v, err := range pool.IMap[int](ctx, p, "tasks:square", slices.Values(items), nil) {
		if err == nil {
			results += v
		}
	}
	assert.Equal(t, 10, results)
}

func TestPoolRefusesAFunctionThatIsNone(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	var wrong *pool.FunctionError
	_, err := p.Call(t.Context(), "nothing")
	require.ErrorAs(t, err, &wrong)
	_, err = pool.Map[int](t.Context(), p, 5, []int{1}, nil)
	require.ErrorAs(t, err, &wrong)
	for _, err := range pool.IMap[int](t.Context(), p, "", slices.Values([]int{1}), nil) {
		require.ErrorAs(t, err, &wrong)
	}
}

func TestPoolEndsAMapWithItsContext(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{InterruptGrace: -1})
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	var last error
	for _, err := range pool.IMap[int](ctx, p, "tasks:square", slices.Values(make([]int, 1000)), nil) {
		if n++; n == 5 {
			cancel()
		}
		last = err
	}
	cancel()
	require.ErrorIs(t, last, context.Canceled)
	assert.Equal(t, 6, n)
	_, err := pool.Map[int](ctx, p, "tasks:square", []int{1}, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = p.Call(ctx, "tasks:square", 1)
	require.ErrorIs(t, err, context.Canceled)
}

func TestPoolReadsASequenceNoFurtherThanItMay(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	read, yielded := 0, 0
	source := func(yield func(int) bool) {
		for i := 0; i < 100 && yield(i); i++ {
			read++
		}
	}
	for _, err := range pool.IMap[int](t.Context(), p, "tasks:square", source,
		&pool.MapOptions{LookAhead: 3, Chunk: 2}) {
		require.NoError(t, err)
		yielded++
		require.LessOrEqual(t, read-yielded, 8)
	}
	assert.Equal(t, 100, yielded)
}

func TestPoolGoesOnAfterALoopThatWasLeft(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	for range pool.IMapUnordered[int](t.Context(), p, "tasks:square", slices.Values(make([]int, 1000)),
		&pool.MapOptions{Chunk: 7}) {
		break
	}
	n, err := pool.Call[int](t.Context(), p, "tasks:square", 5)
	require.NoError(t, err)
	assert.Equal(t, 25, n)
	p.Close()
	require.NoError(t, p.Join(t.Context()))
}

func TestPoolResultsAreAwaitedAndCancelled(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	r := p.Go(t.Context(), "tasks:square", 5)
	<-r.Done()
	var n int
	var raw pickle.Raw
	require.NoError(t, r.Get(t.Context(), &n))
	require.NoError(t, r.Get(t.Context(), &raw))
	assert.Equal(t, 25, n)
	r.Cancel() // it has ended
	require.NoError(t, r.Wait(t.Context()))
	slow := p.Go(t.Context(), "time:sleep", 60)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, slow.Get(ctx, &n), context.DeadlineExceeded)
	slow.Cancel()
	require.ErrorIs(t, slow.Get(t.Context(), &n), context.Canceled)
	var mismatch *pickle.TypeError
	_, err := pool.Call[int](t.Context(), p, "os:getcwd")
	require.ErrorAs(t, err, &mismatch)
}

func TestPoolResultsTakeAnyForm(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{})
	ctx := t.Context()
	texts, err := pool.Map[string](ctx, p, "builtins:str", []int{1, 2, 3}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3"}, texts)
	flags, err := pool.Map[bool](ctx, p, "builtins:bool", []int{0, 1}, &pool.MapOptions{Chunk: 2})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true}, flags)
	raws, err := pool.Map[pickle.Raw](ctx, p, "builtins:str", []int{1, 2, 3},
		&pool.MapOptions{Chunk: 2})
	require.NoError(t, err)
	values, err := pool.Map[any](ctx, p, "builtins:int", raws, &pool.MapOptions{Chunk: 2})
	require.NoError(t, err)
	assert.Equal(t, []any{int64(1), int64(2), int64(3)}, values)
	_, err = pool.Map[int](ctx, p, "builtins:str", []int{1, 2}, &pool.MapOptions{Chunk: 2})
	var mismatch *pickle.TypeError
	require.ErrorAs(t, err, &mismatch)
}

func TestPoolErrorsSayWhoAndWhy(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{Workers: 1})
	for _, c := range []struct {
		fn   string
		args []any
		want string
	}{
		{"tasks:fail_odd", []any{3}, `^pool: tasks:fail_odd: tasks\.Odd: odd, 3$`},
		{"tasks:die", []any{"exit"},
			`^pool: tasks:die: worker 1 \(pid \d+\) ended with code 7: about to die: exit$`},
		{"tasks:die", []any{"SIGKILL"}, `ended by a signal \(killed\): about to die: SIGKILL$`},
		{"tasks:scribble", nil, `^pool: tasks:scribble: worker 1 \(pid \d+\): .`},
		{"tasks:make_unpicklable", nil, `^pool: tasks:make_unpicklable: the result cannot be pickled: .`},
	} {
		_, err := p.Call(t.Context(), c.fn, c.args...)
		require.Error(t, err)
		assert.Regexp(t, c.want, err.Error())
	}
	o := &pool.CallOptions{Timeout: 20 * time.Millisecond}
	err := p.With(o).Go(t.Context(), "time:sleep", 60).Wait(t.Context())
	assert.Regexp(t, `^pool: time:sleep: took longer than 20ms \(worker 1, pid \d+\)$`, err.Error())
	_, err = tryPool(t, needPython(t, py312), pool.Options{Initializer: "tasks:exiting_initializer",
		InitArgs: []any{3}, StartAttempts: 1})
	assert.Regexp(t, `does not start a worker: it ended with code 3: no start today$`, err.Error())
}

func TestAPoolResultThatIsTooLongFailsItsTaskAlone(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{Workers: 1, MaxResult: 64 << 10})
	before, err := pool.Call[int](t.Context(), p, "tasks:pid")
	require.NoError(t, err)
	results, errs := []int{}, 0
	sizes := slices.Values([]int{1, 1 << 20, 2, 1 << 17})
	for v, err := range pool.IMap[any](t.Context(), p, "tasks:big", sizes, nil) {
		var limit *connection.LimitError
		if errors.As(err, &limit) {
			var worker *pool.WorkerError
			require.ErrorAs(t, err, &worker)
			assert.EqualValues(t, 64<<10, limit.Limit)
			errs++
			continue
		}
		require.NoError(t, err)
		results = append(results, len(v.([]byte)))
	}
	assert.Equal(t, []int{1, 2}, results)
	assert.Equal(t, 2, errs)
	after, err := pool.Call[int](t.Context(), p, "tasks:pid")
	require.NoError(t, err)
	assert.Equal(t, before, after, "the worker lives")
}

// rudeWriter is a program's own Writer, which fails.
type rudeWriter struct{}

func (rudeWriter) Write([]byte) (int, error) { panic("the program's own") }

func TestAFloodOfPoolOutputIsNoFloodOfLogLines(t *testing.T) {
	const lines = 10_000
	book := new(lockedLog)
	p := openPool(t, needPython(t, py312), pool.Options{Workers: 1, Stderr: rudeWriter{},
		Logger: slog.New(slog.NewTextHandler(book, nil))})
	_, err := p.Call(t.Context(), "tasks:speak", strings.Repeat("flood\n", lines), "loud")
	require.NoError(t, err)
	p.Close()
	require.NoError(t, p.Join(t.Context()))
	logged, left := logtest.Lines(t, book.String(), "worker output")
	assert.Less(t, logged, lines*9/10)
	assert.GreaterOrEqual(t, logged+left, lines, "each is logged or counted")
	assert.True(t, strings.Contains(book.String(), "code panicked"), "a Writer that panics ends nothing")
}

// lockedLog is a log that can be read while it is written.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
