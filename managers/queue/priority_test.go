package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func byPriority() *queue.Queue {
	return testwait.Must(queue.New(&queue.Options{Order: queue.Priority}))
}

func putValues(t *testing.T, q *queue.Queue, vs ...any) {
	t.Helper()
	for _, v := range vs {
		require.NoError(t, q.TryPut(v))
	}
}

func getValue(t *testing.T, q *queue.Queue) any {
	t.Helper()
	r, err := q.TryGet()
	require.NoError(t, err)
	v, err := r.Any()
	require.NoError(t, err)
	return v
}

// job is a priority and what a priority queue can compare with nothing.
func job(n int, name string) pickle.Tuple {
	return pickle.Tuple{int64(n), pickle.NewDict(name, int64(1))}
}

func TestWhatCannotBeOrderedIsRefusedAndLeavesTheQueueAsItWas(t *testing.T) {
	q := byPriority()
	putValues(t, q, job(1, "a"))
	require.ErrorIs(t, q.TryPut(job(1, "b")), managers.ErrTypeError)
	assert.Equal(t, queue.Stats{Order: queue.Priority, Len: 1, Unfinished: 1, Puts: 1, Bytes: q.Stats().Bytes}, q.Stats())
	assert.True(t, strings.Contains(fmt.Sprint(getValue(t, q)), "a"))
	assert.Zero(t, q.Stats().Bytes)
}

// torn is a queue in which two items that cannot be compared lie below a smaller one: no put met both.
func torn(t *testing.T) *queue.Queue {
	q := byPriority()
	putValues(t, q, job(0, "first"), job(1, "a"), job(1, "b"))
	return q
}

func TestAGetThatFindsNoOrderRaisesOnceAndLosesNothing(t *testing.T) {
	q := torn(t)
	_, err := q.TryGet()
	require.ErrorIs(t, err, managers.ErrTypeError)
	assert.Equal(t, 3, q.Len())
	assert.Equal(t, int64(0), getValue(t, q).(pickle.Tuple)[0], "what the get would have given comes next")
	for range 2 {
		assert.Equal(t, int64(1), getValue(t, q).(pickle.Tuple)[0])
	}
	assert.Zero(t, q.Len())
}

func TestTheItemThatAGetOwesIsShownFirstAndCanBeThrownAway(t *testing.T) {
	q := torn(t)
	_, err := q.TryGet()
	require.ErrorIs(t, err, managers.ErrTypeError)
	assert.Len(t, queue.Peek(q, 1), 1)
	assert.Equal(t, 3, q.Backend().Clear())
	assert.Zero(t, q.Len())
}

func TestGetManyGivesWhatHasAnOrderAndTheNextGetRaises(t *testing.T) {
	q := byPriority()
	putValues(t, q, job(-1, "x"), job(0, "first"), job(1, "a"), job(1, "b"))
	got := queue.TakeMany(q, 0, 4)
	_, err := q.TryGet()
	require.ErrorIs(t, err, managers.ErrTypeError)
	got.Undo()
	assert.Equal(t, 4, q.Len(), "nothing is lost")
	assert.Equal(t, int64(0), getValue(t, q).(pickle.Tuple)[0], "what was owed")
}

func TestAPutThatWaitedForRoomLearnsThatItsItemHasNoOrder(t *testing.T) {
	q := testwait.Must(queue.New(&queue.Options{Order: queue.Priority, MaxSize: 2}))
	putValues(t, q, 1, 2)
	failed := make(chan error)
	go func() { failed <- q.Put(soon(t), "text") }()
	waitFor(t, func() bool { return q.Stats().Putters == 1 })
	assert.Equal(t, int64(1), getValue(t, q))
	require.ErrorIs(t, <-failed, managers.ErrTypeError)
	assert.Equal(t, int64(2), getValue(t, q))
}

func TestAnItemThatComesBackIsFirstOfThoseThatAreEqual(t *testing.T) {
	q := byPriority()
	putValues(t, q, true, 1, 1.0)
	back := queue.TakeItem(q)
	back()
	assert.Equal(t, true, getValue(t, q))
}

func TestItemsTooLongToBeKeptDecodedAreOrderedByAllOfTheirValue(t *testing.T) {
	q := byPriority()
	long := strings.Repeat("x", 1000)
	putValues(t, q, pickle.Tuple{int64(1), long, int64(2)}, pickle.Tuple{int64(1), long, int64(1)}, pickle.Tuple{int64(0), long})
	for _, want := range []pickle.Tuple{{int64(0), long}, {int64(1), long, int64(1)}, {int64(1), long, int64(2)}} {
		assert.Equal(t, want, getValue(t, q))
	}
}
