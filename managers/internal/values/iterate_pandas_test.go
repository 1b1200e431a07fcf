package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pickles are those of pandas of four releases: see interop/testdata/make_pandas.py.
func pandasValues(t *testing.T, wanted func(*pickle.Object) bool) (found []*pickle.Object) {
	t.Helper()
	for _, data := range pickled(t, "testdata/pandas.txt") {
		var v any
		require.NoError(t, pickle.Unmarshal(data, &v))
		if o, ok := v.(*pickle.Object); ok && wanted(o) {
			found = append(found, o)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestAColumnOfAFrameIsASeriesThatCanBeGoneOver(t *testing.T) {
	for _, frame := range pandasValues(t, named("DataFrame")) {
		pairs, ok, err := (*values.Budget)(nil).KeyedItems(frame)
		require.NoError(t, err)
		require.True(t, ok)
		require.Len(t, pairs, 6)
		for _, p := range pairs {
			items, err := values.Iterate(p.Value)
			require.NoError(t, err, "%v", p.Key)
			assert.Len(t, items, 2, "%v", p.Key)
		}
	}
}

func TestAFrameWithoutAColumnThatItNamesIsNoMapping(t *testing.T) {
	for _, frame := range pandasValues(t, named("DataFrame")) {
		dropFirstBlock(t, frame)
		_, _, err := (*values.Budget)(nil).KeyedItems(frame)
		assert.ErrorContains(t, err, "cannot be read")
	}
}

func TestAMaskOfAnotherLengthIsNotRead(t *testing.T) {
	for _, array := range pandasValues(t, named("IntegerArray")) {
		require.NoError(t, array.State.(*pickle.Dict).Set("_mask", ndarray(pickle.Tuple{int64(1)}, "b1", "\x01")))
		array.State.(*pickle.Dict).Delete(pickle.ByteString("_mask"))
		_, err := values.Iterate(array)
		assert.ErrorContains(t, err, "not iterable")
	}
}

// A few bytes can claim to be any number of elements.
func TestASparseArrayOfTooManyElementsIsRefused(t *testing.T) {
	for _, array := range pandasValues(t, func(o *pickle.Object) bool {
		index := sparseIndex(o)
		return index != nil && index.Class.(pickle.Global).Name == "IntIndex"
	}) {
		sparseIndex(array).Args.(pickle.Tuple)[0] = int64(1) << 40
		_, err := values.Iterate(array)
		assert.Error(t, err)
	}
}

// named returns what tells objects of a class of pandas, of whichever module, or made by it.
func named(class string) func(*pickle.Object) bool {
	return func(o *pickle.Object) bool {
		g, _ := o.Class.(pickle.Global)
		return g.Name == class
	}
}

func sparseIndex(o *pickle.Object) *pickle.Object {
	for _, key := range []any{"_sparse_index", pickle.ByteString("_sparse_index")} {
		if v, ok := o.Attrs().Get(key); ok {
			return v.(*pickle.Object)
		}
	}
	return nil
}

// dropFirstBlock takes the first block of columns out of a frame.
func dropFirstBlock(t *testing.T, frame *pickle.Object) {
	t.Helper()
	for _, v := range frame.Attrs().All() {
		m, ok := v.(*pickle.Object)
		if !ok {
			continue
		}
		if args, ok := m.Args.(pickle.Tuple); ok && len(args) == 2 {
			args[0] = args[0].(pickle.Tuple)[1:]
			return
		}
		for _, version := range m.State.(pickle.Tuple)[3].(*pickle.Dict).All() {
			for _, blocks := range version.(*pickle.Dict).All() {
				if list := blocks.(*pickle.List); len(list.Items) > 2 {
					list.Items = list.Items[1:]
				}
			}
		}
	}
}
