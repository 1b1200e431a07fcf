package server_test

import (
	"math"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What these tests expect was printed by CPython 3.15.

func slice(start, stop, step any) pickle.Slice {
	return pickle.Slice{Start: start, Stop: stop, Step: step}
}

func TestAList(t *testing.T) {
	play(t, "list", []any{[]int{3, 1, 2}},
		do("3", "__len__"),
		do("2", "__getitem__", -1),
		do("IndexError: list index out of range", "__getitem__", 3),
		do("TypeError: list indices must be integers or slices, not str", "__getitem__", "a"),
		do("None", "append", 2.0),
		do("2", "count", 2),
		do("2", "index", 2),
		do("ValueError: list.index(x): x not in list", "index", 2, 3, -1),
		do("None", "insert", -100, "first"),
		do("'first'", "pop", 0),
		do("None", "sort", managers.Kwargs{"reverse": true}),
		do("[3, 2, 2.0, 1]", "__getitem__", slice(nil, nil, nil)),
		do("None", "remove", 2),
		do("ValueError: list.remove(x): x not in list", "remove", "x"),
		do("None", "extend", pickle.Tuple{7, 8}),
		do("[8, 7, 1, 2.0, 3]", "__getitem__", slice(nil, nil, -1)),
		do("None", "reverse"),
		do("[8, 1]", "__getitem__", slice(0, 4, 2)),
		do("True", "__contains__", 3.0),
		do("None", "__delitem__", 0),
		do("IndexError: list assignment index out of range", "__delitem__", 9),
		do("[7, 1, 2.0, 3, 'x']", "__add__", []string{"x"}),
		do("[7, 1, 2.0, 3, 7, 1, 2.0, 3]", "__mul__", 2),
		do("[]", "__rmul__", -1),
		do("None", "clear"),
		do("IndexError: pop from empty list", "pop"),
	)
}

func TestSlicesOfAListAreAssigned(t *testing.T) {
	play(t, "list", []any{[]int{0, 1, 2, 3, 4}},
		do("None", "__setitem__", slice(1, 3, nil), []string{"a", "b", "c"}),
		do("[0, 'a', 'b', 'c', 3, 4]", "__getitem__", slice(nil, nil, nil)),
		do("None", "__setitem__", slice(nil, nil, 2), []int{9, 8, 7}),
		do("[9, 'a', 8, 'c', 7, 4]", "__getitem__", slice(nil, nil, nil)),
		do("ValueError: attempt to assign sequence of size 1 to extended slice of size 3",
			"__setitem__", slice(nil, nil, 2), []int{1}),
		do("None", "__delitem__", slice(nil, nil, 2)),
		do("['a', 'c', 4]", "__getitem__", slice(nil, nil, nil)),
		do("None", "__setitem__", slice(nil, nil, nil), "xy"),
		do("['x', 'y']", "__getitem__", slice(nil, nil, nil)),
		do("ValueError: slice step cannot be zero", "__getitem__", slice(nil, nil, 0)),
	)
}

func TestSortingAListComparesAsPythonDoes(t *testing.T) {
	play(t, "list", []any{[]any{true, 0, 1.0, 0.5}},
		do("None", "sort"),
		do("[0, 0.5, True, 1.0]", "__getitem__", slice(nil, nil, nil)),
		do("None", "append", "text"),
		do("TypeError: '<' not supported between instances of 'str' and 'float'", "sort"),
		do("[0, 0.5, True, 1.0, 'text']", "__getitem__", slice(nil, nil, nil)),
	)
}

func TestAListIsNotSortedByAFunctionOfTheClient(t *testing.T) {
	play(t, "list", []any{[]int{2, 1}},
		do("NotImplementedError: this server runs no Python code: sort(key=...) cannot be called",
			"sort", managers.Kwargs{"key": pickle.Global{Module: "builtins", Name: "abs"}}),
		do("None", "sort", managers.Kwargs{"key": nil}),
		do("[1, 2]", "__getitem__", slice(nil, nil, nil)),
	)
}

func TestASortWithoutKeywordsIsRefusedAsInPython3(t *testing.T) {
	play(t, "list", []any{[]int{2, 1}},
		do("TypeError: sort() takes no positional arguments", "sort", true),
		do("TypeError: sort() got an unexpected keyword argument 'cmp'", "sort", managers.Kwargs{"cmp": nil}),
		do("[2, 1]", "__getitem__", slice(nil, nil, nil)),
	)
}

func TestADict(t *testing.T) {
	play(t, "dict", []any{map[string]int{"a": 1}, managers.Kwargs{"b": 2}},
		do("{'a': 1, 'b': 2}", "copy"),
		do("1", "__getitem__", "a"),
		do("KeyError: c", "__getitem__", "c"),
		do("None", "get", "c"),
		do("7", "get", "c", 7),
		do("None", "__setitem__", 1, "int"),
		do("None", "__setitem__", 1.0, "float"),
		do("{'a': 1, 'b': 2, 1: 'float'}", "copy"),
		do("'float'", "__getitem__", true),
		do("TypeError: cannot use 'list' as a dict key (unhashable type: 'list')", "__setitem__", []int{1}, 1),
		do("['a', 'b', 1]", "keys"),
		do("[1, 2, 'float']", "values"),
		do("[('a', 1), ('b', 2), (1, 'float')]", "items"),
		do("2", "pop", "b"),
		do("KeyError: b", "pop", "b"),
		do("None", "pop", "b", nil),
		do("(1, 'float')", "popitem"),
		do("1", "setdefault", "a", 5),
		do("5", "setdefault", "z", 5),
		do("None", "update", []any{pickle.Tuple{"y", 6}}, managers.Kwargs{"x": 7}),
		do("4", "__len__"),
		do("None", "__delitem__", "a"),
		do("KeyError: a", "__delitem__", "a"),
		do("{'z': 5, 'y': 6, 'x': 7, 'w': 8}", "__or__", map[string]int{"w": 8}),
		do("None", "clear"),
		do("KeyError: popitem(): dictionary is empty", "popitem"),
	)
}

func TestADictFindsAKeyByEquality(t *testing.T) {
	nan := math.NaN()
	play(t, "dict", nil,
		do("None", "__setitem__", pickle.Tuple{1, "x"}, 1),
		do("1", "__getitem__", pickle.Tuple{1.0, "x"}),
		do("False", "__contains__", pickle.Tuple{1, []byte("x")}),
		do("None", "__setitem__", nan, 1),
		do("False", "__contains__", nan),
	)
}

func TestASet(t *testing.T) {
	play(t, "set", []any{[]int{1, 2}},
		do("None", "add", 2.0),
		do("2", "__len__"),
		do("True", "__contains__", true),
		do("{2}", "__sub__", pickle.NewSet(int64(1))),
		do("None", "discard", 9),
		do("KeyError: 9", "remove", 9),
		do("TypeError: cannot use 'dict' as a set element (unhashable type: 'dict')", "add", map[string]int{}),
		do("{1}", "intersection", []int{1, 5}),
		do("True", "issubset", []int{1, 2, 3}),
		do("None", "update", []int{3}, []int{4}),
		do("4", "__len__"),
		do("None", "clear"),
		do("KeyError: pop from an empty set", "pop"),
	)
}

func TestAnIntersectionHasTheElementsOfTheSmallerSet(t *testing.T) {
	play(t, "set", []any{[]int{1, 2}},
		do("{1.0}", "__and__", pickle.NewSet(1.0)),
		do("{1.0}", "__and__", pickle.NewSet(1.0, int64(9))),
		do("{1}", "__and__", pickle.NewSet(1.0, int64(8), int64(9))),
		do("{1}", "__rand__", pickle.NewSet(1.0, int64(9))),
	)
}

func TestAnArrayIsMadeOfWhatAProxyIsOf(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	c := dial(t, serveAt(t, s))
	list, err := c.Open(soon(t), "list", []any{1, 2.5})
	require.NoError(t, err)
	array, err := c.Open(soon(t), "Array", "d", list)
	require.NoError(t, err)
	got, err := array.Call(soon(t), "__getitem__", 1)
	require.NoError(t, err)
	assert.Equal(t, 2.5, got)
}

func TestAnArray(t *testing.T) {
	play(t, "Array", []any{"h", []int{1, 2, 3}},
		do("3", "__len__"),
		do("2", "__getitem__", 1),
		do("None", "__setitem__", 0, -5),
		do("-5", "__getitem__", 0),
		do("IndexError: array index out of range", "__getitem__", 3),
		do("OverflowError: signed short integer is greater than maximum", "__setitem__", 0, 1<<15),
		do("TypeError: 'str' object cannot be interpreted as an integer", "__setitem__", 0, "x"),
	)
}

func TestANamespace(t *testing.T) {
	play(t, "Namespace", []any{managers.Kwargs{"x": 1}},
		do("1", "__getattribute__", "x"),
		do("AttributeError: 'Namespace' object has no attribute 'y'", "__getattribute__", "y"),
		do("None", "__setattr__", "y", "two"),
		do("'two'", "__getattribute__", "y"),
		do("None", "__delattr__", "x"),
		do("AttributeError: 'Namespace' object has no attribute 'x'", "__getattribute__", "x"),
	)
}

func TestAValue(t *testing.T) {
	play(t, "Value", []any{"i", 1},
		do("1", "get"),
		do("None", "set", "any type"),
		do("'any type'", "get"),
	)
}

func TestAnIterator(t *testing.T) {
	play(t, "Iterator", []any{[]int{1, 2}},
		do("1", "__next__"),
		do("2", "__next__"),
		do("StopIteration", "__next__"),
	)
}

func TestADequeIsUsedFromBothEnds(t *testing.T) {
	c := serveSync(t, server.Limits{})
	d, err := c.OpenDeque(soon(t), "deque", []any{1, 2}, 3)
	require.NoError(t, err)
	require.NoError(t, d.AppendLeft(soon(t), 0))
	require.NoError(t, d.Append(soon(t), 3))
	items, err := d.Copy(soon(t))
	require.NoError(t, err)
	assert.Equal(t, []any{int64(1), int64(2), int64(3)}, items, "the first one went")
	require.NoError(t, d.Rotate(soon(t), 1))
	first, err := d.PopLeft(soon(t))
	require.NoError(t, err)
	assert.Equal(t, int64(3), first)
	last, err := d.Pop(soon(t))
	require.NoError(t, err)
	assert.Equal(t, int64(2), last)
	require.NoError(t, d.Clear(soon(t)))
	_, err = d.Pop(soon(t))
	require.ErrorIs(t, err, managers.ErrIndexError)
}

func TestADequeThatGrowsAtOneEndAndShrinksAtTheOtherKeepsItsElements(t *testing.T) {
	c := serveSync(t, server.Limits{})
	d, err := c.OpenDeque(soon(t), "deque")
	require.NoError(t, err)
	for _, step := range []struct{ add, take string }{{"append", "popleft"}, {"appendleft", "pop"}} {
		next, want := 0, 0
		for i := range 600 {
			_, err := d.Call(soon(t), step.add, next)
			require.NoError(t, err)
			next++
			if i%3 == 0 {
				got, err := d.Call(soon(t), step.take)
				require.NoError(t, err)
				require.Equal(t, int64(want), got)
				want++
			}
		}
		require.NoError(t, d.Clear(soon(t)))
	}
}
