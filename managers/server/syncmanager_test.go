package server_test

import (
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveSync starts a server with all of SyncManager, and returns a client of it.
func serveSync(t *testing.T, limits server.Limits) *client.Client {
	t.Helper()
	_, at := start(t, server.Options{Limits: limits}, syncManager, aShared("settings", "dict", map[string]int{"a": 1}))
	return dial(t, at)
}

// expectation is one call and what Python's repr() of its result is, or the exception that it raises.
type expectation struct {
	method string
	args   []any
	want   string
}

func do(want, method string, args ...any) expectation { return expectation{method, args, want} }

// play makes an object and calls it.
func play(t *testing.T, typeid string, args []any, calls ...expectation) {
	t.Helper()
	p, err := serveSync(t, server.Limits{}).Open(soon(t), typeid, args...)
	require.NoError(t, err)
	for _, s := range calls {
		assert.Equal(t, s.want, outcome(t, p, s), "%s%v", s.method, s.args)
	}
}

func outcome(t *testing.T, p *client.Proxy, s expectation) string {
	t.Helper()
	v, err := p.Call(soon(t), s.method, s.args...)
	if err != nil {
		var remote *managers.RemoteError
		require.ErrorAs(t, err, &remote)
		require.NotNil(t, remote.Exception, remote.Text)
		return remote.Exception.Error()
	}
	text, err := values.Repr(v, values.ReprStyle{})
	require.NoError(t, err)
	return text
}

func TestSharedObjectsOfEveryTypeAreFoundByName(t *testing.T) {
	d, err := serveSync(t, server.Limits{}).OpenDict(soon(t), "settings")
	require.NoError(t, err)
	v, err := d.Get(soon(t), "a")
	require.NoError(t, err)
	assert.Equal(t, int64(1), v)
}

func TestSharingNeedsAKnownType(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.ErrorIs(t, s.RegisterShared("settings", "dict"), managers.ErrKeyError)
}

func TestSharingFailsWhereTheTypeCannotBeMade(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	require.ErrorIs(t, s.RegisterShared("settings", "dict", 1), managers.ErrTypeError)
}
