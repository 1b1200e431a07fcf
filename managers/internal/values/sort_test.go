package values_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEqualElementsKeepTheirOrder(t *testing.T) {
	items := []any{int64(2), true, int64(1), 1.0, int64(0)}
	order, err := values.SortedPermutation(items, false)
	require.NoError(t, err)
	assert.Equal(t, []int{4, 1, 2, 3, 0}, order)
}

func TestEqualElementsKeepTheirOrderInReverse(t *testing.T) {
	items := []any{int64(2), true, int64(1), 1.0, int64(3)}
	order, err := values.SortedPermutation(items, true)
	require.NoError(t, err)
	assert.Equal(t, []int{4, 0, 1, 2, 3}, order)
}

func TestSortingNothing(t *testing.T) {
	order, err := values.SortedPermutation(nil, true)
	require.NoError(t, err)
	assert.Empty(t, order)
}

func TestSortsOfAnySizeAreStable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 300 {
		items := make([]any, size)
		for i := range items {
			items[i] = random.Int64N(20)
		}
		if size%3 == 0 {
			slices.SortFunc(items, func(a, b any) int { return int(b.(int64) - a.(int64)) })
		}
		want := make([]int, size)
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(a, b int) int {
			return int(items[a].(int64) - items[b].(int64))
		})
		got, err := values.SortedPermutation(items, false)
		require.NoError(t, err)
		require.Equal(t, want, got, "%v", items)
	}
}

func TestElementsWithoutOrderCannotBeSorted(t *testing.T) {
	_, err := values.SortedPermutation([]any{int64(1), "x"}, false)
	assert.EqualError(t, err, "TypeError: '<' not supported between instances of 'str' and 'int'")
	_, err = values.SortedPermutation([]any{int64(1), "x"}, true)
	assert.EqualError(t, err, "TypeError: '<' not supported between instances of 'int' and 'str'")
}

func TestSortingLeavesTheItemsAlone(t *testing.T) {
	items := []any{"b", "a"}
	_, err := values.SortedPermutation(items, false)
	require.NoError(t, err)
	assert.Equal(t, []any{"b", "a"}, items)
}

func TestTuplesAreSortedByTheirFirstDifference(t *testing.T) {
	items := []any{
		pickle.Tuple{int64(1), "b"}, pickle.Tuple{int64(0), nil}, pickle.Tuple{int64(1), "a"}}
	order, err := values.SortedPermutation(items, false)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 0}, order)
}
