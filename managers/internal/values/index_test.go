package values_test

import (
	"math"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIndicesAreIntegersAndBools(t *testing.T) {
	for want, v := range map[int]any{-3: int64(-3), 1: true, 7: uint8(7)} {
		got, err := values.Index(v, "list")
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestTheTextsOfWhatIsNoIndex(t *testing.T) {
	cases := []struct {
		value     any
		container string
		text      string
	}{
		{1.0, "list", "TypeError: list indices must be integers or slices, not float"},
		{"x", "tuple", "TypeError: tuple indices must be integers or slices, not str"},
		{nil, "byte", "TypeError: byte indices must be integers or slices, not NoneType"},
		{1.0, "string", "TypeError: string indices must be integers, not 'float'"},
		{1.0, "array", "TypeError: array indices must be integers"},
		{decimal("1"), "list", "TypeError: list indices must be integers or slices, not decimal.Decimal"},
		{power(2, 63), "list", "IndexError: cannot fit 'int' into an index-sized integer"},
	}
	for _, c := range cases {
		_, err := values.Index(c.value, c.container)
		assert.EqualError(t, err, c.text)
	}
}

func TestTheIntegersOfMethods(t *testing.T) {
	n, err := values.Ssize(true)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	_, err = values.Ssize(1.5)
	assert.EqualError(t, err, "TypeError: 'float' object cannot be interpreted as an integer")
	_, err = values.Ssize(power(2, 63))
	assert.EqualError(t, err, "OverflowError: Python int too large to convert to C ssize_t")
}

func TestAPlaceBeyondAnIntIsNotCutToASmallOne(t *testing.T) {
	far := int64(1) << 32 // fits into an int of 64 bits only
	i, err := values.Index(far, "list")
	assert.True(t, err != nil || int64(i) == far, "%d", i)
	i, err = values.Ssize(far)
	assert.True(t, err != nil || int64(i) == far, "%d", i)
}

func TestThePlacesThatASliceTakes(t *testing.T) {
	cases := []struct {
		start, stop, step any
		n                 int
		want              []int
	}{
		{nil, nil, nil, 3, []int{0, 1, 2}},
		{nil, nil, int64(-1), 3, []int{2, 1, 0}},
		{int64(1), int64(-1), nil, 4, []int{1, 2}},
		{int64(-2), nil, nil, 4, []int{2, 3}},
		{int64(-9), int64(9), int64(2), 4, []int{0, 2}},
		{int64(9), int64(-9), int64(-2), 4, []int{3, 1}},
		{int64(3), int64(1), nil, 4, nil},
		{nil, nil, nil, 0, nil},
		{false, true, nil, 4, []int{0}},
		{power(-2, 71), power(2, 70), power(2, 70), 4, []int{0}},
		{nil, nil, power(-2, 71), 4, []int{3}},
		{int64(math.MaxInt64), int64(math.MinInt64), int64(math.MinInt64), 4, []int{3}},
		{int64(0), int64(math.MaxInt64), int64(math.MaxInt64), 4, []int{0}},
	}
	for _, c := range cases {
		s := pickle.Slice{Start: c.start, Stop: c.stop, Step: c.step}
		start, _, step, count, err := values.SliceIndices(s, c.n)
		require.NoError(t, err, s)
		var got []int
		for i := range count {
			got = append(got, start+i*step)
		}
		assert.Equal(t, c.want, got, s)
	}
}

func TestWhatIsNoSlice(t *testing.T) {
	for text, s := range map[string]pickle.Slice{
		"ValueError: slice step cannot be zero":                                 {Step: int64(0)},
		"TypeError: slice indices must be integers or have an __index__ method": {Start: 1.0},
	} {
		_, _, _, _, err := values.SliceIndices(s, 3)
		assert.EqualError(t, err, text)
	}
}
