package tunnel_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/interop/certs"
	"mpbridge/tunnel"
)

var (
	loopback = connection.Address{Network: connection.TCP, Name: "127.0.0.1"}
	key      = []byte("key")
)

func unixAddress(t testing.TB) connection.Address {
	return connection.Address{Network: connection.Unix, Name: filepath.Join(t.TempDir(), "s")}
}

func listen(t testing.TB, a connection.Address, o *connection.ListenOptions) *connection.Listener {
	t.Helper()
	l, err := connection.Listen(a.String(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func to(a connection.Address, o *connection.DialOptions) tunnel.Dial {
	return func(ctx context.Context) (*connection.Conn, error) { return connection.Dial(ctx, a.String(), o) }
}

// start runs a tunnel for the length of the test.
func start(t testing.TB, l *connection.Listener, dial tunnel.Dial, o *tunnel.Options) *tunnel.Tunnel {
	tun, err := tunnel.New(l, dial, o)
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- tun.Serve(context.Background()) }()
	t.Cleanup(func() {
		_ = tun.Close()
		assert.ErrorIs(t, <-served, tunnel.ErrServerClosed)
	})
	return tun
}

// chain runs two tunnels with TLS between them, and returns where clients connect.
func chain(t testing.TB, near, server connection.Address, o connection.Options,
	to2 *tunnel.Options) connection.Address {
	t.Helper()
	ca, err := certs.NewAuthority("tests")
	require.NoError(t, err)
	pair, err := ca.Issue("test", time.Now().Add(time.Hour))
	require.NoError(t, err)
	mine := []tls.Certificate{pair}
	far := start(t, listen(t, loopback, &connection.ListenOptions{Options: o, TLS: &tls.Config{
		Certificates: mine, ClientCAs: ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert}}),
		to(server, &connection.DialOptions{Options: o}), to2)
	return start(t, listen(t, near, &connection.ListenOptions{Options: o}),
		to(far.Addr(), &connection.DialOptions{Options: o,
			TLS: &tls.Config{Certificates: mine, RootCAs: ca.Pool()}}), to2).Addr()
}

// through returns the two ends of a connection through a chain of tunnels.
func through(t testing.TB, near connection.Address, o connection.Options,
	to2 *tunnel.Options) (client, server *connection.Conn) {
	t.Helper()
	l := listen(t, loopback, &connection.ListenOptions{Authkey: key, Options: o})
	at := chain(t, near, l.Addr(), o, to2)
	dialled := make(chan *connection.Conn, 1)
	go func() {
		c, err := connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: key})
		assert.NoError(t, err)
		dialled <- c
	}()
	server, err := l.Accept(testwait.Soon(t))
	require.NoError(t, err)
	client = <-dialled
	require.NotNil(t, client)
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return client, server
}

// nears are the kinds of address that a client of a chain may connect to.
func nears(t *testing.T, f func(t *testing.T, near connection.Address)) {
	t.Run("tcp", func(t *testing.T) { f(t, loopback) })
	t.Run("unix", func(t *testing.T) { f(t, unixAddress(t)) })
}

func TestMessagesPassThroughTunnelsInBothDirections(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		client, server := through(t, near, connection.Options{}, nil)
		for _, size := range []int{0, 1, 16384, 16385, 1 << 20, 8 << 20} {
			sent := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			for _, ends := range [][2]*connection.Conn{{client, server}, {server, client}} {
				go func() { assert.NoError(t, ends[0].SendBytes(context.Background(), sent)) }()
				got, err := ends[1].RecvBytes(context.Background())
				require.NoError(t, err)
				require.True(t, bytes.Equal(sent, got), "%d bytes", size)
			}
		}
	})
}

func TestAClientThatHasReadItsReplyAndLeavesIsTheEndOfTheStream(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		client, server := through(t, near, connection.Options{}, nil)
		require.NoError(t, server.SendBytes(context.Background(), []byte("a reply")))
		_, err := client.RecvBytes(context.Background())
		require.NoError(t, err)
		require.NoError(t, client.Close())
		_, err = server.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.EOF)
		assert.False(t, server.Transport().LostLastSend(err))
	})
}

func TestAReplyThatTheClientNeverReadComesBackAsAReset(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		client, server := through(t, near, connection.Options{}, nil)
		require.NoError(t, server.SendBytes(context.Background(), []byte("a reply")))
		ready, err := client.Poll(10 * time.Second)
		require.NoError(t, err)
		require.True(t, ready)
		require.NoError(t, client.Close())
		_, err = server.RecvBytes(context.Background())
		require.Error(t, err)
		assert.True(t, server.Transport().LostLastSend(err))
	})
}

// TestAReplyToAClientThatJustLeftIsNeverTakenForRead: whenever the reply is written, before the server
// hears of the client's end or after, the server learns that nobody took it.
func TestAReplyToAClientThatJustLeftIsNeverTakenForRead(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		l := listen(t, loopback, &connection.ListenOptions{Authkey: key})
		at := chain(t, near, l.Addr(), connection.Options{}, nil)
		for i := range 100 {
			dialled := make(chan *connection.Conn, 1)
			go func() {
				c, err := connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: key})
				assert.NoError(t, err)
				dialled <- c
			}()
			server, err := l.Accept(testwait.Soon(t))
			require.NoError(t, err)
			client := <-dialled
			require.NotNil(t, client)
			require.NoError(t, client.Close())
			time.Sleep(time.Duration(i) * 10 * time.Microsecond) // each moment of its way through
			if err = server.SendBytes(context.Background(), []byte("a reply")); err == nil {
				_, err = server.RecvBytes(context.Background())
				require.Error(t, err)
				assert.True(t, server.Transport().LostLastSend(err), "round %d: %v", i, err)
			}
			_ = server.Close()
		}
	})
}

func TestWhatAServerSaidBeforeItLeftArrives(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		client, server := through(t, near, connection.Options{}, nil)
		go func() {
			assert.NoError(t, server.SendBytes(context.Background(), make([]byte, 1<<20)))
			assert.NoError(t, server.Close())
		}()
		got, err := client.RecvBytes(context.Background())
		require.NoError(t, err)
		require.Len(t, got, 1<<20)
		_, err = client.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestAResetServerResetsTheClient(t *testing.T) {
	client, server := through(t, loopback, connection.Options{}, nil)
	require.NoError(t, server.Transport().Reset())
	_, err := client.RecvBytes(context.Background())
	require.True(t, connection.IsReset(err), "%v", err)
}

func TestAClientThatEndedItsStreamIsAnsweredIfToldSo(t *testing.T) {
	nears(t, func(t *testing.T, near connection.Address) {
		client, server := through(t, near, connection.Options{}, &tunnel.Options{HalfClose: true})
		require.NoError(t, client.SendBytes(context.Background(), []byte("the last question")))
		require.NoError(t, client.Transport().CloseWrite())
		_, err := server.RecvBytes(context.Background())
		require.NoError(t, err)
		_, err = server.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, server.SendBytes(context.Background(), []byte("the last answer")))
		require.NoError(t, server.Close())
		got, err := client.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, "the last answer", string(got))
	})
}

func TestAClientThatReadsNothingIsCutOff(t *testing.T) {
	o := connection.Options{WriteStall: 200 * time.Millisecond}
	_, server := through(t, loopback, o, nil)
	err := server.SendBytes(context.Background(), make([]byte, 128<<20))
	require.Error(t, err)
}

func TestAClientThatStaysWhenTheServerHasLeftIsClosed(t *testing.T) {
	server := listen(t, loopback, nil)
	tun, err := tunnel.New(listen(t, loopback, nil), to(server.Addr(), nil), nil)
	require.NoError(t, err)
	tunnel.SetLastWords(tun, time.Millisecond)
	go func() { _ = tun.Serve(context.Background()) }()
	defer tun.Close()
	client, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
	require.NoError(t, err)
	defer client.Close()
	conn, err := server.Accept(testwait.Soon(t))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool { return tun.Open() == 0 }, 10*time.Second, time.Millisecond)
}

func TestADeadFarEndClosesTheClientAtOnce(t *testing.T) {
	l := listen(t, unixAddress(t), nil)
	start(t, l, func(context.Context) (*connection.Conn, error) { return nil, errors.New("down") }, nil)
	c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), nil)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.RecvBytes(context.Background())
	require.ErrorIs(t, err, io.EOF)
}

func TestADialThatFailsInAnyWayClosesTheClientAlone(t *testing.T) {
	for how, dial := range map[string]tunnel.Dial{
		"panics":        func(context.Context) (*connection.Conn, error) { panic("dial") },
		"exits":         func(context.Context) (*connection.Conn, error) { runtime.Goexit(); return nil, nil },
		"gives nothing": func(context.Context) (*connection.Conn, error) { return nil, nil },
	} {
		t.Run(how, func(t *testing.T) {
			tun := start(t, listen(t, unixAddress(t), nil), dial, nil)
			for range 2 {
				c, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
				require.NoError(t, err)
				_, err = c.RecvBytes(testwait.Soon(t))
				require.ErrorIs(t, err, io.EOF)
				require.NoError(t, c.Close())
			}
		})
	}
}

func TestOneConnectionTooManyIsClosed(t *testing.T) {
	server := listen(t, loopback, nil)
	tun := start(t, listen(t, loopback, nil), to(server.Addr(), nil), &tunnel.Options{MaxConnections: 1})
	first, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
	require.NoError(t, err)
	defer first.Close()
	_, err = server.Accept(testwait.Soon(t))
	require.NoError(t, err)
	assert.Equal(t, 1, tun.Open())
	second, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
	require.NoError(t, err)
	defer second.Close()
	_, err = second.RecvBytes(context.Background())
	require.True(t, connection.IsDisconnect(err), "%v", err)
}

func TestShutdownLetsConnectionsEndAndThenCutsThem(t *testing.T) {
	server := listen(t, loopback, nil)
	tun := start(t, listen(t, loopback, nil), to(server.Addr(), nil), nil)
	client, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
	require.NoError(t, err)
	defer client.Close()
	conn, err := server.Accept(testwait.Soon(t))
	require.NoError(t, err)
	defer conn.Close()

	grace, cancel := context.WithCancel(context.Background())
	type result struct {
		cut int
		err error
	}
	stopped := make(chan result, 1)
	go func() {
		cut, err := tun.Shutdown(grace)
		stopped <- result{cut, err}
	}()
	require.Eventually(t, func() bool {
		nc, err := net.Dial("tcp", tun.Addr().String())
		if err == nil {
			_ = nc.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond, "nobody is accepted any more")
	require.NoError(t, client.SendBytes(context.Background(), []byte("still here")))
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	cancel()
	assert.Equal(t, result{1, context.Canceled}, <-stopped)
	_, err = client.RecvBytes(context.Background())
	require.Error(t, err)
	_, err = conn.RecvBytes(context.Background())
	require.Error(t, err)
}

func TestShutdownEndsADialThatGoesOn(t *testing.T) {
	dialling := make(chan struct{})
	tun := start(t, listen(t, loopback, nil), func(ctx context.Context) (*connection.Conn, error) {
		close(dialling)
		<-ctx.Done()
		return nil, ctx.Err()
	}, nil)
	c, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
	require.NoError(t, err)
	defer c.Close()
	<-dialling
	require.NoError(t, tun.Close())
	_, err = c.RecvBytes(context.Background())
	require.Error(t, err)
}

func TestServeEndsWithItsContext(t *testing.T) {
	tun, err := tunnel.New(listen(t, loopback, nil), nil, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	require.EqualError(t, tun.Serve(ctx), "enough")
	require.NoError(t, tun.Close())
}

func TestATunnelIsNotMadeWithAnOptionOutOfItsRange(t *testing.T) {
	for name, o := range map[string]tunnel.Options{
		"MaxConnections": {MaxConnections: -1},
		"DialTimeout":    {DialTimeout: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tunnel.New(listen(t, loopback, nil), nil, &o)
			var wrong *connection.OptionError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, name, wrong.Option)
		})
	}
}
