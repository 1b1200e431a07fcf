package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made is a pickled call of something in builtins.
func made(name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "builtins", Name: name}, Args: pickle.Tuple(args)}
}

func TestPickledIteratorsOfPairsAreIterated(t *testing.T) {
	list := func() any { return made("iter", &pickle.List{Items: []any{"a", "b", "c"}}) }
	items, err := values.Iterate(made("enumerate", list(), int64(5)))
	require.NoError(t, err)
	assert.Equal(t, pickle.Tuple{int64(6), "b"}, items[1])
	items, err = values.Iterate(made("zip", made("zip", list(), list()), made("iter", pickle.Tuple{int64(1), int64(2)})))
	require.NoError(t, err)
	assert.Equal(t, []any{
		pickle.Tuple{pickle.Tuple{"a", "a"}, int64(1)}, pickle.Tuple{pickle.Tuple{"b", "b"}, int64(2)},
	}, items)
}

func TestIteratorsInIteratorsAreFollowedOnlySoDeep(t *testing.T) {
	var v any = &pickle.List{Items: []any{"a"}}
	for range 100 {
		v = made("zip", v)
	}
	_, err := values.Iterate(v)
	require.Error(t, err)
}
