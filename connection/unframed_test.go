package connection_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// plainPair returns the two ends of a TCP connection.
func plainPair(t testing.TB) (here, there *connection.Conn) {
	t.Helper()
	here, nc := pair(t, nil)
	there = newConn(t, nc, nil)
	t.Cleanup(func() { _ = there.Close() })
	return here, there
}

func TestCopyToBeginsWithWhatWasReadAhead(t *testing.T) {
	here, there := securePair(t, connection.Options{ReadBuffer: 1024})
	out, got, err := connection.Pipe(nil)
	require.NoError(t, err)
	defer out.Close()
	defer got.Close()
	for _, text := range []string{"first", "second"} {
		require.NoError(t, there.SendBytes(context.Background(), []byte(text)))
	}
	require.NoError(t, here.Transport().WaitReadable())
	require.NotZero(t, here.Transport().Buffered())
	go func() { _, _, _ = here.Transport().CopyTo(out) }()
	for _, text := range []string{"first", "second"} {
		b, err := got.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, text, string(b))
	}
	require.NoError(t, there.Close())
}

func TestCopyToSaysWhichSideFailed(t *testing.T) {
	t.Run("the end of the stream", func(t *testing.T) {
		in, there := plainPair(t)
		out, got := plainPair(t)
		require.NoError(t, there.SendBytes(context.Background(), []byte("all of it")))
		require.NoError(t, there.Close())
		n, recv, send := in.Transport().CopyTo(out)
		assert.Equal(t, int64(len("all of it")+4), n)
		require.ErrorIs(t, recv, io.EOF)
		require.NoError(t, send)
		b, err := got.RecvBytes(context.Background())
		require.NoError(t, err)
		assert.Equal(t, "all of it", string(b))
	})
	t.Run("a deadline", func(t *testing.T) {
		in, _ := plainPair(t)
		out, _ := plainPair(t)
		require.NoError(t, in.SetReadDeadline(time.Now()))
		_, recv, send := in.Transport().CopyTo(out)
		require.ErrorIs(t, recv, os.ErrDeadlineExceeded)
		require.NoError(t, send)
	})
	t.Run("a receiver that is closed", func(t *testing.T) {
		in, there := plainPair(t)
		out, _ := plainPair(t)
		require.NoError(t, out.Close())
		require.NoError(t, there.SendBytes(context.Background(), []byte("lost")))
		n, recv, send := in.Transport().CopyTo(out)
		assert.Zero(t, n)
		require.NoError(t, recv)
		require.ErrorIs(t, send, connection.ErrClosed)
		require.ErrorIs(t, out.SendBytes(context.Background(), nil), connection.ErrClosed)
	})
}

func TestBulkPassesOnFromTLS(t *testing.T) {
	here, there := securePair(t, connection.Options{})
	out, got := plainPair(t)
	go func() { _, _, _ = here.Transport().CopyTo(out) }()
	for _, size := range []int{1, 5000, 1 << 20, 3, 100_000} {
		sent := bytes.Repeat([]byte{byte(size)}, size)
		go func() { assert.NoError(t, there.SendBytes(context.Background(), sent)) }()
		b, err := got.RecvBytes(context.Background())
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, b))
	}
	require.NoError(t, there.Close())
}

func TestHalfAConnectionCanBeClosed(t *testing.T) {
	plain, other := plainPair(t)
	secure, far := securePair(t, connection.Options{})
	for name, ends := range map[string][2]*connection.Conn{"plain": {plain, other}, "TLS": {secure, far}} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, ends[0].Transport().CloseWrite())
			require.ErrorIs(t, ends[0].SendBytes(context.Background(), nil), connection.ErrClosed)
			require.ErrorIs(t, ends[0].Transport().CloseWrite(), connection.ErrClosed)
			_, err := ends[1].RecvBytes(context.Background())
			require.ErrorIs(t, err, io.EOF)
			require.NoError(t, ends[1].SendBytes(context.Background(), []byte("the last word")))
			b, err := ends[0].RecvBytes(context.Background())
			require.NoError(t, err)
			assert.Equal(t, "the last word", string(b))
		})
	}
}

func TestHalfAPipeCannotBeClosed(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	c, err := connection.FileConn(w, nil)
	require.NoError(t, err)
	defer c.Close()
	require.ErrorIs(t, c.Transport().CloseWrite(), connection.ErrNotSupported)
}

func TestAResetIsSeenAsOne(t *testing.T) {
	plain, other := plainPair(t)
	secure, far := securePair(t, connection.Options{})
	for name, ends := range map[string][2]*connection.Conn{"plain": {plain, other}, "TLS": {secure, far}} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, ends[0].Transport().Reset())
			_, err := ends[1].RecvBytes(context.Background())
			require.True(t, connection.IsReset(err), "%v", err)
			assert.True(t, ends[1].Transport().LostLastSend(err))
		})
	}
}
