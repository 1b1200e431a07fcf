package pickle_test

import (
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// dtypeOf is what numpy pickles a dtype as.
func dtypeOf(name, order string, size int64) *pickle.Object {
	d := object("numpy", "dtype", name, false, true)
	d.State, d.HasState = pickle.Tuple{int64(3), order, nil, nil, nil, size, size, int64(0)}, true
	return d
}

// arrayOf is what numpy pickles an array as, whether or not it can be one.
func arrayOf(shape pickle.Tuple, dtype *pickle.Object, data any) *pickle.Object {
	a := object("numpy._core.multiarray", "_reconstruct", pickle.Global{Module: "numpy", Name: "ndarray"},
		pickle.Tuple{int64(0)}, []byte("b"))
	a.State, a.HasState = pickle.Tuple{int64(1), shape, dtype, false, data}, true
	return a
}

func dims(ns ...int64) pickle.Tuple {
	t := make(pickle.Tuple, len(ns))
	for i, n := range ns {
		t[i] = n
	}
	return t
}

func TestAnArrayThatClaimsMoreThanItHasTakesNoMemory(t *testing.T) {
	f8, u0 := dtypeOf("f8", "<", -1), dtypeOf("U0", "<", 0)
	for name, a := range map[string]*pickle.Object{
		"more than there is":            arrayOf(dims(3), f8, make([]byte, 16)),
		"less than there is":            arrayOf(dims(1), f8, make([]byte, 16)),
		"a product that overflows to 0": arrayOf(dims(1<<32, 1<<32), f8, make([]byte, 16)),
		"a product that overflows to 2": arrayOf(dims(2, 1<<32+1, 1<<63-1), f8, make([]byte, 16)),
		"bytes that overflow":           arrayOf(dims(1<<61), f8, make([]byte, 0)),
		"a part of an element":          arrayOf(dims(2), f8, make([]byte, 17)),
		"a negative length":             arrayOf(dims(-1), f8, make([]byte, 8)),
		"rows of nothing":               arrayOf(dims(1<<40, 0), f8, []byte{}),
		"rows behind nothing":           arrayOf(dims(0, 1<<40), f8, []byte{}),
		"products of rows of nothing":   arrayOf(dims(1<<16, 1<<16, 0), f8, []byte{}),
		"elements of nothing":           arrayOf(dims(1<<40), u0, []byte{}),
		"objects that are not there":    arrayOf(dims(1<<40), dtypeOf("O8", "|", -1), list()),
		"more dimensions than numpy":    arrayOf(make(pickle.Tuple, 65), f8, []byte{}),
		"a shape of texts":              arrayOf(pickle.Tuple{"a"}, f8, []byte{}),
		"bytes of texts":                arrayOf(dims(1), f8, "€"),
		"an odd size of U":              arrayOf(dims(1), dtypeOf("U1", "<", 3), make([]byte, 3)),
		"a negative size":               arrayOf(dims(1), dtypeOf("S1", "|", -5), make([]byte, 1)),
		"no dtype":                      arrayOf(dims(1), object("numpy", "ufunc", "f8"), make([]byte, 8)),
		"an unknown dtype":              arrayOf(dims(1), dtypeOf("q9", "<", -1), make([]byte, 9)),
		"a character that is none":      arrayOf(dims(1), dtypeOf("U1", "<", 4), []byte{0, 0, 0, 255}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, dst := range []any{new([]float64), new([][]float64), new([]string), new([]any), new([][][]float64)} {
			assert.Error(t, pickle.Assign(dst, a), "%s into %T", name, dst)
		}
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), name)
	}
}

func TestAxesThatAreNoPermutationAreRefused(t *testing.T) {
	for _, axes := range []pickle.Tuple{dims(0), dims(0, 0), dims(0, 2), dims(-1, 0), {"a", "b"}} {
		a := object("numpy._core.numeric", "_frombuffer", make([]byte, 16), dtypeOf("f8", "<", -1), dims(1, 2), "K", axes)
		refuseAssign[[][]float64](t, "axes", a)
	}
}

func TestAnArrayThatStandsInManyPlacesIsCountedInEach(t *testing.T) {
	a := arrayOf(dims(1000), dtypeOf("u1", "|", -1), make([]byte, 1000))
	many := list()
	for range 100 {
		many.Items = append(many.Items, a)
	}
	o := &pickle.DecodeOptions{MaxItems: 5000}
	var dst [][]int
	var limit *pickle.LimitError
	require.ErrorAs(t, o.Assign(&dst, many), &limit)
	require.NoError(t, o.Assign(&dst, list(a, a)))
	assert.Len(t, dst[1], 1000)
}

func TestAnArrayIsCopiedAndNotShared(t *testing.T) {
	data := make([]byte, 8)
	var got []float64
	require.NoError(t, pickle.Assign(&got, arrayOf(dims(1), dtypeOf("f8", "<", -1), data)))
	data[7] = 0x40
	assert.Equal(t, []float64{0}, got)
}

func TestBoolsOfAnArrayAreGosBools(t *testing.T) {
	var got []bool
	require.NoError(t, pickle.Assign(&got, arrayOf(dims(3), dtypeOf("b1", "|", -1), []byte{0, 1, 77})))
	assert.Equal(t, []bool{false, true, true}, got)
}

func TestHalfFloats(t *testing.T) {
	for bits, want := range map[uint16]float64{0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: math.Ldexp(1, -24),
		0x03ff: math.Ldexp(1023, -24), 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1)} {
		var got float64
		data := []byte{byte(bits), byte(bits >> 8)}
		require.NoError(t, pickle.Assign(&got, object("numpy._core.multiarray", "scalar", dtypeOf("f2", "<", -1), data)))
		assert.Equal(t, want, got, "%#x", bits)
	}
	var nan float64
	require.NoError(t, pickle.Assign(&nan, object("numpy._core.multiarray", "scalar", dtypeOf("f2", "<", -1), []byte{1, 0x7e})))
	assert.True(t, math.IsNaN(nan))
}

// millimetres has methods, and an array's bytes are not simply it.
type millimetres float64

func (m *millimetres) UnmarshalPickle(v any) error {
	var metres float64
	err := pickle.Assign(&metres, v)
	*m = millimetres(metres * 1000)
	return err
}

func TestElementsWithAnUnmarshalerAreAskedOneByOne(t *testing.T) {
	var got []millimetres
	data := []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}
	require.NoError(t, pickle.Assign(&got, arrayOf(dims(1), dtypeOf("f8", "<", -1), data)))
	assert.Equal(t, []millimetres{1000}, got)
}

func TestAnArrayOfMillionsFitsWhateverTheLimitOfValues(t *testing.T) {
	const n = 1 << 20
	a := arrayOf(dims(n), dtypeOf("i4", "<", -1), make([]byte, 4*n))
	var wide []int64
	require.NoError(t, (&pickle.DecodeOptions{MaxItems: 1000}).Assign(&wide, a))
	assert.Len(t, wide, n)
}

func TestExceptionsAndOtherCallsAreNoValues(t *testing.T) {
	refuseAssign[int](t, "an exception", object("builtins", "KeyError", int64(5)))
	refuseAssign[string](t, "a user's exception", object("app", "JobError", "text"))
	refuseAssign[int](t, "an iterator", object("itertools", "count", int64(5)))
	refuseAssign[string](t, "a function", object("operator", "attrgetter", "a"))
	withState := object("app", "Colour", int64(1))
	withState.State, withState.HasState = pickle.NewDict("a", int64(1)), true
	refuseAssign[int](t, "an object with a state", withState)
}

func TestMembersOfEnumsAndSubclassesAreTheirValues(t *testing.T) {
	checkAssign(t, "a member", object("app", "Colour", int64(1)), 1)
	checkAssign(t, "a member with a text", object("app", "Colour", "red"), "red")
	checkAssign(t, "a member within a class", object("app", "Car.Colour", int64(1)), uint8(1))
	checkAssign(t, "a member of a member", object("app", "A", object("app", "B", int64(1))), 1)
	sub := object("app", "UserID", int64(7))
	sub.Kind = pickle.NewObj
	checkAssign(t, "a subclass of int", sub, 7)
	old := object("copyreg", "_reconstructor", pickle.Global{Module: "app", Name: "UserID"},
		pickle.Global{Module: "builtins", Name: "int"}, int64(7))
	checkAssign(t, "a subclass of int in protocol 0", old, 7)
	refuseAssign[int](t, "a member whose name alone is there", pickle.Global{Module: "signal", Name: "SIGUSR1"})
}

func TestTuplesFillStructsByPlace(t *testing.T) {
	type point struct {
		X, Y int
	}
	checkAssign(t, "a tuple", pickle.Tuple{int64(1), int64(2)}, point{1, 2})
	old := object("copyreg", "_reconstructor", pickle.Global{Module: "app", Name: "Point"},
		pickle.Global{Module: "builtins", Name: "tuple"}, pickle.Tuple{int64(1), int64(2)})
	checkAssign(t, "a namedtuple in protocol 0", old, point{1, 2})
	slots := &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "app", Name: "Point"},
		Args: pickle.Tuple{}, State: list(int64(1), int64(2)), HasState: true}
	checkAssign(t, "a frozen dataclass with slots", slots, point{1, 2})
	refuseAssign[point](t, "a tuple that is too short", pickle.Tuple{int64(1)})
	refuseAssign[point](t, "a tuple that is too long", pickle.Tuple{int64(1), int64(2), int64(3)})
	var dst point
	err := pickle.Assign(&dst, pickle.Tuple{int64(1), "no"})
	assert.ErrorContains(t, err, "at [1]")
}

func TestIntegersThatAFloatWouldChangeAreRefused(t *testing.T) {
	for _, n := range []int64{1<<53 + 1, -1<<53 - 1, math.MaxInt64} {
		_, err := assigned[float64](n)
		assert.ErrorIs(t, err, pickle.ErrInexact, n)
	}
	checkAssign(t, "the last but exact", int64(1<<53), float64(1<<53))
	checkAssign(t, "the smallest", int64(math.MinInt64), float64(math.MinInt64))
	_, err := assigned[float32](int64(1<<24 + 1))
	assert.ErrorIs(t, err, pickle.ErrInexact)
}

func TestZonesThatNameFilesAreRefused(t *testing.T) {
	state := []byte{7, 234, 3, 4, 5, 6, 7, 0, 0, 89}
	for _, key := range []string{"", "Local", "../../etc/passwd", "/etc/passwd", "Europe//Berlin", "a\\b", "Europe/../UTC", "No/Where"} {
		zone := object("zoneinfo", "ZoneInfo._unpickle", key, int64(1))
		_, err := assigned[time.Time](object("datetime", "datetime", state, zone))
		var wrong *pickle.TypeError
		assert.ErrorAs(t, err, &wrong, key)
	}
}

func TestDatesThatAreNoneAreRefused(t *testing.T) {
	for _, state := range [][]byte{
		{7, 234, 13, 4, 5, 6, 7, 0, 0, 89}, {7, 234, 2, 30, 5, 6, 7, 0, 0, 89}, {0, 0, 1, 1, 0, 0, 0, 0, 0, 0},
		{7, 234, 1, 1, 24, 0, 0, 0, 0, 0}, {7, 234, 1, 1, 0, 0, 60, 0, 0, 0}, {7, 234, 1, 1, 0, 0, 0, 255, 255, 255},
	} {
		var got time.Time
		err := (&pickle.DecodeOptions{Naive: time.UTC}).Assign(&got, object("datetime", "datetime", state))
		assert.ErrorIs(t, err, pickle.ErrRange, "%v", state)
	}
}

// FuzzTyped puts what anybody sends into Go types of many kinds: within the memory that its size allows.
func FuzzTyped(f *testing.F) {
	for _, line := range readTyped(f) {
		f.Add(line.data)
	}
	types := []reflect.Type{reflect.TypeFor[[]float64](), reflect.TypeFor[[][]int8](), reflect.TypeFor[[]any](),
		reflect.TypeFor[string](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[[]time.Time](),
		reflect.TypeFor[int](), reflect.TypeFor[parts](), reflect.TypeFor[[2][3]complex64](), reflect.TypeFor[map[string]any]()}
	o := *small
	o.Naive = time.UTC
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, to := range types {
			_, _ = into(&o, data, to)
		}
	})
}

func TestTheZonesOfPsycopg(t *testing.T) {
	state := []byte{7, 234, 3, 4, 5, 6, 7, 0, 0, 0}
	for name, offset := range map[string]any{
		"minutes": int64(60), "a timedelta": object("datetime", "timedelta", int64(0), int64(3600), int64(0)),
	} {
		zone := object("psycopg2.tz", "FixedOffsetTimezone", offset, nil)
		zone.State, zone.HasState = pickle.NewDict("_offset", offset), true
		checkAssign(t, name, object("datetime", "datetime", state, zone),
			time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600)))
	}
}
