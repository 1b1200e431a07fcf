//go:build linux || darwin

package reduction_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mpbridge/connection"
	"mpbridge/internal/leak"
	"mpbridge/internal/testing/testwait"
	"mpbridge/reduction"
)

// pair is two connected Conns that are closed when the test ends.
func pair(t testing.TB, o *connection.Options) (a, b *connection.Conn) {
	t.Helper()
	a, b, err := connection.Pipe(o)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b
}

// aFile is an open file with something in it.
func aFile(t testing.TB, text string) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	_, err = f.WriteString(text)
	require.NoError(t, err)
	return f
}

// content reads a file from its beginning and closes it.
func content(t testing.TB, f *os.File) string {
	t.Helper()
	defer f.Close()
	_, err := f.Seek(0, io.SeekStart)
	require.NoError(t, err)
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(text)
}

func of(p reduction.Peer) *reduction.Options { return &reduction.Options{Peer: p} }

// sendRaw sends a byte with descriptors past everything, as no honest peer does.
func sendRaw(t testing.TB, c *connection.Conn, p string, fds ...int) {
	t.Helper()
	u := c.NetConn().(*net.UnixConn)
	var oob []byte
	if len(fds) > 0 {
		oob = unix.UnixRights(fds...)
	}
	_, _, err := u.WriteMsgUnix([]byte(p), oob, nil)
	require.NoError(t, err)
}

func TestAFileArrivesBetweenTwoFrames(t *testing.T) {
	for _, peer := range []reduction.Peer{
		reduction.PeerPython2, reduction.PeerSilent, reduction.PeerAcks,
	} {
		a, b := pair(t, nil)
		sent := make(chan error, 1)
		go func() {
			sent <- errors.Join(a.Send(context.Background(), "before"),
				reduction.SendHandle(testwait.Soon(t), a, aFile(t, "text"), of(peer)), a.Send(context.Background(), "after"))
		}()
		var text string
		require.NoError(t, b.Recv(context.Background(), &text))
		f, err := reduction.RecvHandle(testwait.Soon(t), b, of(peer))
		require.NoError(t, err)
		require.NoError(t, b.Recv(context.Background(), &text))
		assert.Equal(t, "after", text)
		assert.Equal(t, "text", content(t, f))
		require.NoError(t, <-sent)
	}
}

func TestAnUnknownReceiverMayAcknowledgeOrNot(t *testing.T) {
	for _, peer := range []reduction.Peer{reduction.PeerSilent, reduction.PeerAcks} {
		a, b := pair(t, nil)
		require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, ""), nil))
		require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, ""), nil))
		for range 2 {
			f, err := reduction.RecvHandle(testwait.Soon(t), b, of(peer))
			require.NoError(t, err)
			require.NoError(t, f.Close())
			require.NoError(t, b.Send(context.Background(), "got it"))
		}
		for range 2 {
			var text string
			require.NoError(t, a.Recv(context.Background(), &text))
			assert.Equal(t, "got it", text)
		}
	}
}

func TestHandlesCrossWhileAcknowledgementsAreUnderWay(t *testing.T) {
	a, b := pair(t, nil)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, "to b"), nil))
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerAcks)) // writes 'A'
	require.NoError(t, err)
	assert.Equal(t, "to b", content(t, f))
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), b, aFile(t, "to a"), nil))
	f, err = reduction.RecvHandle(testwait.Soon(t), a, of(reduction.PeerSilent))
	require.NoError(t, err)
	assert.Equal(t, "to a", content(t, f))
}

func TestTheProtocolOfAPickleTellsWhetherToAcknowledge(t *testing.T) {
	for protocol, acks := range map[int]bool{2: false, 4: runtime.GOOS == "darwin", 5: true} {
		a, b := pair(t, &connection.Options{Encode: &connection.EncodeOptions{Protocol: protocol}})
		require.NoError(t, a.Send(context.Background(), "a word"))
		require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, ""), nil))
		var text string
		require.NoError(t, b.Recv(context.Background(), &text))
		f, err := reduction.RecvHandle(testwait.Soon(t), b, nil)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.NoError(t, b.SendBytes(context.Background(), nil))
		_, err = a.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, acks, !a.Transport().TakeAck(), "protocol %d", protocol)
	}
}

func TestAnUnknownSenderIsRefusedBeforeReading(t *testing.T) {
	a, b := pair(t, nil)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, "text"), nil))
	_, err := reduction.RecvHandle(testwait.Soon(t), b, nil)
	require.ErrorIs(t, err, reduction.ErrUnknownPeer)
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.NoError(t, err)
	assert.Equal(t, "text", content(t, f))
}

func TestManyDescriptorsInOneMessage(t *testing.T) {
	a, b := pair(t, nil)
	var many []syscall.Conn
	for range reduction.MaxFds {
		many = append(many, aFile(t, ""))
	}
	require.NoError(t, reduction.SendFds(testwait.Soon(t), a, many, of(reduction.PeerSilent)))
	files, err := reduction.RecvFds(testwait.Soon(t), b, reduction.MaxFds, of(reduction.PeerSilent))
	require.NoError(t, err)
	assert.Len(t, files, reduction.MaxFds)
	for _, f := range files {
		require.NoError(t, f.Close())
	}
	require.ErrorIs(t, reduction.SendFds(testwait.Soon(t), a, append(many, many[0]), nil),
		reduction.ErrTooMany)
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	a, _ := pair(t, nil)
	f := aFile(t, "")
	require.Error(t, reduction.SendFds(testwait.Soon(t), a, nil, nil))
	require.ErrorIs(t, reduction.SendFds(testwait.Soon(t), a, []syscall.Conn{f, f},
		of(reduction.PeerPython2)), reduction.ErrTooMany)
	closed := aFile(t, "")
	require.NoError(t, closed.Close())
	require.Error(t, reduction.SendFds(testwait.Soon(t), a, []syscall.Conn{f, closed}, nil))
}

func TestDescriptorsNeedAUnixSocket(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	conn, err := connection.FileConn(w, nil)
	require.NoError(t, err)
	defer conn.Close()
	require.ErrorIs(t, reduction.SendHandle(testwait.Soon(t), conn, r, of(reduction.PeerSilent)),
		syscall.ENOTSOCK)
	require.ErrorIs(t, reduction.SendHandle(testwait.Soon(t), conn, r, nil), syscall.ENOTSOCK)
	assert.False(t, conn.Transport().TakeAck(), "nothing was sent")
}

func TestAReceivedDescriptorIsNotInherited(t *testing.T) {
	a, b := pair(t, nil)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, ""), nil))
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.NoError(t, err)
	defer f.Close()
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
	require.NoError(t, err)
	assert.Equal(t, unix.FD_CLOEXEC, flags)
}

func TestWhatIsSentBlocks(t *testing.T) {
	a, b := pair(t, nil)
	c, _ := pair(t, nil)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, c, nil))
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.NoError(t, err)
	defer f.Close()
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	require.NoError(t, err)
	assert.Zero(t, flags&unix.O_NONBLOCK)
}

func TestDescriptorsOfAMalformedMessageAreClosed(t *testing.T) {
	f := aFile(t, "")
	fd := int(f.Fd())
	for name, test := range map[string]struct {
		payload string
		fds     []int
		want    error
	}{
		"two for one":             {"\x02", []int{fd, fd}, reduction.ErrMalformed},
		"more than announced":     {"\x01", []int{fd, fd}, reduction.ErrMalformed},
		"fewer than announced":    {"\x02", []int{fd}, reduction.ErrMalformed},
		"none":                    {"\x01", nil, reduction.ErrMalformed},
		"an empty list":           {"\x00", nil, reduction.ErrMalformed},
		"an unexpected ack":       {"A", nil, reduction.ErrMalformed},
		"the beginning of a file": {"\x00\x00\x00\x04", nil, reduction.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t, nil)
			before := leak.Descriptors()
			sendRaw(t, a, test.payload, test.fds...)
			_, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, before, leak.Descriptors())
			_, err = b.RecvBytes(context.Background())
			require.ErrorIs(t, err, test.want, "the stream is torn")
		})
	}
}

func TestAPython2SaysNothingAboutTheNumber(t *testing.T) {
	a, b := pair(t, nil)
	f := aFile(t, "text")
	sendRaw(t, a, "\x55", int(f.Fd()))
	got, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerPython2))
	require.NoError(t, err)
	assert.Equal(t, "text", content(t, got))
	sendRaw(t, a, "\x00", int(f.Fd()), int(f.Fd()))
	_, err = reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerPython2))
	require.ErrorIs(t, err, reduction.ErrMalformed)
}

func TestAnEmptyListOfDescriptorsMayArrive(t *testing.T) {
	a, b := pair(t, nil)
	sendRaw(t, a, "\x00")
	files, err := reduction.RecvFds(testwait.Soon(t), b, 5, of(reduction.PeerSilent))
	require.NoError(t, err)
	assert.Empty(t, files)
}

func TestTheEndInsteadOfADescriptorIsTheEnd(t *testing.T) {
	a, b := pair(t, nil)
	require.NoError(t, a.Close())
	_, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.ErrorIs(t, err, io.EOF)
}

func TestAReceiverThatLeftGetsNoAcknowledgement(t *testing.T) {
	a, b := pair(t, nil)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, "text"), of(reduction.PeerSilent)))
	require.NoError(t, a.Close())
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerAcks))
	require.NoError(t, err)
	assert.Equal(t, "text", content(t, f))
}

func TestAMissingAcknowledgementIsAnError(t *testing.T) {
	for name, test := range map[string]func(b *connection.Conn){
		"the end":      func(b *connection.Conn) { _ = b.Close() },
		"another byte": func(b *connection.Conn) { _, _ = b.NetConn().Write([]byte("B")) },
		"silence":      func(*connection.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t, nil)
			o := &reduction.Options{Peer: reduction.PeerAcks, AckTimeout: 100 * time.Millisecond}
			go func() {
				f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
				if assert.NoError(t, err) {
					assert.NoError(t, f.Close())
				}
				test(b)
			}()
			err := reduction.SendHandle(testwait.Soon(t), a, aFile(t, ""), o)
			require.ErrorIs(t, err, reduction.ErrNoAck)
			_, err = a.RecvBytes(context.Background())
			require.ErrorIs(t, err, reduction.ErrNoAck, "an answer may still come")
		})
	}
}

func TestReceivingADescriptorEndsWithItsContext(t *testing.T) {
	a, b := pair(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := reduction.RecvHandle(ctx, b, of(reduction.PeerSilent))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, a.SendBytes(context.Background(), nil))
	_, err = b.RecvBytes(context.Background())
	require.NoError(t, err, "nothing was read")
}

func TestAReadBufferLosesDescriptorsAndIsRefused(t *testing.T) {
	a, b := pair(t, &connection.Options{ReadBuffer: 100})
	_, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.ErrorIs(t, err, connection.ErrReadAhead)
	b.Transport().SetReadBuffer(0)
	require.NoError(t, reduction.SendHandle(testwait.Soon(t), a, aFile(t, "text"), nil))
	f, err := reduction.RecvHandle(testwait.Soon(t), b, of(reduction.PeerSilent))
	require.NoError(t, err)
	assert.Equal(t, "text", content(t, f))
}

// TestDescriptorsBeyondTheLimitOfOpenFilesAreAnError lowers the limit of this process for a moment.
func TestDescriptorsBeyondTheLimitOfOpenFilesAreAnError(t *testing.T) {
	a, b := pair(t, nil)
	f := aFile(t, "")
	require.NoError(t, reduction.SendFds(testwait.Soon(t), a, []syscall.Conn{f, f, f},
		of(reduction.PeerSilent)))
	before := leak.Descriptors()
	var old unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &old))
	next, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Close(next))
	low := old
	low.Cur = uint64(next) + 1
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
	_, err = reduction.RecvFds(testwait.Soon(t), b, 3, of(reduction.PeerSilent))
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &old))
	require.ErrorIs(t, err, reduction.ErrTruncated)
	assert.Equal(t, before, leak.Descriptors())
}
