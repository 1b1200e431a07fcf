package pipeend

import (
	"context"
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiter waits for one direction of an End.
type waiter struct {
	file   *os.File // in the poller: the end itself, or an epoll instance that watches it
	conn   syscall.RawConn
	wait   func(func(fd uintptr) bool) error
	ready  func(fd uintptr) bool
	soon   func(fd uintptr)      // waits for a moment without the poller
	awake  bool                  // soon found it ready
	usual  time.Duration         // what a wait takes, roughly
	wakeup func(time.Time) error // the deadline of wait
}

func (w *waiter) init(f *os.File, conn syscall.RawConn, events int16) {
	w.file, w.conn, w.wait, w.wakeup = f, conn, conn.Read, f.SetReadDeadline
	if events == unix.POLLOUT {
		w.wait, w.wakeup = conn.Write, f.SetWriteDeadline
	}
	w.ready = func(fd uintptr) bool { return polled(int(fd), events, 0) }
	w.usual = time.Second
	w.soon = func(fd uintptr) {
		w.awake = w.looks() && looked(int(fd), events, lookAt) || polled(int(fd), events, moment)
	}
}

// moment is how many milliseconds a wait sleeps in poll(2) before it takes to the poller, which takes some microseconds
// more to wake: as much as all else that a short item costs.
const moment = 1

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
	w.init(f, conn, unix.POLLIN)
	return nil
}

// looks tells whether to look before sleeping: where waits are short, and there is another processor for the other side,
// which then has nobody to wake. That takes it longer than all else that a short item costs.
func (w *waiter) looks() bool { return w.usual < lookAt && runtime.NumCPU() > 1 }

// lookAt is how long waits usually take at most where looking pays, and how long it looks.
const lookAt = 100 * time.Microsecond

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
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	begin := time.Now()
	defer func() { w.usual += (time.Since(begin) - w.usual) / 4 }()
	if err := w.conn.Control(w.soon); err != nil || w.awake {
		return ended(err)
	}
	if ctx.Done() == nil {
		return ended(w.wait(w.ready))
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
