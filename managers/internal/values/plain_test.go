package values_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"mpbridge/managers/internal/values"
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
		{"a tuple of what an instance of a subclass is", instance("Number", int64(3)), pickle.Tuple{int64(3)}},
		{"an instance of two", instance("Pair", int64(3), int64(4)), int64(3)},
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

func TestAnInstanceOfASubclassOfTupleIsIteratedOverAsTheTuple(t *testing.T) {
	got, err := values.Iterate(instance("Several", pickle.Tuple{int64(1), int64(2)}))
	require.NoError(t, err)
	assert.Equal(t, []any{int64(1), int64(2)}, got)
}

func TestWhatLooksLikeASubclassIsAnotherValueWhereItsPickleSaysMore(t *testing.T) {
	cases := []struct {
		name string
		a, b any
		same bool
	}{
		{"an instance of a subclass of int", instance("Number", int64(3)), int64(3), true},
		{"one that protocol 1 rebuilds", rebuilt("Number", "int", int64(3)), int64(3), true},
		{"a tuple that it rebuilds", rebuilt("Several", "tuple", pickle.Tuple{int64(1)}), pickle.Tuple{1.0}, true},
		{"a plain object that it rebuilds", rebuilt("Item", "object", nil), nil, false},
		{"a list that it rebuilds", rebuilt("Many", "list", list()), list(), false},
		{"a member that is pickled as an attribute of its class", pickle.Global{Module: "http", Name: "HTTPStatus.NOT_FOUND"}, int64(404), true},
		{"a method of HTTP that is pickled as one", pickle.Global{Module: "http", Name: "HTTPMethod.GET"}, "GET", true},
		{"flags that are joined", call("operator", "or_", pickle.Global{Module: "re", Name: "RegexFlag.IGNORECASE"},
			pickle.Global{Module: "re", Name: "RegexFlag.MULTILINE"}), int64(10), true},
		{"an attribute that is no member", pickle.Global{Module: "http", Name: "HTTPStatus.mro"}, int64(404), false},
		{"a struct sequence", call("time", "struct_time", pickle.Tuple{int64(1), int64(2)}, pickle.NewDict("tm_zone", "GMT")),
			pickle.Tuple{int64(1), int64(2)}, true},
		{"a longdouble that is a float", longDouble(0x8000000000000000, 0x3fff), 1.0, true},
		{"a negative one", longDouble(0xC000000000000000, 0xBFFF), -1.5, true},
		{"one that is between two floats", longDouble(0x8000000000000001, 0x3fff), 1.0, false},
		{"two that are between two floats", longDouble(0x8000000000000001, 0x3fff), longDouble(0x8000000000000001, 0x3fff), true},
		{"one that is not finite", longDouble(0x8000000000000000, 0x7fff), math.Inf(1), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			same, err := values.Equal(c.a, c.b)
			require.NoError(t, err)
			assert.Equal(t, c.same, same)
		})
	}
}

func rebuilt(class, base string, v any) *pickle.Object {
	return call("copyreg", "_reconstructor", pickle.Global{Module: "shop", Name: class},
		pickle.Global{Module: "builtins", Name: base}, v)
}

// longDouble is numpy.longdouble on x86, with what was in memory behind it.
func longDouble(mantissa uint64, high uint16) *pickle.Object {
	b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint64(nil, mantissa), high)
	b = append(b, byte(rand.Int()), byte(rand.Int()), 1, 2, 0, 0)
	return call("numpy._core.multiarray", "scalar", call("numpy", "dtype", "f16", false, true), b)
}
