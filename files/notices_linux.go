package files

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// notices are those of inotify.
type notices struct {
	file *os.File
	raw  syscall.RawConn
	buf  []byte
}

// watched is what may mean that there is something to read.
const watched = unix.IN_MODIFY | unix.IN_CREATE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_DELETE | unix.IN_CLOSE_WRITE

func (n *notices) open(folder string) error {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return err
	}
	if _, err := unix.InotifyAddWatch(fd, folder, watched|unix.IN_ONLYDIR); err != nil {
		_ = unix.Close(fd)
		return err
	}
	n.file, n.buf = os.NewFile(uintptr(fd), "inotify"), make([]byte, 16<<10)
	n.raw, err = n.file.SyscallConn()
	return err
}

func (n *notices) close() error {
	if err := n.file.Close(); errors.Is(err, os.ErrClosed) {
		return ErrClosed
	} else {
		return failed("close", err)
	}
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

func (n *notices) wait(ctx context.Context, most time.Duration, m *moves) error {
	_ = n.file.SetReadDeadline(time.Now().Add(most))
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = n.file.SetReadDeadline(past)
		close(fired)
	})
	err := n.raw.Read(func(fd uintptr) bool { return n.take(int(fd), m) })
	if !stop() {
		<-fired
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		return ErrClosed
	}
	return nil
}

// drain takes what the system has told so far.
func (n *notices) drain(m *moves) {
	_ = n.raw.Control(func(fd uintptr) {
		for n.take(int(fd), m) {
		}
	})
}

// take reads some notices, and tells whether there were any.
func (n *notices) take(fd int, m *moves) bool {
	got, err := unix.Read(fd, n.buf)
	if err != nil || got <= 0 {
		return err == unix.EINTR
	}
	for rest := n.buf[:got]; len(rest) >= unix.SizeofInotifyEvent; {
		mask, move := binary.NativeEndian.Uint32(rest[4:]), binary.NativeEndian.Uint32(rest[8:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
		name := strings.TrimRight(string(rest[unix.SizeofInotifyEvent:end]), "\x00")
		rest = rest[end:]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			m.forget()
		case mask&unix.IN_MOVED_FROM != 0:
			m.from(name, move)
		case mask&unix.IN_MOVED_TO != 0:
			m.to(name, move)
		case mask&unix.IN_DELETE != 0:
			m.gone(name)
		}
	}
	return true
}
