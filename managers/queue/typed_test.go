package queue_test

import (
	"context"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATypedQueueGivesValuesOfItsType(t *testing.T) {
	q := queue.Of[string](testwait.Must(queue.New(nil)))
	require.NoError(t, q.Put(soon(t), "a"))
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "a", v)
	_, err = q.TryGet()
	require.ErrorIs(t, err, managers.ErrEmpty)
}

func TestAnItemOfAnotherTypeIsInItsError(t *testing.T) {
	q := queue.Of[int](testwait.Must(queue.New(nil)))
	require.NoError(t, q.Queue.Put(soon(t), "text"))
	_, err := q.Get(soon(t))
	wrong := (*queue.ItemError)(nil)
	require.ErrorAs(t, err, &wrong)
	require.ErrorAs(t, err, new(*pickle.TypeError))
	v, err := wrong.Raw.Any()
	require.NoError(t, err)
	assert.Equal(t, "text", v)
}

func TestAllTakesItemsUntilTheQueueIsShutDownAndGoesOnAfterOneThatDoesNotFit(t *testing.T) {
	q := queue.Of[int](testwait.Must(queue.New(nil)))
	for _, v := range []any{1, "text", 2} {
		require.NoError(t, q.Queue.Put(soon(t), v))
	}
	q.Shutdown(false)
	var got []int
	failed := 0
	for v, err := range q.All(soon(t)) {
		if err != nil {
			failed++
			continue
		}
		got = append(got, v)
	}
	assert.Equal(t, []int{1, 2}, got)
	assert.Equal(t, 1, failed)
}

func TestAllEndsWithTheErrorOfItsContext(t *testing.T) {
	q := testwait.Must(queue.New(nil))
	ctx, cancel := context.WithCancel(soon(t))
	cancel()
	n := 0
	for _, err := range q.All(ctx) {
		n++
		require.ErrorIs(t, err, context.Canceled)
	}
	assert.Equal(t, 1, n)
}
