package pipeend

import (
	"context"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// atomic is how many bytes one write puts into a pipe whole or not at all: PIPE_BUF.
const atomic = 4096

// End is one end of a pipe, or a connected stream socket. One goroutine may read, or wait to, while another writes, or
// waits to. Close may be called from anywhere and ends what waits.
type End struct {
	file    *os.File
	conn    syscall.RawConn
	kind    kind
	in, out waiter
	rx      reading
	tx      writing
}

// kind is how an End reads and writes.
type kind uint8

const (
	own     kind = iota // a description of its own, which does not block
	guarded             // a pipe whose description blocks: poll(2) says how much it may
	socket              // MSG_DONTWAIT
)

// Inherit makes an End of a descriptor and takes it over, also when it fails; but not with ErrNoPipe, for such a
// descriptor may be anything, the runtime's own included.
func Inherit(fd int) (*End, error) {
	e, err := InheritCopy(fd)
	if err != ErrNoPipe {
		_ = unix.Close(fd)
	}
	return e, err
}

// InheritCopy makes an End of a descriptor and leaves it as it is.
func InheritCopy(fd int) (*End, error) {
	switch kindOf(fd) {
	case unix.S_IFIFO:
		if anew, err := reopen(fd); err == nil {
			return newOwn(anew)
		}
		return watchedCopy(fd, guarded)
	case unix.S_IFSOCK:
		return watchedCopy(fd, socket)
	}
	return nil, ErrNoPipe
}

// Forget closes a descriptor that was inherited if it is a pipe or a stream socket, and leaves any other alone.
func Forget(fd int) {
	if kindOf(fd) != 0 {
		_ = unix.Close(fd)
	}
}

// kindOf is S_IFIFO, S_IFSOCK for a stream socket, or 0.
func kindOf(fd int) uint32 {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0
	}
	switch kind := uint32(st.Mode & unix.S_IFMT); kind {
	case unix.S_IFIFO:
		return kind
	case unix.S_IFSOCK:
		if how, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err == nil && how == unix.SOCK_STREAM {
			return kind
		}
	}
	return 0
}

// reopen opens a pipe anew, so that it has a description that does not block.
func reopen(fd int) (int, error) {
	mode, err := access(fd)
	if err != nil {
		return -1, err
	}
	return unix.Open("/proc/self/fd/"+strconv.Itoa(fd), mode|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

// access is O_RDONLY, O_WRONLY or O_RDWR.
func access(fd int) (int, error) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return flags & unix.O_ACCMODE, err
}

// newOwn takes over a descriptor of a pipe that does not block.
func newOwn(fd int) (*End, error) {
	e := &End{kind: own, file: os.NewFile(uintptr(fd), "pipe")}
	var err error
	if e.conn, err = e.file.SyscallConn(); err != nil {
		_ = e.file.Close()
		return nil, failed("open", err)
	}
	e.in.init(e.file, e.conn, unix.POLLIN)
	e.out.init(e.file, e.conn, unix.POLLOUT)
	e.init()
	return e, nil
}

// watchedCopy makes an End of a descriptor whose description may block.
func watchedCopy(from int, how kind) (*End, error) {
	fd, err := unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, failed("duplicate", err)
	}
	e := &End{kind: how, file: os.NewFile(uintptr(fd), "pipe")}
	if e.conn, err = e.file.SyscallConn(); err == nil {
		err = e.in.watch(fd, unix.EPOLLIN)
	}
	if err == nil {
		err = e.out.watch(fd, unix.EPOLLOUT)
	}
	if err != nil {
		_ = e.Close()
		return nil, failed("watch", err)
	}
	e.init()
	return e, nil
}

func (e *End) init() {
	e.rx.try, e.tx.try = e.tryRead, e.tryWrite
}

// Pipe makes a pipe.
func Pipe() (r, w *End, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, failed("pipe", err)
	}
	return pair(fds)
}

// Socketpair makes two connected stream sockets.
func Socketpair() (a, b *End, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, failed("socketpair", err)
	}
	return pair(fds)
}

func pair(fds [2]int) (a, b *End, err error) {
	if a, err = Inherit(fds[0]); err != nil {
		_ = unix.Close(fds[1])
		return nil, nil, err
	}
	if b, err = Inherit(fds[1]); err != nil {
		_ = a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

// Access tells whether the end is open for reading and for writing.
func (e *End) Access() (readable, writable bool, err error) {
	var mode int
	if e.conn.Control(func(fd uintptr) { mode, err = access(int(fd)) }) != nil {
		return false, false, os.ErrClosed
	}
	if err != nil {
		return false, false, failed("access", err)
	}
	return mode != unix.O_WRONLY, mode != unix.O_RDONLY, nil
}

// Blocking gives a descriptor of the end as another process expects it: one that blocks. It is closed on exec until
// whoever starts that process passes it on, and the caller closes it.
func (e *End) Blocking() (f *os.File, err error) {
	fd := -1
	if e.conn.Control(func(from uintptr) { fd, err = e.duplicate(int(from)) }) != nil {
		return nil, os.ErrClosed
	}
	if err != nil {
		return nil, failed("duplicate", err)
	}
	return os.NewFile(uintptr(fd), "pipe"), nil
}

func (e *End) duplicate(from int) (int, error) {
	if e.kind != own {
		return unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 0)
	}
	fd, err := reopen(from)
	if err != nil {
		return -1, err
	}
	mode, err := access(fd)
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, mode) // a description that nobody else has
	}
	if err != nil {
		_ = unix.Close(fd)
	}
	return fd, err
}

// Close closes the end. What waits for it fails with os.ErrClosed.
func (e *End) Close() error {
	e.in.close(e.file)
	e.out.close(e.file)
	return failed("close", e.file.Close())
}

// AwaitRead waits until there is something to read, the end of the stream included, or until ctx ends.
func (e *End) AwaitRead(ctx context.Context) error { return e.in.await(ctx) }

// AwaitWrite waits until there is room to write, a pipe that nobody reads included, or until ctx ends.
func (e *End) AwaitWrite(ctx context.Context) error { return e.out.await(ctx) }

// Readable tells whether there is something to read, the end of the stream included.
func (e *End) Readable() (bool, error) {
	var ready bool
	if e.conn.Control(func(fd uintptr) { ready = polled(int(fd), unix.POLLIN, 0) }) != nil {
		return false, os.ErrClosed
	}
	return ready, nil
}

// SetReadDeadline sets when waiting to read ends with os.ErrDeadlineExceeded; the zero time is never.
func (e *End) SetReadDeadline(t time.Time) error { return e.in.file.SetReadDeadline(t) }

// SetWriteDeadline is SetReadDeadline for writing.
func (e *End) SetWriteDeadline(t time.Time) error {
	if e.kind == own {
		return e.out.file.SetWriteDeadline(t)
	}
	return e.out.file.SetReadDeadline(t)
}

// reading is the read in progress; its callback is made once, for closures cost an allocation.
type reading struct {
	p   []byte
	n   int
	err error
	try func(fd uintptr)
}

// Read reads what there is, at most len(p) bytes of at least one, without waiting: ErrWouldBlock says that there is
// nothing, io.EOF that nothing comes any more.
func (e *End) Read(p []byte) (int, error) {
	rx := &e.rx
	rx.p = p
	err := e.conn.Control(rx.try)
	rx.p = nil
	switch {
	case err != nil:
		return 0, os.ErrClosed
	case rx.err == unix.EAGAIN:
		return 0, ErrWouldBlock
	case rx.err != nil:
		return 0, failed("read", rx.err)
	case rx.n == 0:
		return 0, io.EOF
	}
	return rx.n, nil
}

// tryRead reads once.
func (e *End) tryRead(fd uintptr) {
	rx := &e.rx
	for again := true; again; again = rx.err == unix.EINTR {
		rx.n, rx.err = e.readOnce(int(fd), rx.p)
	}
}

func (e *End) readOnce(fd int, p []byte) (int, error) {
	switch {
	case e.kind == socket:
		return recv(fd, p)
	case e.kind == guarded && !polled(fd, unix.POLLIN, 0):
		return 0, unix.EAGAIN
	}
	return unix.Read(fd, p)
}

// writing is the write in progress.
type writing struct {
	vec [][]byte
	n   int
	err error
	try func(fd uintptr)
}

// Write writes what there is room for without waiting, and returns how much that was; ErrWouldBlock says that there was
// none. What is not longer than PIPE_BUF goes into a pipe whole or not at all. A pipe that nobody reads is EPIPE.
func (e *End) Write(vec [][]byte) (int, error) {
	tx := &e.tx
	tx.vec = vec
	err := e.conn.Control(tx.try)
	tx.vec = nil
	switch {
	case err != nil:
		return 0, os.ErrClosed
	case tx.err == unix.EAGAIN:
		return 0, ErrWouldBlock
	case tx.err != nil:
		return 0, failed("write", tx.err)
	}
	return tx.n, nil
}

// tryWrite writes once.
func (e *End) tryWrite(fd uintptr) {
	tx := &e.tx
	for again := true; again; again = tx.err == unix.EINTR {
		tx.n, tx.err = e.writeOnce(int(fd), tx.vec)
	}
}

// maxParts bounds one call of writev(2): IOV_MAX.
const maxParts = 1024

func (e *End) writeOnce(fd int, vec [][]byte) (int, error) {
	vec = vec[:min(len(vec), maxParts)]
	switch {
	case e.kind == socket:
		return unix.SendmsgBuffers(fd, vec, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	case e.kind == guarded:
		return writeGuarded(fd, vec)
	case len(vec) == 1:
		return unix.Write(fd, vec[0])
	}
	return unix.Writev(fd, vec)
}

// writeGuarded writes as much as surely fits where poll(2) finds room.
func writeGuarded(fd int, vec [][]byte) (int, error) {
	if !polled(fd, unix.POLLOUT, 0) {
		return 0, unix.EAGAIN
	}
	var fits [][]byte
	room := atomic
	for _, b := range vec {
		b = b[:min(len(b), room)]
		if room -= len(b); len(b) > 0 {
			fits = append(fits, b)
		}
	}
	return unix.Writev(fd, fits)
}
