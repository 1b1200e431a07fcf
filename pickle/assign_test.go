package pickle_test

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// assigned stores v in a new T.
func assigned[T any](v any) (T, error) {
	var x T
	err := pickle.Assign(&x, v)
	return x, err
}

func checkAssign[T any](t *testing.T, name string, v any, want T) {
	t.Helper()
	got, err := assigned[T](v)
	if assert.NoError(t, err, name) {
		assert.Equal(t, want, got, name)
	}
}

func refuseAssign[T any](t *testing.T, name string, v any) {
	t.Helper()
	_, err := assigned[T](v)
	var te *pickle.TypeError
	assert.ErrorAs(t, err, &te, name)
}

func object(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func TestAssignScalars(t *testing.T) {
	checkAssign(t, "int to int8", int64(-128), int8(-128))
	checkAssign(t, "int to uint8", int64(255), uint8(255))
	checkAssign(t, "int to float", int64(3), 3.0)
	checkAssign(t, "int to complex", int64(3), complex128(3))
	checkAssign(
		t,
		"int beyond int64 to uint64",
		new(big.Int).SetUint64(math.MaxUint64),
		uint64(math.MaxUint64),
	)
	checkAssign(
		t,
		"int beyond int64 to float",
		new(big.Int).Lsh(big.NewInt(1), 100),
		math.Ldexp(1, 100),
	)
	checkAssign(t, "float to float32", 0.5, float32(0.5))
	checkAssign(t, "infinity to float32", math.Inf(1), float32(math.Inf(1)))
	checkAssign(t, "str to string", "a", "a")
	checkAssign(t, "str of Python 2 to string", pickle.ByteString("a"), "a")
	checkAssign(t, "str of Python 2 to bytes", pickle.ByteString("a"), []byte("a"))
	checkAssign(t, "bytes", []byte("a"), []byte("a"))
	checkAssign(t, "bytearray to bytes", &pickle.ByteArray{Bytes: []byte("a")}, []byte("a"))
	checkAssign(t, "bytes to array", []byte("ab"), [2]byte{'a', 'b'})
	checkAssign(t, "bool", true, true)
	checkAssign(t, "to a named type", "a", celsiusName("a"))
	checkAssign(t, "to any", int64(1), any(int64(1)))
	checkAssign(t, "to a big.Int", int64(5), *big.NewInt(5))
	checkAssign(t, "complex", complex(1, 2), complex64(complex(1, 2)))
	checkAssign(t, "a global", pickle.Global{Module: "a"}, pickle.Global{Module: "a"})
	five := 5
	checkAssign(t, "to a pointer", int64(5), &five)
	checkAssign(t, "None to a pointer", nil, (*int)(nil))
	checkAssign(t, "None to a slice", nil, []int(nil))
	checkAssign(t, "None to a map", nil, map[string]int(nil))
	checkAssign(t, "None to any", nil, any(nil))
}

type celsiusName string

func TestAssignRefuses(t *testing.T) {
	refuseAssign[int8](t, "an int that is too large", int64(128))
	refuseAssign[uint](t, "a negative int to unsigned", int64(-1))
	refuseAssign[int64](t, "an int beyond int64", new(big.Int).SetUint64(math.MaxUint64))
	refuseAssign[int](t, "a float to int", 1.0)
	refuseAssign[bool](t, "an int to bool", int64(1))
	refuseAssign[float32](t, "a float that is too large", 1e300)
	refuseAssign[float64](t, "an int that is too large", new(big.Int).Lsh(big.NewInt(1), 5000))
	refuseAssign[string](t, "bytes to string", []byte("a"))
	refuseAssign[[]byte](t, "str to bytes", "a")
	refuseAssign[[3]byte](t, "bytes of another length", []byte("ab"))
	refuseAssign[[2]int](t, "a list of another length", list(int64(1)))
	refuseAssign[string](t, "None to string", nil)
	refuseAssign[int](t, "None to int", nil)
	refuseAssign[[]int](t, "a dict to a slice", pickle.NewDict())
	refuseAssign[map[string]int](t, "a list to a map", list())
	refuseAssign[struct{}](t, "a list to a struct", list())
	refuseAssign[chan int](t, "anything to a channel", list())
	refuseAssign[error](t, "a value to an interface it lacks", "a")
	refuseAssign[pickle.Tuple](t, "a list to Tuple", list())
	refuseAssign[*pickle.Dict](t, "a list to Dict", list())
	refuseAssign[map[any]int](t, "a key that Go cannot compare", pickle.NewDict(pickle.Tuple{}, 1))
	refuseAssign[time.Time](t, "a list to time", list())
	refuseAssign[time.Duration](t, "an int to duration", int64(5))

	var te *pickle.TypeError
	assert.ErrorAs(t, pickle.Assign(5, int64(1)), &te, "no pointer")
	assert.ErrorAs(t, pickle.Assign((*int)(nil), int64(1)), &te, "a nil pointer")
	assert.ErrorAs(t, pickle.Assign(nil, int64(1)), &te, "nothing")
}

func TestAssignContainers(t *testing.T) {
	checkAssign(t, "list to slice", list(int64(1), int64(2)), []int{1, 2})
	checkAssign(t, "tuple to array", pickle.Tuple{int64(1), int64(2)}, [2]int{1, 2})
	checkAssign(t, "list to []any", list(int64(1), "a"), []any{int64(1), "a"})
	checkAssign(t, "set to slice", pickle.NewSet(1, 2), []int{1, 2})
	checkAssign(t, "frozenset to slice", pickle.NewFrozenSet("a"), []string{"a"})
	checkAssign(t, "empty list", list(), []int{})
	checkAssign(t, "dict to map", pickle.NewDict("a", int64(1)), map[string]int{"a": 1})
	checkAssign(t, "dict with number keys", pickle.NewDict(1, "a"), map[int]string{1: "a"})
	checkAssign(t, "nested", pickle.NewDict("a", list(pickle.NewDict("b", nil))),
		map[string][]map[string]*int{"a": {{"b": nil}}})
	checkAssign(t, "deque", object("collections", "deque", list(int64(1))), []int{1})
	d := object("collections", "deque", pickle.Tuple{}, int64(5))
	d.Items = []any{int64(1), int64(2)}
	checkAssign(t, "deque with items", d, []int{1, 2})
	o := object("collections", "OrderedDict")
	o.Pairs = []pickle.Pair{{Key: "a", Value: int64(1)}}
	checkAssign(t, "OrderedDict", o, map[string]int{"a": 1})
	checkAssign(
		t,
		"OrderedDict of Python 2",
		object("collections", "OrderedDict", list(list("a", int64(1)))),
		map[string]int{"a": 1},
	)
	checkAssign(
		t,
		"Counter",
		object("collections", "Counter", pickle.NewDict("a", 2)),
		map[string]int{"a": 2},
	)
	checkAssign(t, "an empty defaultdict", object("collections", "defaultdict", nil), map[string]int{})
	named := &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "a", Name: "Point"},
		Args: pickle.Tuple{int64(1), int64(2)}}
	checkAssign(t, "namedtuple", named, []int{1, 2})
}

func TestAssignStructs(t *testing.T) {
	dict := pickle.NewDict("id", int64(5), "NOTE", "x", "unknown", 1, 7, 8)
	checkAssign(t, "dict, in any letter case", dict, withNames{ID: 5, Note: "x"})
	o := &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "a", Name: "B"},
		Args: pickle.Tuple{}, State: dict, HasState: true}
	checkAssign(t, "the attributes of an object", o, withNames{ID: 5, Note: "x"})
	o2 := *o
	o2.State = pickle.Tuple{nil, pickle.NewDict("id", int64(6))}
	checkAssign(t, "the slots of an object", &o2, withNames{ID: 6})
	checkAssign(
		t,
		"an object to a map",
		o2With(o, pickle.NewDict("a", int64(1))),
		map[string]int{"a": 1},
	)
	checkAssign(t, "embedded", pickle.NewDict("a", int64(1), "b", "x"), withBase{base{A: 1}, "x"})
	checkAssign(
		t,
		"keys of Python 2",
		pickle.NewDict(pickle.ByteString("id"), int64(5)),
		withNames{ID: 5},
	)

	kept := withNames{ID: 1, Note: "kept"}
	require.NoError(t, pickle.Assign(&kept, pickle.NewDict("id", int64(2))))
	assert.Equal(t, withNames{ID: 2, Note: "kept"}, kept)
}

func o2With(o *pickle.Object, state any) *pickle.Object {
	c := *o
	c.State = state
	return &c
}

func TestAssignSaysWhere(t *testing.T) {
	type inner struct {
		Xs []int `pickle:"xs"`
	}
	type outer struct {
		M map[string]inner
	}
	v := pickle.NewDict("M", pickle.NewDict("k", pickle.NewDict("xs", list(int64(1), "no"))))
	var dst outer
	err := pickle.Assign(&dst, v)
	var te *pickle.TypeError
	require.ErrorAs(t, err, &te)
	assert.Equal(t, `['M']['k']['xs'][1]`, te.Path)
	assert.Equal(t, "pickle: cannot put str into int at ['M']['k']['xs'][1]", err.Error())
}

func TestAssignKeepsTheValuesOfTheGraph(t *testing.T) {
	l := list(int64(1))
	got, err := assigned[*pickle.List](l)
	require.NoError(t, err)
	assert.Same(t, l, got)
	asValue, err := assigned[pickle.List](l)
	require.NoError(t, err)
	assert.Equal(t, *l, asValue)
	asAny, err := assigned[[]any](list(l))
	require.NoError(t, err)
	assert.Same(t, l, asAny[0])
}

type seconds float64

func (s *seconds) UnmarshalPickle(v any) error {
	var f float64
	err := pickle.Assign(&f, v)
	*s = seconds(f * 2)
	return err
}

func TestUnmarshalerIsAskedWhereverItStands(t *testing.T) {
	checkAssign(t, "itself", 1.5, seconds(3))
	checkAssign(t, "in a slice", list(1.5), []seconds{3})
	checkAssign(t, "in a map", pickle.NewDict("a", 1.5), map[string]seconds{"a": 3})
	three := seconds(3)
	checkAssign(t, "behind a pointer", 1.5, &three)
	refuseAssign[seconds](t, "its error", "a")
}

// checkNaive is checkAssign for what has no time zone: refused without one, and UTC here.
func checkNaive(t *testing.T, what string, v any, want time.Time) {
	t.Helper()
	var got time.Time
	require.ErrorIs(t, pickle.Assign(&got, v), pickle.ErrNaive, what)
	require.NoError(t, (&pickle.DecodeOptions{Naive: time.UTC}).Assign(&got, v), what)
	assert.Equal(t, want, got, what)
}

func TestAssignTimes(t *testing.T) {
	state := []byte{7, 234, 3, 4, 5, 6, 7, 0, 0, 89}
	zone := object(
		"datetime",
		"timezone",
		object("datetime", "timedelta", int64(-1), int64(82800), int64(0)),
	)
	utc := time.Date(2026, 3, 4, 5, 6, 7, 89000, time.UTC)
	checkNaive(t, "naive", object("datetime", "datetime", state), utc)
	checkAssign(t, "aware", object("datetime", "datetime", state, zone),
		time.Date(2026, 3, 4, 5, 6, 7, 89000, time.FixedZone("", -3600)))
	folded := append([]byte(nil), state...)
	folded[2] |= 0x80
	checkNaive(t, "with fold", object("datetime", "datetime", folded), utc)
	checkNaive(
		t,
		"a date",
		object("datetime", "date", state[:4]),
		time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC),
	)
	checkNaive(t, "a state as text", object("datetime", "date", "\x07\u00ea\x03\x04"),
		time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
	refuseAssign[time.Time](t, "a state that is short", object("datetime", "datetime", state[:4]))
	refuseAssign[time.Time](
		t,
		"another time zone",
		object("datetime", "datetime", state, object("zoneinfo", "ZoneInfo", "x")),
	)
	checkAssign(t, "timedelta", object("datetime", "timedelta", int64(-1), int64(86399), int64(5)),
		-time.Second+5*time.Microsecond)
	refuseAssign[time.Duration](t, "a timedelta beyond Duration",
		object("datetime", "timedelta", int64(200000), int64(0), int64(0)))
	refuseAssign[time.Duration](t, "a timedelta at the very end",
		object("datetime", "timedelta", int64(106751), int64(86399), int64(0)))
}

func TestTimesThereAndBack(t *testing.T) {
	for _, v := range []time.Time{
		time.Date(2026, 3, 4, 5, 6, 7, 89000, time.UTC),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.FixedZone("", 3600)),
	} {
		data, err := pickle.Marshal(v)
		require.NoError(t, err)
		var back time.Time
		require.NoError(t, pickle.Unmarshal(data, &back))
		assert.True(t, v.Equal(back), "%v became %v", v, back)
	}
	for _, v := range []time.Duration{0, -time.Microsecond, 36 * time.Hour, -36 * time.Hour, math.MaxInt64 / 1000 * 1000} {
		data, err := pickle.Marshal(v)
		require.NoError(t, err)
		var back time.Duration
		require.NoError(t, pickle.Unmarshal(data, &back))
		assert.Equal(t, v, back)
	}
	data, err := (&pickle.EncodeOptions{NativeBytes: true}).Marshal(
		pickle.NaiveDatetime(time.Unix(0, 0).UTC()),
	)
	require.NoError(t, err)
	var back time.Time
	require.NoError(t, (&pickle.DecodeOptions{Naive: time.UTC}).Unmarshal(data, &back))
	assert.True(t, time.Unix(0, 0).Equal(back))
}

func TestAssignRats(t *testing.T) {
	third := *big.NewRat(-1, 3)
	checkAssign(t, "Fraction of text", object("fractions", "Fraction", "-1/3"), third)
	checkAssign(t, "Fraction of numbers", object("fractions", "Fraction", int64(-1), int64(3)), third)
	checkAssign(t, "Decimal", object("decimal", "Decimal", "-1.50"), *big.NewRat(-3, 2))
	checkAssign(t, "Decimal with exponent", object("decimal", "Decimal", "1E+2"), *big.NewRat(100, 1))
	checkAssign(t, "int", int64(2), *big.NewRat(2, 1))
	checkAssign(t, "float", 0.5, *big.NewRat(1, 2))
	refuseAssign[big.Rat](t, "NaN", object("decimal", "Decimal", "NaN"))
	refuseAssign[big.Rat](t, "zero denominator", object("fractions", "Fraction", int64(1), int64(0)))
	_, err := assigned[big.Rat](object("decimal", "Decimal", "1E+1000000000"))
	var limit *pickle.LimitError
	assert.ErrorAs(t, err, &limit)
	data, err := pickle.Marshal(&third)
	require.NoError(t, err)
	var back *big.Rat
	require.NoError(t, pickle.Unmarshal(data, &back))
	assert.Equal(t, third.String(), back.String())
}

func TestAssignUUIDs(t *testing.T) {
	id := &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "uuid", Name: "UUID"},
		Args: pickle.Tuple{}, HasState: true, State: pickle.NewDict("int", int64(258))}
	checkAssign(t, "small", id, [16]byte{14: 1, 15: 2})
	id.State = pickle.NewDict(pickle.ByteString("int"), new(big.Int).Lsh(big.NewInt(1), 127))
	checkAssign(t, "large", id, [16]byte{0: 0x80})
	id.State = pickle.NewDict("int", new(big.Int).Lsh(big.NewInt(1), 128))
	refuseAssign[[16]byte](t, "too large", id)
	id.State = pickle.NewDict("int", int64(-1))
	refuseAssign[[16]byte](t, "negative", id)
	said := func(text string) *pickle.Object {
		return &pickle.Object{Class: pickle.Global{Module: "uuid", Name: "UUID"}, Args: pickle.Tuple{text}}
	}
	checkAssign(t, "a text", said("00000000-0000-0000-0000-000000000102"), [16]byte{14: 1, 15: 2})
	for _, text := range []string{"", "00", strings.Repeat("0", 34), strings.Repeat("0", 36), strings.Repeat("g", 32)} {
		refuseAssign[[16]byte](t, "no UUID: "+text, said(text))
	}
}

func TestAssignRaw(t *testing.T) {
	type request struct {
		Args []pickle.Raw
		Kw   map[string]pickle.Raw
	}
	v := pickle.NewDict("Args", list("a", int64(1)), "Kw", pickle.NewDict("k", list()))
	got, err := assigned[request](v)
	require.NoError(t, err)
	var s string
	require.NoError(t, got.Args[0].Unmarshal(&s))
	assert.Equal(t, "a", s)
	back, err := pickle.Marshal(got)
	require.NoError(t, err)
	var w any
	require.NoError(t, pickle.Unmarshal(back, &w))
	assert.True(t, pickle.Equal(v, w), "%v", w)
}
