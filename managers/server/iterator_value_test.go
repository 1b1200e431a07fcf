package server_test

import (
	"strings"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keysOf iterates over a dict; proxy says that the manager was asked for each key.
func keysOf(t *testing.T, d *client.Dict) (keys []any, proxy bool) {
	t.Helper()
	v, err := d.Call(soon(t), "__iter__")
	require.NoError(t, err)
	p, proxy := v.(*client.Proxy)
	if proxy {
		require.NoError(t, p.Close(soon(t)))
	}
	for k, err := range d.EachKey(soon(t)) {
		require.NoError(t, err)
		keys = append(keys, k)
	}
	return keys, proxy
}

func TestADictThatOthersKnowIsIteratedOverByValue(t *testing.T) {
	c := serveSync(t, server.Limits{})
	for name, made := range map[string]func() (*client.Dict, error){
		"shared by name": func() (*client.Dict, error) { return c.OpenDict(soon(t), "settings") },
		"out of a list": func() (*client.Dict, error) {
			d, err := c.OpenDict(soon(t), "dict", map[string]int{"a": 1})
			require.NoError(t, err)
			l, err := c.OpenList(soon(t), "list", []any{d})
			require.NoError(t, err)
			v, err := l.Get(soon(t), 0)
			require.NoError(t, err)
			return client.AsDict(v.(*client.Proxy)), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := made()
			require.NoError(t, err)
			keys, proxy := keysOf(t, d)
			assert.False(t, proxy)
			assert.Equal(t, []any{"a"}, keys)
		})
	}
}

func TestADictOfOnesOwnIsIteratedOverKeyByKey(t *testing.T) {
	c := serveSync(t, server.Limits{})
	d, err := c.OpenDict(soon(t), "dict", map[string]int{"a": 1})
	require.NoError(t, err)
	keys, proxy := keysOf(t, d)
	assert.True(t, proxy)
	assert.Equal(t, []any{"a"}, keys)
}

func TestKeysThatAreTooLargeForAReplyAreAskedForOneByOne(t *testing.T) {
	c := serveSync(t, server.Limits{MaxMessage: 1 << 14})
	d, err := c.OpenDict(soon(t), "settings")
	require.NoError(t, err)
	for _, first := range "bcd" {
		require.NoError(t, d.Set(soon(t), strings.Repeat(string(first), 1<<12), nil))
	}
	keys, proxy := keysOf(t, d)
	assert.True(t, proxy)
	assert.Len(t, keys, 4)
}

func TestADictOfManyKeysIsIteratedOverKeyByKey(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	server.IteratorKeys(s, 1)
	require.NoError(t, s.RegisterSyncManager())
	require.NoError(t, s.RegisterShared("many", "dict", pickle.NewDict("a", 1, "b", 2)))
	require.NoError(t, s.RegisterShared("few", "dict", pickle.NewDict("a", 1)))
	c := dial(t, serveAt(t, s))
	for name, want := range map[string]bool{"many": true, "few": false} {
		d, err := c.OpenDict(soon(t), name)
		require.NoError(t, err)
		_, proxy := keysOf(t, d)
		assert.Equal(t, want, proxy, name)
	}
}

func TestMethodsOfAttributesAreNotListed(t *testing.T) {
	c := serveSync(t, server.Limits{})
	for typeid, want := range map[string][]string{"Namespace": {}, "Barrier": {"abort", "reset", "wait"}} {
		var args []any
		if typeid == "Barrier" {
			args = []any{1}
		}
		p, err := c.Open(soon(t), typeid, args...)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, p.Methods(), typeid)
		_, err = p.Call(soon(t), "__getattribute__", "nothing")
		require.ErrorIs(t, err, managers.ErrAttributeError, "%s answers it all the same", typeid)
	}
}
