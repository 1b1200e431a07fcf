package server_test

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// familyOf serves a family, and returns a client and what names the queue of an argument.
func familyOf(t *testing.T) (*server.Server, func(arg any) (string, error)) {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
	c := dial(t, serveAt(t, s))
	return s, func(arg any) (string, error) {
		q, err := c.OpenQueue(soon(t), "get_queue", arg)
		if err != nil {
			return "", err
		}
		return q.Token().Ident, nil
	}
}

func TestEqualKeysNameOneQueue(t *testing.T) {
	_, ident := familyOf(t)
	one := big.NewInt(1)
	for name, same := range map[string][]any{
		"numbers":  {1, 1.0, true, one},
		"tuples":   {pickle.Tuple{"shard", 2}, pickle.Tuple{"shard", 2.0}},
		"texts":    {"1", pickle.ByteString("1")},
		"nothing":  {nil, ""},
		"bytes":    {[]byte("1"), []byte("1")},
		"halves":   {0.5, 0.5},
		"nul text": {"\x00a", "\x00a"},
	} {
		want, err := ident(same[0])
		require.NoError(t, err, name)
		for _, arg := range same[1:] {
			got, err := ident(arg)
			require.NoError(t, err, name)
			assert.Equal(t, want, got, "%s: %v", name, arg)
		}
	}
}

func TestDifferentKeysNameDifferentQueues(t *testing.T) {
	_, ident := familyOf(t)
	seen := make(map[string]any)
	for _, arg := range []any{nil, 0, 1, "1", []byte("1"), 0.5, "0.5", pickle.Tuple{}, "()", pickle.Tuple{1}, pickle.Tuple{"1"},
		pickle.Tuple{1, 2}, pickle.Tuple{pickle.Tuple{1}, 2}, "\x00a", "a"} {
		got, err := ident(arg)
		require.NoError(t, err, "%v", arg)
		assert.NotContains(t, seen, got, "%v", arg)
		seen[got] = arg
	}
}

func TestWhatCannotBeAKeyNamesNoQueue(t *testing.T) {
	_, ident := familyOf(t)
	_, err := ident([]any{1})
	require.ErrorIs(t, err, managers.ErrTypeError)
	_, err = ident(math.NaN())
	require.ErrorIs(t, err, managers.ErrValueError)
	_, err = ident(pickle.Tuple{math.NaN()})
	require.ErrorIs(t, err, managers.ErrValueError)
}

func TestASnapshotKeepsQueuesThatTextDoesNotName(t *testing.T) {
	serve := func() (*server.Server, *client.Client) {
		s, err := server.New(&server.Options{Authkey: key})
		require.NoError(t, err)
		require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
		return s, dial(t, serveAt(t, s))
	}
	q := func(c *client.Client, arg any) *client.Queue {
		q, err := c.OpenQueue(soon(t), "get_queue", arg)
		require.NoError(t, err)
		return q
	}
	names := []any{1, "1", 0.5, []byte("\x00\xff"), pickle.Tuple{"shard", 2}, "\x00text"}
	first, c := serve()
	for i, name := range names {
		require.NoError(t, q(c, name).Put(soon(t), i))
	}
	var saved bytes.Buffer
	save(t, first, &saved)
	second, c := serve()
	_, err := second.Restore(&saved, nil)
	require.NoError(t, err)
	for i, name := range names {
		v, err := q(c, name).Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, int64(i), v, "%v", name)
	}
}

func TestAQueueIsListedByTheNameThatItWasMadeBy(t *testing.T) {
	s, ident := familyOf(t)
	for _, arg := range []any{1, 1.0, pickle.Tuple{"shard", 2}} {
		_, err := ident(arg)
		require.NoError(t, err)
	}
	var names []string
	for _, q := range s.Stats().Queues {
		names = append(names, q.Name)
	}
	assert.Equal(t, []string{"get_queue(1)", "get_queue(('shard', 2))"}, names)
}
