//go:build linux && (amd64 || arm64)

package interop_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"testing"

	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/reduction"
	"mpbridge/sharedmem"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGosValuesAndArraysAreSharedWithPython(t *testing.T) {
	withMemoryFrom(t, interop.Version{Major: 2, Minor: 7},
		memoryTest{"Python uses values of Go", pythonUsesValuesOfGo},
		memoryTest{"Python uses an array of Go", pythonUsesAnArrayOfGo},
		memoryTest{"both count under one lock", bothCountUnderOneLock},
	)
}

func TestPythonsValuesAndArraysAreSharedWithGo(t *testing.T) {
	withMemoryFrom(t, interop.Version{Major: 3, Minor: 6},
		memoryTest{"Go uses values of Python", goUsesValuesOfPython},
		memoryTest{"Go uses arrays of Python", goUsesArraysOfPython},
		memoryTest{"Go uses structures of Python", goUsesStructuresOfPython},
		memoryTest{"Go counts under the lock of Python", goCountsUnderTheLockOfPython},
	)
}

// load gives Python an object under a name. Python opens the descriptors of this process, in the place of inheriting them.
func (m memory) load(t *testing.T, py interop.Python, name string, x any) {
	t.Helper()
	native := py.Profile.NativeBytes
	locks := &synchronize.Pickler{Python2: native}
	p := &sharedmem.Pickler{
		Python2: native,
		Duplicate: func(f *os.File) (any, error) {
			open := fmt.Sprintf("os.open('/proc/%d/fd/%d', os.O_RDWR)", os.Getpid(), f.Fd())
			fd := int(m.get(t, "", open).(float64))
			if native {
				return fd, nil
			}
			return sharedmem.InheritedFd(fd), nil
		},
		Lock: func(lock any) (any, error) { return locks.Object(lock) },
	}
	o, err := p.Object(x)
	require.NoError(t, err)
	data, err := (&pickle.EncodeOptions{Protocol: 2, NativeBytes: native}).Marshal(o)
	require.NoError(t, err)
	m.do(t, fmt.Sprintf("%s = pickle.loads(unhex('%s'))", name, hex.EncodeToString(data)))
}

// shared makes live what an expression of Python is.
func shared[T any](t *testing.T, m memory, expression string) T {
	t.Helper()
	var v any
	require.NoError(t, pickle.Unmarshal(m.dump(t, expression), &v))
	locks := new(synchronize.Unpickler)
	u := &sharedmem.Unpickler{
		Detach: func(v any) (*os.File, error) {
			fd, _ := v.(*pickle.Object).Attrs().Get("fd")
			return os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", m.Pid(), fd), os.O_RDWR, 0)
		},
		Lock: func(v any) (sharedmem.Locker, error) {
			l, err := locks.Object(v)
			if err != nil {
				return nil, err
			}
			if r, ok := l.(*synchronize.RLock); ok {
				return sharedmem.ByOwner(r, synchronize.NewOwner), nil
			}
			return l.(*synchronize.Lock), nil
		},
	}
	x, err := u.Object(v)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, u.Close()) })
	require.IsType(t, *new(T), x)
	return x.(T)
}

func sharedArena(t *testing.T) *sharedmem.Arena {
	t.Helper()
	a, err := sharedmem.NewArena(4096)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

// given is a value that Python reads and then replaces by another.
func given[T sharedmem.CType](class, has, sets string, before, after T) func(*testing.T, interop.Python, memory, *sharedmem.Arena) {
	return func(t *testing.T, py interop.Python, m memory, a *sharedmem.Arena) {
		t.Helper()
		v, err := sharedmem.NewRawValue(a, before)
		require.NoError(t, err)
		m.load(t, py, "v", v)
		assert.Equal(t, true, m.get(t, "", "type(v) is ctypes."+class), class)
		assert.Equal(t, true, m.get(t, "", "v.value == "+has), "%s: %v", class, m.get(t, "", "repr(v)"))
		m.do(t, "v.value = "+sets)
		got, err := v.Get()
		require.NoError(t, err)
		assert.Equal(t, after, got, class)
	}
}

func pythonUsesValuesOfGo(t *testing.T, py interop.Python, m memory) {
	a := sharedArena(t)
	for _, try := range []func(*testing.T, interop.Python, memory, *sharedmem.Arena){
		given("c_bool", "True", "False", true, false),
		given("c_char", "b'a'", "b'\\xff'", sharedmem.Char('a'), sharedmem.Char(255)),
		given("c_wchar", `u'\u20ac'`, `u'\u00e9'`, sharedmem.WChar('€'), sharedmem.WChar('é')),
		given("c_byte", "-128", "127", int8(math.MinInt8), int8(math.MaxInt8)),
		given("c_ubyte", "255", "1", uint8(255), uint8(1)),
		given("c_short", "-2**15", "2**15 - 1", int16(math.MinInt16), int16(math.MaxInt16)),
		given("c_ushort", "2**16 - 1", "1", uint16(math.MaxUint16), uint16(1)),
		given("c_int", "-2**31", "2**31 - 1", int32(math.MinInt32), int32(math.MaxInt32)),
		given("c_uint", "2**32 - 1", "1", uint32(math.MaxUint32), uint32(1)),
		given("c_long", "-2**63", "2**63 - 1", int64(math.MinInt64), int64(math.MaxInt64)),
		given("c_longlong", "-2**63", "2**63 - 1", int64(math.MinInt64), int64(math.MaxInt64)),
		given("c_ulong", "2**64 - 1", "1", uint64(math.MaxUint64), uint64(1)),
		given("c_ulonglong", "2**64 - 1", "1", uint64(math.MaxUint64), uint64(1)),
		given("c_float", "-0.5", "float('inf')", float32(-0.5), float32(math.Inf(1))),
		given("c_double", "1.5", "-2.25", 1.5, -2.25),
	} {
		try(t, py, m, a)
	}
}

func pythonUsesAnArrayOfGo(t *testing.T, py interop.Python, m memory) {
	array, err := sharedmem.NewRawArray(sharedArena(t), []float64{1, 2, 3})
	require.NoError(t, err)
	m.load(t, py, "v", array)
	assert.Equal(t, []any{1., 2., 3.}, m.get(t, "", "list(v)"))
	m.do(t, "v[0:2] = [7, 8]")
	items, err := array.Items()
	require.NoError(t, err)
	assert.Equal(t, []float64{7, 8, 3}, items)
	text, err := sharedmem.NewRawArray(sharedArena(t), []sharedmem.Char("text\x00\x00"))
	require.NoError(t, err)
	m.load(t, py, "v", text)
	assert.Equal(t, true, m.get(t, "", "v.value == b'text' and len(v) == 6"))
}

func bothCountUnderOneLock(t *testing.T, py interop.Python, m memory) {
	raw, err := sharedmem.NewRawValue(sharedArena(t), int32(0))
	require.NoError(t, err)
	lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
	v := sharedmem.NewValue(raw, lock)
	m.load(t, py, "v", v)
	assert.Equal(t, true, m.get(t, "", "isinstance(v, sharedctypes.Synchronized)"))
	both(t, m, func() error {
		_, err := v.Update(soon(t), func(n int32) int32 { return n + 1 })
		return err
	})
	n, err := v.Get(soon(t))
	require.NoError(t, err)
	assert.EqualValues(t, 2000, n)
}

// both counts to a thousand here and in Python, where v is the value.
func both(t *testing.T, m memory, here func() error) {
	t.Helper()
	require.NoError(t, m.Send(map[string]string{"do": `
for i in range(1000):
    v.get_lock().acquire()
    v.get_obj().value += 1
    v.get_lock().release()
`}))
	for range 1000 {
		require.NoError(t, here())
	}
	require.NoError(t, m.Answer(patience, nil))
}

func goCountsUnderTheLockOfPython(t *testing.T, _ interop.Python, m memory) {
	m.do(t, "v = ctx.Value('i', 0)")
	v := shared[*sharedmem.Value[int32]](t, m, "v")
	both(t, m, func() error {
		_, err := v.Update(soon(t), func(n int32) int32 { return n + 1 })
		return err
	})
	assert.EqualValues(t, 2000, m.get(t, "", "v.value"))
}

// found is a value of Python that is read and then replaced by another.
func found[T sharedmem.CType](made, then string, before, after T) func(*testing.T, memory) {
	return func(t *testing.T, m memory) {
		t.Helper()
		m.do(t, "v = ctx."+made)
		v := shared[*sharedmem.RawValue[T]](t, m, "v")
		got, err := v.Get()
		require.NoError(t, err)
		assert.Equal(t, before, got, made)
		require.NoError(t, v.Set(after))
		assert.Equal(t, true, m.get(t, "", "v.value == "+then), made)
	}
}

func goUsesValuesOfPython(t *testing.T, _ interop.Python, m memory) {
	for _, try := range []func(*testing.T, memory){
		found("RawValue(ctypes.c_bool, True)", "False", true, false),
		found("RawValue('c', b'a')", "b'b'", sharedmem.Char('a'), sharedmem.Char('b')),
		found(`RawValue('u', '\u20ac')`, `'\u00e9'`, sharedmem.WChar('€'), sharedmem.WChar('é')),
		found("RawValue('b', -1)", "-128", int8(-1), int8(math.MinInt8)),
		found("RawValue('B', 255)", "1", uint8(255), uint8(1)),
		found("RawValue('h', -1)", "-2**15", int16(-1), int16(math.MinInt16)),
		found("RawValue('H', 2**16 - 1)", "1", uint16(math.MaxUint16), uint16(1)),
		found("RawValue('i', -1)", "-2**31", int32(-1), int32(math.MinInt32)),
		found("RawValue('I', 2**32 - 1)", "1", uint32(math.MaxUint32), uint32(1)),
		found("RawValue('l', -1)", "-2**63", int64(-1), int64(math.MinInt64)),
		found("RawValue('L', 2**64 - 1)", "1", uint64(math.MaxUint64), uint64(1)),
		found("RawValue(ctypes.c_longlong, -1)", "-2**63", int64(-1), int64(math.MinInt64)),
		found("RawValue(ctypes.c_ulonglong, 2**64 - 1)", "1", uint64(math.MaxUint64), uint64(1)),
		found("RawValue('f', 0.5)", "-0.5", float32(0.5), float32(-0.5)),
		found("RawValue('d', 1.5)", "-1.5", 1.5, -1.5),
	} {
		try(t, m)
	}
}

func goUsesArraysOfPython(t *testing.T, _ interop.Python, m memory) {
	m.do(t, "v = ctx.Array('d', [1, 2, 3]); text = ctx.Array('c', b'hello'); wide = ctx.RawArray('u', 'h\\u00e9')")
	array := shared[*sharedmem.Array[float64]](t, m, "v")
	items, err := array.Items(soon(t))
	require.NoError(t, err)
	assert.Equal(t, []float64{1, 2, 3}, items)
	require.NoError(t, array.Set(soon(t), 2, 0.25))
	assert.Equal(t, []any{1., 2., .25}, m.get(t, "", "v[:]"))

	text := shared[*sharedmem.Array[sharedmem.Char]](t, m, "text")
	value, err := sharedmem.Bytes(text.Obj())
	require.NoError(t, err)
	assert.Equal(t, "hello", string(value))
	require.NoError(t, sharedmem.SetBytes(text.Obj(), []byte("bye")))
	assert.Equal(t, "bye", m.text(t, "", "text.value"))
	assert.Equal(t, "bye\x00o", m.text(t, "", "text.raw"))

	wide := shared[*sharedmem.RawArray[sharedmem.WChar]](t, m, "wide")
	characters, err := sharedmem.Text(wide)
	require.NoError(t, err)
	assert.Equal(t, "hé", characters)
}

func goUsesStructuresOfPython(t *testing.T, _ interop.Python, m memory) {
	m.do(t, "v = ctx.Array(Point, [(1.875, -6.25), (2, 3)])")
	points := shared[*sharedmem.Structure](t, m, "v")
	assert.Equal(t, 2, points.Len)
	assert.Equal(t, "Point", points.Class.Name)
	require.NoError(t, points.Access(soon(t), func(mem []byte) error {
		var all [2][2]float64
		_, err := binary.Decode(mem, binary.NativeEndian, &all)
		assert.Equal(t, [2][2]float64{{1.875, -6.25}, {2, 3}}, all)
		_, _ = binary.Encode(mem[24:], binary.NativeEndian, 9.5)
		return err
	}))
	assert.Equal(t, 9.5, m.get(t, "", "v[1].y"))
}

// TestAnArrayGoesToStrangersByAnOffer: not only to children.
func TestAnArrayGoesToStrangersByAnOffer(t *testing.T) {
	withMemoryFrom(t, interop.Version{Major: 3, Minor: 6},
		memoryTest{"Go's to Python", arrayOfGoIsOffered}, memoryTest{"Python's to Go", arrayOfPythonIsOffered})
}

func arrayOfGoIsOffered(t *testing.T, _ interop.Python, m memory) {
	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: rightKey})
	require.NoError(t, err)
	defer sharer.Close()
	array, err := sharedmem.NewRawArray(sharedArena(t), []int32{1, 2, 3})
	require.NoError(t, err)
	p := &sharedmem.Pickler{Duplicate: func(f *os.File) (any, error) { return sharer.File(f) }}
	o, err := p.Object(array)
	require.NoError(t, err)
	data, err := pickle.Marshal(o)
	require.NoError(t, err)
	m.do(t, fmt.Sprintf("multiprocessing.current_process().authkey = b'%s'; v = pickle.loads(unhex('%x'))", rightKey, data))
	m.do(t, "v[1] = 20")
	items, err := array.Items()
	require.NoError(t, err)
	assert.Equal(t, []int32{1, 20, 3}, items)
}

func arrayOfPythonIsOffered(t *testing.T, _ interop.Python, m memory) {
	var v any
	require.NoError(t, pickle.Unmarshal([]byte(m.text(t, `
multiprocessing.current_process().authkey = b'`+string(rightKey)+`'
v = ctx.RawArray('i', [1, 2, 3])`, "offered(v)")), &v))
	u := &sharedmem.Unpickler{Detach: func(v any) (*os.File, error) {
		return reduction.RebuildAs[*os.File](soon(t), v, &reduction.RebuildOptions{Authkey: rightKey})
	}}
	x, err := u.Object(v)
	require.NoError(t, err)
	defer u.Close()
	array := x.(*sharedmem.RawArray[int32])
	require.NoError(t, array.Set(0, 10))
	assert.Equal(t, []any{10., 2., 3.}, m.get(t, "", "list(v)"))
}
