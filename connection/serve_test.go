package connection_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// serveOne serves one client whose handler is in progress and lasts until release is called; served gets
// what Serve returns.
func serveOne(t *testing.T, ctx context.Context) (l *connection.Listener, served chan error, release func()) {
	t.Helper()
	l = mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key")})
	served = make(chan error, 1)
	begun, held := make(chan struct{}), make(chan struct{})
	go func() {
		served <- l.Serve(ctx, func(c *connection.Conn) {
			close(begun)
			<-held
			_ = c.Send(context.Background(), "a reply")
			_ = c.Close()
		})
	}()
	c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("key")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	<-begun
	return l, served, func() { close(held) }
}

func TestServeReturnsErrServerClosedAfterClose(t *testing.T) {
	l, served, release := serveOne(t, context.Background())
	defer release()
	require.NoError(t, l.Close())
	require.ErrorIs(t, <-served, connection.ErrServerClosed)
}

func TestServeReturnsTheCauseOfItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	_, served, release := serveOne(t, ctx)
	defer release()
	cancel(enough)
	require.Equal(t, enough, <-served)
}

func TestTheEndOfServesContextClosesTheListener(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l, served, release := serveOne(t, ctx)
	defer release()
	cancel()
	<-served
	require.ErrorIs(t, l.Close(), connection.ErrClosed)
}

func TestShutdownWaitsForTheHandlers(t *testing.T) {
	l, served, release := serveOne(t, context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Shutdown(context.Background()) }()
	require.ErrorIs(t, <-served, connection.ErrServerClosed)
	select {
	case err := <-ended:
		t.Fatalf("Shutdown returned %v while a handler ran", err)
	default:
	}
	release()
	require.NoError(t, <-ended)
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	l, _, release := serveOne(t, context.Background())
	defer release()
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	cancel(enough)
	require.Equal(t, enough, l.Shutdown(ctx))
}

func TestShutdownOfAnIdleListenerReturnsAtOnce(t *testing.T) {
	require.NoError(t, mustListen(t, loopback, nil).Shutdown(context.Background()))
}
