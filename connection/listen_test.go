package connection_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

var loopback = connection.Address{Network: connection.TCP, Name: "127.0.0.1"}

func mustListen(t testing.TB, a connection.Address, o *connection.ListenOptions) *connection.Listener {
	t.Helper()
	l, err := connection.Listen(a.String(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestTheOldestHandshakeGivesWay(t *testing.T) {
	refused := make(chan error, 1)
	l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"), MaxPending: 1,
		OnRefused: func(_ net.Addr, err error) { refused <- err }})
	go func() { _, _ = l.Accept(context.Background()) }()
	oldest := challenged(t, l.Addr())
	challenged(t, l.Addr())
	assert.ErrorContains(t, <-refused, "oldest")
	_, err := oldest.Read(make([]byte, 1))
	assert.Error(t, err, "the oldest is closed")
}

// challenged connects as a stranger and waits for the challenge.
func challenged(t *testing.T, a connection.Address) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", a.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = nc.Close() })
	require.NoError(t, nc.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.ReadFull(nc, make([]byte, 63))
	require.NoError(t, err)
	return nc
}

func TestARefusedPeerReadsFailureAndThenTheEnd(t *testing.T) {
	l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key")})
	go func() { _, _ = l.Accept(context.Background()) }()
	nc := challenged(t, l.Addr())
	// What it sends besides stays unread, which would reset the connection.
	_, err := nc.Write([]byte("\x00\x00\x00\x10" + counting(16) + "and a request too early"))
	require.NoError(t, err)
	require.NoError(t, nc.(*net.TCPConn).CloseWrite())
	said, err := io.ReadAll(nc)
	require.NoError(t, err)
	assert.Equal(t, "\x00\x00\x00\x09#FAILURE#", string(said))
}

func TestAnAnswerOverTheCapIsRefused(t *testing.T) {
	refused := make(chan error, 1)
	l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"),
		OnRefused: func(_ net.Addr, err error) { refused <- err }})
	go func() { _, _ = l.Accept(context.Background()) }()
	_, err := challenged(t, l.Addr()).Write(make([]byte, 1, 300))
	require.NoError(t, err)
	_, err = challenged(t, l.Addr()).Write([]byte("\x00\x00\x01\x01"))
	require.NoError(t, err)
	assert.ErrorIs(t, <-refused, connection.ErrMessageTooBig)
}

func TestWithoutAKeyWhoeverConnectsIsAccepted(t *testing.T) {
	l := mustListen(t, loopback, nil)
	go func() {
		c, err := connection.Dial(context.Background(), l.Addr().String(), &connection.DialOptions{
			FirstMessage: [][]byte{[]byte("first "), []byte("words")}})
		if assert.NoError(t, err) {
			_ = c.Close()
		}
	}()
	c, err := l.Accept(testwait.Soon(t))
	require.NoError(t, err)
	defer c.Close()
	got, err := c.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "first words", string(got))
}

func TestTheFirstMessageFollowsTheHandshake(t *testing.T) {
	for _, ahead := range []int{0, 1024} {
		for _, size := range []int{0, 100, 100_000} {
			l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"),
				Options: connection.Options{ReadBuffer: ahead}})
			go func() {
				c, err := connection.Dial(context.Background(), l.Addr().String(), &connection.DialOptions{
					Authkey: []byte("key"), FirstMessage: [][]byte{make([]byte, size)}})
				if assert.NoError(t, err) {
					_, _ = c.RecvBytes(context.Background())
					_ = c.Close()
				}
			}()
			c, err := l.Accept(testwait.Soon(t))
			require.NoError(t, err)
			if ahead == 0 {
				assert.Zero(t, c.Transport().Buffered(), "descriptors may follow the handshake")
			}
			got, err := c.RecvBytes(context.Background())
			require.NoError(t, err)
			assert.Len(t, got, size)
			require.NoError(t, c.Close())
		}
	}
}

func TestCloseEndsAcceptServeAndHandshakes(t *testing.T) {
	for name, use := range map[string]func(*connection.Listener) error{
		"accept": func(l *connection.Listener) error { _, err := l.Accept(context.Background()); return err },
		"serve":  func(l *connection.Listener) error { return l.Serve(context.Background(), func(*connection.Conn) {}) },
	} {
		t.Run(name, func(t *testing.T) {
			l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key")})
			ended := make(chan error, 1)
			go func() { ended <- use(l) }()
			stranger := challenged(t, l.Addr())
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-ended, connection.ErrClosed)
			_, err := stranger.Read(make([]byte, 1))
			assert.Error(t, err)
			require.ErrorIs(t, use(l), connection.ErrClosed, "used after Close")
			require.ErrorIs(t, l.Close(), net.ErrClosed)
		})
	}
}

func TestAcceptAndServeDoNotMix(t *testing.T) {
	l := mustListen(t, loopback, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := l.Accept(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, l.Serve(context.Background(), func(*connection.Conn) {}))
}

// failing is a listening socket of a process that has no descriptors left.
type failing struct {
	net.Listener
	calls atomic.Int64
	done  chan struct{}
}

func (f *failing) Accept() (net.Conn, error) {
	select {
	case <-f.done:
		return nil, net.ErrClosed
	default:
	}
	f.calls.Add(1)
	return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept", syscall.Errno(24))}
}

func (f *failing) Close() error { close(f.done); return f.Listener.Close() }

func TestAcceptErrorsAreWaitedOutAndEndWithClose(t *testing.T) {
	l := mustListen(t, loopback, nil)
	f := &failing{done: make(chan struct{})}
	connection.WrapListener(l, func(ln net.Listener) net.Listener { f.Listener = ln; return f })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := l.Accept(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, l.Close())
	assert.Less(t, f.calls.Load(), int64(20), "no spinning")
}

// exhausted accepts one peer and then has no descriptors left.
type exhausted struct {
	failing
	first sync.Once
}

func (e *exhausted) Accept() (nc net.Conn, err error) {
	err = errors.New("not the first")
	e.first.Do(func() { nc, err = e.Listener.Accept() })
	if err != nil {
		return e.failing.Accept()
	}
	return nc, nil
}

func TestWithoutDescriptorsASilentStrangerGivesWay(t *testing.T) {
	l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"), HandshakeTimeout: time.Hour})
	e := &exhausted{failing: failing{done: make(chan struct{})}}
	connection.WrapListener(l, func(ln net.Listener) net.Listener { e.Listener = ln; return e })
	stranger, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer stranger.Close()
	go func() { _, _ = l.Accept(testwait.Soon(t)) }()
	require.NoError(t, stranger.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.Copy(io.Discard, stranger)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "it is sent away")
	require.NoError(t, l.Close())
}

func TestAPeerWithoutAWordEndsTheDial(t *testing.T) {
	l := mustListen(t, loopback, nil)
	go func() {
		_ = l.Serve(context.Background(), func(c *connection.Conn) { _, _ = c.RecvBytes(context.Background()); _ = c.Close() })
	}()
	_, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("key"),
		HandshakeTimeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, connection.ErrAuth)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, errors.New("enough"))
	defer cancel()
	_, err = connection.Dial(ctx, l.Addr().String(), &connection.DialOptions{Authkey: []byte("key")})
	require.ErrorContains(t, err, "enough")
}

func TestAPeerThatWantsAKeyIsRecognised(t *testing.T) {
	at := listen(t, loopback, connection.ListenOptions{})
	c, err := connection.Dial(testwait.Soon(t), at.String(), nil)
	require.NoError(t, err)
	defer c.Close()
	var v any
	require.ErrorIs(t, c.Recv(context.Background(), &v), connection.ErrAuth)
}

func TestDialTriesAgainWhileNobodyListens(t *testing.T) {
	for name, a := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			if a.Network == connection.TCP {
				l := mustListen(t, a, nil)
				a = l.Addr()
				require.NoError(t, l.Close())
			}
			_, err := connection.Dial(testwait.Soon(t), a.String(), nil)
			require.Error(t, err)
			dialled := make(chan error, 1)
			go func() {
				c, err := connection.Dial(testwait.Soon(t), a.String(), &connection.DialOptions{RetryFor: 5 * time.Second})
				if err == nil {
					err = c.Close()
				}
				dialled <- err
			}()
			time.Sleep(10 * time.Millisecond)
			l := mustListen(t, a, nil)
			c, err := l.Accept(testwait.Soon(t))
			require.NoError(t, err)
			require.NoError(t, c.Close())
			require.NoError(t, <-dialled)
		})
	}
}

func TestAMismatchOfDigestsListsBothSides(t *testing.T) {
	err := connection.Verify([]byte("k"), []byte(counting(20)), []byte(counting(16)),
		connection.StrictDigests())
	var auth *connection.AuthError
	require.ErrorAs(t, err, &auth)
	assert.Equal(t, "deliver challenge", auth.Step)
	assert.Equal(t, "md5 without a prefix", auth.Theirs)
	assert.Equal(t, "offered sha256, accepted sha256 sha384 sha3_256 sha3_384", auth.Ours)
	_, err = connection.Listen(loopback.String(), &connection.ListenOptions{Authkey: []byte("k"),
		Digests: connection.DigestPolicy{Offer: connection.SHA384, Accept: []connection.Digest{connection.SHA256}}})
	require.Error(t, err, "a policy that cannot work")
}

func TestEveryDigestWorksBothWays(t *testing.T) {
	for _, d := range []connection.Digest{connection.SHA256, connection.SHA384, connection.SHA3_256,
		connection.SHA3_384, connection.InsecureMD5} {
		t.Run(d.String(), func(t *testing.T) {
			only := connection.DigestPolicy{Offer: d, Accept: []connection.Digest{d},
				Answer: []connection.Digest{d}}
			at := listen(t, loopback, connection.ListenOptions{Digests: only})
			c, err := connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: []byte("key"),
				Digests: only})
			require.NoError(t, err)
			require.NoError(t, c.Close())
		})
	}
}
