package server_test

import (
	"testing"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// narrowQueue is a proxy of a queue in a server whose messages hold two of three items of oneItem bytes.
func narrowQueue(t *testing.T, o queue.Options) *client.Queue {
	t.Helper()
	s, err := server.New(&server.Options{
		Authkey: key, Limits: server.Limits{MaxMessage: narrowest},
	})
	require.NoError(t, err)
	_, err = s.RegisterQueue("jobs", &o)
	require.NoError(t, err)
	addr, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = s.Serve(t.Context()) }()
	t.Cleanup(func() { _ = s.Close() })
	q, err := dial(t, addr).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	return q
}

const oneItem = narrowest * 2 / 5

// getMany asks for many items and returns how many came, each with its number in front.
func getMany(t *testing.T, q *client.Queue, n int) (first []byte) {
	t.Helper()
	r, err := q.CallRaw(soon(t), "get_many", n)
	require.NoError(t, err)
	var all [][]byte
	require.NoError(t, r.Unmarshal(&all))
	for _, item := range all {
		require.Len(t, item, oneItem)
		first = append(first, item[0])
	}
	return first
}

func TestGetManyTakesWhatFitsIntoAMessageAndLeavesTheRestInItsPlace(t *testing.T) {
	for name, o := range map[string]queue.Options{
		"given": {}, "leased": {Lease: long}, "by priority": {Order: queue.Priority}, "bounded": {MaxSize: 3},
	} {
		t.Run(name, func(t *testing.T) {
			q := narrowQueue(t, o)
			for i := range 3 {
				item := make([]byte, oneItem)
				item[0] = byte(i)
				require.NoError(t, q.Put(soon(t), item))
			}
			assert.Equal(t, []byte{0, 1}, getMany(t, q, 9))
			assert.Equal(t, []byte{2}, getMany(t, q, 9))
		})
	}
}

func TestGetManyTakesOneItemThatFillsAMessage(t *testing.T) {
	q := narrowQueue(t, queue.Options{})
	large := make([]byte, narrowest-200)
	require.NoError(t, q.Put(soon(t), large))
	require.NoError(t, q.Put(soon(t), large))
	for range 2 {
		r, err := q.CallRaw(soon(t), "get_many", 2)
		require.NoError(t, err)
		var all [][]byte
		require.NoError(t, r.Unmarshal(&all))
		assert.Len(t, all, 1)
	}
}

func TestAnItemThatGetManyLeftWasNotHandedOut(t *testing.T) {
	q := narrowQueue(t, queue.Options{Lease: long, MaxDeliveries: 1})
	for range 3 {
		require.NoError(t, q.Put(soon(t), make([]byte, oneItem)))
	}
	getMany(t, q, 3)
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1, d.Deliveries)
}
