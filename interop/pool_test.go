package interop_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tasksPath is where the functions are that the tests call.
const tasksPath = "testdata/pool"

// openPool starts a pool of two workers, or as many as opts say, that finds tasks.py; it ends with
// the test, and so must its processes.
func openPool(t *testing.T, py interop.Python, opts pool.Options) *pool.Pool {
	t.Helper()
	p, err := tryPool(t, py, opts)
	require.NoError(t, err)
	t.Cleanup(p.Terminate)
	return p
}

// tryPool starts a pool whose workers' output nobody reads, unless the options say who does.
func tryPool(t *testing.T, py interop.Python, opts pool.Options) (*pool.Pool, error) {
	t.Helper()
	if opts.Stdout == nil && opts.Stderr == nil && opts.Logger == nil {
		opts.Stdout, opts.Stderr = io.Discard, io.Discard
	}
	return startPool(t, py, opts)
}

func startPool(t *testing.T, py interop.Python, opts pool.Options) (*pool.Pool, error) {
	t.Helper()
	opts.Python = py.Path
	opts.Path = append(opts.Path, tasksPath)
	if opts.Env == nil {
		opts.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	}
	if opts.Workers == 0 {
		opts.Workers = 2
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return pool.New(ctx, &opts)
}

var startMethods = []pool.StartMethod{pool.Spawn, pool.Forkserver}

// forEachStart runs a test with every Python and every way in which it can start workers.
func forEachStart(t *testing.T, test func(*testing.T, interop.Python, pool.StartMethod)) {
	t.Helper()
	t.Run(string(pool.Spawn), func(t *testing.T) {
		forEachPython(t, func(t *testing.T, py interop.Python) { test(t, py, pool.Spawn) })
	})
	t.Run(string(pool.Forkserver), func(t *testing.T) {
		forEachPython3(t, func(t *testing.T, py interop.Python) { test(t, py, pool.Forkserver) })
	})
}

func TestPoolCallsFunctions(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		ctx := t.Context()
		product, err := pool.Call[int64](ctx, p, "math:factorial", 20)
		require.NoError(t, err)
		assert.Equal(t, int64(2432902008176640000), product)
		n, err := pool.Call[int](ctx, p, "tasks:add", 1, pool.Kwargs{"b": 2, "c": 3})
		require.NoError(t, err)
		assert.Equal(t, 6, n)
		text, err := pool.Call[string](ctx, p, "os.path:join", "a", "b")
		require.NoError(t, err)
		assert.Equal(t, "a/b", text)
	})
}

func TestPoolTakesAndGivesRawValues(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		fn, err := pickle.NewRaw(pickle.Global{Module: "tasks", Name: "square"}, nil)
		require.NoError(t, err)
		arg, err := pickle.NewRaw(12, nil)
		require.NoError(t, err)
		r, err := pool.Call[pickle.Raw](t.Context(), p, fn, arg)
		require.NoError(t, err)
		n, err := pool.Call[int](t.Context(), p, "tasks:square", r)
		require.NoError(t, err)
		assert.Equal(t, 144*144, n)
	})
}

func TestPoolMaps(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		items := make([]int, 103)
		for i := range items {
			items[i] = i
		}
		for _, chunk := range []int{0, 1, 7, 1000} {
			squares, err := pool.Map[int](t.Context(), p, "tasks:square", items,
				&pool.MapOptions{Chunk: chunk})
			require.NoError(t, err)
			for i, n := range squares {
				require.Equal(t, i*i, n)
			}
			pairs := [][]int{{1, 2}, {3, 4}, {5, 6}}
			sums, err := pool.StarMap[pickle.Raw](t.Context(), p, "tasks:add", pairs,
				&pool.MapOptions{Chunk: chunk})
			require.NoError(t, err)
			require.Len(t, sums, 3)
			last, err := sums[2].Any()
			require.NoError(t, err)
			assert.EqualValues(t, 11, last)
		}
		none, err := pool.Map[int](t.Context(), p, "tasks:square", []int{}, nil)
		require.NoError(t, err)
		assert.Empty(t, none)
	})
}

func TestPoolMapsNumbersOfAnySize(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		var ints []int
		for bits := range 63 {
			ints = append(ints, 1<<bits-1, 1<<bits, -1<<bits, -1<<bits-1)
		}
		ints = slices.Repeat(ints, 40)
		got, err := pool.Map[int](t.Context(), p, "operator:pos", ints, nil)
		require.NoError(t, err)
		assert.Equal(t, ints, got)
		var floats []float64
		for _, n := range ints {
			floats = append(floats, float64(n)/3)
		}
		same, err := pool.Map[float64](t.Context(), p, "operator:pos", floats, nil)
		require.NoError(t, err)
		assert.Equal(t, floats, same)
		halves, err := pool.Map[float64](t.Context(), p, "operator:pos", []int{1, 2, 3},
			&pool.MapOptions{Chunk: 3})
		require.NoError(t, err)
		assert.Equal(t, []float64{1, 2, 3}, halves)
	})
}

func TestPoolYieldsAnErrorForEachItemThatFailed(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		for _, chunk := range []int{1, 4, 100} {
			i := 0
			items := slices.Values([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
			for v, err := range pool.IMap[int](t.Context(), p, "tasks:fail_odd", items,
				&pool.MapOptions{Chunk: chunk}) {
				if i%2 == 0 {
					require.NoError(t, err)
					assert.Equal(t, i, v)
				} else {
					checkOdd(t, err, i)
				}
				i++
			}
			assert.Equal(t, 10, i)
		}
		_, err := pool.Map[int](t.Context(), p, "tasks:fail_odd", []int{0, 2, 5, 4}, nil)
		checkOdd(t, err, 2)
	})
}

func checkOdd(t *testing.T, err error, index int) {
	t.Helper()
	var item *pool.ItemError
	var remote *pool.TaskError
	require.ErrorAs(t, err, &item)
	assert.Equal(t, index, item.Index)
	require.ErrorAs(t, err, &remote)
	require.ErrorIs(t, remote, managers.NewExceptionClass("tasks", "Odd"))
	require.Len(t, remote.Exception.Args, 2)
	assert.Contains(t, remote.Traceback, "in fail_odd")
	assert.NotContains(t, remote.Traceback, `"""`)
}

func TestPoolYieldsUnorderedResultsOnceEach(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		items := make([]int, 200)
		for i := range items {
			items[i] = i
		}
		var got []int
		for v, err := range pool.IMapUnordered[int](t.Context(), p, "builtins:abs",
			slices.Values(items), &pool.MapOptions{Chunk: 3}) {
			require.NoError(t, err)
			got = append(got, v)
		}
		slices.Sort(got)
		assert.Equal(t, items, got)
	})
}

func TestPoolTellsStopIterationOfTheFunctionFromTheEnd(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		var failed []int
		i := 0
		for v, err := range pool.IMap[int](t.Context(), p, "tasks:stop_iteration",
			slices.Values([]int{0, 1, 2, 3, 4}), &pool.MapOptions{Chunk: 5}) {
			if err != nil {
				failed = append(failed, i)
			} else {
				assert.Equal(t, i, v)
			}
			i++
		}
		assert.Equal(t, []int{2}, failed)
		assert.Equal(t, 5, i)
	})
}

func TestPoolTellsExceptions(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		var remote *pool.TaskError
		_, err := p.Call(t.Context(), "math:sqrt", -1)
		require.ErrorAs(t, err, &remote)
		require.ErrorIs(t, remote, managers.NewExceptionClass("builtins", "ValueError"))
		assert.Contains(t, remote.Traceback, "Traceback (most recent call last):")
		assert.False(t, remote.Unloadable)

		var encoding *pool.EncodingError
		_, err = p.Call(t.Context(), "tasks:make_unpicklable")
		require.ErrorAs(t, err, &encoding)
		assert.Contains(t, encoding.Value, "<lambda>")
		assert.Contains(t, encoding.Reason, "Error(")
		_, err = p.Call(t.Context(), "tasks:raise_unpicklable")
		require.ErrorAs(t, err, &encoding)
		assert.Zero(t, p.Stats().Deaths)
	})
}

func TestPoolSurvivesFunctionsThatCannotBeImported(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		for _, fn := range []string{"nosuchmodule:f", "math:nosuch", "tasks:Odd.nosuch"} {
			var remote *pool.TaskError
			_, err := p.Call(t.Context(), fn)
			require.ErrorAs(t, err, &remote, fn)
			assert.True(t, remote.Unloadable)
		}
		garbage, err := pickle.NewRaw(&pickle.Object{Kind: pickle.Reduce,
			Class: pickle.Global{Module: "nosuch", Name: "Class"}, Args: pickle.Tuple{}}, nil)
		require.NoError(t, err)
		_, err = p.Call(t.Context(), "builtins:repr", garbage)
		require.Error(t, err)
		assert.Zero(t, p.Stats().Deaths)
	})
}

func TestPoolInitializesEachWorker(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		p := openPool(t, py, pool.Options{StartMethod: m, Workers: 1, Initializer: "tasks:initialize",
			InitArgs: []any{"key", 42}, MaxTasksPerChild: 3})
		pids := map[int]int{}
		for range 7 {
			n, err := pool.Call[int](t.Context(), p, "tasks:get_state", "key")
			require.NoError(t, err)
			assert.Equal(t, 42, n)
		}
		for range 7 {
			pid, err := pool.Call[int](t.Context(), p, "tasks:pid")
			require.NoError(t, err)
			pids[pid]++
		}
		for _, n := range pids {
			assert.LessOrEqual(t, n, 3)
		}
		assert.Zero(t, p.Stats().Deaths)
	})
}

func TestPoolEndsWithTheErrorOfItsInitializer(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		_, err := tryPool(t, py, pool.Options{StartMethod: m, Initializer: "tasks:failing_initializer",
			InitArgs: []any{"no"}, StartAttempts: 2})
		var start *pool.StartError
		require.ErrorAs(t, err, &start)
		assert.Equal(t, 2, start.Attempts)
		var remote *pool.TaskError
		require.ErrorAs(t, err, &remote)
		require.ErrorIs(t, remote, managers.NewExceptionClass("tasks", "Odd"))
		assert.Equal(t, "tasks:failing_initializer", remote.Func)
		assert.Contains(t, remote.Traceback, "in failing_initializer")

		_, err = tryPool(t, py, pool.Options{StartMethod: m, Initializer: "tasks:exiting_initializer",
			InitArgs: []any{3}, StartAttempts: 1})
		require.ErrorAs(t, err, &start)
		assert.Equal(t, 3, start.Exit.Code)
		assert.Contains(t, start.Stderr, "no start today")

		_, err = tryPool(t, py, pool.Options{StartMethod: m, Initializer: "tasks:nosuch", StartAttempts: 1})
		require.ErrorAs(t, err, &remote)
		require.ErrorIs(t, remote, managers.NewExceptionClass("builtins", "AttributeError"))
	})
}

func TestPoolPassesOutputOnByLine(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		var out, err lockedLines
		p := openPool(t, py, pool.Options{StartMethod: m, Workers: 1, Stdout: &out, Stderr: &err})
		_, e := p.Call(t.Context(), "tasks:speak", "one\ntwo", "three")
		require.NoError(t, e)
		p.Close()
		require.NoError(t, p.Join(t.Context()))
		assert.Equal(t, "[1] one\n[1] two\n", out.String())
		assert.Equal(t, "[1] three\n", err.String())
	})
}

func TestPoolShowsOutputOnStderrUnlessItIsToldOtherwise(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 12})
	for name, c := range map[string]struct {
		opts pool.Options
		want string
	}{
		"by default":  {pool.Options{}, "[1] one\n[1] two\n"},
		"one of them": {pool.Options{Stdout: io.Discard}, "[1] two\n"},
		"discarded":   {pool.Options{Stdout: io.Discard, Stderr: io.Discard}, ""},
		"logged":      {pool.Options{Logger: slog.New(slog.DiscardHandler)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			defer r.Close()
			c.opts.Workers = 1
			stderr := os.Stderr
			os.Stderr = w // New looks it up; no test runs beside this one
			p, err := startPool(t, py, c.opts)
			os.Stderr = stderr
			require.NoError(t, err)
			t.Cleanup(p.Terminate)
			_, err = p.Call(t.Context(), "tasks:speak", "one", "")
			require.NoError(t, err)
			_, err = p.Call(t.Context(), "tasks:complain", "two")
			require.NoError(t, err)
			p.Close()
			require.NoError(t, p.Join(t.Context()))
			require.NoError(t, w.Close())
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			lines := strings.Split(strings.ReplaceAll(string(text), "[1] \n", ""), "\n")
			slices.Sort(lines) // the streams are read beside each other
			assert.Equal(t, strings.TrimSuffix(c.want, "\n"), strings.TrimPrefix(strings.Join(lines, "\n"), "\n"))
		})
	}
}

// lockedLines may be read while it is written to.
type lockedLines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedLines) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedLines) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestPoolRunsFunctionsOfAScript(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		dir := t.TempDir()
		script := filepath.Join(dir, "script.py")
		text := "import os\ndef f(x):\n    return x + offset\noffset = 5\n" +
			"if __name__ == '__main__':\n    os._exit(1)\n"
		require.NoError(t, os.WriteFile(script, []byte(text), 0o600))
		p := openPool(t, py, pool.Options{StartMethod: m, Main: script, Dir: dir})
		n, err := pool.Call[int](t.Context(), p, "__main__:f", 4)
		require.NoError(t, err)
		assert.Equal(t, 9, n)
		cwd, err := pool.Call[string](t.Context(), p, "os:getcwd")
		require.NoError(t, err)
		assert.Equal(t, filepath.Base(dir), filepath.Base(cwd))
	})
}

func TestPoolCarriesLargeValues(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{Workers: 1})
		const size = 20 << 20
		r, err := p.Call(t.Context(), "tasks:big", size)
		require.NoError(t, err)
		assert.Greater(t, r.Size(), size)
		n, err := pool.Call[int](t.Context(), p, "tasks:size", r)
		require.NoError(t, err)
		assert.Equal(t, size, n)
	})
}

func TestPoolCarriesAHundredMegabytes(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 12})
	p := openPool(t, py, pool.Options{Workers: 1})
	const size = 100 << 20
	v, err := pool.Call[[]byte](t.Context(), p, "tasks:big", size)
	require.NoError(t, err)
	assert.Len(t, v, size)
	n, err := pool.Call[int](t.Context(), p, "tasks:size", v)
	require.NoError(t, err)
	assert.Equal(t, size, n)
}

func TestPoolDoesAHundredThousandSmallTasks(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 12})
	p := openPool(t, py, pool.Options{})
	items := make([]int, 100_000)
	for i := range items {
		items[i] = i
	}
	for _, chunk := range []int{0, 1, 10} {
		out, err := pool.Map[int](t.Context(), p, "builtins:abs", items,
			&pool.MapOptions{Chunk: chunk})
		require.NoError(t, err)
		assert.Equal(t, items, out)
	}
}

func TestPoolPausesResumesAndResizes(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 12})
	p := openPool(t, py, pool.Options{})
	p.Pause()
	r := p.Go(t.Context(), "tasks:square", 3)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Wait(ctx), context.DeadlineExceeded)
	p.Resume()
	require.NoError(t, r.Wait(t.Context()))
	for _, n := range []int{4, 1, 3} {
		require.NoError(t, p.Resize(n))
		require.Eventually(t, func() bool {
			s := p.Stats()
			return s.Workers == n && s.Ready == n && s.Idle == n
		}, patience, 5*time.Millisecond)
		_, err := pool.Map[int](t.Context(), p, "tasks:square", []int{1, 2, 3, 4, 5, 6}, nil)
		require.NoError(t, err)
	}
	require.Error(t, p.Resize(0))
}

func TestPoolClosesWhenItsTasksAreDone(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		require.Error(t, p.Join(t.Context()))
		var results []*pool.AsyncResult
		for i := range 10 {
			results = append(results, p.Go(t.Context(), "tasks:nap", 0.01, i))
		}
		p.Close()
		_, err := p.Call(t.Context(), "tasks:square", 1)
		require.ErrorIs(t, err, pool.ErrClosed)
		require.NoError(t, p.Join(t.Context()))
		for i, r := range results {
			var n int
			require.NoError(t, r.Get(t.Context(), &n))
			assert.Equal(t, i, n)
		}
		assert.Zero(t, p.Stats().Deaths)
	})
}

func TestPoolTerminatesAtOnce(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		p := openPool(t, py, pool.Options{StartMethod: m})
		path := filepath.Join(t.TempDir(), "x")
		r := p.Go(t.Context(), "tasks:spin", path)
		awaitFile(t, path)
		var queued []*pool.AsyncResult
		for range 5 {
			queued = append(queued, p.Go(t.Context(), "time:sleep", 60))
		}
		p.Terminate()
		require.ErrorIs(t, r.Wait(t.Context()), pool.ErrTerminated)
		for _, q := range queued {
			require.ErrorIs(t, q.Wait(t.Context()), pool.ErrTerminated)
		}
	})
}
