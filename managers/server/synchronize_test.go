package server_test

import (
	"context"
	"slices"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waitAndLeave calls a method that waits, and closes its connection once the server says that it does.
func waitAndLeave(t *testing.T, c *client.Client, p *client.Proxy, method string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithCancel(soon(t))
	left := make(chan error, 1)
	go func() {
		_, err := p.CallRaw(ctx, method, args...)
		left <- err
	}()
	waitFor(t, func() bool { return waitersOf(t, c, p) == 1 })
	cancel()
	require.ErrorIs(t, <-left, context.Canceled)
	waitFor(t, func() bool { return waitersOf(t, c, p) == 0 })
}

func waitersOf(t *testing.T, c *client.Client, p *client.Proxy) int {
	t.Helper()
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	for _, o := range objects {
		if o.Ident == p.Token().Ident {
			return o.Waiters
		}
	}
	return 0
}

func TestALockPassesByAWaiterThatLeft(t *testing.T) {
	for _, typeid := range []string{"Lock", "RLock"} {
		t.Run(typeid, func(t *testing.T) {
			c := serveSync(t, server.Limits{})
			l, err := c.OpenLock(soon(t), typeid)
			require.NoError(t, err)
			require.NoError(t, l.Acquire(soon(t)))
			waitAndLeave(t, c, l.Proxy, "acquire")
			require.NoError(t, l.Release(soon(t)))
			free, err := l.WithOwner(c.NewOwner()).TryAcquire(soon(t))
			require.NoError(t, err)
			assert.True(t, free)
		})
	}
}

func TestASemaphorePassesByAWaiterThatLeft(t *testing.T) {
	c := serveSync(t, server.Limits{})
	s, err := c.OpenSemaphore(soon(t), "Semaphore", 0)
	require.NoError(t, err)
	waitAndLeave(t, c, s.Proxy, "acquire")
	require.NoError(t, s.Release(soon(t)))
	free, err := s.TryAcquire(soon(t))
	require.NoError(t, err)
	assert.True(t, free)
}

func TestABarrierDoesNotCountAPartyThatLeft(t *testing.T) {
	c := serveSync(t, server.Limits{})
	b, err := c.OpenBarrier(soon(t), "Barrier", 2)
	require.NoError(t, err)
	waitAndLeave(t, c, b.Proxy, "wait")
	n, err := b.Waiting(soon(t))
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestAnEventForgetsAWaiterThatLeft(t *testing.T) {
	c := serveSync(t, server.Limits{})
	e, err := c.OpenEvent(soon(t), "Event")
	require.NoError(t, err)
	waitAndLeave(t, c, e.Proxy, "wait")
	require.NoError(t, e.Set(soon(t)))
}

func TestAListTellsWhoHoldsALock(t *testing.T) {
	c := serveSync(t, server.Limits{})
	l, err := c.OpenLock(soon(t), "Lock")
	require.NoError(t, err)
	require.NoError(t, l.Acquire(soon(t)))
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	for _, o := range objects {
		assert.Equal(t, o.Typeid == "Lock", o.Holder != 0, o.Typeid)
	}
}

// serveReleasing is serveSync for a server that takes locks from the dead.
func serveReleasing(t *testing.T) (*server.Server, *client.Client) {
	t.Helper()
	s, at := start(t, server.Options{ReleaseOnDisconnect: true}, syncManager, aShared("lock", "Lock"), aShared("rlock", "RLock"),
		aShared("condition", "Condition"), aShared("semaphore", "BoundedSemaphore", 2))
	return s, dial(t, at)
}

func TestWhatTheDeadHeldIsReleased(t *testing.T) {
	for _, name := range []string{"lock", "rlock", "condition"} {
		t.Run(name, func(t *testing.T) {
			_, c := serveReleasing(t)
			dead := dial(t, c.Address())
			theirs, err := dead.OpenLock(soon(t), name)
			require.NoError(t, err)
			require.NoError(t, theirs.Acquire(soon(t)))
			mine, err := c.OpenLock(soon(t), name)
			require.NoError(t, err)
			free, err := mine.TryAcquire(soon(t))
			require.NoError(t, err)
			require.False(t, free)
			require.NoError(t, dead.Close())
			require.NoError(t, mine.Acquire(soon(t)))
		})
	}
}

func TestPermitsOfTheDeadAreReleased(t *testing.T) {
	_, c := serveReleasing(t)
	mine, err := c.OpenSemaphore(soon(t), "semaphore")
	require.NoError(t, err)
	require.NoError(t, mine.Acquire(soon(t)))
	dead := dial(t, c.Address())
	theirs, err := dead.OpenSemaphore(soon(t), "semaphore")
	require.NoError(t, err)
	require.NoError(t, theirs.Acquire(soon(t)))
	require.NoError(t, dead.Close())
	require.NoError(t, mine.Acquire(soon(t)))
	free, err := mine.TryAcquire(soon(t))
	require.NoError(t, err)
	assert.False(t, free, "mine are mine")
}

func TestTheNumberOfAClientMayBeBeyond32Bits(t *testing.T) {
	s, c := serveReleasing(t)
	s.CountConnectionsFrom(1 << 40)
	l, err := dial(t, c.Address()).OpenLock(soon(t), "lock")
	require.NoError(t, err)
	require.NoError(t, l.Acquire(soon(t)))
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	holder := int64(0)
	for _, o := range objects {
		holder = max(holder, o.Holder)
	}
	require.GreaterOrEqual(t, holder, int64(1<<40))
	clients, err := c.Clients(soon(t))
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(clients, func(c managers.ClientInfo) bool { return c.Number == holder }))
	found, err := c.Kill(soon(t), holder)
	require.NoError(t, err)
	assert.True(t, found)
}

func TestAClientIsKilledByItsNumber(t *testing.T) {
	_, c := serveReleasing(t)
	l, err := c.OpenLock(soon(t), "lock")
	require.NoError(t, err)
	require.NoError(t, l.Acquire(soon(t)))
	admin := dial(t, c.Address())
	objects, err := admin.Objects(soon(t))
	require.NoError(t, err)
	holder := int64(0)
	for _, o := range objects {
		holder = max(holder, o.Holder)
	}
	clients, err := admin.Clients(soon(t))
	require.NoError(t, err)
	known := slices.ContainsFunc(clients, func(c managers.ClientInfo) bool { return c.Number == holder })
	require.True(t, known)
	found, err := admin.Kill(soon(t), holder)
	require.NoError(t, err)
	assert.True(t, found)
	require.ErrorIs(t, l.Release(soon(t)), client.ErrOwnerLost)
	found, err = admin.Kill(soon(t), holder)
	require.NoError(t, err)
	assert.False(t, found)
}
