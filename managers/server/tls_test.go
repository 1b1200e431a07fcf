package server_test

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/interop/certs"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
)

// secureServer runs a server with the queue "jobs" behind TLS, and returns where and how to reach it.
func secureServer(t *testing.T) (*queue.Queue, connection.Address, *client.Options) {
	t.Helper()
	ca, err := certs.NewAuthority("tests")
	require.NoError(t, err)
	pair, err := ca.Issue("test", time.Now().Add(time.Hour))
	require.NoError(t, err)
	mine := []tls.Certificate{pair}
	s, err := server.New(&server.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	at, err := s.ListenTLS("127.0.0.1:0", &tls.Config{
		Certificates: mine, ClientCAs: ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert})
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	t.Cleanup(func() { _ = s.Close(); <-served })
	return q, at, &client.Options{Authkey: []byte("key"),
		TLS: &tls.Config{Certificates: mine, RootCAs: ca.Pool()}}
}

func TestAClientAndAServerSpeakTLS(t *testing.T) {
	_, at, o := secureServer(t)
	c, err := client.Dial(t.Context(), at.String(), o)
	require.NoError(t, err)
	defer c.Close()
	jobs, err := client.OpenQueueOf[string](t.Context(), c, "jobs")
	require.NoError(t, err)
	require.NoError(t, jobs.Put(t.Context(), "a job"))
	got, err := jobs.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "a job", got)
}

func TestAKeyWithoutACertificateOpensNothing(t *testing.T) {
	_, at, o := secureServer(t)
	o.TLS.Certificates = nil
	_, err := client.Dial(t.Context(), at.String(), o)
	require.ErrorIs(t, err, connection.ErrTLS)
}

// TestAWaiterBehindTLSThatLeavesGetsNothing: the server notices while the call waits.
func TestAWaiterBehindTLSThatLeavesGetsNothing(t *testing.T) {
	q, at, o := secureServer(t)
	leaving, err := client.Dial(t.Context(), at.String(), o)
	require.NoError(t, err)
	defer leaving.Close()
	ctx, leave := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := leaving.Call(ctx, "jobs", "get")
		got <- err
	}()
	waiters := func() int { return q.Stats().Getters }
	require.Eventually(t, func() bool { return waiters() == 1 }, 10*time.Second, time.Millisecond)
	leave()
	require.ErrorIs(t, <-got, context.Canceled)
	require.Eventually(t, func() bool { return waiters() == 0 }, 10*time.Second, time.Millisecond)
}

// TestAnItemForAWaiterBehindTLSThatLeavesIsNeverLost: whoever closes says farewell in TLS before its
// system says that the item was not read.
func TestAnItemForAWaiterBehindTLSThatLeavesIsNeverLost(t *testing.T) {
	q, at, o := secureServer(t)
	cl, err := client.Dial(t.Context(), at.String(), o)
	require.NoError(t, err)
	defer cl.Close()
	for i := range 100 {
		ctx, leave := context.WithCancel(t.Context())
		got := make(chan error, 1)
		go func() {
			p, err := cl.Open(t.Context(), "jobs")
			if assert.NoError(t, err) {
				_, err = p.Call(ctx, "get")
			}
			got <- err
		}()
		require.Eventually(t, func() bool { return q.Stats().Getters == 1 }, 10*time.Second,
			100*time.Microsecond)
		time.AfterFunc(time.Duration(i)*2*time.Microsecond, leave)
		require.NoError(t, q.Put(t.Context(), i))
		if <-got == nil {
			leave()
			continue
		}
		patience, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		back, err := q.Get(patience)
		cancel()
		require.NoError(t, err, "the item of round %d", i)
		assert.NotNil(t, back)
	}
}
