package pipeend

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waiter waits for one direction of an End.
type waiter struct {
	file   *os.File // in the poller: the end itself, or an epoll instance that watches it
	wait   func(func(fd uintptr) bool) error
	ready  func(fd uintptr) bool
	wakeup func(time.Time) error // the deadline of wait
}

func (w *waiter) init(f *os.File, wait func(func(uintptr) bool) error, events int16) {
	w.file, w.wait, w.wakeup = f, wait, f.SetReadDeadline
	if events == unix.POLLOUT {
		w.wakeup = f.SetWriteDeadline
	}
	w.ready = func(fd uintptr) bool { return polled(int(fd), events) }
}

// watch makes an epoll instance that is readable while one of the events is there.
func (w *waiter) watch(fd int, events uint32) error {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	if err = unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events}); err == nil {
		err = unix.SetNonblock(ep, true) // the epoll instance is this process's own: it is what the poller takes
	}
	if err != nil {
		_ = unix.Close(ep)
		return err
	}
	f := os.NewFile(uintptr(ep), "epoll")
	conn, err := f.SyscallConn()
	if err != nil {
		_ = f.Close()
		return err
	}
	w.init(f, conn.Read, unix.POLLIN)
	return nil
}

// close closes what is not the end itself.
func (w *waiter) close(end *os.File) {
	if w.file != nil && w.file != end {
		_ = w.file.Close()
	}
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// await waits until the end is ready, ctx ends, or the file is closed.
func (w *waiter) await(ctx context.Context) error {
	if ctx.Done() == nil {
		return ended(w.wait(w.ready))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = w.wakeup(past)
		close(fired)
	})
	err := w.wait(w.ready)
	if !stop() {
		<-fired
		_ = w.wakeup(time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return ended(err)
}

// ended is an error of waiting: the poller has one of its own for a file that is closed.
func ended(err error) error {
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return os.ErrClosed
}
