package server_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// proxyElsewhere is a proxy as anybody can write one: it names a manager elsewhere, and a key to use there.
func proxyElsewhere(at *net.TCPAddr) *pickle.Object {
	class := func(module, name string) pickle.Global { return pickle.Global{Module: module, Name: name} }
	token := &pickle.Object{Kind: pickle.NewObj, Args: pickle.Tuple{}, HasState: true,
		Class: class("multiprocessing.managers", "Token"),
		State: pickle.Tuple{"list", pickle.Tuple{at.IP.String(), at.Port}, "7f00"}}
	return &pickle.Object{Kind: pickle.Reduce, Class: class("multiprocessing.managers", "RebuildProxy"),
		Args: pickle.Tuple{class("multiprocessing.managers", "ListProxy"), token, "pickle", pickle.NewDict()}}
}

// TestAProxyOfAManagerElsewhereIsFollowedByNobody: whoever dialled it would answer a challenge there.
func TestAProxyOfAManagerElsewhereIsFollowedByNobody(t *testing.T) {
	attacker, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer attacker.Close()
	proxy := proxyElsewhere(attacker.Addr().(*net.TCPAddr))
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
	c := dial(t, serveAt(t, s))
	q, err := c.OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), pickle.Tuple{proxy}))
	item, err := q.Get(soon(t))
	require.NoError(t, err)
	v, ok := item.(pickle.Tuple)
	require.True(t, ok)
	assert.IsType(t, &pickle.Object{}, v[0], "it stays what it was")
	d, err := c.Open(soon(t), "dict")
	require.NoError(t, err)
	_, err = d.Call(soon(t), "__setitem__", "k", proxy)
	require.NoError(t, err)
	got, err := d.Call(soon(t), "get", "k")
	require.NoError(t, err)
	assert.IsType(t, &pickle.Object{}, got)
	for _, method := range []string{"__str__", "copy", "values"} {
		_, err = d.Call(soon(t), method)
		require.NoError(t, err, method)
	}
	mine, err := net.Dial("tcp", attacker.Addr().String())
	require.NoError(t, err)
	defer mine.Close()
	first, err := attacker.Accept()
	require.NoError(t, err)
	defer first.Close()
	assert.Equal(t, mine.LocalAddr().String(), first.RemoteAddr().String(), "nobody came before")
}
