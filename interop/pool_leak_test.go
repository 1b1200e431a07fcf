package interop_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"mpbridge/internal/leak"
	"mpbridge/interop"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPoolLeavesNothingBehind is alone while it runs: the subtests of others have ended.
func TestPoolLeavesNothingBehind(t *testing.T) {
	for _, c := range []struct {
		version interop.Version
		method  pool.StartMethod
	}{{interop.Version{Major: 2, Minor: 7}, pool.Spawn}, {py312, pool.Spawn}, {py312, pool.Forkserver}} {
		t.Run("py"+c.version.String()+" "+string(c.method), func(t *testing.T) {
			py := needPython(t, c.version)
			files, children := leak.Descriptors(), childProcesses()
			for range 3 {
				livePool(t, py, c.method)
			}
			failPool(t, py, c.method)
			assert.Eventually(t, func() bool {
				return poolGoroutines() == "" && leak.Descriptors() <= files &&
					len(childProcesses()) <= len(children)
			}, patience, 10*time.Millisecond)
			assert.Empty(t, poolGoroutines())
			assert.LessOrEqual(t, leak.Descriptors(), files)
			assert.Subset(t, children, childProcesses())
		})
	}
}

// livePool has a pool do all that leaves something behind if it goes wrong, and ends it with work
// left.
func livePool(t *testing.T, py interop.Python, m pool.StartMethod) {
	p, err := tryPool(t, py, pool.Options{StartMethod: m, MaxTasksPerChild: 20, InterruptGrace: -1})
	require.NoError(t, err)
	ctx := t.Context()
	_, err = pool.Map[int](ctx, p, "tasks:square", make([]int, 50), &pool.MapOptions{Chunk: 1})
	require.NoError(t, err)
	_, err = p.Call(ctx, "tasks:die", "SIGKILL")
	require.Error(t, err)
	o := &pool.CallOptions{Timeout: 50 * time.Millisecond}
	require.ErrorIs(t, p.With(o).Go(ctx, "time:sleep", 60).Wait(ctx), pool.ErrTimeout)
	for range pool.IMap[int](ctx, p, "tasks:square", slices.Values(make([]int, 50)), nil) {
		break
	}
	require.NoError(t, p.Resize(1))
	cancelled, cancel := context.WithCancel(ctx)
	p.Go(cancelled, "tasks:spin", filepath.Join(t.TempDir(), "x"))
	cancel()
	left := p.Go(ctx, "time:sleep", 60)
	p.Terminate()
	require.ErrorIs(t, left.Wait(ctx), pool.ErrTerminated)
}

// failPool starts pools that come to nothing.
func failPool(t *testing.T, py interop.Python, m pool.StartMethod) {
	_, err := tryPool(t, py, pool.Options{StartMethod: m, Initializer: "tasks:nosuch",
		StartAttempts: 1})
	require.Error(t, err)
	_, err = tryPool(t, py, pool.Options{StartMethod: m, Dir: "/nosuch", StartAttempts: 1})
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = pool.New(ctx, &pool.Options{StartMethod: m, Python: py.Path})
	require.ErrorIs(t, err, context.Canceled)
}

// poolGoroutines returns the stacks of those that run the package's code.
func poolGoroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var out []string
	for _, g := range strings.Split(string(buf), "\n\n") {
		if strings.Contains(g, "mpbridge/pool.") {
			out = append(out, g)
		}
	}
	return strings.Join(out, "\n\n")
}

// childProcesses lists the children of this process; none where the system does not tell.
func childProcesses() (pids []string) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, name := range lists {
		text, _ := os.ReadFile(name)
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}
