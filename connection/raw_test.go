//go:build linux || darwin

package connection_test

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// pipePair is two connected Conns that are closed when the test ends.
func pipePair(t *testing.T, o *connection.Options) (a, b *connection.Conn) {
	t.Helper()
	a, b, err := connection.Pipe(o)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b
}

// write writes bytes past the frames.
func write(t *testing.T, c *connection.Conn, p string) {
	t.Helper()
	_, err := c.NetConn().Write([]byte(p))
	require.NoError(t, err)
}

// readOne is an RawFunc that reads one byte.
func readOne(got *byte) connection.RawFunc {
	return func(socket syscall.RawConn) (midFrame bool, err error) {
		var b [1]byte
		n := 0
		rerr := socket.Read(func(fd uintptr) bool {
			n, err = syscall.Read(int(fd), b[:])
			return err != syscall.EAGAIN
		})
		*got = b[0]
		return n > 0 && err != nil, errors.Join(rerr, err)
	}
}

func TestNothingIsReadBeyondAFrame(t *testing.T) {
	a, b := pipePair(t, nil)
	require.NoError(t, a.SendBytes(context.Background(), []byte("frame")))
	write(t, a, "!")
	require.NoError(t, a.SendBytes(context.Background(), []byte("next")))
	p, err := b.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "frame", string(p))
	var beside byte
	require.NoError(t, b.Transport().WithRawRead(testwait.Soon(t), readOne(&beside)))
	assert.Equal(t, byte('!'), beside)
	p, err = b.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "next", string(p))
}

func TestAReadBufferKeepsWhatIsBesideTheFramesOut(t *testing.T) {
	a, b := pipePair(t, &connection.Options{ReadBuffer: 1024})
	var beside byte
	require.ErrorIs(t, b.Transport().WithRawRead(testwait.Soon(t), readOne(&beside)), connection.ErrReadAhead)
	require.NoError(t, a.SendBytes(context.Background(), []byte("frame")))
	b.Transport().SetReadBuffer(0)
	_, err := b.RecvBytes(context.Background())
	require.NoError(t, err)
	write(t, a, "!")
	require.NoError(t, b.Transport().WithRawRead(testwait.Soon(t), readOne(&beside)))
	assert.Equal(t, byte('!'), beside)
}

func TestBytesThatWereReadAheadKeepRawReadsOut(t *testing.T) {
	a, b := pipePair(t, &connection.Options{ReadBuffer: 1024})
	require.NoError(t, a.SendBytes(context.Background(), []byte("frame")))
	require.NoError(t, b.Transport().WaitReadable())
	b.Transport().SetReadBuffer(0)
	var beside byte
	require.ErrorIs(t, b.Transport().WithRawRead(testwait.Soon(t), readOne(&beside)), connection.ErrReadAhead)
	p, err := b.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "frame", string(p))
}

func TestARawReadEndsWithItsContext(t *testing.T) {
	_, b := pipePair(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	var beside byte
	require.ErrorIs(t, b.Transport().WithRawRead(ctx, readOne(&beside)), context.DeadlineExceeded)
}

func TestAConnIsNotUsedBehindARawReadThatLeftItMidFrame(t *testing.T) {
	a, b := pipePair(t, nil)
	broken := errors.New("broken")
	midFrame := func(syscall.RawConn) (bool, error) { return true, broken }
	require.ErrorIs(t, b.Transport().WithRawRead(testwait.Soon(t), midFrame), broken)
	_, err := b.RecvBytes(context.Background())
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, b.Transport().WithRawRead(testwait.Soon(t), midFrame), broken)
	require.ErrorIs(t, a.Transport().WithRawWrite(testwait.Soon(t), midFrame), broken)
	require.ErrorIs(t, a.SendBytes(context.Background(), nil), broken)
	require.ErrorIs(t, a.Transport().WithRawWrite(testwait.Soon(t), midFrame), broken)
}

func TestAClosedConnHasNoRawReads(t *testing.T) {
	a, _ := pipePair(t, nil)
	require.NoError(t, a.Close())
	none := func(syscall.RawConn) (bool, error) { return false, nil }
	require.ErrorIs(t, a.Transport().WithRawRead(testwait.Soon(t), none), connection.ErrClosed)
	require.ErrorIs(t, a.Transport().WithRawWrite(testwait.Soon(t), none), connection.ErrClosed)
}

func TestAnAcknowledgementBetweenFramesIsDropped(t *testing.T) {
	for _, ahead := range []int{0, 1024} {
		a, b := pipePair(t, &connection.Options{ReadBuffer: ahead})
		require.NoError(t, b.Transport().ExpectAck())
		require.NoError(t, a.SendBytes(context.Background(), []byte("before")))
		write(t, a, "A")
		require.NoError(t, a.SendBytes(context.Background(), []byte("after")))
		for _, want := range []string{"before", "after"} {
			p, err := b.RecvBytes(context.Background())
			require.NoError(t, err)
			assert.Equal(t, want, string(p))
		}
		assert.False(t, b.Transport().TakeAck(), "it came")
	}
}

func TestAnAcknowledgementBeforeTheEndIsDropped(t *testing.T) {
	a, b := pipePair(t, nil)
	require.NoError(t, b.Transport().ExpectAck())
	write(t, a, "A")
	require.NoError(t, a.Close())
	_, err := b.RecvBytes(context.Background())
	require.Equal(t, io.EOF, err)
}

func TestAnAcknowledgementIsNothingToReceive(t *testing.T) {
	for _, ahead := range []int{0, 1024} {
		a, b := pipePair(t, &connection.Options{ReadBuffer: ahead})
		require.NoError(t, b.Transport().ExpectAck())
		write(t, a, "A")
		ready, err := b.Poll(0)
		require.NoError(t, err)
		assert.False(t, ready)
		require.NoError(t, b.Transport().ExpectAck())
		write(t, a, "A")
		require.NoError(t, b.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
		require.ErrorIs(t, b.Transport().WaitReadable(), os.ErrDeadlineExceeded)
		require.NoError(t, a.SendBytes(context.Background(), []byte("x")))
		require.NoError(t, b.SetReadDeadline(time.Time{}))
		require.NoError(t, b.Transport().WaitReadable())
		ready, err = b.Poll(0)
		require.NoError(t, err)
		assert.True(t, ready)
	}
}

func TestAnAcknowledgementThatMayBeALengthIsNotExpected(t *testing.T) {
	_, b := pipePair(t, &connection.Options{MaxMessage: 0x41000000})
	require.Error(t, b.Transport().ExpectAck())
	assert.False(t, b.Transport().TakeAck())
}

func TestAnUnexpectedAcknowledgementIsALength(t *testing.T) {
	a, b := pipePair(t, nil)
	write(t, a, "A\x00\x00\x00")
	_, err := b.RecvBytes(context.Background())
	require.ErrorIs(t, err, connection.ErrMessageTooBig)
}

func TestTheProtocolOfThePeerIsRemembered(t *testing.T) {
	a, b := pipePair(t, &connection.Options{Encode: &connection.EncodeOptions{Protocol: 2}})
	assert.Zero(t, b.Transport().PeerProtocol())
	require.NoError(t, a.Send(context.Background(), "text"))
	var text string
	require.NoError(t, b.Recv(context.Background(), &text))
	assert.Equal(t, 2, b.Transport().PeerProtocol())
}

func TestAConnGivesAccessToItsDescriptor(t *testing.T) {
	a, _ := pipePair(t, nil)
	raw, err := a.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { assert.NotZero(t, fd) }))
}
