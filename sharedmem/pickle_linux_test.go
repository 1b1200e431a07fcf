package sharedmem_test

import (
	"errors"
	"os"
	"testing"

	"mpbridge/pickle"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// pickler says of descriptors their number, and of locks nothing.
func pickler() *sharedmem.Pickler {
	return &sharedmem.Pickler{
		Duplicate: func(f *os.File) (any, error) { return sharedmem.InheritedFd(int(f.Fd())), nil },
		Lock:      func(any) (any, error) { return "the lock", nil },
	}
}

// unpickler finds descriptors by their number in this process.
func unpickler(t *testing.T, lock sharedmem.Locker) *sharedmem.Unpickler {
	t.Helper()
	u := &sharedmem.Unpickler{
		Detach: func(v any) (*os.File, error) {
			o, ok := v.(*pickle.Object)
			if !ok || !o.IsA("multiprocessing.popen_spawn_posix", "_DupFd") {
				return nil, errors.New("no descriptor")
			}
			n, _ := o.Attrs().Get("fd")
			fd, err := unix.Dup(int(n.(int64)))
			return os.NewFile(uintptr(fd), "arena"), err
		},
		Lock: func(v any) (sharedmem.Locker, error) {
			if v != any("the lock") {
				return nil, errors.New("no lock")
			}
			return lock, nil
		},
	}
	t.Cleanup(func() { assert.NoError(t, u.Close()) })
	return u
}

// travelled is a value after it was pickled and unpickled.
func travelled(t *testing.T, v any) any {
	t.Helper()
	data, err := pickle.Marshal(v)
	require.NoError(t, err)
	var out any
	require.NoError(t, pickle.Unmarshal(data, &out))
	return out
}

// live makes a pickled value live as a T.
func live[T any](t *testing.T, u *sharedmem.Unpickler, v any) T {
	t.Helper()
	require.True(t, u.Knows(v))
	x, err := u.Object(v)
	require.NoError(t, err)
	require.IsType(t, *new(T), x)
	return x.(T)
}

func TestAPickledSegmentIsAttached(t *testing.T) {
	s := create(t, 10)
	u := new(sharedmem.Unpickler)
	v := travelled(t, []any{s, s}).(*pickle.List).Items
	got := live[*sharedmem.SharedMemory](t, u, v[0])
	defer got.Close()
	assert.Equal(t, s.Name(), got.Name())
	assert.Equal(t, 10, got.Size())
}

func TestAPickledListIsAttached(t *testing.T) {
	l := newList(t, sharedmem.LayoutSizes, "a", 1)
	got := live[*sharedmem.ShareableList](t, new(sharedmem.Unpickler), travelled(t, l))
	defer got.SharedMemory().Close()
	assert.Equal(t, []any{"a", int64(1)}, items(t, got))
}

func TestWhatIsOneObjectStaysOne(t *testing.T) {
	a := newArena(t, 64)
	v, err := sharedmem.NewRawValue(a, int32(7))
	require.NoError(t, err)
	other, err := sharedmem.NewRawArray(a, []float64{1.5})
	require.NoError(t, err)
	p := pickler()
	var objects []any
	for _, x := range []any{v, other, v} {
		o, err := p.Object(x)
		require.NoError(t, err)
		objects = append(objects, o)
	}
	got := travelled(t, objects).(*pickle.List).Items
	u := unpickler(t, nil)
	first := live[*sharedmem.RawValue[int32]](t, u, got[0])
	second := live[*sharedmem.RawArray[float64]](t, u, got[1])
	assert.Same(t, first, live[*sharedmem.RawValue[int32]](t, u, got[2]))
	assert.Same(t, first.Block().Arena(), second.Block().Arena())
	require.NoError(t, v.Set(8))
	n, err := first.Get()
	require.NoError(t, err)
	assert.EqualValues(t, 8, n)
}

func TestALockWithAnOwnerIsPickledAsItself(t *testing.T) {
	raw, err := sharedmem.NewRawValue(newArena(t, 8), int32(0))
	require.NoError(t, err)
	owned, plain := new(ownedLock), new(fakeLock)
	for _, c := range []struct {
		lock sharedmem.Locker
		want any
	}{{sharedmem.ByOwner(owned, func() *int { return new(int) }), owned}, {plain, plain}} {
		p := pickler()
		p.Lock = func(lock any) (any, error) {
			assert.Same(t, c.want, lock)
			return nil, nil
		}
		_, err = p.Object(sharedmem.NewValue(raw, c.lock))
		require.NoError(t, err)
	}
}

// comesBack pickles a value, an array and both with a lock, and looks at what they become.
func comesBack[T sharedmem.CType](t *testing.T, zero T) {
	t.Helper()
	a, lock := newArena(t, 64), new(fakeLock)
	v, err := sharedmem.NewRawValue(a, zero)
	require.NoError(t, err)
	array, err := sharedmem.NewRawArray(a, []T{zero, zero})
	require.NoError(t, err)
	object := func(x any) any {
		o, err := pickler().Object(x)
		require.NoError(t, err)
		return travelled(t, o)
	}
	live[*sharedmem.RawValue[T]](t, unpickler(t, nil), object(v))
	assert.Equal(t, 2, live[*sharedmem.RawArray[T]](t, unpickler(t, nil), object(array)).Len())
	got := live[*sharedmem.Value[T]](t, unpickler(t, lock), object(sharedmem.NewValue(v, lock)))
	assert.Same(t, lock, got.Lock())
	live[*sharedmem.Array[T]](t, unpickler(t, lock), object(sharedmem.NewArray(array, lock)))
}

func TestEveryTypeComesBackFromItsPickle(t *testing.T) {
	comesBack(t, false)
	comesBack[sharedmem.Char](t, 0)
	comesBack[sharedmem.WChar](t, 0)
	comesBack[int8](t, 0)
	comesBack[uint8](t, 0)
	comesBack[int16](t, 0)
	comesBack[uint16](t, 0)
	comesBack[int32](t, 0)
	comesBack[uint32](t, 0)
	comesBack[int64](t, 0)
	comesBack[uint64](t, 0)
	comesBack[float32](t, 0)
	comesBack[float64](t, 0)
}

func TestAClassOfTheProgramsOwnIsAStructure(t *testing.T) {
	b, err := newArena(t, 64).Alloc(24)
	require.NoError(t, err)
	point, lock := pickle.Global{Module: "__main__", Name: "Point"}, new(fakeLock)
	for _, length := range []int{-1, 3} {
		for _, l := range []sharedmem.Locker{nil, lock} {
			o, err := pickler().Object(sharedmem.NewStructure(point, length, b, l))
			require.NoError(t, err)
			got := live[*sharedmem.Structure](t, unpickler(t, lock), travelled(t, o))
			assert.Equal(t, point, got.Class)
			assert.Equal(t, length, got.Len)
			assert.Equal(t, l, got.Lock())
			require.NoError(t, got.Access(t.Context(), func(mem []byte) error {
				assert.Len(t, mem, 24)
				return nil
			}))
		}
	}
	assert.Equal(t, 2, lock.taken)
}

func TestWhatHasNoHookIsNotPickled(t *testing.T) {
	a := newArena(t, 8)
	v, err := sharedmem.NewRawValue(a, int32(0))
	require.NoError(t, err)
	var wrong *sharedmem.StateError
	_, err = new(sharedmem.Pickler).Object(v)
	require.ErrorAs(t, err, &wrong)
	_, err = (&sharedmem.Pickler{Duplicate: pickler().Duplicate}).Object(sharedmem.NewValue(v, new(fakeLock)))
	require.ErrorAs(t, err, &wrong)
	_, err = (&sharedmem.Pickler{Python2: true}).Object(create(t, 1))
	require.ErrorAs(t, err, &wrong)
	_, err = new(sharedmem.Pickler).Object(5)
	require.ErrorAs(t, err, &wrong)
}

func named(module, name string) pickle.Global { return pickle.Global{Module: module, Name: name} }

func called(class any, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: class, Args: pickle.Tuple(args)}
}

// malformed are values with the names of shared memory that are not as Python writes them.
func malformed(fd any) map[string]any {
	segment := named("multiprocessing.shared_memory", "SharedMemory")
	list := named("multiprocessing.shared_memory", "ShareableList")
	partial := named("multiprocessing.reduction", "_rebuild_partial")
	ctype := named("multiprocessing.sharedctypes", "rebuild_ctype")
	lock := named("multiprocessing.sharedctypes", "synchronized")
	arena := called(named("multiprocessing.heap", "rebuild_arena"), int64(64), fd)
	block := func(state any) *pickle.Object {
		return &pickle.Object{Kind: pickle.NewObj, Class: named("multiprocessing.heap", "BufferWrapper"), Args: pickle.Tuple{},
			State: pickle.NewDict("_state", state), HasState: true}
	}
	at := func(start, size int64) any {
		return pickle.Tuple{pickle.Tuple{arena, start, start + 8}, size}
	}
	cInt := named("ctypes", "c_int")
	self := block(nil)
	self.State = pickle.NewDict("_state", pickle.Tuple{pickle.Tuple{self, int64(0), int64(8)}, int64(4)})
	nested := called(lock, nil, nil)
	nested.Args = pickle.Tuple{called(ctype, cInt, nested, nil), "the lock"}
	return map[string]any{
		"no name":          called(segment),
		"name is a number": called(segment, int64(5), false, int64(1)),
		"creates":          called(segment, "mpbridge_test_evil", true, int64(1)),
		"bad name":         called(segment, "../x", false, int64(1)),
		"list, no name":    called(called(partial, list, pickle.Tuple{}, pickle.NewDict())),
		"list, name 5":     called(called(partial, list, pickle.Tuple{}, pickle.NewDict("name", int64(5)))),
		"list, positional": called(called(partial, list)),
		"arena of 0":       called(named("multiprocessing.heap", "rebuild_arena"), int64(0), fd),
		"arena of -1":      called(named("multiprocessing.heap", "rebuild_arena"), int64(-1), fd),
		"arena too large":  called(named("multiprocessing.heap", "rebuild_arena"), int64(1<<40), fd),
		"arena, no fd":     called(named("multiprocessing.heap", "rebuild_arena"), int64(64), "x"),
		"block, no state":  block(nil),
		"block outside":    block(at(64, 1)),
		"block before":     block(at(-8, 1)),
		"block too long":   block(at(0, 65)),
		"block unaligned":  block(at(4, 4)),
		"block in itself":  self,
		"value too long":   called(ctype, cInt, block(at(0, 8)), nil),
		"array too long":   called(ctype, cInt, block(at(0, 8)), int64(3)),
		"array of -1":      called(ctype, cInt, block(at(0, 8)), int64(-1)),
		"no class":         called(ctype, "c_int", block(at(0, 4)), nil),
		"no block":         called(ctype, cInt, arena, nil),
		"nested":           nested,
		"no lock":          called(lock, called(ctype, cInt, block(at(0, 4)), nil), "another"),
		"lock of a block":  called(lock, block(at(0, 4)), "the lock"),
	}
}

func TestAMalformedPickleIsRefused(t *testing.T) {
	f := newArena(t, 64).File()
	for what, v := range malformed(sharedmem.InheritedFd(int(f.Fd()))) {
		_, err := unpickler(t, new(fakeLock)).Object(v)
		assert.Error(t, err, what)
	}
	assert.NoFileExists(t, file("mpbridge_test_evil"))
}

func TestOtherValuesAreNotKnown(t *testing.T) {
	u := new(sharedmem.Unpickler)
	for _, v := range []any{nil, 5, "x", pickle.Tuple{}, called(named("os", "system"), "true"),
		called(called(named("functools", "partial"), named("os", "system")))} {
		assert.False(t, u.Knows(v))
		_, err := u.Object(v)
		assert.Error(t, err)
	}
}

// FuzzUnpickler makes live whatever a pickle says.
func FuzzUnpickler(f *testing.F) {
	add := func(v any) {
		if data, err := pickle.Marshal(v); err == nil {
			f.Add(data)
		}
	}
	for _, v := range malformed(sharedmem.InheritedFd(3)) {
		add(v)
	}
	arena, err := sharedmem.NewArena(64)
	require.NoError(f, err)
	f.Cleanup(func() { _ = arena.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if pickle.Unmarshal(data, &v) != nil {
			return
		}
		u := &sharedmem.Unpickler{
			Attach: &sharedmem.AttachOptions{ReadOnly: true, SizeTimeout: -1},
			Detach: func(any) (*os.File, error) {
				fd, err := unix.Dup(int(arena.File().Fd()))
				return os.NewFile(uintptr(fd), "arena"), err
			},
			Lock: func(any) (sharedmem.Locker, error) { return new(fakeLock), nil },
		}
		sharedmem.LargeItemName(v)
		x, err := u.Object(v)
		if err == nil {
			require.True(t, u.Knows(v))
		}
		switch x := x.(type) {
		case *sharedmem.SharedMemory:
			require.NoError(t, x.Close())
		case *sharedmem.ShareableList:
			require.NoError(t, x.SharedMemory().Close())
		}
		require.NoError(t, u.Close())
	})
}
