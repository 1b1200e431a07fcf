package values_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pairs are two values each, with what == says of them in both directions.
var pairs = []struct {
	name string
	a, b any
	same bool
}{
	{"True is 1", true, int64(1), true},
	{"1 is 1.0", int64(1), 1.0, true},
	{"1.0 is the complex 1", 1.0, complex(1, 0), true},
	{"False is no empty list", false, list(), false},
	{"None is no 0", nil, int64(0), false},
	{"-0.0 is 0", math.Copysign(0, -1), int64(0), true},
	{"NaN is not itself", math.NaN(), math.NaN(), false},
	{"2**53 + 1 is not rounded", int64(1<<53 + 1), float64(1 << 53), false},
	{"2**64 is the float", power(2, 64), math.Ldexp(1, 64), true},
	{"2**64 + 1 is not the float", new(big.Int).Add(power(2, 64), big.NewInt(1)),
		math.Ldexp(1, 64), false},
	{"a big integer that is small", big.NewInt(5), int64(5), true},
	{"a big integer is no infinity", power(2, 2000), math.Inf(1), false},
	{"a Decimal with zeros", decimal("1.50"), 1.5, true},
	{"0.1 is no Decimal('0.1')", 0.1, decimal("0.1"), false},
	{"a Decimal and a Fraction", decimal("0.25"), fraction("1/4"), true},
	{"a third is no float", fraction("1/3"), 1.0 / 3, false},
	{"a whole Fraction", fraction("6/3"), int64(2), true},
	{"infinities", decimal("Infinity"), math.Inf(1), true},
	{"opposite infinities", decimal("-Infinity"), math.Inf(1), false},
	{"a Decimal NaN", decimal("NaN"), decimal("NaN"), false},
	{"a Decimal of enormous exponent", decimal("1E+999999999"), int64(1), false},
	{"a complex and a signaling NaN", complex(1, 2), decimal("sNaN"), false},
	{"text and bytes", "a", []byte("a"), false},
	{"text and the str of Python 2", "a", pickle.ByteString("a"), true},
	{"text and bytes of Python 2 beyond ASCII", "é", pickle.ByteString("é"), false},
	{"bytes and bytearray", []byte("a"), &pickle.ByteArray{Bytes: []byte("a")}, true},
	{"a tuple and a list", pickle.Tuple{int64(1)}, list(int64(1)), false},
	{"lists of equal numbers", list(int64(1), 2.0), list(true, int64(2)), true},
	{"lists of different length", list(int64(1)), list(int64(1), int64(2)), false},
	{"nested lists", list(list("x"), pickle.Tuple{nil}), list(list("x"), pickle.Tuple{nil}), true},
	{"dicts in another order", pickle.NewDict("a", int64(1), "b", int64(2)),
		pickle.NewDict("b", 2.0, "a", true), true},
	{"dicts with other values", pickle.NewDict("a", int64(1)), pickle.NewDict("a", int64(2)), false},
	{"dicts whose keys are equal numbers", pickle.NewDict(int64(1), "x"),
		pickle.NewDict(1.0, "x"), true},
	{"a Decimal of 600 digits and an int", decimal(strings.Repeat("7", 600)), sevens(600), true},
	{"a Decimal of 600 digits and another", decimal(strings.Repeat("7", 600)), decimal(strings.Repeat("7", 599) + "8"), false},
	{"a Decimal beyond what is multiplied out", decimal("1E+20000"), decimal("10E+19999"), true},
	{"a Decimal of exponent 5000 and an int", decimal("12E+5000"), times(12, power(10, 5000)), true},
	{"a Decimal of exponent 5000 and another int", decimal("12E+5000"), times(13, power(10, 5000)), false},
	{"a Decimal of exponent -3000 and a Fraction", decimal("7E-3000"), fractionOf(big.NewInt(7), power(10, 3000)), true},
	{"a Decimal of exponent -3000 and halves", decimal("5E-3000"), fractionOf(big.NewInt(1), times(2, power(10, 2999))), true},
	{"a Decimal of exponent -3000 and fifths", decimal("32E-3000"), fractionOf(big.NewInt(1), times(1, new(big.Int).Quo(power(10, 3000), big.NewInt(32)))), true},
	{"the smallest float", math.SmallestNonzeroFloat64, fractionOf(big.NewInt(1), power(2, 1074)), true},
	{"the smallest float and its Decimal", math.SmallestNonzeroFloat64, decimal(times(1, power(5, 1074)).String() + "E-1074"), true},
	{"Fractions of 8000 bits", fractionOf(power(3, 2500), power(2, 4000)), fractionOf(power(3, 2500), power(2, 4000)), true},
	{"Fractions of 8000 bits that differ", fractionOf(power(3, 2500), power(2, 4000)), fractionOf(power(3, 2500), power(2, 4001)), false},
	{"a path and a pure path", call("pathlib", "PosixPath", "/", "a"), call("pathlib", "PurePosixPath", "/", "a"), true},
	{"a path inside a tuple", pickle.Tuple{call("pathlib", "PosixPath", "/", "a")}, pickle.Tuple{call("pathlib._local", "PurePosixPath", "/", "./a")}, true},
	{"a subclass of frozenset", call("shop", "Tags", list("a", int64(1))), pickle.NewFrozenSet(1.0, "a"), true},
	{"subclasses of set in another order", call("shop", "Tags", list("a", "b")), call("shop", "Tags", list("b", "a")), true},
	{"a class of a list of what has no hash", call("shop", "Rows", list(list())), call("shop", "Rows", list(list())), true},
	{"classes of a list that holds one thing twice", call("shop", "Rows", list("a", "a", "b")), call("shop", "Rows", list("b", "a", "a")), false},
	{"an exception with a list", call("shop", "ShopError", list("a")), pickle.NewFrozenSet("a"), false},
	{"an OrderedDict and a dict", orderedDict("a", int64(1), "b", int64(2)),
		pickle.NewDict("b", int64(2), "a", int64(1)), true},
	{"OrderedDicts in another order", orderedDict("a", int64(1), "b", int64(2)),
		orderedDict("b", int64(2), "a", int64(1)), false},
	{"a defaultdict and a dict", defaultDict(class("builtins", "int"), "a", nil),
		pickle.NewDict("a", nil), true},
	{"Counters but for zeros", counter("a", int64(1), "b", int64(0)), counter("a", int64(1)), true},
	{"a Counter and a dict with a zero", counter("a", int64(0)), pickle.NewDict(), false},
	{"a set and a frozenset", pickle.NewSet(int64(1), "x"), pickle.NewFrozenSet("x", 1.0), true},
	{"sets of one size", pickle.NewSet(int64(1)), pickle.NewSet(int64(2)), false},
	{"sets that hold NaN", pickle.NewSet(math.NaN()), pickle.NewSet(math.NaN()), false},
	{"deques of other maxlen", deque(nil, int64(1)), deque(int64(9), true), true},
	{"a deque and a list", deque(nil), list(), false},
	{"arrays of other types", array("i", int64(1)), array("d", 1.0), true},
	{"an array of another machine", array("H", int64(258)),
		call("array", "_array_reconstructor", class("array", "array"), "H", int64(3),
			[]byte{1, 2}), true},
	{"ranges of the same elements", pickle.Range{Start: int64(0), Stop: int64(3), Step: int64(2)},
		pickle.Range{Start: int64(0), Stop: int64(4), Step: int64(2)}, true},
	{"empty ranges", pickle.Range{Start: int64(5), Stop: int64(1), Step: int64(1)},
		pickle.Range{Start: int64(0), Stop: int64(0), Step: int64(3)}, true},
	{"slices", pickle.Slice{Start: int64(1)}, pickle.Slice{Start: 1.0}, true},
	{"a slice of any values", call("builtins", "slice", list(), nil, nil),
		call("builtins", "slice", list(), nil, nil), true},
	{"one moment in two zones", datetime(call("datetime", "timezone", delta(0, 0, 0))),
		call("datetime", "datetime", []byte(dateState+"\x02\x02\x03\x00\x00\x04"), zone(3600)), true},
	{"naive and aware", datetime(), datetime(zone(0)), false},
	{"a datetime and its date", datetime(), call("datetime", "date", []byte(dateState)), false},
	{"timedeltas", delta(1, 0, 0), delta(1, 0, 0), true},
	{"UUIDs", uuid(1), uuid(1), true},
	{"paths", path("/", "a", "b"), path("/a/./b/"), true},
	{"absolute parts begin anew", path("a", "/b"), path("/b"), true},
	{"classes", class("builtins", "int"), class("builtins", "int"), true},
	{"a class and its name", class("builtins", "int"), "int", false},
	{"Ellipsis", pickle.Ellipsis{}, pickle.Ellipsis{}, true},
	{"Ellipsis and NotImplemented", pickle.Ellipsis{}, pickle.NotImplemented{}, false},
	{"objects of the same content", call("shop", "Item", "x"), call("shop", "Item", "x"), true},
	{"objects of other content", call("shop", "Item", "x"), call("shop", "Item", "y"), false},
}

func TestEqualityIsThatOfPythonInBothDirections(t *testing.T) {
	for _, p := range pairs {
		for _, two := range [][2]any{{p.a, p.b}, {p.b, p.a}} {
			same, err := values.Equal(two[0], two[1])
			require.NoError(t, err, p.name)
			assert.Equal(t, p.same, same, p.name)
		}
	}
}

func TestNotEqualIsTheOppositeOfEqual(t *testing.T) {
	for _, p := range pairs {
		differ, err := values.Compare(values.NE, p.a, p.b)
		require.NoError(t, err, p.name)
		assert.Equal(t, !p.same, differ, p.name)
	}
}

func TestAContainerIsItselfAlsoWithNaNInIt(t *testing.T) {
	l := list(math.NaN())
	same, err := values.Equal(l, l)
	require.NoError(t, err)
	assert.True(t, same)
}

func TestListsInThemselvesCannotBeCompared(t *testing.T) {
	_, err := values.Equal(inItself(), inItself())
	assert.EqualError(t, err, "RecursionError: maximum recursion depth exceeded")
}

func TestEqualityHasALimitOfDepth(t *testing.T) {
	same, err := values.Equal(deep(900), deep(900))
	require.NoError(t, err)
	assert.True(t, same)
	_, err = values.Equal(deep(1001), deep(1001))
	assert.ErrorContains(t, err, "RecursionError")
}

func TestSharedPartsAreComparedOnce(t *testing.T) {
	var a, b any = list(), list()
	for range 100 { // 2**100 empty lists each
		a, b = list(a, a), list(b, b)
	}
	same, err := values.Equal(a, b)
	require.NoError(t, err)
	assert.True(t, same)
}

func TestASignalingNaNCannotBeCompared(t *testing.T) {
	_, err := values.Equal(decimal("sNaN"), int64(1))
	assert.EqualError(t, err, "decimal.InvalidOperation: [<class 'decimal.InvalidOperation'>]")
}

func TestObjectsInTheirOwnContentAreEqual(t *testing.T) {
	loop := func() *pickle.Object {
		o := call("shop", "Item")
		o.HasState, o.State = true, o
		return o
	}
	same, err := values.Equal(loop(), loop())
	require.NoError(t, err)
	assert.True(t, same)
}

// sevens is an int of n digits, all of which are 7.
func sevens(n int) *big.Int {
	i, _ := new(big.Int).SetString(strings.Repeat("7", n), 10)
	return i
}

func fractionOf(num, den *big.Int) *pickle.Object { return call("fractions", "Fraction", num, den) }

func times(n int64, b *big.Int) *big.Int { return new(big.Int).Mul(big.NewInt(n), b) }
