package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// jobs is a queue of a server of its own.
func jobs(t *testing.T, o queue.Options) *client.Queue {
	t.Helper()
	c := dialOwn(t, func(s *server.Server) error {
		_, err := s.RegisterQueue("jobs", &o)
		return err
	})
	return opened[*client.Queue](t)(c.OpenQueue(soon(t), "jobs"))
}

func TestAFullQueueTakesNothingAtOnce(t *testing.T) {
	q := jobs(t, queue.Options{MaxSize: 1})
	require.NoError(t, q.TryPut(soon(t), 1))
	require.ErrorIs(t, q.TryPut(soon(t), 2), managers.ErrFull)
	returns(t, true)(q.Full(soon(t)))
	returns(t, 1)(q.Len(soon(t)))
	returns[any](t, int64(1))(q.TryGet(soon(t)))
	_, err := q.TryGet(soon(t))
	require.ErrorIs(t, err, managers.ErrEmpty)
	returns(t, true)(q.Empty(soon(t)))
}

func TestManyAreTakenUpToANumber(t *testing.T) {
	for name, o := range map[string]queue.Options{"for good": {}, "on lease": {Lease: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			q := jobs(t, o)
			require.NoError(t, q.PutMany(soon(t), 1, 2, 3))
			returns(t, ints(1, 2))(q.GetMany(soon(t), 2))
			returns(t, ints(3))(q.GetMany(soon(t), 9))
		})
	}
}

func TestPutManySaysHowManyWerePut(t *testing.T) {
	q := jobs(t, queue.Options{MaxSize: 2})
	err := q.PutMany(shortly(t), 1, 2, 3)
	var some *client.PutManyError
	require.ErrorAs(t, err, &some)
	assert.Equal(t, 2, some.Put)
	require.ErrorContains(t, err, "after 2 values")
	require.ErrorIs(t, err, context.DeadlineExceeded, "why the next was not")
	returns(t, 2)(q.Len(soon(t)))
}

func TestAQueueThatWasShutDownSaysSo(t *testing.T) {
	q := jobs(t, queue.Options{})
	require.NoError(t, q.Put(soon(t), 1))
	require.NoError(t, q.Shutdown(soon(t), false))
	require.ErrorIs(t, q.Put(soon(t), 2), managers.ErrShutDown)
	returns[any](t, int64(1))(q.Get(soon(t)))
	_, err := q.Get(soon(t))
	require.ErrorIs(t, err, managers.ErrShutDown)
}

func TestJoinEndsWithTheLastTaskDone(t *testing.T) {
	q := jobs(t, queue.Options{})
	require.NoError(t, q.Put(soon(t), 1))
	joined := make(chan error, 1)
	go func() { joined <- q.Join(soon(t)) }()
	_, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Empty(t, joined)
	require.NoError(t, q.TaskDone(soon(t)))
	require.NoError(t, <-joined)
	require.ErrorIs(t, q.TaskDone(soon(t)), managers.ErrValueError)
}

func TestAnItemOfAnotherTypeIsGivenBackByWhoGotIt(t *testing.T) {
	q := jobs(t, queue.Options{})
	require.NoError(t, q.Put(soon(t), "no number"))
	typed := opened[*client.TypedQueue[int]](t)(client.OpenQueueOf[int](soon(t), clientOf(t, q), "jobs"))
	_, err := typed.Get(soon(t))
	var item *client.ItemError
	require.ErrorAs(t, err, &item)
	require.NotEmpty(t, item.Error())
	require.Error(t, errors.Unwrap(item))
	require.NoError(t, item.PutBack(soon(t)))
	returns[any](t, "no number")(q.Get(soon(t)))
}

// clientOf is a client of the server that has the queue.
func clientOf(t *testing.T, q *client.Queue) *client.Client {
	t.Helper()
	return opened[*client.Client](t)(dialAgain(t, q.Proxy))
}

func TestALeasedItemIsAcknowledgedOnce(t *testing.T) {
	q := jobs(t, queue.Options{Lease: time.Hour})
	require.NoError(t, q.Put(soon(t), 1))
	d := opened[*client.Delivery](t)(q.Lease(soon(t)))
	returns(t, true)(d.Extend(soon(t), time.Minute))
	returns(t, true)(d.Ack(soon(t)))
	returns(t, false)(d.Ack(soon(t)))
	returns(t, false)(d.Nack(soon(t), 0))
}

func TestANackBringsTheItemBack(t *testing.T) {
	q := jobs(t, queue.Options{Lease: time.Hour})
	require.NoError(t, q.Put(soon(t), 1))
	d := opened[*client.Delivery](t)(q.Lease(soon(t)))
	returns(t, true)(d.Nack(soon(t), 0))
	again := opened[*client.Delivery](t)(q.Lease(soon(t)))
	returns(t, true)(again.Ack(soon(t)))
}
