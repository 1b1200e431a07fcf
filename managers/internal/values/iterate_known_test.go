package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// madeWith is an object of a class, made without arguments, with its attributes.
func madeWith(module, name string, attrs ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.NewObj, Class: class(module, name), Args: pickle.Tuple{},
		State: pickle.NewDict(attrs...), HasState: true}
}

func TestTheElementsOfWhatTheStandardLibraryWritesInPython(t *testing.T) {
	one, two := int64(1), int64(2)
	filled := &pickle.Object{Kind: pickle.NewObj, Class: class("app", "MyList"), Args: pickle.Tuple{}, Items: []any{one}}
	dict := &pickle.Object{Kind: pickle.NewObj, Class: class("app", "MyDict"), Args: pickle.Tuple{},
		Pairs: []pickle.Pair{{Key: "k", Value: one}}}
	userList := madeWith("collections", "UserList", "data", list(one, two))
	chain := madeWith("collections", "ChainMap", "maps", list(
		pickle.NewDict("b", one), madeWith("collections", "UserDict", "data", pickle.NewDict("a", one, "b", two))))
	cases := []struct {
		name  string
		value any
		want  []any
	}{
		{"a UserList", userList, []any{one, two}},
		{"a UserList of Python 2's attributes",
			madeWith("collections", "UserList", pickle.ByteString("data"), list(one)), []any{one}},
		{"the keys of a UserDict", madeWith("collections", "UserDict", "data", pickle.NewDict("x", one)), []any{"x"}},
		{"the keys of a ChainMap, its last map's first", chain, []any{"a", "b"}},
		{"a deque's iterator", call("_collections", "_deque_iterator", deque(nil, one, two), one), []any{two}},
		{"a deque's iterator backwards",
			call("collections", "_deque_reverse_iterator", deque(nil, one, two), one), []any{one}},
		{"what derives from list", filled, []any{one}},
		{"what derives from dict", dict, []any{"k"}},
		{"a namedtuple", &pickle.Object{Kind: pickle.NewObj, Class: class("app", "P"), Args: pickle.Tuple{one, two}},
			[]any{one, two}},
		{"a terminal_size", call("os", "terminal_size", pickle.Tuple{one, two}, new(pickle.Dict)), []any{one, two}},
		{"an array as multiprocessing pickles it", call("array", "array", "h", []byte{1, 0, 0xff, 0xff}),
			[]any{one, int64(-1)}},
		{"such an array of Python 2", call("array", "array", pickle.ByteString("c"), pickle.ByteString("x")),
			[]any{pickle.ByteString("x")}},
		{"an iterator over a UserList", call("builtins", "iter", userList), []any{one, two}},
	}
	for _, c := range cases {
		got, err := values.Iterate(c.value)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestAUserStringHasUserStringsInIt(t *testing.T) {
	got, err := values.Iterate(madeWith("collections", "UserString", "data", "é"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	o, ok := got[0].(*pickle.Object)
	require.True(t, ok)
	assert.True(t, o.IsA("collections", "UserString"))
	assert.True(t, pickle.Equal(pickle.NewDict("data", "é"), o.State))
}

func TestWhatHasKeysIsTakenAsItsItems(t *testing.T) {
	of := func(attrs ...any) *pickle.Object {
		return madeWith("collections", "UserDict", "data", pickle.NewDict(attrs...))
	}
	cases := []struct {
		name  string
		value any
		want  []pickle.Pair
	}{
		{"a UserDict", of("a", int64(1)), []pickle.Pair{{Key: "a", Value: int64(1)}}},
		{"a ChainMap has the first value of each key", madeWith("collections", "ChainMap", "maps",
			list(pickle.NewDict("a", int64(1)), of("a", int64(2), "b", int64(3)))),
			[]pickle.Pair{{Key: "a", Value: int64(1)}, {Key: "b", Value: int64(3)}}},
		{"what derives from dict", &pickle.Object{Kind: pickle.NewObj, Class: class("app", "D"), Args: pickle.Tuple{},
			Pairs: []pickle.Pair{{Key: "a", Value: int64(1)}}}, []pickle.Pair{{Key: "a", Value: int64(1)}}},
	}
	for _, c := range cases {
		got, ok, err := (*values.Budget)(nil).KeyedItems(c.value)
		require.NoError(t, err, c.name)
		assert.True(t, ok, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestAnObjectOfUnknownContentIsNotIterable(t *testing.T) {
	for _, v := range []any{
		madeWith("app", "Job", "data", list(int64(1))),
		madeWith("collections", "UserList"),
		madeWith("collections", "ChainMap", "maps", list(int64(1))),
		call("app", "Rows", list(int64(1))),
		call("array", "array", "d", []byte{1, 2, 3}),
		call("array", "array", "?", []byte{1, 2, 3}),
	} {
		_, err := values.Iterate(v)
		assert.ErrorContains(t, err, "object is not iterable")
	}
}
