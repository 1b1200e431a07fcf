//go:build unix

package connection_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// oneWay sends two messages from w to r.
func oneWay(t *testing.T, r, w *os.File) {
	t.Helper()
	reader, err := connection.FileConn(r, nil)
	require.NoError(t, err)
	defer reader.Close()
	writer, err := connection.FileConn(w, nil)
	require.NoError(t, err)
	ready, err := reader.Poll(0)
	require.NoError(t, err)
	assert.False(t, ready)
	go func() {
		assert.NoError(t, writer.SendBytes(context.Background(), make([]byte, 100_000)))
		assert.NoError(t, writer.Send(context.Background(), "end"))
		assert.NoError(t, writer.Close())
	}()
	got, err := reader.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Len(t, got, 100_000)
	var text string
	require.NoError(t, reader.Recv(context.Background(), &text))
	assert.Equal(t, "end", text)
	_, err = reader.RecvBytes(context.Background())
	require.ErrorIs(t, err, io.EOF)
}

func TestMessagesThroughAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	oneWay(t, r, w)
}

func TestMessagesThroughAFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	r, err := os.OpenFile(path, os.O_RDWR, 0) // does not wait for the other side
	require.NoError(t, err)
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	writer, err := connection.FileConn(w, nil)
	require.NoError(t, err)
	defer writer.Close()
	reader, err := connection.FileConn(r, nil)
	require.NoError(t, err)
	defer reader.Close()
	require.NoError(t, writer.SendBytes(context.Background(), []byte("through")))
	got, err := reader.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "through", string(got))
}

func TestADeadlineEndsAReadOfAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	reader, err := connection.FileConn(r, nil)
	require.NoError(t, err)
	defer reader.Close()
	require.NoError(t, reader.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
	_, err = reader.RecvBytes(context.Background())
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}
