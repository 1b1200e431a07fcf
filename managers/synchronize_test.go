package managers_test

import (
	"context"
	"testing"

	"mpbridge/managers"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waitAndLeave calls a method that waits, and closes its connection once the server says that it does.
func waitAndLeave(t *testing.T, c *managers.Client, p *managers.Proxy, method string, args ...any) {
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

func waitersOf(t *testing.T, c *managers.Client, p *managers.Proxy) int {
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
			c := serveSync(t, managers.Limits{})
			l, err := c.Lock(soon(t), typeid)
			require.NoError(t, err)
			require.NoError(t, l.Acquire(soon(t)))
			waitAndLeave(t, c, l.Proxy, "acquire")
			require.NoError(t, l.Release(soon(t)))
			free, err := l.As(c.NewOwner()).TryAcquire(soon(t))
			require.NoError(t, err)
			assert.True(t, free)
		})
	}
}

func TestASemaphorePassesByAWaiterThatLeft(t *testing.T) {
	c := serveSync(t, managers.Limits{})
	s, err := c.Semaphore(soon(t), "Semaphore", 0)
	require.NoError(t, err)
	waitAndLeave(t, c, s.Proxy, "acquire")
	require.NoError(t, s.Release(soon(t)))
	free, err := s.TryAcquire(soon(t))
	require.NoError(t, err)
	assert.True(t, free)
}

func TestABarrierDoesNotCountAPartyThatLeft(t *testing.T) {
	c := serveSync(t, managers.Limits{})
	b, err := c.Barrier(soon(t), "Barrier", 2)
	require.NoError(t, err)
	waitAndLeave(t, c, b.Proxy, "wait")
	n, err := b.Waiting(soon(t))
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestAnEventForgetsAWaiterThatLeft(t *testing.T) {
	c := serveSync(t, managers.Limits{})
	e, err := c.Event(soon(t), "Event")
	require.NoError(t, err)
	waitAndLeave(t, c, e.Proxy, "wait")
	require.NoError(t, e.Set(soon(t)))
}

func TestAListTellsWhoHoldsALock(t *testing.T) {
	c := serveSync(t, managers.Limits{})
	l, err := c.Lock(soon(t), "Lock")
	require.NoError(t, err)
	require.NoError(t, l.Acquire(soon(t)))
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	for _, o := range objects {
		assert.Equal(t, o.Typeid == "Lock", o.Holder != 0, o.Typeid)
	}
}
