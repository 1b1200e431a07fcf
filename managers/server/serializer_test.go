package server_test

import (
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveXML starts a server with all of SyncManager, and returns a client whose messages are XML.
func serveXML(t *testing.T) *client.Client {
	t.Helper()
	_, at := start(t, server.Options{}, syncManager, aShared("settings", "dict"))
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: key, Serializer: managers.XMLRPC})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestXMLCarriesPlainValues(t *testing.T) {
	d, err := serveXML(t).OpenDict(soon(t), "settings")
	require.NoError(t, err)
	require.NoError(t, d.Set(soon(t), "k", []any{1, 2.5, "x", nil, true, []byte{0}}))
	v, err := d.Get(soon(t), "k")
	require.NoError(t, err)
	again, err := d.Contains(soon(t), "k")
	require.NoError(t, err)
	assert.True(t, again)
	assert.NotNil(t, v)
}

func TestAnExceptionArrivesInXMLByItsName(t *testing.T) {
	q, err := serveXML(t).OpenQueue(soon(t), "Queue")
	require.NoError(t, err)
	_, err = q.TryGet(soon(t))
	require.ErrorIs(t, err, managers.ErrEmpty)
}

func TestWhatXMLCannotCarryStaysInTheQueue(t *testing.T) {
	q, err := serveXML(t).OpenQueue(soon(t), "Queue")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), "a"))
	require.NoError(t, q.Put(soon(t), map[string]any{"é": []int{1}}))
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "a", v)
	n, err := q.Len(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestAResultThatIsAProxyCannotBeSentInXML(t *testing.T) {
	c := serveXML(t)
	d, err := c.OpenDict(soon(t), "dict")
	require.NoError(t, err)
	before, err := c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	_, err = d.Call(soon(t), "__iter__")
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	assert.Equal(t, "#UNSERIALIZABLE", remote.Kind)
	after, err := c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	assert.Equal(t, before, after, "nothing refers to the iterator")
}

func TestAnUnknownSerializerIsRefused(t *testing.T) {
	_, err := client.Dial(soon(t), "127.0.0.1:1",
		&client.Options{Authkey: key, Serializer: "json"})
	require.ErrorContains(t, err, `unknown serializer "json"`)
}
