package pipeend_test

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/pipeend"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const patience = 30 * time.Second

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// pairs are the ways in which two ends can be connected.
var pairs = map[string]func(t *testing.T) (r, w *pipeend.End){
	"pipe":       func(t *testing.T) (r, w *pipeend.End) { return closing(t)(pipeend.Pipe()) },
	"socketpair": func(t *testing.T) (r, w *pipeend.End) { return closing(t)(pipeend.Socketpair()) },
	"pipe that cannot be opened anew": func(t *testing.T) (r, w *pipeend.End) {
		fds := blockingPipe(t)
		r, err := pipeend.Guarded(fds[0])
		require.NoError(t, err)
		w, err = pipeend.Guarded(fds[1])
		pipeend.Forget(fds[0])
		pipeend.Forget(fds[1])
		return closing(t)(r, w, err)
	},
}

func closing(t *testing.T) func(r, w *pipeend.End, err error) (_, _ *pipeend.End) {
	return func(r, w *pipeend.End, err error) (_, _ *pipeend.End) {
		require.NoError(t, err)
		t.Cleanup(func() {
			_ = r.Close()
			_ = w.Close()
		})
		return r, w
	}
}

func blockingPipe(t *testing.T) (fds [2]int) {
	require.NoError(t, unix.Pipe2(fds[:], unix.O_CLOEXEC))
	return fds
}

func forEachPair(t *testing.T, test func(t *testing.T, r, w *pipeend.End)) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			r, w := pair(t)
			test(t, r, w)
		})
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		n, err := w.Write([][]byte{[]byte("one"), []byte("two")})
		require.NoError(t, err)
		require.Equal(t, 6, n)
		var b [10]byte
		n, err = r.Read(b[:])
		require.NoError(t, err)
		assert.Equal(t, "onetwo", string(b[:n]))
	})
}

func TestReadingDoesNotWait(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, _ *pipeend.End) {
		_, err := r.Read(make([]byte, 1))
		assert.ErrorIs(t, err, pipeend.ErrWouldBlock)
	})
}

func TestWritingDoesNotWait(t *testing.T) {
	forEachPair(t, func(t *testing.T, _, w *pipeend.End) {
		var err error
		for b := make([]byte, 4096); err == nil; {
			_, err = w.Write([][]byte{b})
		}
		assert.ErrorIs(t, err, pipeend.ErrWouldBlock)
	})
}

func TestAwaitReadWakesWhenSomethingIsWritten(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		for range 3 { // what was ready once must not stay so
			woke := make(chan error)
			go func() { woke <- r.AwaitRead(soon(t)) }()
			select {
			case err := <-woke:
				t.Fatal("it did not wait: ", err)
			case <-time.After(20 * time.Millisecond):
			}
			_, err := w.Write([][]byte{{1}})
			require.NoError(t, err)
			require.NoError(t, <-woke)
			_, err = r.Read(make([]byte, 10))
			require.NoError(t, err)
		}
	})
}

func TestAwaitWriteWakesWhenThereIsRoom(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		fill(t, w)
		woke := make(chan error)
		go func() { woke <- w.AwaitWrite(soon(t)) }()
		empty(t, r)
		require.NoError(t, <-woke)
		_, err := w.Write([][]byte{{1}})
		assert.NoError(t, err)
	})
}

func fill(t *testing.T, w *pipeend.End) {
	for b := make([]byte, 4096); ; {
		if _, err := w.Write([][]byte{b}); err != nil {
			require.ErrorIs(t, err, pipeend.ErrWouldBlock)
			return
		}
	}
}

func empty(t *testing.T, r *pipeend.End) {
	for b := make([]byte, 4096); ; {
		if _, err := r.Read(b); err != nil {
			require.ErrorIs(t, err, pipeend.ErrWouldBlock)
			return
		}
	}
}

func TestWaitingEndsWithItsContextAndCanBeginAnew(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		ctx, cancel := context.WithCancelCause(context.Background())
		woke := make(chan error)
		go func() { woke <- r.AwaitRead(ctx) }()
		cancel(io.ErrNoProgress)
		require.ErrorIs(t, <-woke, io.ErrNoProgress)
		_, err := w.Write([][]byte{{1}})
		require.NoError(t, err)
		assert.NoError(t, r.AwaitRead(soon(t)))
	})
}

func TestCloseEndsWaiting(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, _ *pipeend.End) {
		woke := make(chan error)
		go func() { woke <- r.AwaitRead(context.Background()) }()
		time.Sleep(time.Millisecond)
		require.NoError(t, r.Close())
		require.ErrorIs(t, <-woke, os.ErrClosed)
		_, err := r.Read(make([]byte, 1))
		assert.ErrorIs(t, err, os.ErrClosed)
	})
}

func TestTheEndOfTheStreamIsEOF(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		require.NoError(t, w.Close())
		require.NoError(t, r.AwaitRead(soon(t)))
		_, err := r.Read(make([]byte, 1))
		assert.Equal(t, io.EOF, err)
	})
}

func TestAPipeThatNobodyReadsIsBroken(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		require.NoError(t, r.Close())
		require.NoError(t, w.AwaitWrite(soon(t)))
		_, err := w.Write([][]byte{{1}})
		assert.ErrorIs(t, err, syscall.EPIPE)
	})
}

func TestInheritLeavesTheDescriptionOfOthersBlocking(t *testing.T) {
	fds := blockingPipe(t)
	other, err := unix.FcntlInt(uintptr(fds[0]), unix.F_DUPFD_CLOEXEC, 0)
	require.NoError(t, err)
	defer unix.Close(other)
	defer unix.Close(fds[1])
	e, err := pipeend.Inherit(fds[0])
	require.NoError(t, err)
	defer e.Close()
	assert.Zero(t, flags(t, other)&unix.O_NONBLOCK)
}

func TestBlockingGivesADescriptorThatBlocks(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		for _, e := range []*pipeend.End{r, w} {
			f, err := e.Blocking()
			require.NoError(t, err)
			defer f.Close()
			assert.Zero(t, flags(t, int(f.Fd()))&unix.O_NONBLOCK)
		}
		_, err := r.Read(make([]byte, 1))
		assert.ErrorIs(t, err, pipeend.ErrWouldBlock, "the end itself still does not wait")
	})
}

func flags(t *testing.T, fd int) int {
	f, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	require.NoError(t, err)
	return f
}

func TestWhatIsNoPipeIsRefusedAndLeftOpen(t *testing.T) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	require.NoError(t, err)
	defer unix.Close(fd)
	_, err = pipeend.Inherit(fd)
	require.ErrorIs(t, err, pipeend.ErrNoPipe)
	pipeend.Forget(fd)
	flags(t, fd)
	_, err = pipeend.Inherit(1 << 20)
	assert.ErrorIs(t, err, pipeend.ErrNoPipe)
}

func TestNetConnWaitsAndHasDeadlines(t *testing.T) {
	forEachPair(t, func(t *testing.T, r, w *pipeend.End) {
		in, out := r.NetConn(), w.NetConn()
		require.NoError(t, in.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
		_, err := in.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, in.SetReadDeadline(time.Time{}))
		sent := make([]byte, 300_000)
		sent[len(sent)-1] = 7
		done := make(chan error)
		go func() {
			_, err := out.Write(sent)
			done <- err
		}()
		got := make([]byte, len(sent))
		_, err = io.ReadFull(in, got)
		require.NoError(t, err)
		require.NoError(t, <-done)
		assert.Equal(t, sent, got)
	})
}
