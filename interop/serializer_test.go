package interop_test

import (
	"encoding/hex"
	"math/big"
	"testing"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withXMLManager runs a test against a stock manager of each version whose messages are XML.
func withXMLManager(t *testing.T, test func(t *testing.T, c *client.Client)) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		a := connection.Address{Network: connection.TCP, Name: "127.0.0.1"}
		args := append([]string{"--serializer", "xmlrpclib"}, words(a)...)
		peer := startPeer(t, py, "manager.py", append(args, hex.EncodeToString(rightKey))...)
		c, err := client.Dial(soon(t), addressOf(t, peer.Ready).String(),
			&client.Options{Authkey: rightKey, Serializer: managers.XMLRPC})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		test(t, c)
	})
}

func TestGoCallsAPythonManagerInXML(t *testing.T) {
	withXMLManager(t, func(t *testing.T, c *client.Client) {
		p := must(c.Open(soon(t), "get_calculator"))(t)
		assert.Equal(t, int64(5), must(p.Call(soon(t), "add", 2, 3))(t))
		assert.Equal(t, int64(6), must(p.Call(soon(t), "add", 2, managers.Kwargs{"b": 4}))(t))
		sent := []any{nil, true, 2.5, "text \u00e9 <&>", map[string]any{"k": []int{1, -1}}}
		got := must(p.Call(soon(t), "echo", sent...))(t)
		assert.True(t, pickle.Equal(got, pickleList(
			pickleList(nil, true, 2.5, "text \u00e9 <&>", pickle.NewDict("k", pickleList(int64(1), int64(-1)))),
			pickle.NewDict())), "%v", got)
	})
}

func pickleList(items ...any) *pickle.List { return &pickle.List{Items: items} }

func TestGoUsesAPythonManagersQueueInXML(t *testing.T) {
	withXMLManager(t, func(t *testing.T, c *client.Client) {
		q := must(c.OpenQueue(soon(t), "get_queue", "xml"))(t)
		require.NoError(t, q.Put(soon(t), "item"))
		assert.Equal(t, "item", must(q.Get(soon(t)))(t))
		_, err := q.TryGet(soon(t))
		var remote *managers.RemoteError
		require.ErrorAs(t, err, &remote, "CPython sends no more of the exception than that there is one")
	})
}

func TestWhatXMLCannotCarryIsNotSent(t *testing.T) {
	withXMLManager(t, func(t *testing.T, c *client.Client) {
		p := must(c.Open(soon(t), "get_calculator"))(t)
		_, err := p.Call(soon(t), "echo", new(big.Int).Lsh(big.NewInt(1), 40))
		require.ErrorContains(t, err, "int exceeds XML-RPC limits")
		assert.Equal(t, int64(5), must(p.Call(soon(t), "add", 2, 3))(t), "the connection goes on")
	})
}
