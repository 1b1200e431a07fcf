package values_test

import (
	"math"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSmallerOfTwoValues(t *testing.T) {
	cases := []struct {
		name         string
		small, large any
	}{
		{"integers", int64(1), int64(2)},
		{"bool and float", false, 0.5},
		{"rounding", float64(1 << 53), int64(1<<53 + 1)},
		{"big and infinite", power(2, 2000), math.Inf(1)},
		{"negative and big", math.Inf(-1), power(-2, 2001)},
		{"a third", 0.3333333333333333, fraction("1/3")},
		{"tenths", decimal("0.1"), 0.1},
		{"enormous", fraction("1/3"), decimal("1E+999999999")},
		{"tiny", decimal("1E-999999999"), fraction("1/3")},
		{"text", "a", "b"},
		{"text by code points", "\uffff", "\U00010000"},
		{"bytes", []byte("a"), &pickle.ByteArray{Bytes: []byte("b")}},
		{"a prefix", list(int64(1)), list(int64(1), int64(0))},
		{"the first difference", pickle.Tuple{int64(1), "x"}, pickle.Tuple{int64(2), nil}},
		{"subsets", pickle.NewSet(int64(1)), pickle.NewFrozenSet(int64(1), int64(2))},
		{"deques", deque(nil, int64(1)), deque(nil, int64(2))},
		{"arrays", array("i", int64(1)), array("d", 1.5)},
		{"Counters", counter("a", int64(1)), counter("a", int64(2), "b", int64(1))},
		{"timedeltas", delta(-1, 0, 0), delta(0, 0, 1)},
		{"times of zones", datetime(zone(3600)), datetime(zone(0))},
		{"slices", pickle.Slice{Start: int64(1)}, pickle.Slice{Start: int64(2)}},
		{"UUIDs", uuid(1), uuid(2)},
		{"paths by part", path("a/b"), path("a-b")},
		{"members of an enum", call("shop", "Level", int64(1)), call("shop", "Level", int64(3))},
		{"a member and a number", call("shop", "Level", int64(1)), 2.5},
		{"namedtuples", instance("Pair", int64(1), "b"), instance("Pair", int64(2), "a")},
		{"a namedtuple and a tuple", instance("Pair", int64(1), "b"), pickle.Tuple{int64(1), "c"}},
		{"an int by another name", instance("Number", int64(1)), decimal("1.5")},
		{"fields", item(int64(1), "z"), item(int64(2), "a")},
		{"the second field", item(int64(1), "a"), item(int64(1), "b")},
		{"numpy's scalars", numpyInt(1), numpyInt(2)},
		{"a scalar of numpy and a number", numpyInt(1), 1.5},
	}
	for _, c := range cases {
		for op, want := range map[values.Op]bool{
			values.LT: true, values.LE: true, values.GT: false, values.GE: false,
			values.EQ: false, values.NE: true,
		} {
			got, err := values.Compare(op, c.small, c.large)
			require.NoError(t, err, c.name)
			assert.Equal(t, want, got, "%s %s", c.name, op)
		}
	}
}

// instance is an instance of a class that calls __new__ with the arguments.
func instance(class string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "shop", Name: class}, Args: pickle.Tuple(args)}
}

// item is what dataclasses.dataclass makes of the fields priority and item.
func item(priority, v any) *pickle.Object {
	o := instance("Item")
	o.State, o.HasState = pickle.NewDict("priority", priority, "item", v), true
	return o
}

// numpyInt is a numpy.int64.
func numpyInt(n byte) *pickle.Object {
	dtype := call("numpy", "dtype", "i8", false, true)
	dtype.State = pickle.Tuple{int64(3), "<", nil, nil, nil, int64(-1), int64(-1), int64(0)}
	dtype.HasState = true
	return call("numpy._core.multiarray", "scalar", dtype, []byte{n, 0, 0, 0, 0, 0, 0, 0})
}

func TestFieldsBehindTheFirstThatHaveNoOrderCountAsEqual(t *testing.T) {
	a, b := item(int64(1), pickle.NewDict("a", int64(1))), item(int64(1), pickle.NewDict())
	for _, op := range []values.Op{values.LT, values.GT} {
		got, err := values.Compare(op, a, b)
		require.NoError(t, err)
		assert.False(t, got, op)
	}
}

func TestAScalarOfNumpyIsTheSameKeyAsItsNumber(t *testing.T) {
	a, err := values.KeyFor(numpyInt(5), values.DictKey)
	require.NoError(t, err)
	assert.Equal(t, int64(5), a)
	x, err := values.KeyFor(pickle.Tuple{numpyInt(5)}, values.DictKey)
	require.NoError(t, err)
	y, err := values.KeyFor(pickle.Tuple{int64(5)}, values.DictKey)
	require.NoError(t, err)
	assert.Equal(t, x, y)
}

func TestNothingIsLessOrMoreThanNaN(t *testing.T) {
	for _, op := range []values.Op{values.LT, values.LE, values.GT, values.GE, values.EQ} {
		got, err := values.Compare(op, math.NaN(), int64(1))
		require.NoError(t, err)
		assert.False(t, got, op)
	}
}

func TestSetsThatOverlapHaveNoOrderAndNoError(t *testing.T) {
	for _, op := range []values.Op{values.LT, values.LE, values.GT, values.GE} {
		got, err := values.Compare(op, pickle.NewSet(int64(1)), pickle.NewSet(int64(2)))
		require.NoError(t, err)
		assert.False(t, got, op)
	}
}

func TestTheTextsOfValuesWithoutOrder(t *testing.T) {
	cases := []struct {
		a    any
		op   values.Op
		b    any
		text string
	}{
		{int64(1), values.LT, "x", "'<' not supported between instances of 'int' and 'str'"},
		{"x", values.GE, []byte("x"), "'>=' not supported between instances of 'str' and 'bytes'"},
		{[]byte("x"), values.LT, "x", "'<' not supported between instances of 'bytes' and 'str'"},
		{nil, values.LE, nil, "'<=' not supported between instances of 'NoneType' and 'NoneType'"},
		{complex(1, 0), values.GT, true, "'>' not supported between instances of 'complex' and 'bool'"},
		{pickle.NewDict(), values.LT, pickle.NewDict(),
			"'<' not supported between instances of 'dict' and 'dict'"},
		{list(), values.LT, pickle.Tuple{}, "'<' not supported between instances of 'list' and 'tuple'"},
		{list(int64(1), nil), values.LT, list(int64(1), "x"),
			"'<' not supported between instances of 'NoneType' and 'str'"},
		{deque(nil), values.LT, list(),
			"'<' not supported between instances of 'collections.deque' and 'list'"},
		{counter(), values.LT, pickle.NewDict(),
			"'<' not supported between instances of 'Counter' and 'dict'"},
		{datetime(), values.LT, datetime(zone(0)),
			"can't compare offset-naive and offset-aware datetimes"},
		{zone(0), values.LT, zone(1),
			"'<' not supported between instances of 'datetime.timezone' and 'datetime.timezone'"},
		{call("shop", "Item"), values.LT, int64(1),
			"'<' not supported between instances of 'Item' and 'int'"},
		{item(int64(1), "a"), values.LT, instance("Item"),
			"'<' not supported between instances of 'Item' and 'Item'"},
		{item(nil, "a"), values.LT, item(int64(1), "a"),
			"'<' not supported between instances of 'NoneType' and 'int'"},
		{call("builtins", "ValueError", int64(1)), values.LT, call("builtins", "ValueError", int64(2)),
			"'<' not supported between instances of 'ValueError' and 'ValueError'"},
	}
	for _, c := range cases {
		_, err := values.Compare(c.op, c.a, c.b)
		assert.EqualError(t, err, "TypeError: "+c.text)
	}
}

func TestADecimalNaNHasNoOrder(t *testing.T) {
	for _, b := range []any{int64(1), decimal("1"), fraction("1/3"), math.NaN()} {
		_, err := values.Compare(values.LT, decimal("NaN"), b)
		assert.ErrorContains(t, err, "decimal.InvalidOperation", "%v", b)
	}
}

func TestAnUnknownComparisonHasAName(t *testing.T) {
	assert.Equal(t, "?", values.Op(9).String())
}

func TestOrderHasALimitOfDepth(t *testing.T) {
	_, err := values.Compare(values.LT, inItself(), inItself())
	assert.ErrorContains(t, err, "RecursionError")
}
