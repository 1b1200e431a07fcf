//go:build linux || darwin

package reduction_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mpbridge/connection"
	"mpbridge/internal/leak"
	"mpbridge/internal/testing/testwait"
	"mpbridge/pickle"
	"mpbridge/reduction"
)

var key = []byte("key of the processes")

// newSharer is a Sharer that is closed when the test ends.
func newSharer(t testing.TB, o reduction.SharerOptions) *reduction.Sharer {
	t.Helper()
	o.Authkey = key
	s, err := reduction.NewSharer(&o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// travelled is what another process decodes of v.
func travelled(t testing.TB, v any) any {
	t.Helper()
	p, err := pickle.Marshal(v)
	require.NoError(t, err)
	var out any
	require.NoError(t, pickle.Unmarshal(p, &out))
	return out
}

func withKey() *reduction.RebuildOptions { return &reduction.RebuildOptions{Authkey: key} }

// tcpPair is two ends of a TCP connection.
func tcpPair(t testing.TB) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	b, err = l.AcceptTCP()
	require.NoError(t, err)
	a = dialled.(*net.TCPConn)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b
}

// says checks that what is written to one end arrives at the other.
func says(t testing.TB, from io.Writer, to io.Reader, text string) {
	t.Helper()
	_, err := from.Write([]byte(text))
	require.NoError(t, err)
	got := make([]byte, len(text))
	_, err = io.ReadFull(to, got)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
}

// fallsTo waits until no more than n descriptors are open: a sharer's connections end in their time.
func fallsTo(t testing.TB, n int) {
	t.Helper()
	assert.Eventually(t, func() bool { return leak.Descriptors() <= n }, 30*time.Second, time.Millisecond)
}

func TestASocketIsRedeemedAndGoesOn(t *testing.T) {
	for _, family := range []reduction.Family{reduction.Python3, reduction.Python2} {
		s := newSharer(t, reduction.SharerOptions{Family: family})
		a, b := tcpPair(t)
		shared, err := s.Socket(b)
		require.NoError(t, err)
		require.NoError(t, b.Close())
		got, err := reduction.RebuildAs[*net.TCPConn](testwait.Soon(t), travelled(t, shared), withKey())
		require.NoError(t, err)
		defer got.Close()
		says(t, a, got, "ping")
		says(t, got, a, "pong")
		assert.Zero(t, s.Len())
		<-shared.Done()
		require.NoError(t, shared.Err())
	}
}

func TestAListenerIsRedeemedAndAccepts(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	shared, err := s.Socket(l)
	require.NoError(t, err)
	require.NoError(t, l.Close())
	got, err := reduction.RebuildAs[net.Listener](testwait.Soon(t), travelled(t, shared), withKey())
	require.NoError(t, err)
	defer got.Close()
	a, err := net.Dial("unix", path)
	require.NoError(t, err, "the file is still there")
	defer a.Close()
	b, err := got.Accept()
	require.NoError(t, err)
	defer b.Close()
	says(t, a, b, "ping")
}

func TestADatagramSocketIsRedeemed(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	u, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skip("no IPv6 here")
	}
	defer u.Close()
	shared, err := s.Socket(u)
	require.NoError(t, err)
	got, err := reduction.RebuildAs[net.PacketConn](testwait.Soon(t), travelled(t, shared), withKey())
	require.NoError(t, err)
	defer got.Close()
	assert.Equal(t, u.LocalAddr().String(), got.LocalAddr().String())
}

func TestAConnectionIsRedeemedWithItsDirections(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	r, w, err := os.Pipe()
	require.NoError(t, err)
	conn, err := connection.FileConn(w, nil)
	require.NoError(t, err)
	shared, err := s.Connection(conn)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	v := travelled(t, shared)
	args := v.(*pickle.Object).Args.(pickle.Tuple)
	assert.Equal(t, []any{false, true}, []any(args[1:]), "not readable, but writable")
	got, err := reduction.RebuildAs[*connection.Conn](testwait.Soon(t), v, withKey())
	require.NoError(t, err)
	defer got.Close()
	reader, err := connection.FileConn(r, nil)
	require.NoError(t, err)
	defer reader.Close()
	go func() { assert.NoError(t, got.Send(context.Background(), "text")) }()
	var text string
	require.NoError(t, reader.Recv(context.Background(), &text))
	assert.Equal(t, "text", text)
}

func TestAConnectionThatReadAheadIsNotOffered(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	a, b := pair(t, &connection.Options{ReadBuffer: 100})
	require.NoError(t, a.SendBytes(context.Background(), []byte("x")))
	require.NoError(t, b.Transport().WaitReadable())
	_, err := s.Connection(b)
	require.ErrorIs(t, err, connection.ErrReadAhead)
	require.ErrorIs(t, reduction.SendHandle(testwait.Soon(t), a, b, nil), connection.ErrReadAhead)
}

func TestAFileIsNoSocket(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	before := leak.Descriptors()
	_, err := s.Socket(aFile(t, ""))
	require.ErrorIs(t, err, syscall.ENOTSOCK)
	assert.LessOrEqual(t, leak.Descriptors(), before+1, "the file itself")
	assert.Zero(t, s.Len())
}

func TestOffersAreFoundAnywhereInAValue(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	offer := func(text string) *reduction.Shared {
		shared, err := s.File(aFile(t, text))
		require.NoError(t, err)
		return shared
	}
	twice := travelled(t, offer("twice"))
	list := &pickle.List{Items: []any{twice, pickle.Tuple{twice}}}
	list.Items = append(list.Items, list)
	dict := pickle.NewDict("list", list, "offer", travelled(t, offer("in a dict")), "none", nil)
	object := &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: "m", Name: "C"},
		Args:     pickle.Tuple{travelled(t, offer("argument"))},
		State:    pickle.NewDict("file", travelled(t, offer("state"))),
		HasState: true,
		Items:    []any{travelled(t, offer("item"))},
		Pairs:    []pickle.Pair{{Key: 1, Value: travelled(t, offer("pair"))}},
		Kwargs:   pickle.NewDict("k", travelled(t, offer("keyword"))),
	}
	v, err := reduction.Rebuild(testwait.Soon(t), pickle.Tuple{dict, object}, withKey())
	require.NoError(t, err)
	require.Equal(t, any(dict), v.(pickle.Tuple)[0])
	assert.Same(t, list.Items[0], list.Items[1].(pickle.Tuple)[0], "one file in two places")
	inDict, _ := dict.Get("offer")
	state, _ := object.Attrs().Get("file")
	keyword, _ := object.Kwargs.Get("k")
	for want, got := range map[string]any{
		"twice": list.Items[0], "in a dict": inDict, "argument": object.Args.(pickle.Tuple)[0],
		"state": state, "item": object.Items[0], "pair": object.Pairs[0].Value, "keyword": keyword,
	} {
		f, ok := got.(*os.File)
		require.True(t, ok, want)
		assert.Equal(t, want, content(t, f))
	}
}

func TestADeepValueIsLookedThrough(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, "deep"))
	require.NoError(t, err)
	inner := &pickle.List{Items: []any{travelled(t, shared)}}
	outer := inner
	for range 1_000_000 {
		outer = &pickle.List{Items: []any{outer}}
	}
	_, err = reduction.Rebuild(testwait.Soon(t), outer, withKey())
	require.NoError(t, err)
	assert.Equal(t, "deep", content(t, inner.Items[0].(*os.File)))
}

func TestWhatOffersNothingStaysAsItIs(t *testing.T) {
	for _, v := range []any{nil, int64(1), "text", pickle.Tuple{}, pickle.NewSet(int64(1)),
		&pickle.Object{Class: pickle.Global{Module: "m", Name: "f"}, Args: pickle.Tuple{}},
		&pickle.Object{Class: &pickle.Object{}, Args: pickle.Tuple{}}} {
		got, err := reduction.Rebuild(testwait.Soon(t), v, nil)
		require.NoError(t, err)
		assert.Equal(t, v, got)
	}
}

func TestAnOfferIsRedeemedOnce(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	raw, err := pickle.NewRaw(shared, nil)
	require.NoError(t, err)
	f, err := reduction.RebuildAs[*os.File](testwait.Soon(t), raw, withKey())
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = reduction.RebuildAs[*os.File](testwait.Soon(t), raw, withKey())
	require.ErrorIs(t, err, reduction.ErrGone)
}

func TestOffersEnd(t *testing.T) {
	for name, test := range map[string]struct {
		o    reduction.SharerOptions
		end  func(*reduction.Sharer, *reduction.Shared)
		want error
	}{
		"in time": {reduction.SharerOptions{Expire: time.Millisecond},
			func(*reduction.Sharer, *reduction.Shared) {}, reduction.ErrExpired},
		"withdrawn": {reduction.SharerOptions{Expire: -1},
			func(_ *reduction.Sharer, h *reduction.Shared) { h.Withdraw(); h.Withdraw() },
			reduction.ErrWithdrawn},
		"with the sharer": {reduction.SharerOptions{},
			func(s *reduction.Sharer, _ *reduction.Shared) { _ = s.Close() }, reduction.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			f := aFile(t, "")
			s := newSharer(t, test.o)
			before := leak.Descriptors()
			shared, err := s.File(f)
			require.NoError(t, err)
			test.end(s, shared)
			<-shared.Done()
			require.ErrorIs(t, shared.Err(), test.want)
			fallsTo(t, before)
			_, err = reduction.RebuildAs[*os.File](testwait.Soon(t), travelled(t, shared), withKey())
			require.ErrorIs(t, err, reduction.ErrGone)
			require.Zero(t, s.Len())
		})
	}
}

func TestAnOfferThatGoesOnHasNoError(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	require.NoError(t, shared.Err())
}

func TestOffersAreBounded(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{MaxShared: 1})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	c, _ := tcpPair(t)
	before := leak.Descriptors()
	_, err = s.Socket(c)
	require.ErrorIs(t, err, reduction.ErrTooMany)
	assert.Equal(t, before, leak.Descriptors())
	assert.False(t, blocks(t, c), "a socket that is not offered stays as it was")
	shared.Withdraw()
	_, err = s.Socket(c)
	require.NoError(t, err)
	assert.True(t, blocks(t, c))
}

// blocks says whether reads of an open file block.
func blocks(t *testing.T, c syscall.Conn) bool {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	var flags int
	require.NoError(t, raw.Control(func(fd uintptr) {
		flags, err = unix.FcntlInt(fd, unix.F_GETFL, 0)
	}))
	require.NoError(t, err)
	return flags&unix.O_NONBLOCK == 0
}

func TestAClosedSharerOffersNothing(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	require.NoError(t, s.Close())
	_, err := s.File(aFile(t, ""))
	require.ErrorIs(t, err, reduction.ErrClosed)
	require.ErrorIs(t, s.Close(), reduction.ErrClosed)
	_, err = os.Stat(s.Addr().Name)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestASharerNeedsAKeyAndAUnixSocket(t *testing.T) {
	_, err := reduction.NewSharer(nil)
	require.Error(t, err)
	tcp := connection.Address{Network: connection.TCP, Name: "127.0.0.1"}
	_, err = reduction.NewSharer(&reduction.SharerOptions{Authkey: key, Address: tcp})
	require.Error(t, err)
	bad := connection.Address{Network: connection.Unix, Name: filepath.Join(t.TempDir(), "no", "s")}
	_, err = reduction.NewSharer(&reduction.SharerOptions{Authkey: key, Address: bad})
	require.Error(t, err)
}

func TestRedeemersWithoutTheKeyGetNothing(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	v := travelled(t, shared)
	_, err = reduction.RebuildAs[*os.File](testwait.Soon(t), v, &reduction.RebuildOptions{Authkey: []byte("x")})
	require.ErrorIs(t, err, connection.ErrAuth)
	_, err = reduction.RebuildAs[*os.File](testwait.Soon(t), v, nil)
	require.Error(t, err)
	no := errors.New("no key for that")
	_, err = reduction.RebuildAs[*os.File](testwait.Soon(t), v, &reduction.RebuildOptions{
		KeyFor: func(connection.Address) ([]byte, error) { return nil, no },
	})
	require.ErrorIs(t, err, no)
	f, err := reduction.RebuildAs[*os.File](testwait.Soon(t), v, &reduction.RebuildOptions{
		KeyFor: func(at connection.Address) ([]byte, error) {
			assert.Equal(t, s.Addr(), at)
			return key, nil
		},
	})
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// dialSharer is a redeemer whose handshake is over.
func dialSharer(t testing.TB, s *reduction.Sharer) *connection.Conn {
	t.Helper()
	c, err := connection.Dial(testwait.Soon(t), s.Addr().String(), &connection.DialOptions{Authkey: key})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestAMalformedRequestIsTurnedAway(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	for _, request := range []any{nil, "text", pickle.Tuple{1}, pickle.Tuple{"1", 2}} {
		c := dialSharer(t, s)
		require.NoError(t, c.Send(context.Background(), request))
		_, err := c.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.EOF)
	}
	c := dialSharer(t, s)
	require.NoError(t, c.SendBytes(context.Background(), []byte("no pickle")))
	_, err = c.RecvBytes(context.Background())
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, shared.Err())
}

func TestARedeemerThatStallsIsTurnedAway(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{Timeout: 50 * time.Millisecond})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	c := dialSharer(t, s)
	_, err = c.RecvBytes(context.Background())
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, shared.Err(), "still on offer")
}

func TestARedeemerThatNeverReadsEndsTheOffer(t *testing.T) {
	f := aFile(t, "")
	s := newSharer(t, reduction.SharerOptions{Timeout: 50 * time.Millisecond})
	before := leak.Descriptors()
	shared, err := s.File(f)
	require.NoError(t, err)
	c := dialSharer(t, s)
	require.NoError(t, c.Send(context.Background(), requestFor(t, shared)))
	<-shared.Done()
	require.NoError(t, c.Close())
	fallsTo(t, before)
}

func TestAnOfferIsNotOverBeforeItsRedeemerIsDone(t *testing.T) {
	f := aFile(t, "")
	s := newSharer(t, reduction.SharerOptions{})
	c := dialSharer(t, s)
	before := leak.Descriptors()
	shared, err := s.File(f)
	require.NoError(t, err)
	require.NoError(t, c.Send(context.Background(), requestFor(t, shared)))
	got, err := reduction.RecvHandle(testwait.Soon(t), c, &reduction.Options{Peer: reduction.PeerSilent})
	require.NoError(t, err)
	require.NoError(t, got.Close())
	fallsTo(t, before) // the descriptor has been sent
	select {
	case <-shared.Done():
		t.Fatal("the redeemer may acknowledge yet")
	default:
	}
	require.NoError(t, c.Close())
	<-shared.Done()
	require.NoError(t, shared.Err())
}

// requestFor is what a redeemer of an offer sends.
func requestFor(t testing.TB, shared *reduction.Shared) pickle.Tuple {
	t.Helper()
	id, _ := travelled(t, shared).(*pickle.Object).Attrs().Get("_id")
	return pickle.Tuple{id.(pickle.Tuple)[1], os.Getpid()}
}

func TestRedeemingEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	defer l.Close()
	v := pickle.Tuple{l.Addr().String(), int64(1), false}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = reduction.RebuildHandle(ctx, v, withKey())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = reduction.RebuildHandle(testwait.Soon(t), v, &reduction.RebuildOptions{
		Authkey: key, Timeout: 20 * time.Millisecond})
	require.Error(t, err)
}

func TestAHandleOfPython2IsRedeemed(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{Family: reduction.Python2})
	shared, err := s.File(aFile(t, "text"))
	require.NoError(t, err)
	raw, err := pickle.NewRaw(shared, &pickle.EncodeOptions{NativeBytes: true})
	require.NoError(t, err)
	f, err := reduction.RebuildHandle(testwait.Soon(t), raw, withKey())
	require.NoError(t, err)
	assert.Equal(t, "text", content(t, f))
}

func TestAfterAnErrorWhatWasRedeemedIsClosed(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	v := travelled(t, pickle.Tuple{shared, shared}).(pickle.Tuple)
	first := v[0]
	before := leak.Descriptors()
	again := *first.(*pickle.Object)
	_, err = reduction.Rebuild(testwait.Soon(t), pickle.Tuple{first, &again}, withKey())
	require.ErrorIs(t, err, reduction.ErrGone)
	fallsTo(t, before-1)
}

func TestOneCallRedeemsNoMoreThanItMay(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	var v pickle.Tuple
	for range 3 {
		shared, err := s.File(aFile(t, ""))
		require.NoError(t, err)
		v = append(v, travelled(t, shared))
	}
	_, err := reduction.Rebuild(testwait.Soon(t), v, &reduction.RebuildOptions{Authkey: key, MaxHandles: 2})
	require.ErrorIs(t, err, reduction.ErrTooMany)
}

func TestAnotherTypeThanWantedIsClosed(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	before := leak.Descriptors()
	_, err = reduction.RebuildAs[net.Conn](testwait.Soon(t), travelled(t, shared), withKey())
	require.EqualError(t, err, "reduction: a *os.File was offered, not a net.Conn")
	fallsTo(t, before-1)
	_, err = reduction.RebuildAs[net.Conn](testwait.Soon(t), "text", withKey())
	require.ErrorIs(t, err, reduction.ErrMalformed)
	_, err = reduction.RebuildAs[net.Conn](testwait.Soon(t), &pickle.Object{}, withKey())
	require.ErrorIs(t, err, reduction.ErrMalformed)
}

func TestAFileThatIsOfferedAsASocketIsRefused(t *testing.T) {
	s := newSharer(t, reduction.SharerOptions{})
	shared, err := s.File(aFile(t, ""))
	require.NoError(t, err)
	before := leak.Descriptors()
	v := &pickle.Object{
		Class: pickle.Global{Module: "multiprocessing.reduction", Name: "_rebuild_socket"},
		Args:  pickle.Tuple{travelled(t, shared), int64(2), int64(1), int64(0)},
	}
	_, err = reduction.RebuildAs[net.Conn](testwait.Soon(t), v, withKey())
	require.ErrorIs(t, err, syscall.ENOTSOCK)
	fallsTo(t, before-1)
}

func TestWhatIsNoHandleOfPython2IsRefused(t *testing.T) {
	for _, v := range []any{nil, "text", pickle.Tuple{}, pickle.Raw{}} {
		_, err := reduction.RebuildHandle(testwait.Soon(t), v, withKey())
		require.ErrorIs(t, err, reduction.ErrMalformed)
	}
}

func TestAnErrorAnywhereEndsARebuild(t *testing.T) {
	bad := func() any {
		return &pickle.Object{
			Class: pickle.Global{Module: "multiprocessing.reduction", Name: "rebuild_handle"},
			Args:  pickle.Tuple{nil},
		}
	}
	for name, v := range map[string]any{
		"list":     &pickle.List{Items: []any{bad()}},
		"dict":     pickle.NewDict("k", bad()),
		"argument": &pickle.Object{Args: pickle.Tuple{bad()}},
		"state":    &pickle.Object{State: bad()},
		"item":     &pickle.Object{Items: []any{bad()}},
		"pair":     &pickle.Object{Pairs: []pickle.Pair{{Key: 1, Value: bad()}}},
		"itself":   bad(),
	} {
		_, err := reduction.Rebuild(testwait.Soon(t), v, withKey())
		require.ErrorIs(t, err, reduction.ErrMalformed, name)
	}
}

// TestAnOffererThatBreaksOffIsGone plays an offerer that has the key and no descriptor.
func TestAnOffererThatBreaksOffIsGone(t *testing.T) {
	at := connection.Address{Network: connection.Unix, Name: filepath.Join(t.TempDir(), "s")}
	l, err := connection.Listen(at.String(), &connection.ListenOptions{Authkey: key})
	require.NoError(t, err)
	defer l.Close()
	v := pickle.Tuple{at.Name, int64(1), false}
	for _, sent := range []string{"", "\x01"} {
		go func() {
			c, err := l.Accept(context.Background())
			if assert.NoError(t, err) {
				_, err := c.RecvBytes(context.Background())
				assert.NoError(t, err)
				_, _ = c.NetConn().Write([]byte(sent))
				assert.NoError(t, c.Close())
			}
		}()
		_, err = reduction.RebuildHandle(testwait.Soon(t), v, withKey())
		want := reduction.ErrGone
		if sent != "" {
			want = reduction.ErrMalformed
		}
		require.ErrorIs(t, err, want)
	}
}
