package pickle_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

func TestDictKeysCompareAsInPython(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 70)
	same := [][]any{
		{int64(1), 1, uint8(1), true, 1.0, complex(1, 0), big.NewInt(1), float32(1), object("decimal", "Decimal", "1"),
			object("decimal", "Decimal", "1.0"), object("fractions", "Fraction", "1"), object("fractions", "Fraction", int64(2), int64(2)),
			pickle.Global{Module: "signal", Name: "SIGHUP"}, object("signal", "Signals", int64(1)),
			&pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "shop", Name: "Number"}, Args: pickle.Tuple{int64(1)}}},
		{int64(0), false, 0.0, math.Copysign(0, -1)},
		{huge, new(big.Int).Set(huge), math.Ldexp(1, 70)},
		{uint64(1 << 63), new(big.Int).SetUint64(1 << 63), math.Ldexp(1, 63)},
		{"a", pickle.ByteString("a")},
		{"\xe9"}, {pickle.ByteString("\xe9")},
		{object("decimal", "Decimal", "0.1"), object("fractions", "Fraction", "1/10")}, {0.1},
		{math.Inf(1), object("decimal", "Decimal", "Infinity")}, {math.Inf(-1), object("decimal", "Decimal", "-Infinity")},
		{noonIn("+1", 11), noonIn("UTC", 10)}, {noonIn("", 10)},
		{pickle.Range{Start: int64(0), Stop: int64(0), Step: int64(1)}, pickle.Range{Start: int64(5), Stop: int64(2), Step: int64(1)}},
		{pickle.Range{Start: int64(0), Stop: int64(5), Step: int64(2)}, pickle.Range{Start: int64(0), Stop: int64(6), Step: int64(2)}},
		{[]byte("a")},
		{nil},
		{1.5, complex(1.5, 0)},
		{pickle.Tuple{int64(1), "a"}, pickle.Tuple{true, "a"}},
		{pickle.Tuple{}},
		{pickle.NewFrozenSet(1, 2), pickle.NewFrozenSet(2, 1.0)},
		{pickle.Tuple{pickle.NewFrozenSet("x", "y")}, pickle.Tuple{pickle.NewFrozenSet("y", "x")}},
		{pickle.Global{Module: "a", Name: "b"}},
		{pickle.Ellipsis{}},
		{pickle.NotImplemented{}},
		{object("decimal", "Decimal", "2")},
		{pickle.Range{Start: int64(1), Stop: int64(2), Step: int64(3)}},
		{pickle.Tuple{"ab", "c"}}, {pickle.Tuple{"a", "bc"}}, {pickle.Tuple{pickle.Tuple{"a"}, "b"}},
		{pickle.Tuple{"1"}}, {pickle.Tuple{nil}}, {pickle.Tuple{[]byte("a")}}, {pickle.Tuple{1.5}},
		{pickle.Tuple{huge}}, {pickle.Tuple{complex(0, 1)}}, {complex(0, 1)},
	}
	d := new(pickle.Dict)
	for i, keys := range same {
		_, known := d.Get(keys[0])
		require.False(t, known, "%v", keys[0])
		require.NoError(t, d.Set(keys[0], i))
	}
	assert.Equal(t, len(same), d.Len())
	for i, keys := range same {
		for _, k := range keys {
			got, ok := d.Get(k)
			assert.True(t, ok, "%v (%T)", k, k)
			assert.Equal(t, i, got, "%v (%T)", k, k)
		}
	}
}

// noonIn is a datetime of one day at an hour, in a datetime.timezone or in none.
func noonIn(zone string, hour byte) *pickle.Object {
	state := []byte{7, 228, 7, 2, hour, 0, 0, 0, 0, 0}
	if zone == "" {
		return object("datetime", "datetime", state)
	}
	seconds := map[string]int64{"+1": 3600, "UTC": 0}[zone]
	return object("datetime", "datetime", state, object("datetime", "timezone", object("datetime", "timedelta", int64(0), seconds, int64(0))))
}

func TestWhatEqualsNothingIsAKeyOfItsOwnEachTime(t *testing.T) {
	for _, k := range []any{math.NaN(), pickle.Tuple{math.NaN()}, object("decimal", "Decimal", "NaN")} {
		d := new(pickle.Dict)
		require.NoError(t, d.Set(k, 1))
		require.NoError(t, d.Set(k, 2))
		assert.Equal(t, 2, d.Len(), "%v", k)
	}
}

func TestANilDictIsReadAsAnEmptyOne(t *testing.T) {
	var d *pickle.Dict
	_, found := d.Get("a")
	assert.False(t, found)
	assert.Zero(t, d.Len())
	for range d.All() {
		t.Error("an item")
	}
}

func TestDictRefusesWhatPythonCannotHash(t *testing.T) {
	d := new(pickle.Dict)
	for _, k := range []any{list(), d, pickle.NewSet(), &pickle.ByteArray{}, pickle.Tuple{list()},
		struct{}{}, []int{1}, pickle.Tuple{[]int{1}}} {
		assert.ErrorIs(t, d.Set(k, 1), pickle.ErrUnhashable, "%v", k)
		_, ok := d.Get(k)
		assert.False(t, ok)
		assert.False(t, d.Delete(k))
	}
	assert.Zero(t, d.Len())
}

func TestDictKeepsOrder(t *testing.T) {
	for _, n := range []int{3, 8, 9, 100} {
		d := new(pickle.Dict)
		for i := range n {
			require.NoError(t, d.Set(fmt.Sprint(i), i))
		}
		require.NoError(t, d.Set("1", "new"))
		require.True(t, d.Delete("0"))
		require.False(t, d.Delete("0"))
		var keys []string
		for k, v := range d.All() {
			keys = append(keys, k.(string))
			if k == any("1") {
				assert.Equal(t, "new", v)
			}
		}
		assert.Equal(t, n-1, d.Len())
		assert.Len(t, keys, n-1)
		assert.Equal(t, "1", keys[0])
		for range d.All() {
			break
		}
	}
}

func TestDictSurvivesManyDeletions(t *testing.T) {
	d := new(pickle.Dict)
	for i := range 1000 {
		require.NoError(t, d.Set(i, i))
	}
	for i := range 990 {
		require.True(t, d.Delete(i))
	}
	assert.Equal(t, 10, d.Len())
	for i := 990; i < 1000; i++ {
		v, ok := d.Get(i)
		assert.True(t, ok)
		assert.Equal(t, i, v)
	}
	data, err := pickle.Marshal(d)
	require.NoError(t, err)
	var m map[int]int
	require.NoError(t, pickle.Unmarshal(data, &m))
	assert.Equal(t, slices.Sorted(maps.Keys(m)), slices.Sorted(maps.Values(m)))
	assert.Len(t, m, 10)
}

func TestSets(t *testing.T) {
	s := pickle.NewSet("a", 1, true)
	assert.Equal(t, 2, s.Len())
	assert.True(t, s.Contains(1.0))
	assert.True(t, s.Delete("a"))
	assert.False(t, s.Contains("a"))
	require.NoError(t, s.Add(nil))
	assert.ErrorIs(t, s.Add(list()), pickle.ErrUnhashable)
	assert.Equal(t, []any{1, nil}, slices.Collect(s.All()))
	f := pickle.NewFrozenSet(1, 2)
	assert.Equal(t, 2, f.Len())
	assert.True(t, f.Contains(2))
	assert.Equal(t, []any{1, 2}, slices.Collect(f.All()))
	assert.Panics(t, func() { pickle.NewSet(list()) })
	odd := []any{1}
	assert.Panics(t, func() { pickle.NewDict(odd...) })
	assert.Panics(t, func() { pickle.NewDict(list(), 1) })
}

func TestNaNIsAKeyOfItsOwn(t *testing.T) {
	s := pickle.NewSet(math.NaN(), math.NaN())
	assert.Equal(t, 2, s.Len())
	assert.False(t, s.Contains(math.NaN()))
}

func TestObjectsAsKeys(t *testing.T) {
	// Two objects of equal content were two keys where they came from, and stay so.
	two := decode(t, "}(ca\nB\n)\x81K\x01ca\nB\n)\x81K\x02u.").(*pickle.Dict)
	assert.Equal(t, 2, two.Len())
	v, ok := two.Get(&pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "a", Name: "B"},
		Args: pickle.Tuple{}})
	assert.True(t, ok)
	assert.Equal(t, int64(1), v, "a search by content finds the first")

	// The same object twice is one key.
	both := decode(t, "ca\nB\n)\x81q\x00}(h\x00K\x01h\x00K\x02h\x00\x85K\x03h\x00\x85K\x04u\x86.")
	one := both.(pickle.Tuple)[1].(*pickle.Dict)
	assert.Equal(t, 3, one.Len(), "the object, and the two tuples it is in")

	// An object whose content is not small is known by its identity.
	big := object("a", "B", strings.Repeat("x", 10_000))
	d := pickle.NewDict(big, 1)
	_, ok = d.Get(big)
	assert.True(t, ok)
	_, ok = d.Get(object("a", "B", strings.Repeat("x", 10_000)))
	assert.False(t, ok)
	d = pickle.NewDict(pickle.Tuple{big}, 1)
	_, ok = d.Get(pickle.Tuple{big})
	assert.True(t, ok)

	// Content of every kind tells objects apart.
	base := func() *pickle.Object {
		return &pickle.Object{Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{}}
	}
	set := new(pickle.Set)
	for _, change := range []func(o *pickle.Object){
		func(*pickle.Object) {},
		func(o *pickle.Object) { o.Kind = pickle.NewObj },
		func(o *pickle.Object) { o.Args = pickle.Tuple{list()} },
		func(o *pickle.Object) { o.HasState = true },
		func(o *pickle.Object) { o.HasState, o.State = true, pickle.NewDict("a", pickle.NewSet(1)) },
		func(o *pickle.Object) { o.HasState, o.State = true, pickle.NewDict("a", pickle.NewSet(2)) },
		func(o *pickle.Object) { o.Kwargs = pickle.NewDict() },
		func(o *pickle.Object) { o.Items = []any{&pickle.ByteArray{Bytes: []byte("x")}} },
		func(o *pickle.Object) { o.Pairs = []pickle.Pair{{Key: "a", Value: nil}} },
		func(o *pickle.Object) { o.HasState, o.Setter = true, pickle.Global{Module: "s"} },
	} {
		o, same := base(), base()
		change(o)
		change(same)
		assert.False(t, set.Contains(o), "%v", o)
		require.NoError(t, set.Add(o))
		assert.True(t, set.Contains(same), "%v", o)
	}
}

func TestObjectIsA(t *testing.T) {
	assert.True(t, object("queue", "Empty").IsA("queue", "Empty"))
	assert.False(t, object("queue", "Empty").IsA("queue", "Full"))
	old := decode(t, "ccopy_reg\n_reconstructor\n(ca\nB\nc__builtin__\nobject\nNtR.").(*pickle.Object)
	assert.True(t, old.IsA("a", "B"))
	assert.False(t, (*pickle.Object)(nil).IsA("a", "B"))
	assert.False(t, (&pickle.Object{Class: old}).IsA("a", "B"))
	assert.Nil(t, old.Attrs())
}

func TestTypeName(t *testing.T) {
	cases := map[string]any{
		"None": nil, "bool": true, "int": int64(1), "float": 1.5, "complex": complex(1, 2), "str": "a",
		"str (of Python 2)": pickle.ByteString("a"), "bytes": []byte{}, "bytearray": &pickle.ByteArray{},
		"tuple": pickle.Tuple{}, "list": list(), "dict": pickle.NewDict(), "set": pickle.NewSet(),
		"frozenset": pickle.NewFrozenSet(), "ellipsis": pickle.Ellipsis{},
		"NotImplementedType": pickle.NotImplemented{}, "slice": pickle.Slice{}, "range": pickle.Range{},
		"global a.b": pickle.Global{Module: "a", Name: "b"}, "a.b": object("a", "b"),
		"persistent id": &pickle.Object{Kind: pickle.PersistentID},
		"extension": &pickle.Object{
			Kind: pickle.Extension,
		}, "object": &pickle.Object{}, "struct {}": struct{}{},
	}
	for want, v := range cases {
		assert.Equal(t, want, pickle.TypeName(v))
	}
	assert.Equal(t, "int", pickle.TypeName(new(big.Int)))
	assert.Equal(t, "OldInstance", pickle.OldInstance.String())
	assert.Equal(t, "ObjectKind(?)", pickle.ObjectKind(99).String())
}

func TestStringIsPython(t *testing.T) {
	loop := list()
	loop.Items = []any{loop}
	withState := object("a", "B", int64(1))
	withState.State, withState.HasState = pickle.NewDict("x", nil), true
	withState.Items, withState.Pairs = []any{int64(1)}, []pickle.Pair{{Key: "k", Value: "v"}}
	cases := map[string]any{
		"(None, True, False)":                  pickle.Tuple{nil, true, false},
		"(1,)":                                 pickle.Tuple{int64(1)},
		"[1, 1.5, 1.0, 1e+22, nan, -inf]":      list(int64(1), 1.5, 1.0, 1e22, math.NaN(), math.Inf(-1)),
		`['a', "it's", '\n\\\'"', 'é']`:        list("a", "it's", "\n\\'\"", "é"),
		`['\x00\x7f', '\ud800', '\U000e0001']`: list("\x00\x7f", "\xed\xa0\x80", "\U000e0001"),
		`[b'a\xff', 'b\xff', bytearray(b'')]`: list(
			[]byte("a\xff"),
			pickle.ByteString("b\xff"),
			&pickle.ByteArray{},
		),
		`[b"it's"]`:            list([]byte("it's")),
		"{'a': 1}":             pickle.NewDict("a", int64(1)),
		"{1}":                  pickle.NewSet(1),
		"set()":                pickle.NewSet(),
		"frozenset({1})":       pickle.NewFrozenSet(1),
		"slice(None, 1, None)": pickle.Slice{Stop: int64(1)},
		"range(1, 2, 3)": pickle.Range{
			Start: int64(1),
			Stop:  int64(2),
			Step:  int64(3),
		},
		"[Ellipsis, NotImplemented, a.b]": list(
			pickle.Ellipsis{},
			pickle.NotImplemented{},
			pickle.Global{Module: "a", Name: "b"},
		),
		"[18446744073709551616, (1+2i)]":    list(new(big.Int).Lsh(big.NewInt(1), 64), complex(1, 2)),
		"a.B(1)[1]{'k': 'v'} <{'x': None}>": withState,
		"[<int of 20001 bits>]":             list(new(big.Int).Lsh(big.NewInt(1), 20000)),
		"[<struct {}>]":                     list(struct{}{}),
		"Extension(5)": &pickle.Object{
			Kind: pickle.Extension,
			Args: pickle.Tuple{int64(5)},
		},
		strings.Repeat("[", 16) + "[...]" + strings.Repeat("]", 16): loop,
	}
	for want, v := range cases {
		assert.Equal(t, want, fmt.Sprint(v))
	}
	long := fmt.Sprint(list(strings.Repeat("é", 10_000), int64(5)))
	assert.Less(t, len(long), 5000)
	assert.True(t, strings.HasSuffix(long, "..."))
}

func TestEqual(t *testing.T) {
	loopA, loopB := list(), list()
	loopA.Items, loopB.Items = []any{loopA}, []any{loopB}
	equal := [][2]any{
		{int64(1), true}, {1, 1.0}, {math.NaN(), math.NaN()}, {"a", "a"}, {nil, nil},
		{list(int64(1)), list(1.0)}, {loopA, loopB}, {loopA, list(loopA)},
		{pickle.NewDict(1, 2, "a", nil), pickle.NewDict("a", nil, 1.0, 2)},
		{pickle.NewSet(1, 2), pickle.NewSet(2, 1)},
		{pickle.NewSet(math.NaN()), pickle.NewSet(math.NaN())},
		{object("a", "b", list()), object("a", "b", list())},
		{pickle.NewDict(object("a", "b", list()), 1), pickle.NewDict(object("a", "b", list()), 1)},
		{pickle.Slice{Start: int64(1)}, pickle.Slice{Start: 1.0}},
		{&pickle.ByteArray{Bytes: []byte("a")}, &pickle.ByteArray{Bytes: []byte("a")}},
	}
	for _, p := range equal {
		assert.True(t, pickle.Equal(p[0], p[1]), "%v and %v", p[0], p[1])
		assert.True(t, pickle.Equal(p[1], p[0]), "%v and %v", p[1], p[0])
	}
	other := object("a", "b")
	other.HasState = true
	different := [][2]any{
		{
			int64(1),
			int64(2),
		}, {"a", pickle.ByteString("a")}, {"a", []byte("a")}, {nil, false}, {list(), pickle.Tuple{}},
		{
			list(int64(1)),
			list(),
		}, {pickle.NewDict(1, 2), pickle.NewDict(1, 3)}, {pickle.NewDict(1, 2), pickle.NewDict(2, 2)},
		{pickle.NewSet(1), pickle.NewFrozenSet(1)}, {pickle.NewSet(1), pickle.NewSet(1, 2)},
		{object("a", "b"), object("a", "c")}, {object("a", "b"), other}, {loopA, list(list())},
		{
			pickle.Ellipsis{},
			pickle.NotImplemented{},
		}, {struct{}{}, struct{}{}}, {pickle.Range{}, pickle.Slice{}},
	}
	for _, p := range different {
		assert.False(t, pickle.Equal(p[0], p[1]), "%v and %v", p[0], p[1])
		assert.False(t, pickle.Equal(p[1], p[0]), "%v and %v", p[1], p[0])
	}
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	var v any
	assert.EqualError(
		t,
		pickle.Unmarshal([]byte("]\xff"), &v),
		"pickle: opcode 0xff: not an opcode at offset 1",
	)
	assert.EqualError(t, pickle.Unmarshal([]byte("N"), &v), "pickle: unexpected EOF at offset 1")
	assert.EqualError(
		t,
		(&pickle.DecodeOptions{MaxItems: 16}).Unmarshal([]byte(strings.Repeat("N", 17)), &v),
		"pickle: too many values: 17, the limit is 16",
	)
	assert.EqualError(t, (&pickle.DecodeOptions{MaxMemo: 1}).Unmarshal(nil, &v),
		"pickle: option MaxMemo is 1, want 16 to 2147483647")
	_, err := pickle.Marshal(make(chan int))
	assert.EqualError(t, err, "pickle: cannot write chan int in protocol 4: no Python type")
}
