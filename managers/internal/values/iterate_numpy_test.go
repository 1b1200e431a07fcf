package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ndarray is what numpy pickles an array as.
func ndarray(shape pickle.Tuple, dtype, data string) *pickle.Object {
	d := call("numpy", "dtype", dtype, false, true)
	d.State, d.HasState = pickle.Tuple{int64(3), "<", nil, nil, nil, int64(-1), int64(-1), int64(0)}, true
	a := call("numpy._core.multiarray", "_reconstruct", class("numpy", "ndarray"), pickle.Tuple{int64(0)}, []byte("b"))
	a.State, a.HasState = pickle.Tuple{int64(1), shape, d, false, []byte(data)}, true
	return a
}

// index is what pandas pickles an Index as.
func index(data *pickle.Object) *pickle.Object {
	return call("pandas.core.indexes.base", "_new_Index", class("pandas", "Index"), pickle.NewDict("data", data, "name", nil))
}

// series is what pandas pickles a Series as.
func series(index, data *pickle.Object) *pickle.Object {
	manager := &pickle.Object{Kind: pickle.NewObj, Class: class("pandas.core.internals.managers", "SingleBlockManager"),
		Args: pickle.Tuple{}, State: pickle.Tuple{list(index), list(data), list(index)}, HasState: true}
	return madeWith("pandas", "Series", "_mgr", manager)
}

func TestIteratingOverAnArrayOfNumpyGivesWhatNumpyPickles(t *testing.T) {
	got, err := values.Iterate(ndarray(pickle.Tuple{int64(2)}, "u1", "\x01\x02"))
	require.NoError(t, err)
	require.Len(t, got, 2)
	for i, v := range got {
		o, ok := v.(*pickle.Object)
		require.True(t, ok)
		assert.True(t, o.IsA("numpy._core.multiarray", "scalar"))
		n, _ := pickle.NumpyScalar(o)
		assert.Equal(t, int64(i+1), n)
	}
}

func TestTheRowsOfAnArrayOfNumpyAreArrays(t *testing.T) {
	got, err := values.Iterate(ndarray(pickle.Tuple{int64(2), int64(2)}, "u1", "\x01\x02\x03\x04"))
	require.NoError(t, err)
	require.Len(t, got, 2)
	row, err := (*values.Budget)(nil).Numbers(got[1])
	require.NoError(t, err)
	assert.Equal(t, []any{int64(3), int64(4)}, row)
}

func TestAnArrayWithoutDimensionsIsNotIterable(t *testing.T) {
	_, err := values.Iterate(ndarray(pickle.Tuple{}, "u1", "\x01"))
	assert.EqualError(t, err, "TypeError: iteration over a 0-d array")
}

func TestTheElementsOfAnArrayAreCountedBeforeTheyAreMade(t *testing.T) {
	b := values.NewBudget(values.BudgetLimits{Values: 1 << 20, Bytes: 1 << 16, Steps: 1 << 20}, nil, nil)
	a := ndarray(pickle.Tuple{int64(1 << 10)}, "u1", string(make([]byte, 1<<10)))
	_, err := b.Iterate(a)
	assert.ErrorAs(t, err, new(*values.BudgetError))
	b = values.NewBudget(values.BudgetLimits{Values: 1 << 20, Bytes: 1 << 20, Steps: 1 << 20}, nil, nil)
	_, err = b.Numbers(a)
	assert.NoError(t, err, "plain numbers take less")
}

func TestASeriesIsIteratedOverByValueAndTakenByNameAsADict(t *testing.T) {
	s := series(index(ndarray(pickle.Tuple{int64(2)}, "u1", "\x05\x06")), ndarray(pickle.Tuple{int64(2)}, "u1", "\x01\x02"))
	got, err := values.Iterate(s)
	require.NoError(t, err)
	assert.Equal(t, []any{int64(1), int64(2)}, got)
	pairs, ok, err := (*values.Budget)(nil).KeyedItems(s)
	require.NoError(t, err)
	require.True(t, ok)
	require.Len(t, pairs, 2)
	assert.Equal(t, int64(5), pairs[0].Key)
	o, ok := pairs[0].Value.(*pickle.Object)
	require.True(t, ok)
	n, _ := pickle.NumpyScalar(o)
	assert.Equal(t, int64(1), n)
}

func TestASeriesOfWhichANameStandsTwiceIsNoDict(t *testing.T) {
	s := series(index(ndarray(pickle.Tuple{int64(2)}, "u1", "\x05\x05")), ndarray(pickle.Tuple{int64(2)}, "u1", "\x01\x02"))
	_, ok, err := (*values.Budget)(nil).KeyedItems(s)
	assert.False(t, ok)
	assert.ErrorContains(t, err, "cannot be read")
}
