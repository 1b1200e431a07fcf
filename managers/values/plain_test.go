package values_test

import (
	"testing"

	"mpbridge/managers/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noon is noon of a summer's day, as datetime.datetime pickles it.
func noon(hour byte, tz any) *pickle.Object {
	return call("datetime", "datetime", []byte{7, 228, 7, 2, hour, 0, 0, 0, 0, 0}, tz)
}

func berlin() *pickle.Object { return call("zoneinfo", "ZoneInfo._unpickle", "Europe/Berlin", true) }

func TestTheSameValueByAnotherName(t *testing.T) {
	cases := []struct {
		name string
		a, b any
	}{
		{"an enum of numbers", call("http", "HTTPStatus", int64(200)), int64(200)},
		{"an enum of texts", call("http", "HTTPMethod", "GET"), "GET"},
		{"a member by its name", pickle.Global{Module: "signal", Name: "SIGINT"}, int64(2)},
		{"a namedtuple", instance("Pair", int64(1), "b"), pickle.Tuple{int64(1), "b"}},
		{"two namedtuples", instance("Pair", int64(1), "b"), instance("Point", int64(1), "b")},
		{"a namedtuple of such", instance("Pair", numpyInt(5), call("http", "HTTPStatus", int64(200))),
			pickle.Tuple{int64(5), int64(200)}},
		{"a scalar of numpy", numpyInt(5), 5.0},
		{"a datetime of a place", noon(12, berlin()), noon(10, zone(0))},
		{"a datetime of two places", noon(12, berlin()), noon(13, call("zoneinfo", "ZoneInfo._unpickle", "Europe/Helsinki", true))},
		{"a Timestamp", call("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", int64(1593684000000000), nil, nil, int64(9)),
			noonWithoutZone(10)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			same, err := values.Equal(c.a, c.b)
			require.NoError(t, err)
			assert.True(t, same, "==")
			a, err := values.KeyFor(c.a, values.DictKey)
			require.NoError(t, err)
			b, err := values.KeyFor(c.b, values.DictKey)
			require.NoError(t, err)
			assert.Equal(t, a, b, "the key")
		})
	}
}

func noonWithoutZone(hour byte) *pickle.Object {
	return call("datetime", "datetime", []byte{7, 228, 7, 2, hour, 0, 0, 0, 0, 0})
}

func TestWhatOnlyLooksLikeAnotherValueIsNotIt(t *testing.T) {
	cases := []struct {
		name string
		a, b any
	}{
		{"an enum that is not known", call("shop", "Level", int64(3)), int64(3)},
		{"what is made of one value", instance("One", int64(3)), int64(3)},
		{"a tuple of one", instance("One", int64(3)), pickle.Tuple{int64(3)}},
		{"another zone", noon(12, berlin()), noon(12, zone(0))},
		{"no zone", noon(12, berlin()), noonWithoutZone(10)},
		{"a place that nobody knows", noon(12, call("zoneinfo", "ZoneInfo._unpickle", "No/Where", true)), noon(12, zone(0))},
		{"a Timestamp of nanoseconds", call("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", int64(1593684000000000001), nil, nil, int64(10)),
			noonWithoutZone(10)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			same, err := values.Equal(c.a, c.b)
			require.NoError(t, err)
			assert.False(t, same, "==")
			a, err := values.KeyFor(c.a, values.DictKey)
			require.NoError(t, err)
			b, err := values.KeyFor(c.b, values.DictKey)
			require.NoError(t, err)
			assert.NotEqual(t, a, b, "the key")
		})
	}
}

func TestDatetimesOfPlacesHaveTheOrderOfTheirMoments(t *testing.T) {
	less, err := values.Compare(values.LT, noon(12, berlin()), noon(11, zone(0)))
	require.NoError(t, err)
	assert.True(t, less)
	_, err = values.Compare(values.LT, noon(12, berlin()), noonWithoutZone(12))
	assert.ErrorContains(t, err, "can't compare offset-naive and offset-aware datetimes")
}

func TestArraysAndContainersByAnotherNameAreNoKeys(t *testing.T) {
	user := instance("UserDict")
	user.Class = pickle.Global{Module: "collections", Name: "UserDict"}
	array := call("numpy._core.multiarray", "_reconstruct", pickle.Global{Module: "numpy", Name: "ndarray"})
	for name, v := range map[string]any{
		"'collections.UserDict' as a dict key (unhashable type: 'UserDict')": user,
		"'numpy.ndarray' as a dict key (unhashable type: 'numpy.ndarray')":   array,
		"'shop.Pair' as a dict key (unhashable type: 'list')":                instance("Pair", int64(1), list()),
		"'tuple' as a dict key (unhashable type: 'numpy.ndarray')":           pickle.Tuple{array},
	} {
		_, err := values.KeyFor(v, values.DictKey)
		assert.EqualError(t, err, "TypeError: cannot use "+name)
	}
}
