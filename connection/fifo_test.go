//go:build unix

package connection_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func newFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path
}

func openFIFO(t *testing.T, path string, access connection.FIFOAccess) *connection.Conn {
	t.Helper()
	c, err := connection.OpenFIFO(testwait.Soon(t), path, access, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func onLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems tell less of a FIFO that nobody writes to")
	}
}

func TestAReaderOfAFIFOWaitsForItsFirstWriter(t *testing.T) {
	onLinux(t)
	path := newFIFO(t)
	r := openFIFO(t, path, connection.FIFORead)
	ready, err := r.Poll(0)
	require.NoError(t, err)
	require.False(t, ready)
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err = r.RecvBytes(short)
	require.ErrorIs(t, err, context.DeadlineExceeded, "this is no end of the stream")

	w := openFIFO(t, path, connection.FIFOWrite)
	require.NoError(t, w.SendBytes(testwait.Soon(t), []byte("x")))
	got, err := r.RecvBytes(testwait.Soon(t))
	require.NoError(t, err)
	assert.Equal(t, "x", string(got))
	require.NoError(t, w.Close())
	_, err = r.RecvBytes(testwait.Soon(t))
	require.ErrorIs(t, err, io.EOF)
}

func TestAFIFOEndsWithTheLastOfItsWriters(t *testing.T) {
	path := newFIFO(t)
	r := openFIFO(t, path, connection.FIFORead)
	first, second := openFIFO(t, path, connection.FIFOWrite), openFIFO(t, path, connection.FIFOWrite)
	require.NoError(t, first.Close())
	require.NoError(t, second.SendBytes(testwait.Soon(t), []byte("x")))
	_, err := r.RecvBytes(testwait.Soon(t))
	require.NoError(t, err)
	require.NoError(t, second.Close())
	_, err = r.RecvBytes(testwait.Soon(t))
	require.ErrorIs(t, err, io.EOF)
}

func TestAServedFIFOOutlivesItsWriters(t *testing.T) {
	onLinux(t)
	path := newFIFO(t)
	r := openFIFO(t, path, connection.FIFOServe)
	for _, text := range []string{"one", "two"} {
		w := openFIFO(t, path, connection.FIFOWrite)
		require.NoError(t, w.SendBytes(testwait.Soon(t), []byte(text)))
		require.NoError(t, w.Close())
		got, err := r.RecvBytes(testwait.Soon(t))
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
}

func TestAWriterOfAFIFOWaitsForAReaderAndNoLongerThanItsContext(t *testing.T) {
	path := newFIFO(t)
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err := connection.OpenFIFO(short, path, connection.FIFOWrite, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	opened := make(chan error)
	go func() {
		w, err := connection.OpenFIFO(testwait.Soon(t), path, connection.FIFOWrite, nil)
		if err == nil {
			err = w.Close()
		}
		opened <- err
	}()
	openFIFO(t, path, connection.FIFORead)
	require.NoError(t, <-opened)
}

func TestAFIFOIsUsedInOneDirection(t *testing.T) {
	path := newFIFO(t)
	r, w := openFIFO(t, path, connection.FIFORead), openFIFO(t, path, connection.FIFOWrite)
	require.ErrorIs(t, r.SendBytes(testwait.Soon(t), nil), connection.ErrReadOnly)
	_, err := w.RecvBytes(testwait.Soon(t))
	require.ErrorIs(t, err, connection.ErrWriteOnly)
}

func TestWhatIsNoFIFOIsNotOpenedAsOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	socket := filepath.Join(t.TempDir(), "s")
	l, err := connection.Listen(socket, nil)
	if err == nil {
		defer l.Close()
	}
	for _, path := range []string{file, socket, os.DevNull, t.TempDir()} {
		_, err := connection.OpenFIFO(testwait.Soon(t), path, connection.FIFOWrite, nil)
		require.ErrorIs(t, err, connection.ErrNotFIFO, path)
	}
	_, err = connection.OpenFIFO(testwait.Soon(t), file+"-missing", connection.FIFORead, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// pipes returns two Conns, each of which receives what the other sends.
func pipes(t *testing.T) (a, b *connection.Conn) {
	t.Helper()
	r1, w1, err := os.Pipe()
	require.NoError(t, err)
	r2, w2, err := os.Pipe()
	require.NoError(t, err)
	a, err = connection.PipeConn(r1, w2, nil)
	require.NoError(t, err)
	b, err = connection.PipeConn(r2, w1, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

func TestTwoPipesAreOneConnection(t *testing.T) {
	a, b := pipes(t)
	ctx := testwait.Soon(t)
	large := make([]byte, 300_000)
	go func() {
		got, err := b.RecvBytes(ctx)
		assert.NoError(t, err)
		assert.NoError(t, b.SendBytes(ctx, got))
		assert.NoError(t, b.Close())
	}()
	require.NoError(t, a.SendBytes(ctx, large))
	got, err := a.RecvBytes(ctx)
	require.NoError(t, err)
	assert.Equal(t, large, got)
	_, err = a.RecvBytes(ctx)
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, a.SendBytes(ctx, nil), syscall.EPIPE)
}

func TestOneOfTwoPipesIsClosedWhileTheOtherGoesOn(t *testing.T) {
	a, b := pipes(t)
	ctx := testwait.Soon(t)
	require.NoError(t, a.Transport().CloseWrite())
	_, err := b.RecvBytes(ctx)
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, b.SendBytes(ctx, []byte("still")))
	got, err := a.RecvBytes(ctx)
	require.NoError(t, err)
	assert.Equal(t, "still", string(got))
	require.NoError(t, a.Close())
}

func TestAContextEndsBothDirectionsOfTwoPipes(t *testing.T) {
	a, _ := pipes(t)
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err := a.RecvBytes(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	short, cancel = context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, a.SendBytes(short, make([]byte, 1<<20)), context.DeadlineExceeded)
}

// TestAnInheritedPipeStaysBlockingForTheOthers: a read of Python's would fail if it did not.
func TestAnInheritedPipeStaysBlockingForTheOthers(t *testing.T) {
	onLinux(t)
	var fds [2]int
	require.NoError(t, unix.Pipe(fds[:]))
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	defer unix.Close(fds[1])
	theirs, err := unix.Dup(fds[0]) // the same open file
	require.NoError(t, err)
	defer unix.Close(theirs)
	c, err := connection.FileConn(os.NewFile(uintptr(fds[0]), "pipe"), nil)
	require.NoError(t, err)
	defer c.Close()
	flags, err := unix.FcntlInt(uintptr(theirs), unix.F_GETFL, 0)
	require.NoError(t, err)
	assert.Zero(t, flags&unix.O_NONBLOCK)
}

// Python's side: Connection(os.open(path, os.O_WRONLY), readable=False).send(['hello', 1]).
func ExampleOpenFIFO() {
	dir, err := os.MkdirTemp("", "fifo")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "requests")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	r, err := connection.OpenFIFO(ctx, path, connection.FIFOServe, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	w, err := connection.OpenFIFO(ctx, path, connection.FIFOWrite, &connection.Options{MaxSend: connection.MaxSharedPipe})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	_ = w.Send(ctx, []any{"hello", 1})
	var v any
	fmt.Println(r.Recv(ctx, &v), v)
	// Output: <nil> ['hello', 1]
}
