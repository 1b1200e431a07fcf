//go:build unix

package interop_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPoolHasForkServersOfPython3Alone(t *testing.T) {
	_, err := tryPool(t, needPython(t, interop.Version{Major: 2, Minor: 7}),
		pool.Options{StartMethod: pool.Forkserver, StartAttempts: 1})
	var start *pool.StartError
	require.ErrorAs(t, err, &start)
	var method *pool.StartMethodError
	require.ErrorAs(t, err, &method)
	assert.Equal(t, `pool: start method "forkserver" needs Python 3`, method.Error())
}

func TestPoolForksWorkersThatNeedNotImport(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{StartMethod: pool.Forkserver, Preload: []string{"warm"},
			MaxTasksPerChild: 1})
		var numbers []float64
		servers, workers := map[int64]bool{}, map[int64]bool{}
		for range 4 {
			v, err := pool.Call[pickle.Tuple](t.Context(), p, "warm:where")
			require.NoError(t, err)
			assert.Equal(t, v[0], v[1])
			servers[v[0].(int64)], workers[v[2].(int64)] = true, true
			assert.NotContains(t, numbers, v[3])
			numbers = append(numbers, v[3].(float64))
		}
		assert.Len(t, servers, 1)
		assert.Len(t, workers, 4)
		assert.Zero(t, p.Stats().Deaths)
	})
}

func TestPoolWorkersAreTheSameForkedOrSpawned(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("asks /proc")
	}
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		spawned := openPool(t, py, pool.Options{Workers: 1})
		forked := openPool(t, py, pool.Options{Workers: 1, StartMethod: pool.Forkserver,
			Preload: []string{"asyncio", "warm"}, MaxTasksPerChild: 1}) // one that is not the first
		want, err := pool.Call[[]any](t.Context(), spawned, "tasks:manners")
		require.NoError(t, err)
		got, err := pool.Call[[]any](t.Context(), forked, "tasks:manners")
		require.NoError(t, err)
		assert.Equal(t, want, got)
		own, err := pool.Call[[]string](t.Context(), spawned, "tasks:descriptors")
		require.NoError(t, err)
		open, err := pool.Call[[]string](t.Context(), forked, "tasks:descriptors")
		require.NoError(t, err)
		assert.ElementsMatch(t, append(own, "pipe"), open)
	})
}

func TestPoolRunsExitHandlersWhereTheyWereRegistered(t *testing.T) {
	var out lockedLines
	p := openPool(t, needPython(t, py312), pool.Options{StartMethod: pool.Forkserver, Workers: 1,
		Preload: []string{"warm"}, Stdout: &out})
	_, err := p.Call(t.Context(), "warm:leave_word")
	require.NoError(t, err)
	p.Close()
	require.NoError(t, p.Join(t.Context()))
	assert.Equal(t, "[1] the end of the worker\n[0] the end of the module\n", out.String())
}

func TestPoolEndsWithTheErrorOfItsForkServer(t *testing.T) {
	py := needPython(t, py312)
	var start *pool.StartError
	var remote *pool.TaskError
	_, err := tryPool(t, py, pool.Options{StartMethod: pool.Forkserver, StartAttempts: 2,
		Preload: []string{"warm", "nosuch.module"}})
	require.ErrorAs(t, err, &start)
	assert.Equal(t, 2, start.Attempts)
	require.ErrorAs(t, err, &remote)
	require.ErrorIs(t, remote, managers.NewExceptionClass("builtins", "ModuleNotFoundError"))
	assert.Equal(t, "preload", remote.Func)
	assert.Zero(t, remote.Worker)

	script := filepath.Join(t.TempDir(), "main.py")
	require.NoError(t, os.WriteFile(script, []byte("1 / 0\n"), 0o600))
	_, err = tryPool(t, py, pool.Options{StartMethod: pool.Forkserver, StartAttempts: 1, Main: script})
	require.ErrorAs(t, err, &remote)
	require.ErrorIs(t, remote, managers.NewExceptionClass("builtins", "ZeroDivisionError"))

	_, err = tryPool(t, py, pool.Options{StartMethod: pool.Forkserver, StartAttempts: 1,
		Preload: []string{"cannot_fork"}})
	require.ErrorAs(t, err, &start)
	require.ErrorIs(t, err, syscall.EAGAIN)
}

func TestPoolTakesTheWorkersOfADeadForkServerAlong(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{StartMethod: pool.Forkserver})
		server, err := pool.Call[int](t.Context(), p, "os:getppid")
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "busy")
		r := p.Go(t.Context(), "tasks:spin", path)
		busy, err := strconv.Atoi(awaitFile(t, path))
		require.NoError(t, err)
		require.NoError(t, signal(server, syscall.SIGKILL))
		err = r.Wait(t.Context())
		var dead *pool.WorkerError
		require.ErrorAs(t, err, &dead)
		assert.Equal(t, busy, dead.Pid)
		var lost *pool.ForkServerError
		require.ErrorAs(t, err, &lost)
		assert.Equal(t, server, lost.Pid)
		assert.Equal(t, pool.Exit{Code: -1, Signal: syscall.SIGKILL}, lost.Exit)
		require.Eventually(t, func() bool { return gone(busy) }, patience, 5*time.Millisecond)
		other, err := callAlive(t, p, "os:getppid")
		require.NoError(t, err)
		assert.NotEqual(t, server, other)
	})
}

// callAlive calls until it comes to a worker that lives: an idle one that dies may get a task.
func callAlive(t *testing.T, p *pool.Pool, fn string) (n int, err error) {
	for range 3 {
		n, err = pool.Call[int](t.Context(), p, fn)
		if err == nil {
			return n, nil
		}
	}
	return n, err
}

func TestPoolReplacesAForkServerThatDoesNotAnswer(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{StartMethod: pool.Forkserver, Workers: 1,
		StartTimeout: 2 * time.Second, InterruptGrace: -1, TerminateGrace: -1})
	server, err := pool.Call[int](t.Context(), p, "os:getppid")
	require.NoError(t, err)
	require.NoError(t, signal(server, syscall.SIGSTOP))
	o := &pool.CallOptions{Timeout: 10 * time.Millisecond}
	err = p.With(o).Go(t.Context(), "time:sleep", 60).Wait(t.Context())
	require.ErrorIs(t, err, pool.ErrTimeout)
	other, err := callAlive(t, p, "os:getppid")
	require.NoError(t, err)
	assert.NotEqual(t, server, other)
}

func TestPoolKillsAForkServerThatSaysNonsense(t *testing.T) {
	_, err := tryPool(t, needPython(t, py312), pool.Options{StartMethod: pool.Forkserver, Workers: 1,
		StartAttempts: 1, Preload: []string{"nonsense"}})
	var start *pool.StartError
	require.ErrorAs(t, err, &start)
	var lost *pool.ForkServerError
	require.ErrorAs(t, err, &lost)
	assert.Equal(t, pool.Exit{Code: -1, Signal: syscall.SIGKILL}, lost.Exit)
}
