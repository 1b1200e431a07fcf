package values_test

import (
	"math"
	"math/big"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsEmptyOrZeroIsFalse(t *testing.T) {
	for _, v := range []any{
		nil, false, int64(0), new(big.Int), 0.0, math.Copysign(0, -1), complex(0, 0), uint8(0), "",
		pickle.ByteString(""), []byte{}, &pickle.ByteArray{}, pickle.Tuple{}, list(), pickle.NewDict(),
		pickle.NewSet(), pickle.NewFrozenSet(),
		pickle.Range{Start: int64(1), Stop: int64(1), Step: int64(1)},
		pickle.Range{Start: int64(1), Stop: int64(5), Step: int64(-1)},
		decimal("-0.0"), fraction("0/3"), delta(0, 0, 0), orderedDict(), counter(), defaultDict(nil),
		deque(nil), array("i"),
	} {
		assert.False(t, values.Truth(v), "%#v", v)
	}
}

func TestEverythingElseIsTrue(t *testing.T) {
	for _, v := range []any{
		true, int64(-1), power(2, 64), math.NaN(), complex(0, 1), " ", []byte{0},
		&pickle.ByteArray{Bytes: []byte{0}}, pickle.Tuple{nil}, list(nil), pickle.NewDict(nil, nil),
		pickle.NewSet(nil), pickle.Range{Start: int64(0), Stop: power(2, 70), Step: int64(1)},
		pickle.Slice{}, pickle.Ellipsis{}, class("builtins", "int"), decimal("NaN"), decimal("sNaN"),
		decimal("1E-9999999"), fraction("1/3"), delta(0, 0, 1), counter("a", int64(0)),
		deque(nil, nil), array("i", int64(0)), datetime(),
		call("datetime", "time", []byte("\x00\x00\x00\x00\x00\x00")), call("shop", "Item"),
		call("builtins", "ValueError"),
	} {
		assert.True(t, values.Truth(v), "%#v", v)
	}
}

func TestAUserDictIsAsTrueAsWhatItIsAround(t *testing.T) {
	around := func(name string, data any) any {
		return &pickle.Object{Kind: pickle.NewObj, Class: class("collections", name), Args: pickle.Tuple{},
			State: pickle.NewDict("data", data), HasState: true}
	}
	for _, empty := range []any{
		around("UserDict", pickle.NewDict()), around("UserList", list()), around("UserString", ""),
	} {
		assert.False(t, values.Truth(empty), "%#v", empty)
	}
	for _, full := range []any{
		around("UserDict", pickle.NewDict("a", int64(1))), around("UserList", list(int64(0))), around("UserString", "a"),
		around("UserList", around("UserList", list())),
	} {
		assert.True(t, values.Truth(full), "%#v", full)
	}
}
