//go:build unix

package connection

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// fileConn is a pipe, a FIFO or another file as a net.Conn.
type fileConn struct{ f *os.File }

func (c *fileConn) Read(p []byte) (int, error)            { return c.f.Read(p) }
func (c *fileConn) Write(p []byte) (int, error)           { return c.f.Write(p) }
func (c *fileConn) Close() error                          { return c.f.Close() }
func (c *fileConn) LocalAddr() net.Addr                   { return fileAddr{} }
func (c *fileConn) RemoteAddr() net.Addr                  { return fileAddr{} }
func (c *fileConn) SetDeadline(t time.Time) error         { return c.f.SetDeadline(t) }
func (c *fileConn) SetReadDeadline(t time.Time) error     { return c.f.SetReadDeadline(t) }
func (c *fileConn) SetWriteDeadline(t time.Time) error    { return c.f.SetWriteDeadline(t) }
func (c *fileConn) SyscallConn() (syscall.RawConn, error) { return c.f.SyscallConn() }

// fileAddr is the address of what has none. The file's name stays unsaid: it may be private.
type fileAddr struct{}

func (fileAddr) Network() string { return "file" }
func (fileAddr) String() string  { return "file" }

// FileConn makes a Conn of a descriptor: one end of a pipe, a FIFO or a connected socket, such as a
// process inherits. It takes over f, also when it fails. A one-way pipe gives a Conn that only
// receives or only sends. The open file becomes non-blocking for whoever shares it, which the two
// ends of a pipe do not do with each other.
func FileConn(f *os.File, opts *Options) (*Conn, error) {
	if nc, err := net.FileConn(f); err == nil {
		_ = f.Close() // net.FileConn works on a duplicate
		return NewConn(nc, opts)
	}
	// Deadlines work on files that the runtime's poller takes, and it takes those that do not block.
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	_ = f.Close()
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, opError("file", err)
	}
	return NewConn(&fileConn{os.NewFile(uintptr(fd), "pipe")}, opts)
}

// Pipe returns two connected Conns, as multiprocessing.Pipe() does: both ends of a socketpair.
func Pipe(opts *Options) (a, b *Conn, err error) {
	fds, err := socketpair()
	if err != nil {
		return nil, nil, opError("pipe", err)
	}
	a, err = FileConn(os.NewFile(uintptr(fds[0]), "pipe"), opts)
	if err != nil {
		_ = unix.Close(fds[1])
		return nil, nil, err
	}
	b, err = FileConn(os.NewFile(uintptr(fds[1]), "pipe"), opts)
	if err != nil {
		_ = a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

// socketpair makes two descriptors that no child process inherits, even one that starts just now.
func socketpair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	return fds, err
}
