package connection_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/interop/certs"
)

// trust is an authority, and a server and a client that it vouches for.
type trust struct {
	ca             *certs.Authority
	server, client *tls.Config
}

func newTrust(t testing.TB) trust {
	t.Helper()
	ca, err := certs.NewAuthority("tests")
	require.NoError(t, err)
	return trust{ca,
		&tls.Config{Certificates: issue(t, ca, time.Hour), ClientCAs: ca.Pool(),
			ClientAuth: tls.RequireAndVerifyClientCert},
		&tls.Config{Certificates: issue(t, ca, time.Hour), RootCAs: ca.Pool()}}
}

func issue(t testing.TB, ca *certs.Authority, life time.Duration) []tls.Certificate {
	t.Helper()
	pair, err := ca.Issue("test", time.Now().Add(life))
	require.NoError(t, err)
	return []tls.Certificate{pair}
}

// securePair returns the two ends of a TLS connection: the listener's, then the dialler's.
func securePair(t testing.TB, o connection.Options) (here, there *connection.Conn) {
	t.Helper()
	trust := newTrust(t)
	l := mustListen(t, loopback, &connection.ListenOptions{Options: o, Authkey: []byte("key"),
		TLS: trust.server})
	dialled := make(chan *connection.Conn, 1)
	go func() {
		c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Options: o,
			Authkey: []byte("key"), TLS: trust.client})
		assert.NoError(t, err)
		dialled <- c
	}()
	here, err := l.Accept(testwait.Soon(t))
	require.NoError(t, err)
	there = <-dialled
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	return here, there
}

func TestMessagesOfEverySizePassThroughTLS(t *testing.T) {
	for _, ahead := range []int{0, 1024} {
		here, there := securePair(t, connection.Options{ReadBuffer: ahead})
		state, ok := there.ConnectionState()
		require.True(t, ok)
		assert.Equal(t, uint16(tls.VersionTLS13), state.Version)
		for _, size := range []int{0, 1, 16384, 16385, 65536, 3 << 20} {
			sent := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			go func() { _ = there.SendBuffers(context.Background(), [][]byte{sent[:size/3], nil, sent[size/3:]}) }()
			got, err := here.RecvBytes(context.Background())
			require.NoError(t, err)
			require.True(t, bytes.Equal(sent, got), "%d bytes", size)
		}
	}
}

func TestAPollOverTLSConsumesNothing(t *testing.T) {
	here, there := securePair(t, connection.Options{})
	ready, err := here.Poll(0)
	require.NoError(t, err)
	assert.False(t, ready)
	require.NoError(t, there.SendBytes(context.Background(), []byte("message")))
	ready, err = here.Poll(5 * time.Second)
	require.NoError(t, err)
	require.True(t, ready)
	got, err := here.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "message", string(got))
}

func TestAWaitOverTLSOutlivesItsDeadlineAndSeesThePeerLeave(t *testing.T) {
	here, there := securePair(t, connection.Options{ReadBuffer: 1024})
	require.NoError(t, here.SetReadDeadline(time.Now().Add(time.Millisecond)))
	require.ErrorIs(t, here.Transport().WaitReadable(), os.ErrDeadlineExceeded)
	require.NoError(t, here.SetReadDeadline(time.Time{}))
	require.NoError(t, there.SendBytes(context.Background(), []byte("message")))
	require.NoError(t, here.Transport().WaitReadable())
	got, err := here.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "message", string(got))
	assert.False(t, here.Transport().PeerGone())
	require.NoError(t, there.Close())
	require.ErrorIs(t, here.Transport().WaitReadable(), io.EOF)
	assert.True(t, here.Transport().PeerGone())
}

func TestAReplyThatATLSPeerNeverReadIsUnread(t *testing.T) {
	cases := map[string]struct{ reads, want bool }{"read": {true, false}, "not read": {false, true}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			here, there := securePair(t, connection.Options{ReadBuffer: 1024})
			require.NoError(t, here.SendBytes(context.Background(), []byte("a reply")))
			if c.reads {
				_, err := there.RecvBytes(context.Background())
				require.NoError(t, err)
			} else {
				require.Eventually(t, func() bool { return connection.Pending(there) }, 5*time.Second, time.Millisecond)
			}
			require.NoError(t, there.Close())
			_, err := here.RecvBytes(context.Background())
			require.Error(t, err)
			assert.Equal(t, c.want, here.Transport().LostLastSend(err))
		})
	}
}

func TestAKilledTLSPeerIsOneThatLeft(t *testing.T) {
	here, there := securePair(t, connection.Options{})
	require.NoError(t, there.NetConn().(*tls.Conn).NetConn().Close())
	_, err := here.RecvBytes(context.Background())
	require.True(t, connection.IsDisconnect(err), "%v", err)
	assert.False(t, here.Transport().LostLastSend(err))
}

func TestATLSPeerThatReadsNothingStallsTheSender(t *testing.T) {
	here, there := securePair(t, connection.Options{WriteStall: 300 * time.Millisecond})
	sent := make(chan error, 1)
	go func() { sent <- here.SendBytes(context.Background(), make([]byte, 64<<20)) }()
	require.ErrorIs(t, <-sent, connection.ErrStalled)
	require.ErrorIs(t, here.SendBytes(context.Background(), nil), connection.ErrStalled)
	require.NoError(t, here.Close())
	_, err := there.RecvBytes(context.Background())
	require.Error(t, err)
}

func TestATLSSendThatItsContextEndsIsTheLast(t *testing.T) {
	here, there := securePair(t, connection.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- here.SendBytes(ctx, make([]byte, 64<<20)) }()
	require.Eventually(t, func() bool { return connection.Pending(there) }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-sent, context.Canceled)
	require.Error(t, here.SendBytes(context.Background(), nil))
}

func TestStrangersToTheAuthorityAreRefused(t *testing.T) {
	trusted, other := newTrust(t), newTrust(t)
	with := func(change func(*tls.Config)) *tls.Config {
		cfg := trusted.client.Clone()
		change(cfg)
		return cfg
	}
	unknown := new(x509.UnknownAuthorityError)
	cases := map[string]struct {
		cfg *tls.Config
		as  any // what the dialler finds in its error
	}{
		"the server's authority is unknown": {with(func(c *tls.Config) { c.RootCAs = other.ca.Pool() }), unknown},
		"the server has another name": {with(func(c *tls.Config) { c.ServerName = "example.org" }),
			new(x509.HostnameError)},
		"the client's authority is unknown": {with(func(c *tls.Config) {
			c.Certificates = other.client.Certificates
		}), nil},
		"the client has no certificate": {with(func(c *tls.Config) { c.Certificates = nil }), nil},
		"the client's certificate has expired": {with(func(c *tls.Config) {
			c.Certificates = issue(t, trusted.ca, -time.Minute)
		}), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused := make(chan error, 1)
			l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"),
				TLS: trusted.server, OnRefused: func(_ net.Addr, err error) { refused <- err }})
			go func() { _, _ = l.Accept(context.Background()) }()
			_, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{
				Authkey: []byte("key"), TLS: c.cfg})
			require.ErrorIs(t, err, connection.ErrTLS)
			if c.as != nil {
				require.ErrorAs(t, err, c.as)
			}
			require.ErrorIs(t, <-refused, connection.ErrTLS)
		})
	}
}

func TestPlainAndTLSDoNotMeet(t *testing.T) {
	trust := newTrust(t)
	t.Run("a TLS client on a plain port", func(t *testing.T) {
		l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key")})
		go func() { _, _ = l.Accept(context.Background()) }()
		_, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{
			Authkey: []byte("key"), TLS: trust.client})
		require.ErrorIs(t, err, connection.ErrTLS)
		require.ErrorAs(t, err, new(tls.RecordHeaderError))
	})
	t.Run("a plain client on a TLS port", func(t *testing.T) {
		refused := make(chan error, 1)
		l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"), TLS: trust.server,
			OnRefused: func(_ net.Addr, err error) { refused <- err }})
		go func() { _, _ = l.Accept(context.Background()) }()
		_, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{
			FirstMessage: [][]byte{[]byte("hello, is anybody there?")}})
		require.NoError(t, err)
		require.ErrorIs(t, <-refused, connection.ErrTLS)
	})
}

func TestASilentStrangerInATLSHandshakeDelaysNobody(t *testing.T) {
	trust := newTrust(t)
	refused := make(chan error, 1)
	l := mustListen(t, loopback, &connection.ListenOptions{TLS: trust.server,
		HandshakeTimeout: 500 * time.Millisecond, OnRefused: func(_ net.Addr, err error) { refused <- err }})
	accepted := make(chan *connection.Conn, 1)
	go func() {
		c, err := l.Accept(context.Background())
		assert.NoError(t, err)
		accepted <- c
	}()
	silent, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer silent.Close()
	honest, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{TLS: trust.client})
	require.NoError(t, err)
	defer honest.Close()
	c := <-accepted
	defer c.Close()
	require.ErrorContains(t, <-refused, "too long")
	_, err = silent.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestASilentListenerEndsATLSDial(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	at, err := connection.ParseAddress(ln.Addr().String())
	require.NoError(t, err)
	o := &connection.DialOptions{TLS: newTrust(t).client, HandshakeTimeout: 20 * time.Millisecond}
	_, err = connection.Dial(testwait.Soon(t), at.String(), o)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("enough")) })
	o.HandshakeTimeout = 0
	_, err = connection.Dial(ctx, at.String(), o)
	require.ErrorContains(t, err, "enough")
}

func TestTLSNeedsTCPAndACertificate(t *testing.T) {
	trust := newTrust(t)
	file := connection.Address{Network: connection.Unix, Name: t.TempDir() + "/s"}
	_, err := connection.Listen(file.String(), &connection.ListenOptions{TLS: trust.server})
	require.ErrorContains(t, err, "TCP")
	_, err = connection.Dial(testwait.Soon(t), file.String(), &connection.DialOptions{TLS: trust.client})
	require.ErrorContains(t, err, "TCP")
	_, err = connection.Listen(loopback.String(), &connection.ListenOptions{TLS: &tls.Config{}})
	require.ErrorContains(t, err, "certificate")
}
