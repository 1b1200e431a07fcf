//go:build unix

package connection

import (
	"errors"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// FileConn makes a Conn of a descriptor: one end of a pipe, a FIFO or a connected socket, such as a
// process inherits. It takes over f, also when it fails. A one-way pipe gives a Conn that only
// receives or only sends.
//
// A pipe or FIFO that other processes have inherited too stays for them as it is: on Linux the Conn opens it anew. A
// socket, and any file elsewhere, becomes non-blocking for whoever shares the open file, which the two ends of a pipe
// or socketpair do not do with each other.
func FileConn(f *os.File, opts *Options) (*Conn, error) {
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeSocket != 0 { // net.FileConn changes whatever it is given
		if nc, err := net.FileConn(f); err == nil {
			_ = f.Close() // net.FileConn works on a duplicate
			return NewConn(nc, opts)
		}
	}
	fd, err := ownDescriptor(f)
	if err != nil {
		return nil, opError("file", err)
	}
	return NewConn(&fileConn{os.NewFile(uintptr(fd), "pipe")}, opts)
}

// PipeConn makes a Conn that receives from r and sends to w, ends of two pipes or FIFOs. With one of them nil it only
// sends, or only receives: ErrWriteOnly, ErrReadOnly. It takes over both, also when it fails. In Python these are two
// Connection(fd), each for one direction, or what Pipe(duplex=False) returns.
//
// The processes that share a pipe with this one keep their descriptors as they are: see FileConn.
func PipeConn(r, w *os.File, opts *Options) (*Conn, error) {
	c := &pipesConn{rraw: noPipe{ErrWriteOnly}, wraw: noPipe{ErrReadOnly}}
	var err1, err2 error
	if r != nil {
		c.r, c.rraw, err1 = ownPipe(r)
	}
	if w != nil {
		c.w, c.wraw, err2 = ownPipe(w)
	}
	if err := errors.Join(err1, err2); err != nil {
		_ = c.Close()
		return nil, opError("pipe", err)
	}
	return NewConn(c, opts)
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
