//go:build unix

package connection

import (
	"errors"
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

// pipesConn is a net.Conn of two files, one that is read and one that is written. One of them may be nil.
type pipesConn struct {
	r, w       *os.File
	rraw, wraw syscall.RawConn // of r and w, or what says that there is none
}

// ownPipe takes over a file and returns one that the poller takes.
func ownPipe(f *os.File) (*os.File, syscall.RawConn, error) {
	fd, err := ownDescriptor(f)
	if err != nil {
		return nil, nil, err
	}
	own := os.NewFile(uintptr(fd), "pipe")
	raw, err := own.SyscallConn()
	return own, raw, err
}

// ownDescriptor takes over a file and returns a descriptor of it that does not block: deadlines work on files that the
// runtime's poller takes, and it takes those. Who shares the pipe with this process does not notice, where the system
// lets pipes be opened anew.
func ownDescriptor(f *os.File) (fd int, err error) {
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	failed := raw.Control(func(of uintptr) {
		if fd, err = openAnew(int(of)); err == nil {
			return
		}
		if fd, err = unix.FcntlInt(of, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			err = unix.SetNonblock(fd, true)
		}
	})
	return fd, errors.Join(failed, err)
}

// noPipe is the direction that a pipesConn does not have.
type noPipe struct{ err error }

func (n noPipe) Control(func(uintptr)) error    { return n.err }
func (n noPipe) Read(func(uintptr) bool) error  { return n.err }
func (n noPipe) Write(func(uintptr) bool) error { return n.err }

// SyscallConn returns one that reads from one file and writes to the other.
func (c *pipesConn) SyscallConn() (syscall.RawConn, error) { return pipesRaw{c}, nil }

type pipesRaw struct{ c *pipesConn }

// Control is of the file that is read, if there is one: its end is what tells of the peer.
func (r pipesRaw) Control(f func(uintptr)) error {
	if r.c.r == nil {
		return r.c.wraw.Control(f)
	}
	return r.c.rraw.Control(f)
}

func (r pipesRaw) Read(f func(uintptr) bool) error  { return r.c.rraw.Read(f) }
func (r pipesRaw) Write(f func(uintptr) bool) error { return r.c.wraw.Write(f) }

func (c *pipesConn) Read(p []byte) (int, error) {
	if c.r == nil {
		return 0, ErrWriteOnly
	}
	return c.r.Read(p)
}

func (c *pipesConn) Write(p []byte) (int, error) {
	if c.w == nil {
		return 0, ErrReadOnly
	}
	return c.w.Write(p)
}

func (c *pipesConn) Close() error { return errors.Join(closePipe(c.r), closePipe(c.w)) }

// CloseWrite is how the peer learns that nothing more comes.
func (c *pipesConn) CloseWrite() error {
	if c.w == nil {
		return ErrReadOnly
	}
	return c.w.Close()
}

func closePipe(f *os.File) error {
	if f == nil {
		return nil
	}
	if err := f.Close(); !errors.Is(err, os.ErrClosed) { // it is, after CloseWrite
		return err
	}
	return nil
}

func (c *pipesConn) LocalAddr() net.Addr  { return fileAddr{} }
func (c *pipesConn) RemoteAddr() net.Addr { return fileAddr{} }

func (c *pipesConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// A direction that is not there has no deadline either.

func (c *pipesConn) SetReadDeadline(t time.Time) error {
	if c.r == nil {
		return nil
	}
	return c.r.SetReadDeadline(t)
}

func (c *pipesConn) SetWriteDeadline(t time.Time) error {
	if c.w == nil {
		return nil
	}
	return c.w.SetWriteDeadline(t)
}
