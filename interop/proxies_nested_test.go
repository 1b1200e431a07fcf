package interop_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withFarManager is withSyncManager with a client that knows the manager by another address than the
// manager does.
func withFarManager(
	t *testing.T, typeids []string, test func(t *testing.T, m syncManager, c *client.Client),
) {
	t.Helper()
	withSyncManager(t, typeids, func(t *testing.T, m syncManager, _ *client.Client) {
		m.at = forward(t, m.at).at
		test(t, m, dialManager(t, m))
	})
}

func TestAManagedListHoldsAManagedDict(t *testing.T) {
	withFarManager(t, []string{"list", "dict"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		d := must(c.OpenDict(soon(t), "dict", map[string]int{"a": 1}))(t)
		l := must(c.OpenList(soon(t), "list"))(t)
		require.NoError(t, l.Append(soon(t), d))
		v := must(l.Get(soon(t), 0))(t)
		if !m.storesProxy {
			require.IsType(t, &pickle.Dict{}, v, "a copy")
			return
		}
		inner := client.AsDict(v.(*client.Proxy))
		require.NoError(t, inner.Set(soon(t), "b", 2))
		assert.Equal(t, 2, must(d.Len(soon(t)))(t), "both are one dict")
		assert.True(t, inner.Has("popitem"))
	})
}

func TestProxiesAreFoundDeepInAValue(t *testing.T) {
	withFarManager(t, []string{"dict", "Value"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		if !m.storesProxy {
			return
		}
		v := must(c.OpenValue(soon(t), "Value", "i", 5))(t)
		d := must(c.OpenDict(soon(t), "dict"))(t)
		require.NoError(t, d.Set(soon(t), "k", []any{pickle.Tuple{v, 1}, map[string]any{"v": v}}))
		items := must(d.Values(soon(t)))(t)
		list := items[0].(*pickle.List).Items
		first := list[0].(pickle.Tuple)[0].(*client.Proxy)
		again, _ := list[1].(*pickle.Dict).Get("v")
		assert.Equal(t, int64(5), must(client.AsValue(first).Get(soon(t)))(t))
		assert.Equal(t, int64(5), must(client.AsValue(again.(*client.Proxy)).Get(soon(t)))(t))
	})
}

func TestAProxyOfAnyTypeIsAValue(t *testing.T) {
	withFarManager(t, []string{"list", "Queue"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		if !m.storesAuto {
			return
		}
		q := must(c.OpenQueue(soon(t), "Queue"))(t)
		l := must(c.OpenList(soon(t), "list", []any{q}))(t)
		inner := must(l.Get(soon(t), 0))(t).(*client.Proxy)
		require.NoError(t, discard(inner.Call(soon(t), "put", 1)))
		assert.Equal(t, int64(1), must(q.Get(soon(t)))(t))
	})
}

func TestAProxyThatWasReceivedCountsAReference(t *testing.T) {
	withFarManager(t, []string{"dict", "Queue"}, func(
		t *testing.T, m syncManager, c *client.Client,
	) {
		if !m.storesProxy {
			return
		}
		before := must(c.NumberOfObjects(soon(t)))(t)
		q := must(c.OpenQueue(soon(t), "Queue"))(t)
		d := must(c.OpenDict(soon(t), "dict", map[string]int{"a": 1}))(t)
		require.NoError(t, q.Put(soon(t), d))
		v := must(q.Get(soon(t)))(t).(*client.Proxy)
		require.NoError(t, d.Close(soon(t)))
		assert.Equal(t, 1, must(client.AsDict(v).Len(soon(t)))(t), "v refers to it, too")
		require.NoError(t, v.Close(soon(t)))
		require.NoError(t, q.Close(soon(t)))
		assert.Equal(t, before, must(c.NumberOfObjects(soon(t)))(t))
	})
}

func TestTheManagersOwnAddressCanBeGiven(t *testing.T) {
	withSyncManager(t, []string{"list", "dict"}, func(
		t *testing.T, m syncManager, _ *client.Client,
	) {
		far := forward(t, m.at).at
		for _, own := range []connection.Address{m.at, {Network: connection.TCP, Name: "::", Port: 1}} {
			c, err := client.Dial(soon(t), far.String(),
				&client.Options{Authkey: rightKey, ServerAddress: own})
			require.NoError(t, err)
			l := must(c.OpenList(soon(t), "list"))(t)
			err = l.Append(soon(t), must(c.OpenDict(soon(t), "dict"))(t))
			if own == m.at || m.anyAddress {
				require.NoError(t, err)
			} else {
				require.Error(t, err, "the manager has another address")
			}
			require.NoError(t, c.Close())
		}
	})
}

func TestALockThatWasHeldOnALostConnectionIsLost(t *testing.T) {
	withSyncManager(t, []string{"RLock"}, func(t *testing.T, m syncManager, _ *client.Client) {
		f := forward(t, m.at)
		m.at = f.at
		c := dialManager(t, m)
		l := must(c.OpenRLock(soon(t), "RLock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		f.cut()
		require.ErrorIs(t, l.Release(soon(t)), client.ErrOwnerLost)
		require.ErrorIs(t, l.Acquire(soon(t)), client.ErrOwnerLost, "it is not acquired again")
		free := must(c.OpenRLock(soon(t), "RLock"))(t)
		require.NoError(t, free.Acquire(soon(t)), "other owners go on")
		require.NoError(t, free.Release(soon(t)))
	})
}

func TestAClientClosesWhileALockIsHeld(t *testing.T) {
	withSyncManager(t, []string{"Lock"}, func(t *testing.T, m syncManager, _ *client.Client) {
		c, err := client.Dial(soon(t), m.at.String(), &client.Options{Authkey: rightKey})
		require.NoError(t, err)
		l := must(c.OpenLock(soon(t), "Lock"))(t)
		require.NoError(t, l.Acquire(soon(t)))
		require.NoError(t, c.Close())
		require.Error(t, l.Release(soon(t)))
		require.ErrorIs(t, l.WithOwner(c.NewOwner()).Acquire(soon(t)), client.ErrClosed)
	})
}

func TestAManagerThatEndsEndsAWait(t *testing.T) {
	withSyncManager(t, []string{"Event"}, func(t *testing.T, m syncManager, _ *client.Client) {
		c, err := client.Dial(soon(t), m.at.String(), &client.Options{Authkey: rightKey})
		require.NoError(t, err)
		e := must(c.OpenEvent(soon(t), "Event"))(t)
		done := make(chan error, 1)
		go func() { done <- e.Wait(soon(t)) }()
		m.stop()
		require.Error(t, <-done)
		_ = c.Close()
	})
}

// taken is what taker.py answers.
type taken struct{ Class, Text, Error string }

func TestPythonLoadsTheProxiesThatGoSends(t *testing.T) {
	withSyncManager(t, nil, func(t *testing.T, m syncManager, c *client.Client) {
		if !m.storesAuto {
			return
		}
		args := slices.Concat(m.options, words(m.at), []string{hex.EncodeToString(rightKey)})
		taker := startPeer(t, m.python(t), "taker.py", args...)
		q := must(c.OpenQueue(soon(t), "get_queue"))(t)
		for _, kind := range []struct {
			typeid, class, text string
			args                []any
		}{
			{"list", "ListProxy", "[1]", []any{[]int{1}}},
			{"dict", "DictProxy", "{1: 2}", []any{map[int]int{1: 2}}},
			{"Value", "ValueProxy", "Value('i', 3)", []any{"i", 3}},
			{"Array", "ArrayProxy", "array('i', [4])", []any{"i", []int{4}}},
			{"Namespace", "NamespaceProxy", "Namespace(x=5)", []any{managers.Kwargs{"x": 5}}},
			{"Event", "EventProxy", "", nil},
			{"Lock", "AcquirerProxy", "", nil},
			{"RLock", "AcquirerProxy", "", nil},
			{"BoundedSemaphore", "AcquirerProxy", "", nil},
			{"Condition", "ConditionProxy", "", nil},
			{"Barrier", "BarrierProxy", "", []any{2}},
			{"set", "AutoProxy[set]", "{6}", []any{[]int{6}}},
			{"Queue", "AutoProxy[Queue]", "", nil},
		} {
			if !slices.Contains(m.typeids, kind.typeid) {
				continue // this release has no such type
			}
			t.Run(kind.typeid, func(t *testing.T) {
				p := must(c.Open(soon(t), kind.typeid, kind.args...))(t)
				require.NoError(t, q.Put(soon(t), p))
				got := ask[taken](t, taker, nil)
				assert.Equal(t, kind.class, got.Class, got.Error)
				if kind.text != "" {
					assert.Equal(t, kind.text, got.Text)
				}
			})
		}
	})
}
