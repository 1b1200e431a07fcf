package server_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lists makes n lists.
func lists(t *testing.T, c *client.Client, n int) []*client.List {
	t.Helper()
	out := make([]*client.List, n)
	for i := range out {
		l, err := c.OpenList(soon(t), "list")
		require.NoError(t, err)
		out[i] = l
	}
	return out
}

func objectCount(t *testing.T, c *client.Client) int {
	t.Helper()
	n, err := c.NumberOfObjects(soon(t))
	require.NoError(t, err)
	return n
}

func TestAStoredProxyKeepsItsObjectAlive(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: minGrace})
	l := lists(t, c, 2)
	require.NoError(t, l[1].Append(soon(t), "inside"))
	require.NoError(t, l[0].Append(soon(t), l[1]))
	require.NoError(t, l[1].Close(soon(t)))
	time.Sleep(30 * time.Millisecond) // longer than the grace
	v, err := l[0].Get(soon(t), 0)
	require.NoError(t, err)
	inner, err := client.AsList(v.(*client.Proxy)).Get(soon(t), 0)
	require.NoError(t, err)
	assert.Equal(t, "inside", inner)
}

func TestAnObjectGoesWithTheLastPlaceThatStoresIt(t *testing.T) {
	for name, remove := range map[string]func(l *client.List) error{
		"deleted":     func(l *client.List) error { return l.Delete(soon(t), 0) },
		"popped":      func(l *client.List) error { _, err := l.CallRaw(soon(t), "pop"); return err },
		"overwritten": func(l *client.List) error { return l.Set(soon(t), 0, nil) },
		"cleared":     func(l *client.List) error { return l.Clear(soon(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := serveSync(t, server.Limits{})
			l := lists(t, c, 2)
			require.NoError(t, l[0].Append(soon(t), l[1]))
			require.NoError(t, l[1].Close(soon(t)))
			require.Equal(t, 2, objectCount(t, c))
			require.NoError(t, remove(l[0]))
			assert.Equal(t, 1, objectCount(t, c))
		})
	}
}

func TestAnObjectGoesWithTheOneThatStoresIt(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: minGrace})
	l := lists(t, c, 2)
	require.NoError(t, l[0].Append(soon(t), l[1]))
	require.NoError(t, l[1].Close(soon(t)))
	require.NoError(t, l[0].Close(soon(t)))
	waitFor(t, func() bool { return objectCount(t, c) == 0 })
}

// listedLists returns what the manager lists except for shared objects.
func listedLists(t *testing.T, c *client.Client) []managers.ObjectInfo {
	t.Helper()
	all, err := c.Objects(soon(t))
	require.NoError(t, err)
	return slices.DeleteFunc(all, func(o managers.ObjectInfo) bool { return o.Shared })
}

func TestWhatOnlyWaitsOutItsGraceIsNotCounted(t *testing.T) {
	for name, link := range map[string]func(l []*client.List) error{
		"alone":      func([]*client.List) error { return nil },
		"in another": func(l []*client.List) error { return l[0].Append(soon(t), l[1]) },
		"in itself":  func(l []*client.List) error { return l[0].Append(soon(t), l[0]) },
		"in each other": func(l []*client.List) error {
			return errors.Join(l[0].Append(soon(t), l[1]), l[1].Append(soon(t), l[0]))
		},
		"with one twice": func(l []*client.List) error { return l[0].Extend(soon(t), []any{l[1], l[1]}) },
	} {
		t.Run(name, func(t *testing.T) {
			c := serveSync(t, server.Limits{ObjectGrace: time.Hour})
			l := lists(t, c, 2)
			require.NoError(t, link(l))
			require.NoError(t, l[1].Close(soon(t)))
			require.NoError(t, l[0].Close(soon(t)))
			assert.Zero(t, objectCount(t, c))
			assert.Empty(t, listedLists(t, c))
		})
	}
}

func TestAProxyInWhatWaitsOutItsGraceIsNoReference(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: time.Hour})
	l := lists(t, c, 2)
	require.NoError(t, l[0].Append(soon(t), l[1]))
	require.NoError(t, l[0].Close(soon(t)))
	all := listedLists(t, c)
	require.Len(t, all, 1)
	assert.Equal(t, 1, all[0].References)
	runtime.KeepAlive(l)
}

func TestWhatAStoredObjectStoresIsCounted(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: time.Hour})
	l := lists(t, c, 3)
	require.NoError(t, l[0].Append(soon(t), l[1]))
	require.NoError(t, l[1].Append(soon(t), l[2]))
	require.NoError(t, l[2].Close(soon(t)))
	require.NoError(t, l[1].Close(soon(t)))
	assert.Equal(t, 3, objectCount(t, c))
	runtime.KeepAlive(l)
}

func TestObjectsThatStoreEachOtherGo(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: minGrace})
	l := lists(t, c, 3)
	for i := range l {
		require.NoError(t, l[i].Append(soon(t), l[(i+1)%3]))
	}
	for i := range l {
		require.NoError(t, l[i].Close(soon(t)))
	}
	waitFor(t, func() bool { return objectCount(t, c) == 0 })
}

func TestAnObjectInAQueueWaitsForItsReader(t *testing.T) {
	c := serveSync(t, server.Limits{ObjectGrace: minGrace})
	q, err := c.OpenQueue(soon(t), "Queue")
	require.NoError(t, err)
	l := lists(t, c, 1)[0]
	require.NoError(t, q.Put(soon(t), l))
	require.NoError(t, l.Close(soon(t)))
	time.Sleep(30 * time.Millisecond) // longer than the grace
	v, err := q.Get(soon(t))
	require.NoError(t, err)
	require.NoError(t, client.AsList(v.(*client.Proxy)).Append(soon(t), 1))
}

func TestAProxyInAnArgumentFindsItsObject(t *testing.T) {
	c := serveSync(t, server.Limits{})
	l := lists(t, c, 2)
	require.NoError(t, l[0].Append(soon(t), 1))
	require.NoError(t, l[1].Extend(soon(t), l[0]))
	n, err := l[1].Len(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestProxiesOfOneObjectAreEqual(t *testing.T) {
	c := serveSync(t, server.Limits{})
	l := lists(t, c, 3)
	require.NoError(t, l[0].Append(soon(t), l[1]))
	v, err := l[0].Call(soon(t), "__contains__", l[1])
	require.NoError(t, err)
	assert.Equal(t, true, v)
	v, err = l[0].Call(soon(t), "__contains__", l[2])
	require.NoError(t, err)
	assert.Equal(t, false, v)
}

// minGrace is the least that ObjectGrace may be.
const minGrace = 10 * time.Millisecond
