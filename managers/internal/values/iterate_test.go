package values_test

import (
	"math/big"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func iterator(state any, items ...any) *pickle.Object {
	o := call("builtins", "iter", list(items...))
	o.HasState, o.State = state != nil, state
	return o
}

func TestTheElementsOfIterables(t *testing.T) {
	reversed := call("builtins", "reversed", list("a", "b", "c"))
	reversed.HasState, reversed.State = true, int64(1)
	span := pickle.Range{Start: int64(3), Stop: int64(0), Step: int64(-2)}
	wide := pickle.Range{Start: power(2, 64), Stop: new(big.Int).Add(power(2, 64), big.NewInt(1)),
		Step: int64(1)}
	cases := []struct {
		name  string
		value any
		want  []any
	}{
		{"a tuple", pickle.Tuple{int64(1)}, []any{int64(1)}},
		{"a list", list("x", nil), []any{"x", nil}},
		{"a set", pickle.NewSet("x"), []any{"x"}},
		{"a frozenset", pickle.NewFrozenSet("x"), []any{"x"}},
		{"the keys of a dict", pickle.NewDict("x", int64(1)), []any{"x"}},
		{"characters", "aé😀\xed\xa0\x80", []any{"a", "é", "😀", "\xed\xa0\x80"}},
		{"a str of Python 2", pickle.ByteString("a\xff"),
			[]any{pickle.ByteString("a"), pickle.ByteString("\xff")}},
		{"bytes", []byte("\x00\xff"), []any{int64(0), int64(255)}},
		{"a bytearray", &pickle.ByteArray{Bytes: []byte("a")}, []any{int64('a')}},
		{"a range", span, []any{int64(3), int64(1)}},
		{"a range of big integers", wide, []any{power(2, 64)}},
		{"an empty range", pickle.Range{Start: int64(1), Stop: int64(1), Step: int64(1)}, nil},
		{"a deque", deque(nil, int64(1)), []any{int64(1)}},
		{"an array", array("d", 1.5), []any{1.5}},
		{"an array as protocol 3 has it", call("array", "_array_reconstructor",
			class("array", "array"), "f", int64(14), []byte{0, 0, 0xc0, 0x3f}), []any{1.5}},
		{"an OrderedDict", orderedDict("b", nil, "a", nil), []any{"b", "a"}},
		{"a Counter", counter("x", int64(2)), []any{"x"}},
		{"what is left of an iterator", iterator(int64(1), "a", "b"), []any{"b"}},
		{"a new iterator", iterator(nil, "a", "b"), []any{"a", "b"}},
		{"an iterator that is through", iterator(int64(9), "a"), []any{}},
		{"what is left of a reversed list", reversed, []any{"b", "a"}},
	}
	for _, c := range cases {
		got, err := values.Iterate(c.value)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestWhatCannotBeIterated(t *testing.T) {
	for name, v := range map[string]any{
		"int": int64(1), "NoneType": nil, "Item": call("shop", "Item"),
		"decimal.Decimal": decimal("1"), "datetime.timedelta": delta(0, 0, 0),
	} {
		_, err := values.Iterate(v)
		assert.EqualError(t, err, "TypeError: '"+name+"' object is not iterable")
	}
}

func TestARangeOfTooManyElementsIsNotSpelledOut(t *testing.T) {
	_, err := values.Iterate(pickle.Range{Start: int64(0), Stop: power(2, 70), Step: int64(1)})
	assert.ErrorContains(t, err, "MemoryError")
}

func TestTheItemsOfMappings(t *testing.T) {
	for name, v := range map[string]any{
		"dict": pickle.NewDict("x", int64(1)), "OrderedDict": orderedDict("x", int64(1)),
		"defaultdict": defaultDict(nil, "x", int64(1)), "Counter": counter("x", int64(1)),
	} {
		items, ok := values.Mapping(v)
		assert.True(t, ok, name)
		assert.Equal(t, []pickle.Pair{{Key: "x", Value: int64(1)}}, items, name)
	}
}

func TestAListOfPairsIsNoMapping(t *testing.T) {
	_, ok := values.Mapping(list(pickle.Tuple{"x", int64(1)}))
	assert.False(t, ok)
	_, ok = values.Mapping(call("shop", "Item"))
	assert.False(t, ok)
}
