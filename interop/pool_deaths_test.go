package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPoolNamesTheTaskThatADeathTook(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		p := openPool(t, py, pool.Options{StartMethod: m})
		for how, want := range map[string]pool.Exit{
			"exit":       {Code: 7},
			"SystemExit": {Code: 5},
			"SIGKILL":    {Code: -1, Signal: syscall.SIGKILL},
			"SIGSEGV":    {Code: -1, Signal: syscall.SIGSEGV},
			"SIGTERM":    {Code: -1, Signal: syscall.SIGTERM},
		} {
			_, err := p.Call(t.Context(), "tasks:die", how)
			var dead *pool.WorkerError
			require.ErrorAs(t, err, &dead, how)
			assert.Equal(t, want, dead.Exit, how)
			assert.Equal(t, "tasks:die", dead.Func)
			assert.Contains(t, dead.Stderr, "about to die: "+how)
			assert.Positive(t, dead.Pid)
			assert.Contains(t, []int{1, 2}, dead.Worker)
		}
		for _, how := range []string{"KeyboardInterrupt", "close"} {
			_, err := p.Call(t.Context(), "tasks:die", how)
			var dead *pool.WorkerError
			require.ErrorAs(t, err, &dead, how)
		}
		n, err := pool.Call[int](t.Context(), p, "tasks:square", 3)
		require.NoError(t, err)
		assert.Equal(t, 9, n)
	})
}

func TestPoolLosesOneChunkWithAWorker(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{})
		items := make([][]int, 300)
		for i := range items {
			items[i] = []int{i, 150}
		}
		_, err := pool.StarMap[int](t.Context(), p, "tasks:exit_on", items,
			&pool.MapOptions{Chunk: 1})
		var item *pool.ItemError
		require.ErrorAs(t, err, &item)
		assert.Equal(t, 150, item.Index)
	})
}

func TestPoolRetriesWhenAsked(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		p := openPool(t, py, pool.Options{Retries: 1})
		n, err := pool.Call[int](t.Context(), p, "tasks:once", filepath.Join(t.TempDir(), "x"), 5)
		require.NoError(t, err)
		assert.Equal(t, 5, n)
		r := p.With(&pool.CallOptions{Retries: -1}).Go(t.Context(), "tasks:once", filepath.Join(t.TempDir(), "y"), 5)
		var dead *pool.WorkerError
		require.ErrorAs(t, r.Wait(t.Context()), &dead)
	})
}

func TestPoolGoesOnWhateverRetriedDoes(t *testing.T) {
	for how, fail := range map[string]func(){"panics": func() { panic("retried") }, "exits": runtime.Goexit} {
		t.Run(how, func(t *testing.T) {
			p := openPool(t, needPython(t, interop.Version{3, 12}), pool.Options{Workers: 1, Retries: 1})
			_, err := pool.Map[any](soon(t), p, "os:_exit", []int{1}, &pool.MapOptions{
				Retried: func(int, error) { fail() }})
			require.ErrorAs(t, err, new(*pool.WorkerError))
			n, err := pool.Call[int](soon(t), p, "math:factorial", 5)
			require.NoError(t, err)
			assert.Equal(t, 120, n)
		})
	}
}

func TestPoolKillsWhatTakesTooLong(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		p := openPool(t, py, pool.Options{StartMethod: m, Workers: 1, InterruptGrace: 50 * time.Millisecond,
			TerminateGrace: 50 * time.Millisecond})
		before, err := pool.Call[int](t.Context(), p, "tasks:pid")
		require.NoError(t, err)
		o := &pool.CallOptions{Timeout: 200 * time.Millisecond}
		for _, call := range [][]any{{"time:sleep", 60}, {"tasks:stubborn", t.TempDir() + "/x"},
			{"tasks:spin", t.TempDir() + "/y"}} {
			err := p.With(o).Go(t.Context(), call[0], call[1:]...).Wait(t.Context())
			require.ErrorIs(t, err, pool.ErrTimeout)
			var late *pool.TimeoutError
			require.ErrorAs(t, err, &late)
			assert.Equal(t, o.Timeout, late.After)
		}
		after, err := pool.Call[int](t.Context(), p, "tasks:pid")
		require.NoError(t, err)
		assert.NotEqual(t, before, after)
	})
}

func TestPoolKillsTheWorkerOfACancelledCallAlone(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{InterruptGrace: 50 * time.Millisecond})
		other := p.Go(t.Context(), "tasks:nap", 1.0, "done")
		path := filepath.Join(t.TempDir(), "x")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r := p.Go(ctx, "tasks:spin", path)
		awaitFile(t, path)
		cancel()
		require.ErrorIs(t, r.Wait(t.Context()), context.Canceled)
		var text string
		require.NoError(t, other.Get(t.Context(), &text))
		assert.Equal(t, "done", text)
	})
}

// awaitFile waits until a task has made a file with something in it.
func awaitFile(t *testing.T, path string) string {
	t.Helper()
	var text []byte
	require.Eventually(t, func() bool {
		text, _ = os.ReadFile(path)
		return len(text) > 0
	}, patience, 5*time.Millisecond)
	return strings.TrimSpace(string(text))
}

func TestPoolEndsWithAWorkerWhoseChildHoldsTheSocket(t *testing.T) {
	py := needPython(t, interop.Version{Major: 3, Minor: 11})
	p := openPool(t, py, pool.Options{Workers: 1})
	_, err := p.Call(t.Context(), "tasks:fork_and_exit", 6)
	var dead *pool.WorkerError
	require.ErrorAs(t, err, &dead)
	assert.Equal(t, 6, dead.Exit.Code)
}

func TestPoolKillsAWorkerThatSendsNonsense(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{Workers: 1})
		_, err := p.Call(t.Context(), "tasks:scribble")
		var dead *pool.WorkerError
		require.ErrorAs(t, err, &dead)
		require.Error(t, dead.Err)
		_, err = p.Call(t.Context(), "tasks:square", 1)
		require.NoError(t, err)
	})
}

// envHoldPool makes the test program one that holds a pool until it is killed: see TestMain.
const envHoldPool = "MPBRIDGE_TEST_HOLD_POOL"

// holdPool has one worker spin and another wait for tasks, and waits to be killed.
func holdPool(python, dir string) {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{Python: python, Workers: 2, Path: []string{tasksPath},
		StartMethod: pool.StartMethod(os.Getenv(envHoldPool + "_START"))})
	if err != nil {
		panic(err)
	}
	r := p.Go(ctx, "tasks:spin", filepath.Join(dir, "busy"))
	pid, err := pool.Call[int](ctx, p, "tasks:pid")
	if err != nil {
		panic(err)
	}
	parent, err := pool.Call[int](ctx, p, "os:getppid")
	if err != nil {
		panic(err)
	}
	for name, pid := range map[string]int{"idle": pid, "parent": parent} {
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Append(nil, pid), 0o600); err != nil {
			panic(err)
		}
	}
	<-r.Done()
}

func TestPoolLeavesNoWorkerWhenItsProcessIsKilled(t *testing.T) {
	forEachStart(t, func(t *testing.T, py interop.Python, m pool.StartMethod) {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envHoldPool+"="+py.Path, envHoldPool+"_DIR="+dir,
			envHoldPool+"_START="+string(m))
		require.NoError(t, cmd.Start())
		var pids []int
		for _, name := range []string{"busy", "idle", "parent"} {
			pid, err := strconv.Atoi(awaitFile(t, filepath.Join(dir, name)))
			require.NoError(t, err)
			pids = append(pids, pid)
		}
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		if runtime.GOOS != "linux" {
			pids = pids[1:] // what does not look at its socket ends with its task
		}
		for _, pid := range pids {
			require.Eventually(t, func() bool { return gone(pid) }, patience, 5*time.Millisecond)
		}
	})
}

// signal sends a process of this user a signal, where systems have them.
func signal(pid int, s os.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return os.ErrProcessDone
	}
	defer func() { _ = p.Release() }()
	return p.Signal(s)
}

// gone tells whether a process has ended; a zombie that nobody reaps has.
func gone(pid int) bool {
	if errors.Is(signal(pid, syscall.Signal(0)), os.ErrProcessDone) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

// TestPoolAnswersEachTaskWhateverIsKilled kills workers for a while, and fork servers: each task is
// answered or fails by name, and none is done twice.
func TestPoolAnswersEachTaskWhateverIsKilled(t *testing.T) {
	for _, m := range startMethods {
		t.Run(string(m), func(t *testing.T) { answerEachTask(t, m) })
	}
}

func answerEachTask(t *testing.T, m pool.StartMethod) {
	o, targets := pool.Options{Workers: 3, StartMethod: m}, []string{"tasks:pid"}
	if m == pool.Forkserver {
		o.Preload, targets = []string{"warm"}, []string{"tasks:pid", "tasks:pid", "warm:server"}
	}
	p := openPool(t, needPython(t, py312), o)
	path := filepath.Join(t.TempDir(), "log")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var killing sync.WaitGroup
	killing.Go(func() { killThose(ctx, p, targets...) })
	done, failed := map[int]bool{}, map[int]bool{}
	howLong := 2 * time.Second
	if os.Getenv(envNightly) != "" {
		howLong = time.Minute
	}
	end := time.Now().Add(howLong)
	source := func(yield func(int) bool) {
		for i := 0; time.Now().Before(end) && yield(i); i++ {
		}
	}
	n := 0
	args := func(yield func([]any) bool) {
		for i := range source {
			if !yield([]any{path, i}) {
				return
			}
		}
	}
	for v, err := range pool.IMap[int](t.Context(), p, "tasks:append_pair", args, nil) {
		var dead *pool.WorkerError
		if errors.As(err, &dead) {
			failed[n] = true
		} else {
			require.NoError(t, err)
			require.Equal(t, n, v)
			done[n] = true
		}
		n++
	}
	cancel()
	killing.Wait()
	assert.Equal(t, n, len(done)+len(failed))
	assert.NotEmpty(t, failed)
	seen := map[string]int{}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		seen[strings.TrimSpace(line)]++
	}
	for line, times := range seen {
		require.Equal(t, 1, times, "task %s ran twice", line)
	}
	for i := range done {
		require.Equal(t, 1, seen[fmt.Sprint(i)], "task %d was answered and did not run", i)
	}
	t.Logf("%d tasks, %d failed, %+v", n, len(failed), p.Stats())
}

// killThose kills a process every 30 ms, in turn those whose numbers the functions return.
func killThose(ctx context.Context, p *pool.Pool, functions ...string) {
	for i := 0; ctx.Err() == nil; i++ {
		if pid, err := pool.Call[int](ctx, p, functions[i%len(functions)]); err == nil {
			_ = signal(pid, os.Kill)
		}
		select {
		case <-ctx.Done():
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// TestPoolAnswersEverybodyWhateverHappens has many goroutines call, cancel, map, pause and resize
// while workers die: every call returns, and with what it may.
func TestPoolAnswersEverybodyWhateverHappens(t *testing.T) {
	for _, m := range startMethods {
		t.Run(string(m), func(t *testing.T) { answerEverybody(t, m) })
	}
}

func answerEverybody(t *testing.T, m pool.StartMethod) {
	p := openPool(t, needPython(t, py312), pool.Options{StartMethod: m, Workers: 3,
		MaxTasksPerChild: 50, Retries: 1,
		InterruptGrace: 20 * time.Millisecond, TerminateGrace: 20 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { callAtRandom(ctx, t, p) })
	}
	wg.Go(func() { killThose(ctx, p, "tasks:pid") })
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			assert.NoError(t, p.Resize(1+i%4))
			p.Pause()
			time.Sleep(time.Millisecond)
			p.Resume()
			time.Sleep(20 * time.Millisecond)
		}
	})
	wg.Wait()
	n, err := pool.Call[int](t.Context(), p, "tasks:square", 4)
	require.NoError(t, err)
	assert.Equal(t, 16, n)
	p.Close()
	require.NoError(t, p.Join(t.Context()))
}

// callAtRandom makes calls of all kinds until ctx ends.
func callAtRandom(ctx context.Context, t *testing.T, p *pool.Pool) {
	for i := 0; ctx.Err() == nil; i++ {
		one, cancel := context.WithTimeout(ctx, time.Duration(i%7)*time.Millisecond)
		var err error
		switch i % 5 {
		case 0:
			_, err = pool.Call[int](one, p, "tasks:square", i)
		case 1:
			_, err = pool.Call[int](ctx, p, "tasks:square", i)
		case 2:
			_, err = p.Call(ctx, "tasks:die", "exit")
		case 3:
			_, err = pool.Map[int](ctx, p, "tasks:square", make([]int, 100), &pool.MapOptions{Chunk: 1 + i%9})
		case 4:
			o := &pool.CallOptions{Timeout: 5 * time.Millisecond}
			err = p.With(o).Go(ctx, "time:sleep", 0.004).Wait(context.Background())
		}
		cancel()
		var dead *pool.WorkerError
		if err != nil && !errors.As(err, &dead) && !errors.Is(err, pool.ErrTimeout) &&
			!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			assert.NoError(t, err)
		}
	}
}
