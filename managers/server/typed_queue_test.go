package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// numbers serves a queue and returns a client's view of it, which holds a text and then a number.
func numbers(t *testing.T, o queue.Options) (*queue.Queue, *client.TypedQueue[float64]) {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", &o)
	require.NoError(t, err)
	c := dial(t, serveAt(t, s))
	typed, err := client.OpenQueueOf[float64](soon(t), c, "jobs")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), "text"))
	require.NoError(t, q.Put(soon(t), 1.5))
	return q, typed
}

// misfit takes the text.
func misfit(t *testing.T, q *client.TypedQueue[float64]) *client.ItemError {
	t.Helper()
	_, err := q.Get(soon(t))
	var wrong *client.ItemError
	require.ErrorAs(t, err, &wrong)
	return wrong
}

func TestAnItemOfAnotherTypeIsInItsError(t *testing.T) {
	_, q := numbers(t, queue.Options{})
	wrong := misfit(t, q)
	var text string
	require.NoError(t, wrong.Raw.Unmarshal(&text))
	assert.Equal(t, "text", text)
	var mismatch *pickle.TypeError
	require.ErrorAs(t, wrong, &mismatch)
	assert.Equal(t, "str", mismatch.Python)
	assert.False(t, wrong.Returned)
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1.5, v)
}

func TestAnItemThatIsPutBackIsBehindTheOthers(t *testing.T) {
	queued, q := numbers(t, queue.Options{})
	wrong := misfit(t, q)
	for range 2 {
		require.NoError(t, wrong.PutBack(soon(t)))
	}
	assert.True(t, wrong.Returned)
	assert.Equal(t, 2, queued.Len(), "it is put back once")
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1.5, v)
	text, err := q.Queue.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "text", text)
}

func TestJoinCountsAnItemThatWasPutBackOnce(t *testing.T) {
	_, q := numbers(t, queue.Options{})
	require.NoError(t, misfit(t, q).PutBack(soon(t)))
	for range 2 {
		_, err := q.Queue.Get(soon(t))
		require.NoError(t, err)
		require.NoError(t, q.TaskDone(soon(t)))
	}
	require.NoError(t, q.Join(soon(t)))
}

func TestAQueueThatPutsBackKeepsWhatIsOfAnotherType(t *testing.T) {
	queued, q := numbers(t, queue.Options{})
	q.PutBack = true
	assert.True(t, misfit(t, q).Returned)
	assert.Equal(t, 2, queued.Len())
}

func TestALentItemOfAnotherTypeGoesBackToItsPlace(t *testing.T) {
	queued, q := numbers(t, queue.Options{Lease: time.Minute})
	wrong := misfit(t, q)
	assert.Equal(t, 1, queued.Stats().Leased)
	require.NoError(t, wrong.PutBack(soon(t)))
	assert.Zero(t, queued.Stats().Leased)
	first, err := q.Queue.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "text", first)
}

func TestALentItemOfAnotherTypeCanBeAcknowledgedInstead(t *testing.T) {
	queued, q := numbers(t, queue.Options{Lease: time.Minute})
	misfit(t, q)
	require.NoError(t, q.TaskDone(soon(t)))
	assert.Zero(t, queued.Stats().Leased)
	assert.Equal(t, 1, queued.Len())
}

func TestAnItemThatCannotGoBackSaysSoAndIsNotLost(t *testing.T) {
	queued, q := numbers(t, queue.Options{MaxSize: 2})
	wrong := misfit(t, q)
	require.NoError(t, queued.Put(soon(t), 2.5)) // somebody else takes the room
	ctx, cancel := context.WithTimeout(soon(t), 50*time.Millisecond)
	defer cancel()
	require.Error(t, wrong.PutBack(ctx))
	assert.False(t, wrong.Returned)
	assert.False(t, wrong.Raw.IsNone())
	_, err := q.Get(soon(t))
	require.NoError(t, err)
	require.NoError(t, wrong.PutBack(soon(t)))
}

// deep is an item that nests deeper than is decoded.
func deep(t *testing.T) pickle.Raw {
	t.Helper()
	doc := []byte("\x80\x02")
	for range pickle.DefaultMaxDepth + 1 {
		doc = append(doc, '(')
	}
	for range pickle.DefaultMaxDepth + 1 {
		doc = append(doc, 't')
	}
	r, err := pickle.ParseRaw(append(doc, '.'))
	require.NoError(t, err)
	return r
}

func TestItemsThatCannotBeDecodedAreInTheirErrors(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	queued, err := s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	q, err := dial(t, serveAt(t, s)).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	require.NoError(t, queued.Put(soon(t), 1))
	for range 3 {
		require.NoError(t, queued.Put(soon(t), deep(t)))
	}
	require.NoError(t, queued.Put(soon(t), 2))
	var wrong *client.ItemError
	got, err := q.GetMany(soon(t), 3)
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, []any{int64(1)}, got)
	_, err = q.TryGet(soon(t))
	require.ErrorAs(t, err, &wrong)
	require.NoError(t, wrong.PutBack(soon(t)))
	assert.Equal(t, 2, queued.Len())
}

func TestAResultThatDoesNotFitIsInItsError(t *testing.T) {
	c := serveSync(t, server.Limits{})
	l, err := c.OpenList(soon(t), "list")
	require.NoError(t, err)
	require.NoError(t, l.Append(soon(t), "text"))
	require.NoError(t, l.Append(soon(t), deep(t)))
	_, err = l.Call(soon(t), "pop")
	var wrong *client.ResultError
	require.ErrorAs(t, err, &wrong, "what cannot be decoded")
	assert.Equal(t, deep(t).Size(), wrong.Raw.Size())
	var n int
	err = l.CallInto(soon(t), &n, "pop")
	require.ErrorAs(t, err, &wrong, "what is of another type")
	assert.Equal(t, "pop", wrong.Method)
	var text string
	require.NoError(t, wrong.Raw.Unmarshal(&text))
	assert.Equal(t, "text", text)
	var mismatch *pickle.TypeError
	require.ErrorAs(t, err, &mismatch)
}

func TestAClientAndAServerSayWhereNaiveDatetimesAre(t *testing.T) {
	noon := pickle.NaiveDatetime(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC))
	zone := time.FixedZone("east", 3600)
	s, err := server.New(&server.Options{Authkey: key, Naive: zone})
	require.NoError(t, err)
	queued, err := s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	at := serveAt(t, s)
	for _, naive := range []*time.Location{nil, zone} {
		c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: key, Naive: naive})
		require.NoError(t, err)
		defer c.Close()
		q, err := client.OpenQueueOf[time.Time](soon(t), c, "jobs")
		require.NoError(t, err)
		require.NoError(t, q.Queue.Put(soon(t), noon))
		got, err := q.Get(soon(t))
		if naive == nil {
			require.ErrorIs(t, err, pickle.ErrNaive)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, "2026-01-02T12:00:00+01:00", got.Format(time.RFC3339))
		require.NoError(t, q.Queue.Put(soon(t), noon))
		r, err := queued.Get(soon(t))
		require.NoError(t, err)
		require.NoError(t, r.Unmarshal(&got))
		assert.Equal(t, "2026-01-02T12:00:00+01:00", got.Format(time.RFC3339))
	}
}
