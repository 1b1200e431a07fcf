package interop_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPoolAnswersWhileTheChannelIsOpen(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{Workers: 2})
	for _, chunk := range []int{1, 4} {
		calls := make(chan pool.Arguments)
		next, stop := iter.Pull2(pool.IMapChan[int](t.Context(), p, "tasks:add", calls, &pool.MapOptions{Chunk: chunk}))
		for n := range 3 {
			go func() { calls <- pool.Arguments{Args: []any{n, 1}, Kwargs: pool.Kwargs{"c": 10}} }()
			v, err, ok := next()
			require.True(t, ok)
			require.NoError(t, err)
			assert.Equal(t, n+11, v)
		}
		close(calls)
		_, _, ok := next()
		assert.False(t, ok, "the end of the channel is the end")
		stop()
	}
}

func TestPoolAnswersACallWithoutArgumentsInItsPlace(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{Workers: 2})
	bad := errors.New("bad")
	for _, chunk := range []int{1, 3} {
		calls := make(chan pool.Arguments, 4)
		for n := range 4 {
			a := pool.Arguments{Args: []any{n}}
			if n == 1 {
				a.Err = bad
			}
			calls <- a
		}
		close(calls)
		var got []int
		for v, err := range pool.IMapChan[int](t.Context(), p, "tasks:square", calls, &pool.MapOptions{Chunk: chunk}) {
			var item *pool.ItemError
			if errors.As(err, &item) {
				require.ErrorIs(t, err, bad)
				v = -item.Index
			}
			got = append(got, v)
		}
		assert.Equal(t, []int{0, -1, 4, 9}, got)
	}
}

func TestPoolEndsAMapOfAChannelWithItsContext(t *testing.T) {
	p := openPool(t, needPython(t, py312), pool.Options{InterruptGrace: -1})
	ctx, cancel := context.WithCancel(t.Context())
	calls := make(chan pool.Arguments) // nothing will come
	cancel()
	for _, err := range pool.IMapChan[int](ctx, p, "tasks:square", calls, nil) {
		require.ErrorIs(t, err, context.Canceled)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	sent := make(chan pool.Arguments, 1)
	sent <- pool.Arguments{Args: []any{2}}
	var last error
	for v, err := range pool.IMapChan[int](ctx, p, "tasks:square", sent, nil) {
		if err == nil {
			assert.Equal(t, 4, v)
			cancel()
		}
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
}
