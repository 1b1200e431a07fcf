package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// FuzzExposedArguments fills structs from what clients send: no argument may end the server, and
// one that needs no spelling is left as it is.
func FuzzExposedArguments(f *testing.F) {
	loop := &pickle.List{}
	loop.Items = []any{pickle.NewDict("SubTrees", loop)}
	shared := pickle.Tuple{pickle.NewDict("home_town", "Bern")}
	for range 40 {
		inner := pickle.NewDict("sub_trees", shared)
		shared = pickle.Tuple{inner, inner}
	}
	for _, v := range []any{
		map[string]any{"home_town": "Bern", "HomeTown": "Basel"}, loop, shared[0], 7,
		map[string]any{"by_name": map[string]any{"x": map[string]any{"HT": 1}}},
	} {
		data, err := pickle.Marshal(v)
		require.NoError(f, err)
		f.Add(data)
	}
	limits := &pickle.DecodeOptions{MaxItems: 1 << 12}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if limits.Unmarshal(data, &v) != nil {
			return
		}
		same, err := server.Spell[samples](v)
		require.NoError(t, err)
		require.True(t, pickle.Equal(v, same))
		_, _ = server.Spell[tree](v)
	})
}
