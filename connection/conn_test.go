package connection_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

func TestACancelledReceiveBetweenFramesDoesNoHarm(t *testing.T) {
	c, there := pair(t, nil)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(5*time.Millisecond, func() { cancel(why) })
	_, err := c.RecvBytes(ctx)
	require.ErrorIs(t, err, why)
	_, err = there.Write([]byte("\x00\x00\x00\x02hi"))
	require.NoError(t, err)
	got, err := c.RecvBytes(testwait.Soon(t))
	require.NoError(t, err)
	assert.Equal(t, "hi", string(got))
}

func TestADeadlineInsideAHeaderDoesNoHarm(t *testing.T) {
	for _, ahead := range []int{0, 64} {
		c, there := pair(t, &connection.Options{ReadBuffer: ahead})
		_, err := there.Write([]byte("\x00\x00"))
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
		_, err = c.RecvBytes(context.Background())
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		_, err = there.Write([]byte("\x00\x02hi"))
		require.NoError(t, err)
		got, err := c.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, "hi", string(got))
	}
}

func TestADeadlineInsideABodyEndsReceiving(t *testing.T) {
	c, there := pair(t, nil)
	_, err := there.Write([]byte("\x00\x00\x00\x05hi"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err = c.RecvBytes(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = there.Write([]byte("abc\x00\x00\x00\x00"))
	require.NoError(t, err)
	_, err = c.RecvBytes(context.Background())
	require.Error(t, err, "nobody knows where the next frame begins")
	require.NoError(t, c.SendBytes(context.Background(), []byte("the other direction is whole")))
}

func TestASendThatWaitsForAnotherEndsWithItsContext(t *testing.T) {
	c, _ := pair(t, nil)
	go func() { _ = c.SendBytes(context.Background(), make([]byte, 64<<20)) }() // nobody reads
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		return errors.Is(c.SendBytes(ctx, nil), context.DeadlineExceeded)
	}, 5*time.Second, time.Millisecond)
	require.NoError(t, c.Close())
	require.ErrorIs(t, c.SendBytes(context.Background(), nil), connection.ErrClosed)
}

func TestCloseEndsAReceive(t *testing.T) {
	c, _ := pair(t, nil)
	ended := make(chan error, 1)
	go func() {
		_, err := c.RecvBytes(context.Background())
		ended <- err
	}()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-ended, connection.ErrClosed)
	require.ErrorIs(t, c.Close(), net.ErrClosed)
}

func TestASlowReaderIsNotAStoppedOne(t *testing.T) {
	c, there := pair(t, &connection.Options{WriteStall: time.Second})
	const size = 16 << 20
	sent := make(chan error, 1)
	go func() {
		sent <- c.SendBuffers(context.Background(), [][]byte{make([]byte, size/2), make([]byte, size/2)})
	}()
	got := 0
	for buf := make([]byte, 256<<10); got < size+4; {
		n, err := there.Read(buf)
		require.NoError(t, err)
		got += n
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, <-sent)
	require.NoError(t, c.SendBytes(context.Background(), []byte("and goes on")), "no deadline stays behind")
}

func TestALargeMessageTakesItsOwnSizeAndLittleMore(t *testing.T) {
	const size = 64 << 20
	c, there := pair(t, nil)
	go func() {
		_, _ = there.Write(connection.AppendHeader(nil, size))
		for part := make([]byte, 1<<20); ; {
			if _, err := there.Write(part); err != nil {
				return
			}
		}
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := c.RecvBytes(context.Background())
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Len(t, p, size)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size+4<<20))
}

func TestABufferThatIsLongEnoughIsUsed(t *testing.T) {
	c, there := pair(t, &connection.Options{ReadBuffer: 1024})
	buf := make([]byte, 0, 100)
	for _, size := range []int{0, 1, 100, 101} {
		_, err := there.Write(append(connection.AppendHeader(nil, uint64(size)), make([]byte, size)...))
		require.NoError(t, err)
		got, err := c.Transport().RecvInto(context.Background(), buf, 0)
		require.NoError(t, err)
		assert.Len(t, got, size)
		assert.Equal(t, size <= cap(buf), &got[:1][0] == &buf[:1][0])
	}
}

func TestAMessageThatThePeerCannotReadIsNotSent(t *testing.T) {
	c, there := pair(t, &connection.Options{MaxSend: 10})
	var limit *connection.LimitError
	require.ErrorAs(t, c.SendBytes(context.Background(), make([]byte, 11)), &limit)
	require.NoError(t, c.SendBytes(context.Background(), make([]byte, 10)))
	_, err := io.ReadFull(there, make([]byte, 14))
	require.NoError(t, err)
}

func TestWaitReadableEndsWhenItsBufferIsFull(t *testing.T) {
	c, there := pair(t, &connection.Options{ReadBuffer: 1024})
	_, err := there.Write(make([]byte, 64<<10))
	require.NoError(t, err)
	for c.Transport().Buffered() < 1024 {
		require.NoError(t, c.Transport().WaitReadable())
	}
	require.NoError(t, c.Transport().WaitReadable())
}

func TestWaitReadableConsumesNothingWithoutABuffer(t *testing.T) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"of the system": func(nc net.Conn) net.Conn { return nc },
		"of any kind":   func(nc net.Conn) net.Conn { return struct{ net.Conn }{nc} },
	} {
		t.Run(name, func(t *testing.T) {
			here, there := pair(t, nil)
			c := newConn(t, wrap(there), nil)
			ready, err := c.Poll(0)
			require.NoError(t, err)
			assert.False(t, ready)
			require.NoError(t, here.SendBytes(context.Background(), []byte("hi")))
			require.NoError(t, c.Transport().WaitReadable())
			ready, err = c.Poll(-1)
			require.NoError(t, err)
			assert.True(t, ready)
			got, err := c.RecvBytes(context.Background())
			require.NoError(t, err)
			assert.Equal(t, "hi", string(got))
			require.NoError(t, here.Close())
			ready, err = c.Poll(time.Second)
			require.NoError(t, err)
			assert.True(t, ready, "the end can be received")
			require.ErrorIs(t, c.Transport().WaitReadable(), io.EOF)
		})
	}
}

func TestBytesBeforeAResetAreStillThere(t *testing.T) {
	c, there := pair(t, &connection.Options{ReadBuffer: 1024})
	_, err := there.Write([]byte("\x00\x00\x00\x02hi\x00\x00\x00\x02yo"))
	require.NoError(t, err)
	require.NoError(t, c.Transport().WaitReadable())
	require.NoError(t, there.(*net.TCPConn).SetLinger(0))
	require.NoError(t, there.Close())
	for err == nil {
		err = c.Transport().WaitReadable()
	}
	for _, want := range []string{"hi", "yo"} {
		got, err := c.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	_, err = c.RecvBytes(context.Background())
	require.True(t, connection.IsReset(err), "%v", err)
	assert.True(t, c.Transport().LostLastSend(err))
	assert.NotContains(t, err.Error(), "127.0.0.1")
}

func TestATraceShowsFramesAndMasksTheHandshake(t *testing.T) {
	var trace bytes.Buffer
	at := listen(t, loopback, connection.ListenOptions{})
	c, err := connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: []byte("key"),
		Options: connection.Options{Tracer: connection.NewTracer(&trace)}, FirstMessage: [][]byte{{1}, {2}}})
	require.NoError(t, err)
	_, err = c.RecvBytes(context.Background())
	require.NoError(t, err)
	require.NoError(t, c.Close())
	want := []string{
		"#1 < 59 #CHALLENGE#{sha256} and 40 masked",
		"#1 > 40 {sha256} and 32 masked",
		"#1 < 9 #WELCOME#",
		"#1 > 59 #CHALLENGE#{sha256} and 40 masked",
		"#1 < 40 {sha256} and 32 masked",
		"#1 > 9 #WELCOME#",
		"#1 > 2 0102",
		"#1 < 5 68656c6c6f",
	}
	assert.Equal(t, want, strings.Split(strings.TrimSpace(trace.String()), "\n"))
}
