package connection_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

func TestHeadersAreThoseOfCPython(t *testing.T) {
	cases := []struct {
		n    uint64
		want string
	}{
		{0, "00000000"},
		{1, "00000001"},
		{16384, "00004000"},
		{1<<31 - 1, "7fffffff"},
		{1 << 31, "ffffffff0000000080000000"},
		{1 << 40, "ffffffff0000010000000000"},
	}
	for _, c := range cases {
		header := connection.AppendHeader(nil, c.n)
		assert.Equal(t, c.want, hex.EncodeToString(header))
		n, size, err := connection.ParseHeader(header)
		require.NoError(t, err)
		assert.Equal(t, c.n, n)
		assert.Equal(t, len(header), size)
	}
}

// newConn is NewConn with usable options.
func newConn(t testing.TB, nc net.Conn, o *connection.Options) *connection.Conn {
	t.Helper()
	c, err := connection.NewConn(nc, o)
	require.NoError(t, err)
	return c
}

// pair returns two ends of a TCP connection, the first as a Conn.
func pair(t testing.TB, o *connection.Options) (*connection.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	there, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	here, err := l.Accept()
	require.NoError(t, err)
	c := newConn(t, here, o)
	t.Cleanup(func() { _ = c.Close(); _ = there.Close() })
	return c, there
}

func TestMessagesArriveAtAnyChunking(t *testing.T) {
	for _, ahead := range []int{0, 1024} {
		c, there := pair(t, &connection.Options{ReadBuffer: ahead})
		want := [][]byte{{}, []byte("a"), bytes.Repeat([]byte("b"), 300), {}, []byte("end")}
		var stream []byte
		for _, m := range want {
			stream = append(connection.AppendHeader(stream, uint64(len(m))), m...)
		}
		go func() {
			for i := range stream {
				_, _ = there.Write(stream[i : i+1])
			}
			_ = there.Close()
		}()
		for _, m := range want {
			got, err := c.RecvBytes(context.Background())
			require.NoError(t, err)
			require.Equal(t, len(m), len(got))
			assert.True(t, bytes.Equal(m, got))
		}
		_, err := c.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.EOF)
	}
}

func TestMessagesOfEverySizeGoThere(t *testing.T) {
	c, there := pair(t, nil)
	d := newConn(t, there, nil)
	for _, n := range []int{0, 1, 16383, 16384, 16385, 65536, 3 << 20} {
		go func() { assert.NoError(t, c.SendBytes(context.Background(), make([]byte, n))) }()
		got, err := d.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Len(t, got, n)
	}
	go func() {
		assert.NoError(t, c.SendBuffers(context.Background(), [][]byte{[]byte("a"), nil, make([]byte, 1<<20)}))
	}()
	got, err := d.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Len(t, got, 1<<20+1)
}

func TestAClaimCostsNothing(t *testing.T) {
	for _, header := range []string{"7fffffff", "ffffffff4000000000000000", "ffffffffffffffffffffffff"} {
		c, there := pair(t, &connection.Options{MaxMessage: min(1<<31, math.MaxInt)})
		bad, err := hex.DecodeString(header)
		require.NoError(t, err)
		_, err = there.Write(append(bad, "ten bytes!"...))
		require.NoError(t, err)
		_ = there.Close()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = c.RecvBytes(context.Background())
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
		_, again := c.RecvBytes(context.Background())
		assert.Equal(t, err, again, "what follows is no frame")
	}
}

func TestAMessageOverTheLimitIsALimitError(t *testing.T) {
	c, there := pair(t, &connection.Options{MaxMessage: 100})
	_, err := there.Write(connection.AppendHeader(nil, 101))
	require.NoError(t, err)
	_, err = c.RecvBytes(context.Background())
	var limit *connection.LimitError
	require.ErrorAs(t, err, &limit)
	assert.EqualValues(t, 101, limit.Got)
	assert.ErrorIs(t, err, connection.ErrMessageTooBig)
}

func TestAStreamThatEndsInsideAFrameIsUnexpected(t *testing.T) {
	for _, part := range []string{"\x00", "\x00\x00\x00\x05", "\x00\x00\x00\x05ab"} {
		c, there := pair(t, nil)
		_, err := there.Write([]byte(part))
		require.NoError(t, err)
		_ = there.Close()
		_, err = c.RecvBytes(context.Background())
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", part)
	}
}

func TestWaitingForAMessageTakesNothing(t *testing.T) {
	c, there := pair(t, &connection.Options{ReadBuffer: 64})
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
	require.Error(t, c.Transport().WaitReadable())
	require.NoError(t, c.SetReadDeadline(time.Time{}))
	_, err := there.Write([]byte("\x00\x00\x00\x02hi"))
	require.NoError(t, err)
	require.NoError(t, c.Transport().WaitReadable())
	assert.Positive(t, c.Transport().Buffered())
	got, err := c.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "hi", string(got))
	_ = there.Close()
	require.ErrorIs(t, c.Transport().WaitReadable(), io.EOF)
	assert.True(t, c.Transport().PeerGone())
}

func TestAStoppedReaderIsNoticed(t *testing.T) {
	c, _ := pair(t, &connection.Options{WriteStall: 30 * time.Millisecond})
	err := c.SendBytes(context.Background(), make([]byte, 64<<20))
	require.ErrorIs(t, err, connection.ErrStalled)
}

func TestValuesOverAPipe(t *testing.T) {
	a, b, err := connection.Pipe(nil)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system has no socketpair")
	}
	require.NoError(t, err)
	defer a.Close()
	defer b.Close()
	require.NoError(t, a.Send(context.Background(), map[string]int{"a": 1}))
	var got map[string]int
	require.NoError(t, b.Recv(context.Background(), &got))
	assert.Equal(t, map[string]int{"a": 1}, got)
	ready, err := b.Poll(0)
	require.NoError(t, err)
	assert.False(t, ready)
}

func FuzzFrameHeader(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05hello"))
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01x"))
	f.Add([]byte("\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		here, there := net.Pipe()
		go func() {
			_, _ = there.Write(data)
			_ = there.Close()
		}()
		c := newConn(t, here, &connection.Options{MaxMessage: 1 << 20, ReadBuffer: len(data) % 64})
		defer c.Close()
		for total := 0; ; {
			msg, err := c.RecvBytes(context.Background())
			if err != nil {
				return
			}
			if total += len(msg) + 4; total > len(data) {
				t.Fatalf("%d bytes of messages out of %d", total, len(data))
			}
		}
	})
}
