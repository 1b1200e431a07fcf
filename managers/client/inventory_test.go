package client_test

import (
	"testing"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAManagerListsItsObjects(t *testing.T) {
	c := dialOwn(t, func(s *server.Server) error { return s.RegisterQueueFamily("get_queue", &queue.Options{}) })
	q := opened[*client.Queue](t)(c.OpenQueue(soon(t), "get_queue", "orders"))
	require.NoError(t, q.Put(soon(t), 1))
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	require.Len(t, objects, 1)
	assert.Equal(t, "get_queue", objects[0].Typeid)
	assert.Equal(t, int64(1), int64(objects[0].Len))
	returns(t, 1)(c.NumberOfObjects(soon(t)))
	text, err := c.DebugInfo(soon(t))
	require.NoError(t, err)
	assert.Contains(t, text, "refcount=")
}

func TestAConnectionIsEndedByItsNumber(t *testing.T) {
	c := dialOwn(t)
	other := opened[*client.Client](t)(client.Dial(soon(t), c.Address().String(), &client.Options{Authkey: []byte("key")}))
	defer other.Close()
	e := opened[*client.Event](t)(other.OpenEvent(soon(t), "Event"))
	waited := make(chan error, 1)
	go func() { waited <- e.Wait(soon(t)) }()
	var waiting managers.ClientInfo
	testwait.For(t, func() bool {
		all, err := c.Clients(soon(t))
		require.NoError(t, err)
		for _, info := range all {
			if info.Waiting {
				waiting = info
			}
		}
		return waiting.Waiting
	})
	returns(t, true)(c.Kill(soon(t), waiting.Number))
	require.Error(t, <-waited)
	returns(t, false)(c.Kill(soon(t), waiting.Number))
}

func TestAServerWithoutAPlaceForItSavesNoSnapshot(t *testing.T) {
	_, err := dialOwn(t).Snapshot(soon(t))
	require.Error(t, err)
}

func TestAServerIsShutDownByItsClient(t *testing.T) {
	c := dialOwn(t)
	require.NoError(t, c.ShutdownServer(soon(t)))
	testwait.For(t, func() bool {
		_, err := client.Dial(soon(t), c.Address().String(), &client.Options{Authkey: []byte("key")})
		return err != nil
	})
}
