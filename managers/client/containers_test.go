package client_test

import (
	"slices"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newList(t *testing.T, vs ...int64) *client.List {
	t.Helper()
	return opened[*client.List](t)(dialOwn(t).OpenList(soon(t), "list", &pickle.List{Items: ints(vs...)}))
}

func holds(t *testing.T, l *client.List, want ...int64) {
	t.Helper()
	returns(t, ints(want...))(l.Copy(soon(t)))
}

func TestAListChangesAsItsMethodsSay(t *testing.T) {
	l := newList(t, 3, 1)
	require.NoError(t, l.Append(soon(t), 2))
	require.NoError(t, l.Extend(soon(t), 5, 4))
	require.NoError(t, l.Insert(soon(t), 0, 9))
	holds(t, l, 9, 3, 1, 2, 5, 4)
	require.NoError(t, l.Sort(soon(t), true))
	holds(t, l, 9, 5, 4, 3, 2, 1)
	require.NoError(t, l.Reverse(soon(t)))
	returns[any](t, int64(9))(l.Pop(soon(t)))
	returns[any](t, int64(1))(l.PopAt(soon(t), 0))
	require.NoError(t, l.Remove(soon(t), 4))
	require.NoError(t, l.Delete(soon(t), -1))
	require.NoError(t, l.Set(soon(t), 0, 7))
	holds(t, l, 7, 3)
	require.NoError(t, l.Repeat(soon(t), 2))
	holds(t, l, 7, 3, 7, 3)
}

func TestAListIsAskedAboutItsElements(t *testing.T) {
	l := newList(t, 7, 8, 7)
	returns(t, 3)(l.Len(soon(t)))
	returns(t, 2)(l.Count(soon(t), 7))
	returns(t, 1)(l.Index(soon(t), 8))
	returns(t, true)(l.Contains(soon(t), 8))
	returns(t, false)(l.Contains(soon(t), "8"))
	returns[any](t, int64(8))(l.Get(soon(t), -2))
	var n uint8
	require.NoError(t, l.GetInto(soon(t), 1, &n))
	assert.Equal(t, uint8(8), n)
	assert.Equal(t, ints(7, 8, 7), collected(t, l.All(soon(t))))
}

func TestAListIsSlicedAsInPython(t *testing.T) {
	l := newList(t, 0, 1, 2, 3, 4, 5)
	returns(t, ints(4, 2, 0))(l.Slice(soon(t), -2, nil, -2))
	require.NoError(t, l.SetSlice(soon(t), 1, 3, nil, 9, 9, 9))
	holds(t, l, 0, 9, 9, 9, 3, 4, 5)
	require.NoError(t, l.DeleteSlice(soon(t), nil, nil, 2))
	holds(t, l, 9, 9, 4)
	require.NoError(t, l.Clear(soon(t)))
	returns(t, 0)(l.Len(soon(t)))
}

func TestASliceOfAListIsOfNumbers(t *testing.T) {
	_, err := newList(t).Slice(soon(t), "1", nil, nil)
	require.ErrorContains(t, err, "want int or nil")
}

func TestAListSaysWhatIsNotThere(t *testing.T) {
	l := newList(t, 1)
	_, err := l.Get(soon(t), 1)
	require.ErrorIs(t, err, managers.ErrIndexError)
	require.ErrorIs(t, l.Set(soon(t), 1, 0), managers.ErrIndexError)
	require.ErrorIs(t, l.Delete(soon(t), -2), managers.ErrIndexError)
	require.ErrorIs(t, l.Remove(soon(t), 2), managers.ErrValueError)
	_, err = l.Index(soon(t), 2)
	require.ErrorIs(t, err, managers.ErrValueError)
	require.NoError(t, l.Append(soon(t), "a"))
	require.ErrorIs(t, l.Sort(soon(t), false), managers.ErrTypeError)
}

func newDeque(t *testing.T, args ...any) *client.Deque {
	t.Helper()
	return opened[*client.Deque](t)(dialOwn(t).OpenDeque(soon(t), "deque", args...))
}

func TestADequeHasTwoEnds(t *testing.T) {
	d := newDeque(t)
	require.NoError(t, d.Extend(soon(t), 1, 2))
	require.NoError(t, d.ExtendLeft(soon(t), 3, 4))
	require.NoError(t, d.Append(soon(t), 5))
	require.NoError(t, d.AppendLeft(soon(t), 6))
	returns(t, ints(6, 4, 3, 1, 2, 5))(d.Copy(soon(t)))
	require.NoError(t, d.Rotate(soon(t), 1))
	returns[any](t, int64(5))(d.PopLeft(soon(t)))
	returns[any](t, int64(2))(d.Pop(soon(t)))
	require.NoError(t, d.Reverse(soon(t)))
	assert.Equal(t, ints(1, 3, 4, 6), collected(t, d.All(soon(t))))
}

func TestADequeIsUsedByIndexAndValue(t *testing.T) {
	d := newDeque(t, &pickle.List{Items: ints(1, 2, 2)})
	require.NoError(t, d.Insert(soon(t), 1, 9))
	require.NoError(t, d.Set(soon(t), -1, 8))
	require.NoError(t, d.Delete(soon(t), 0))
	returns[any](t, int64(9))(d.Get(soon(t), 0))
	returns(t, 1)(d.Index(soon(t), 2))
	returns(t, 1)(d.Count(soon(t), 8))
	returns(t, true)(d.Contains(soon(t), 9))
	require.NoError(t, d.Remove(soon(t), 9))
	returns(t, 2)(d.Len(soon(t)))
	require.NoError(t, d.Clear(soon(t)))
	_, err := d.Pop(soon(t))
	require.ErrorIs(t, err, managers.ErrIndexError)
}

func TestADequeAtItsLengthLosesTheOtherEnd(t *testing.T) {
	d := newDeque(t, &pickle.List{Items: ints(1, 2)}, 2)
	require.NoError(t, d.Append(soon(t), 3))
	returns(t, ints(2, 3))(d.Copy(soon(t)))
	require.ErrorIs(t, d.Insert(soon(t), 0, 9), managers.ErrIndexError)
}

func newDict(t *testing.T, pairs ...any) *client.Dict {
	t.Helper()
	return opened[*client.Dict](t)(dialOwn(t).OpenDict(soon(t), "dict", pickle.NewDict(pairs...)))
}

func TestADictIsReadByKey(t *testing.T) {
	d := newDict(t, "a", 1, "b", 2)
	returns[any](t, int64(1))(d.Get(soon(t), "a"))
	_, err := d.Get(soon(t), "c")
	require.ErrorIs(t, err, managers.ErrKeyError)
	returns[any](t, "none")(d.GetDefault(soon(t), "c", "none"))
	var n int
	require.NoError(t, d.GetInto(soon(t), "b", &n))
	assert.Equal(t, 2, n)
	returns(t, true)(d.Contains(soon(t), "a"))
	returns(t, 2)(d.Len(soon(t)))
}

func TestADictChangesAsItsMethodsSay(t *testing.T) {
	d := newDict(t)
	require.NoError(t, d.Set(soon(t), "a", 1))
	require.NoError(t, d.Update(soon(t), map[string]int{"b": 2}, managers.Kwargs{"c": 3}))
	returns[any](t, int64(1))(d.SetDefault(soon(t), "a", 9))
	returns[any](t, int64(4))(d.SetDefault(soon(t), "d", 4))
	returns[any](t, int64(2))(d.Pop(soon(t), "b"))
	returns[any](t, "none")(d.PopDefault(soon(t), "b", "none"))
	key, value, err := d.PopItem(soon(t))
	require.NoError(t, err)
	assert.Equal(t, []any{"d", int64(4)}, []any{key, value}, "the last that was set")
	require.NoError(t, d.Delete(soon(t), "c"))
	copied, err := d.Copy(soon(t))
	require.NoError(t, err)
	assert.Equal(t, pickle.NewDict("a", int64(1)), copied)
	require.NoError(t, d.Clear(soon(t)))
	_, _, err = d.PopItem(soon(t))
	require.ErrorIs(t, err, managers.ErrKeyError)
	require.ErrorIs(t, d.Delete(soon(t), "a"), managers.ErrKeyError)
}

func TestADictHasItsKeysInTheOrderInWhichTheyCame(t *testing.T) {
	d := newDict(t, "b", 1, "a", 2)
	returns(t, []any{"b", "a"})(d.Keys(soon(t)))
	returns(t, ints(1, 2))(d.Values(soon(t)))
	returns(t, []pickle.Pair{{Key: "b", Value: int64(1)}, {Key: "a", Value: int64(2)}})(d.Items(soon(t)))
	assert.Equal(t, []any{"b", "a"}, collected(t, d.EachKey(soon(t))))
	var all []any
	items, failed := d.All(soon(t))
	for key, value := range items {
		all = append(all, key, value)
	}
	require.NoError(t, failed())
	assert.Equal(t, []any{"b", int64(1), "a", int64(2)}, all)
}

func TestAllOfADictTellsWhatEndedIt(t *testing.T) {
	c := dialOwn(t)
	d := opened[*client.Dict](t)(c.OpenDict(soon(t), "dict"))
	require.NoError(t, c.Close())
	items, failed := d.All(soon(t))
	for range items {
		t.Error("a client that is closed has items")
	}
	require.Error(t, failed())
}

func TestALoopOverADictMayBeLeft(t *testing.T) {
	d := newDict(t, "a", 1, "b", 2)
	for range d.EachKey(soon(t)) {
		break
	}
	items, failed := d.All(soon(t))
	for range items {
		break
	}
	require.NoError(t, failed())
	require.NoError(t, d.Set(soon(t), "c", 3), "nothing iterates any more")
}

func newSet(t *testing.T, vs ...any) *client.Set {
	t.Helper()
	return opened[*client.Set](t)(dialOwn(t).OpenSet(soon(t), "set", pickle.NewSet(vs...)))
}

func TestASetChangesAsItsMethodsSay(t *testing.T) {
	s := newSet(t, 1)
	require.NoError(t, s.Add(soon(t), 2))
	require.NoError(t, s.Discard(soon(t), 7))
	require.NoError(t, s.Remove(soon(t), 1))
	require.ErrorIs(t, s.Remove(soon(t), 1), managers.ErrKeyError)
	returns(t, 1)(s.Len(soon(t)))
	returns(t, true)(s.Contains(soon(t), 2))
	returns[any](t, int64(2))(s.Pop(soon(t)))
	_, err := s.Pop(soon(t))
	require.ErrorIs(t, err, managers.ErrKeyError)
	require.NoError(t, s.Update(soon(t), []int{3, 4}, pickle.NewSet(5)))
	require.NoError(t, s.Clear(soon(t)))
	returns(t, 0)(s.Len(soon(t)))
}

func TestASetIsCombinedWithOthers(t *testing.T) {
	s := newSet(t, 1, 2, 3)
	for name, c := range map[string]struct {
		got  func() (*pickle.Set, error)
		want []int64
	}{
		"copy":                 {func() (*pickle.Set, error) { return s.Copy(soon(t)) }, []int64{1, 2, 3}},
		"union":                {func() (*pickle.Set, error) { return s.Union(soon(t), []int{4}, []int{5}) }, []int64{1, 2, 3, 4, 5}},
		"intersection":         {func() (*pickle.Set, error) { return s.Intersection(soon(t), []int{2, 9}) }, []int64{2}},
		"difference":           {func() (*pickle.Set, error) { return s.Difference(soon(t), []int{2, 9}) }, []int64{1, 3}},
		"symmetric difference": {func() (*pickle.Set, error) { return s.SymmetricDifference(soon(t), []int{2, 9}) }, []int64{1, 3, 9}},
	} {
		got, err := c.got()
		require.NoError(t, err, name)
		assert.ElementsMatch(t, ints(c.want...), slices.Collect(got.All()), name)
	}
}

func TestASetIsCombinedInPlace(t *testing.T) {
	s := newSet(t, 1, 2, 3, 4)
	require.NoError(t, s.IntersectionUpdate(soon(t), []int{1, 2, 3, 9}))
	require.NoError(t, s.DifferenceUpdate(soon(t), []int{1}))
	require.NoError(t, s.SymmetricDifferenceUpdate(soon(t), []int{3, 8}))
	assert.ElementsMatch(t, ints(2, 8), collected(t, s.All(soon(t))))
}

func TestSetsAreCompared(t *testing.T) {
	s := newSet(t, 1, 2)
	returns(t, true)(s.IsSubset(soon(t), []int{1, 2, 3}))
	returns(t, false)(s.IsSuperset(soon(t), []int{1, 3}))
	returns(t, true)(s.IsDisjoint(soon(t), []int{3}))
}

func TestAnElementThatCannotBeHashedIsATypeError(t *testing.T) {
	require.ErrorIs(t, newSet(t).Add(soon(t), []int{1}), managers.ErrTypeError)
}
