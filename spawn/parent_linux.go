package spawn

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// parentPause is how often the parent is looked for where its end cannot be waited for.
const parentPause = 500 * time.Millisecond

// watchParent ends the context when the parent does. Neither the end of the pipe says so, which comes at once below Python
// 3.8, and with forked siblings not before theirs; nor does the parent-death signal, which comes at the end of the
// thread that started this process, and pools start processes from threads.
func watchParent(ctx context.Context, parent int) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	fd, err := unix.PidfdOpen(parent, unix.PIDFD_NONBLOCK)
	if err == nil && os.Getppid() != parent {
		_ = unix.Close(fd) // it is another process of that number
		err = unix.ESRCH
	}
	if err == nil {
		file := os.NewFile(uintptr(fd), "parent")
		go func() {
			defer close(ended)
			if awaitPidfd(file) {
				cancel(ErrParentDied)
			}
		}()
		return ctx, func() { cancel(nil); _ = file.Close(); <-ended }
	}
	go func() {
		defer close(ended)
		pollParent(ctx, parent, cancel)
	}()
	return ctx, func() { cancel(nil); <-ended }
}

// awaitPidfd waits for the end of a process; false means that the file was closed instead.
func awaitPidfd(file *os.File) bool {
	raw, err := file.SyscallConn()
	if err != nil {
		return false
	}
	gone := false
	err = raw.Read(func(fd uintptr) bool {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 0)
		gone = n > 0 && err == nil
		return gone
	})
	return err == nil && gone
}

func pollParent(ctx context.Context, parent int, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(parentPause)
	defer ticker.Stop()
	for os.Getppid() == parent {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
	cancel(ErrParentDied)
}
