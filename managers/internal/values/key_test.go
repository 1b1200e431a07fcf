package values_test

import (
	"math"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysAreEqualWhereTheValuesAre(t *testing.T) {
	for _, p := range pairs {
		k, err := values.KeyFor(p.a, values.DictKey)
		l, err2 := values.KeyFor(p.b, values.DictKey)
		if err == nil && err2 == nil {
			assert.Equal(t, p.same, k == l, p.name)
		}
	}
}

func TestADictOfAPickleHasTheKeysOfASharedDict(t *testing.T) {
	for _, p := range pairs {
		k, err := values.KeyFor(p.a, values.DictKey)
		l, err2 := values.KeyFor(p.b, values.DictKey)
		d := new(pickle.Dict)
		assert.Equal(t, err == nil, d.Set(p.a, nil) == nil, p.name)
		if err == nil && err2 == nil {
			_, found := d.Get(p.b)
			assert.Equal(t, k == l, found, p.name)
		}
	}
}

func TestKeysOfWhatNestsAreEqualWhereTheValuesAre(t *testing.T) {
	for _, p := range pairs {
		k, err := values.KeyFor(pickle.Tuple{p.a, "x"}, values.DictKey)
		l, err2 := values.KeyFor(pickle.Tuple{p.b, "x"}, values.DictKey)
		if err == nil && err2 == nil {
			assert.Equal(t, p.same, k == l, p.name)
		}
	}
}

func TestAKeyThatHoldsNaNIsNeverFound(t *testing.T) {
	for _, v := range []any{
		math.NaN(), complex(0, math.NaN()), decimal("NaN"), pickle.Tuple{math.NaN()},
		pickle.NewFrozenSet(math.NaN()),
	} {
		k, err := values.KeyFor(v, values.DictKey)
		require.NoError(t, err)
		_, found := map[any]bool{k: true}[k]
		assert.False(t, found, "%v", v)
	}
}

func TestFrozensetsAreKeysInAnyOrder(t *testing.T) {
	k, err := values.KeyFor(pickle.NewFrozenSet("a", "b", int64(1)), values.DictKey)
	require.NoError(t, err)
	l, err := values.KeyFor(pickle.NewFrozenSet(1.0, "b", "a"), values.DictKey)
	require.NoError(t, err)
	assert.Equal(t, k, l)
}

func TestTheTextsOfUnhashableKeys(t *testing.T) {
	cases := []struct {
		value any
		use   values.KeyUse
		text  string
	}{
		{list(), values.DictKey, "cannot use 'list' as a dict key (unhashable type: 'list')"},
		{pickle.NewDict(), values.SetElement,
			"cannot use 'dict' as a set element (unhashable type: 'dict')"},
		{list(), values.Hash, "unhashable type: 'list'"},
		{pickle.NewSet(), values.SetElement,
			"cannot use 'set' as a set element (unhashable type: 'set')"},
		{pickle.Tuple{int64(1), list()}, values.DictKey,
			"cannot use 'tuple' as a dict key (unhashable type: 'list')"},
		{&pickle.ByteArray{}, values.Hash, "unhashable type: 'bytearray'"},
		{deque(nil), values.DictKey,
			"cannot use 'collections.deque' as a dict key (unhashable type: 'collections.deque')"},
		{orderedDict(), values.Hash, "unhashable type: 'collections.OrderedDict'"},
		{counter(), values.DictKey,
			"cannot use 'collections.Counter' as a dict key (unhashable type: 'Counter')"},
		{array("i"), values.Hash, "unhashable type: 'array.array'"},
		{call("types", "SimpleNamespace"), values.Hash, "unhashable type: 'types.SimpleNamespace'"},
		{pickle.Slice{Start: list()}, values.Hash, "unhashable type: 'list'"},
		{decimal("sNaN"), values.Hash, "Cannot hash a signaling NaN value"},
		{decimal("sNaN"), values.DictKey,
			"cannot use 'decimal.Decimal' as a dict key (Cannot hash a signaling NaN value)"},
	}
	for _, c := range cases {
		_, err := values.KeyFor(c.value, c.use)
		assert.EqualError(t, err, "TypeError: "+c.text)
	}
}

func TestASetIsLookedUpAsAFrozenset(t *testing.T) {
	k, err := values.KeyFor(pickle.NewSet(int64(1)), values.SetLookup)
	require.NoError(t, err)
	l, err := values.KeyFor(pickle.NewFrozenSet(int64(1)), values.SetElement)
	require.NoError(t, err)
	assert.Equal(t, l, k)
}

func TestObjectsAreKeysByTheirContent(t *testing.T) {
	k, err := values.KeyFor(call("shop", "Item", list("x")), values.DictKey)
	require.NoError(t, err)
	l, err := values.KeyFor(call("shop", "Item", list("x")), values.DictKey)
	require.NoError(t, err)
	assert.Equal(t, k, l)
}

func TestKeysHaveALimitOfDepth(t *testing.T) {
	var v any
	for range 1001 {
		v = pickle.Tuple{v}
	}
	_, err := values.KeyFor(v, values.DictKey)
	assert.ErrorContains(t, err, "RecursionError")
}

func TestKeysHaveALimitOfSize(t *testing.T) {
	_, err := values.KeyFor(pickle.Tuple{make([]byte, 1<<24+1)}, values.DictKey)
	assert.EqualError(t, err, "MemoryError: a key takes more than 16777216 bytes")
}
