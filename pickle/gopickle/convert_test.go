package gopickle_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/nlpodyssey/gopickle/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
	"mpbridge/pickle/gopickle"
)

func TestThereAndBackOverTheVectors(t *testing.T) {
	files, err := filepath.Glob("../testdata/vectors/*.p[2345]")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		head, data, _ := bytes.Cut(content, []byte("\n\n"))
		var v any
		require.NoError(t, pickle.Unmarshal(data, &v))
		held, err := gopickle.ToTypes(v)
		require.NoError(t, err, f)
		back, err := gopickle.FromTypes(held)
		require.NoError(t, err, f)
		if bytes.Contains(head, []byte("python: 2.7")) {
			continue // a str of Python 2 becomes text
		}
		assert.True(t, pickle.Equal(v, back), "%s: %v became %v", f, v, back)
		again, err := pickle.Marshal(back)
		require.NoError(t, err, f)
		assert.NotEmpty(t, again)
	}
}

func TestToTypesMakesGopickleTypes(t *testing.T) {
	obj := &pickle.Object{
		Kind:  pickle.NewObj,
		Class: pickle.Global{Module: "a", Name: "B"},
		Args:  pickle.Tuple{int64(1)},
	}
	cases := []struct{ v, want any }{
		{int64(5), 5},
		{nil, nil},
		{"a", "a"},
		{pickle.ByteString("a"), "a"},
		{[]byte("a"), []byte("a")},
		{&pickle.ByteArray{Bytes: []byte("a")}, types.NewByteArrayFromSlice([]byte("a"))},
		{pickle.Tuple{int64(1)}, types.NewTupleFromSlice([]any{1})},
		{&pickle.List{Items: []any{int64(1)}}, types.NewListFromSlice([]any{1})},
		{pickle.NewDict("a", int64(1)), &types.Dict{{Key: "a", Value: 1}}},
		{pickle.NewSet("a"), types.NewSetFromSlice([]any{"a"})},
		{pickle.NewFrozenSet("a"), types.NewFrozenSetFromSlice([]any{"a"})},
		{pickle.Global{Module: "a", Name: "B"}, types.NewGenericClass("a", "B")},
		{obj, &types.GenericObject{Class: types.NewGenericClass("a", "B"), ConstructorArgs: []any{1}}},
	}
	for _, c := range cases {
		got, err := gopickle.ToTypes(c.v)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	od := &pickle.Object{
		Class: pickle.Global{Module: "collections", Name: "OrderedDict"},
		Args:  pickle.Tuple{},
		Pairs: []pickle.Pair{{Key: "a", Value: int64(1)}},
	}
	got, err := gopickle.ToTypes(od)
	require.NoError(t, err)
	assert.Equal(t, 1, got.(*types.OrderedDict).MustGet("a"))
	back, err := gopickle.FromTypes(got)
	require.NoError(t, err)
	assert.True(t, pickle.Equal(od, back))
}

func TestConvertingKeepsSharingAndCycles(t *testing.T) {
	l := &pickle.List{}
	tuple := pickle.Tuple{l}
	l.Items = []any{l, tuple}
	held, err := gopickle.ToTypes(l)
	require.NoError(t, err)
	list := held.(*types.List)
	assert.Same(t, list, list.Get(0))
	assert.Same(t, list, list.Get(1).(*types.Tuple).Get(0))
	back, err := gopickle.FromTypes(held)
	require.NoError(t, err)
	again := back.(*pickle.List)
	assert.Same(t, again, again.Items[0])
	assert.Same(t, again, again.Items[1].(pickle.Tuple)[0])
}

func TestConvertingRefuses(t *testing.T) {
	deep, held := &pickle.List{}, types.NewList()
	for range 20_000 {
		deep = &pickle.List{Items: []any{deep}}
		held = types.NewListFromSlice([]any{held})
	}
	var limit *pickle.LimitError
	_, err := gopickle.ToTypes(deep)
	assert.ErrorAs(t, err, &limit)
	_, err = gopickle.FromTypes(held)
	assert.ErrorAs(t, err, &limit)
	_, err = gopickle.ToTypes(pickle.NewSet([]byte("a")))
	assert.ErrorIs(t, err, pickle.ErrUnhashable)
	_, err = gopickle.FromTypes(&types.Dict{{Key: types.NewList()}})
	assert.ErrorIs(t, err, pickle.ErrUnhashable)
	_, err = gopickle.FromTypes(types.NewSetFromSlice([]any{types.NewList()}))
	assert.ErrorIs(t, err, pickle.ErrUnhashable)
	_, err = gopickle.FromTypes(types.NewFrozenSetFromSlice([]any{types.NewList()}))
	assert.ErrorIs(t, err, pickle.ErrUnhashable)
	var unknown *gopickle.TypeError
	_, err = gopickle.FromTypes(struct{}{})
	assert.ErrorAs(t, err, &unknown)
	null, err := gopickle.FromTypes((*types.List)(nil))
	assert.NoError(t, err)
	assert.Nil(t, null)
}

func ExampleToTypes() {
	var v any
	if err := pickle.Unmarshal([]byte("\x80\x04K\x01K\x02\x86."), &v); err != nil {
		fmt.Println(err)
		return
	}
	t, err := gopickle.ToTypes(v)
	fmt.Printf("%T %v\n", t, err)
	// Output: *types.Tuple <nil>
}
