package interop_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/internal/testing/testwait"
	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/sharedmem"
	"mpbridge/spawn"
	"mpbridge/synchronize"
)

// family is a Python and the children that a test starts of it.
type family struct {
	*testing.T
	ctx    context.Context
	py     interop.Python
	stderr *lastWords
}

// lastWords are what children say.
type lastWords struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

func newFamily(t *testing.T, py interop.Python) *family {
	return &family{t, testwait.Soon(t), py, &lastWords{}}
}

// start starts a child that ends with the test.
func (f *family) start(function string, args ...any) *spawn.Process {
	f.Helper()
	o := &spawn.StartOptions{Path: []string{"testdata/spawn"}, Env: append(f.py.Env(), "TMPDIR="+os.TempDir()),
		Authkey: []byte("a key"), Name: "Child", Stderr: f.stderr}
	p, err := o.Start(f.ctx, f.py.Path, "children:"+function, args...)
	require.NoError(f, err)
	f.Cleanup(func() { _ = p.Kill(); <-p.Exited() })
	return p
}

func (f *family) ends(p *spawn.Process) {
	f.Helper()
	require.NoError(f, p.Wait(f.ctx), "%s", f.stderr)
}

// results is a queue from the children.
func (f *family) results() *queues.SimpleQueue {
	q, err := queues.NewSimpleQueue(nil)
	require.NoError(f, err)
	f.Cleanup(func() { _ = q.Close() })
	return q
}

// sent takes what a child has put.
func sent[T any](f *family, q queues.Items) (v T) {
	f.Helper()
	raw, err := q.Get(f.ctx)
	require.NoError(f, err, "%s", f.stderr)
	require.NoError(f, raw.Unmarshal(&v))
	return v
}

// made is what a constructor made, until the test ends.
func made[T interface{ Close() error }](f *family, v T, err error) T {
	f.Helper()
	require.NoError(f, err)
	f.Cleanup(func() {
		_ = v.Close()
		if u, ok := any(v).(sharedmem.Unlinker); ok {
			_ = u.Unlink()
		}
	})
	return v
}

func TestAStockChildOfGoWorksOnQueues(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		jobs, err := queues.NewJoinableQueue(10, &queues.Options{Encode: &pickle.EncodeOptions{Protocol: 2}})
		jobs = made(f, jobs, err)
		workers := []*spawn.Process{f.start("triple", jobs, results), f.start("triple", jobs, results)}
		for i := range 20 {
			require.NoError(t, jobs.Put(f.ctx, i))
		}
		sum := 0
		for range 20 {
			sum += sent[int](f, results)
		}
		assert.Equal(t, 3*190, sum)
		require.NoError(t, jobs.Join(f.ctx))
		for range workers {
			require.NoError(t, jobs.Put(f.ctx, nil))
		}
		for _, w := range workers {
			f.ends(w)
		}
	})
}

func TestAStockChildGetsObjectsOfTheStandardLibrary(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		lock, err := synchronize.NewLock(nil)
		lock = made(f, lock, err)
		event, err := synchronize.NewEvent(nil)
		event = made(f, event, err)
		arena, err := sharedmem.NewArena(4096)
		arena = made(f, arena, err)
		raw, err := sharedmem.NewRawValue[int32](arena, 1)
		require.NoError(t, err)
		ours, theirs, err := queues.Pipe(true, nil)
		require.NoError(t, err)
		defer ours.Close()
		defer theirs.Close()
		p := f.start("classes", results, lock, event, results, theirs, sharedmem.NewValue(raw, lock), 7, []byte("x"),
			pickle.Kwargs{"b": lock, "a": 1})
		connection := "multiprocessing.connection.Connection"
		value, text := "multiprocessing.sharedctypes.Synchronized", "builtins.bytes"
		integer := "builtins.int"
		if py.Profile.NativeBytes {
			connection, text, integer = "_multiprocessing.Connection", "__builtin__.str", "__builtin__.int"
		}
		assert.Equal(t, []string{"multiprocessing.synchronize.Lock", "multiprocessing.synchronize.Event",
			"multiprocessing.queues.SimpleQueue", connection, value, integer, text, "a", "b"}, sent[[]string](f, results))
		f.ends(p)

		f.ends(f.start("classes_in", results, []any{lock, lock}, map[string]*synchronize.Lock{"a": lock}))
		assert.Len(t, sent[[]string](f, results), 3)
		assert.True(t, sent[bool](f, results), "one object in several places is one")
	})
}

func TestAStockChildUsesTheObjectsThatGoMade(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		lock, err := synchronize.NewLock(nil)
		lock = made(f, lock, err)
		rlock, err := synchronize.NewRLock(nil)
		rlock = made(f, rlock, err)
		semaphore, err := synchronize.NewSemaphore(2, nil)
		semaphore = made(f, semaphore, err)
		bounded, err := synchronize.NewBoundedSemaphore(1, nil)
		bounded = made(f, bounded, err)
		condition, err := synchronize.NewCondition(nil, nil)
		condition = made(f, condition, err)
		event, err := synchronize.NewEvent(nil)
		event = made(f, event, err)
		ours, theirs, err := queues.Pipe(true, &queues.Options{Encode: &pickle.EncodeOptions{Protocol: 2}})
		require.NoError(t, err)
		defer ours.Close()
		p := f.start("uses", results, lock, rlock, semaphore, bounded, condition, event, theirs)
		require.NoError(t, theirs.Close())
		assert.Equal(t, []any{true, true, true, true, true, false, "ValueError"}, sent[[]any](f, results))
		assert.True(t, lock.Locked(), "what the child has acquired is taken here")

		me := synchronize.NewOwner()
		require.NoError(t, condition.Acquire(f.ctx, me))
		require.NoError(t, event.Set(f.ctx))
		require.NoError(t, condition.Wait(f.ctx, me))
		require.NoError(t, condition.Release(me))
		require.NoError(t, ours.Send(f.ctx, "there"))
		var said string
		require.NoError(t, ours.Recv(f.ctx, &said))
		assert.Equal(t, "there and back", said)
		f.ends(p)
	})
}

func TestGoAndItsStockChildCountTogether(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		arena, err := sharedmem.NewArena(4096)
		arena = made(f, arena, err)
		lock, err := synchronize.NewLock(nil)
		lock = made(f, lock, err)
		raw, err := sharedmem.NewRawValue[int32](arena, 0)
		require.NoError(t, err)
		numbers, err := sharedmem.NewRawArray(arena, []float64{0, 0, 0})
		require.NoError(t, err)
		counter := sharedmem.NewValue(raw, lock)
		p := f.start("count", counter, sharedmem.NewArray(numbers, lock), 500)
		for range 500 {
			_, err := counter.Update(f.ctx, func(n int32) int32 { return n + 1 })
			require.NoError(t, err)
		}
		f.ends(p)
		n, err := counter.Get(f.ctx)
		require.NoError(t, err)
		assert.EqualValues(t, 1000, n)
	})
}

func TestASegmentOutlivesTheStockChildThatAttachedIt(t *testing.T) {
	forPythonsFrom(t, interop.Version{Major: 3, Minor: 8}, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		segment, err := sharedmem.Create("", 16, nil)
		segment = made(f, segment, err)
		_, err = segment.WriteAt([]byte("hello"), 0)
		require.NoError(t, err)
		f.ends(f.start("attach", results, segment))
		assert.Equal(t, "hello", sent[string](f, results))
		again, err := sharedmem.Attach(segment.Name(), nil)
		require.NoError(t, err, "the child has not removed it")
		defer again.Close()
		b := make([]byte, 5)
		_, err = again.ReadAt(b, 0)
		require.NoError(t, err)
		assert.Equal(t, "Hello", string(b))
	})
}

func TestTheEndOfAStockChildIsTyped(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		for code, function := range map[int]string{7: "leave", 1: "fail"} {
			args := []any{}
			if function == "leave" {
				args = append(args, code)
			}
			var exit *spawn.ExitError
			require.ErrorAs(t, f.start(function, args...).Wait(f.ctx), &exit)
			assert.Equal(t, code, exit.Code)
			assert.Nil(t, exit.Signal)
		}
		assert.Contains(t, f.stderr.String(), "ValueError: it is meant to fail")

		path := filepath.Join(t.TempDir(), "idle")
		for i, end := range []func(*spawn.Process) error{(*spawn.Process).Terminate, (*spawn.Process).Kill} {
			p := f.start("idle", path)
			testwait.For(t, func() bool { _, err := os.Stat(path); return err == nil })
			require.NoError(t, end(p))
			var exit *spawn.ExitError
			require.ErrorAs(t, p.Wait(f.ctx), &exit)
			assert.Equal(t, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}[i], exit.Signal)
			assert.Equal(t, []int{-15, -9}[i], exit.Code)
			require.NoError(t, end(p), "it is gone")
			require.NoError(t, os.Remove(path))
		}
	})
}

func TestWhatADeadStockChildMadeIsRemoved(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		p := f.start("make_locks", results)
		file := "/dev/shm/sem." + strings.TrimPrefix(sent[string](f, results), "/")
		require.FileExists(t, file)
		require.NoError(t, p.Kill())
		testwait.For(t, func() bool { _, err := os.Stat(file); return err != nil })
	})
}

func TestAStockChildKnowsWhatGoSaysOfIt(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		f.ends(f.start("told", results))
		wd, err := os.Getwd()
		require.NoError(t, err)
		assert.Equal(t, []string{"Child", "a key", wd}, sent[[]string](f, results))
	})
}

func TestAStockChildOfGoHasChildrenOfItsOwn(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		results := f.results()
		f.ends(f.start("grandchild", results))
		assert.Equal(t, []string{"builtins.int"}, sent[[]string](f, results))
	})
}

func TestTheEndOfAContextEndsItsStockChild(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		f := newFamily(t, py)
		path := filepath.Join(t.TempDir(), "idle")
		ctx, cancel := context.WithCancel(f.ctx)
		defer cancel()
		whole := f.ctx
		f.ctx = ctx
		p := f.start("idle", path)
		testwait.For(t, func() bool { _, err := os.Stat(path); return err == nil })
		cancel()
		var exit *spawn.ExitError
		require.ErrorAs(t, p.Wait(whole), &exit)
		assert.Equal(t, syscall.SIGTERM, exit.Signal)
	})
}

func TestWhatCannotBeStartedIsSaid(t *testing.T) {
	ctx := testwait.Soon(t)
	_, err := spawn.Start(ctx, "no-such-python", "math:sin", 1)
	assert.Error(t, err)
	for _, name := range []string{"math.sin", "", "a:b:c", "a b:c"} {
		_, err = spawn.Start(ctx, "python3", name)
		assert.ErrorIs(t, err, spawn.ErrFunctionName, name)
	}
}
