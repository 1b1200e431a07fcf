//go:build linux || darwin

package reduction

import (
	"encoding/binary"
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// sendRights sends one message with the descriptors.
func sendRights(socket syscall.RawConn, fds []int) error {
	oob := unix.UnixRights(fds...)
	var err error
	werr := socket.Write(func(fd uintptr) bool {
		for {
			_, err = unix.SendmsgN(int(fd), []byte{byte(len(fds))}, oob, nil, 0)
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	})
	return first(err, werr)
}

// oobBuffer has room for the rights to MaxFds descriptors and for credentials.
type oobBuffer [4*MaxFds + 256]byte

var oobs = sync.Pool{New: func() any { return new(oobBuffer) }}

// recvRights receives one byte and the descriptors beside it. The end of the stream is io.EOF.
// After an error there are no descriptors left to close.
func recvRights(socket syscall.RawConn) (m rights, err error) {
	var payload [1]byte
	// Room for as many as the system passes, so that whatever comes can be closed.
	own := oobs.Get().(*oobBuffer)
	defer oobs.Put(own)
	oob := own[:]
	var n, oobn, flags int
	rerr := socket.Read(func(fd uintptr) bool {
		for {
			n, oobn, flags, err = recvmsg(int(fd), payload[:], oob)
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	})
	if err = first(err, rerr); err != nil {
		return rights{}, err
	}
	m.came, m.payload = n > 0, payload[0]
	m.fds, err = rightsIn(oob[:oobn])
	switch {
	case err != nil:
	case flags&unix.MSG_CTRUNC != 0:
		err = ErrTruncated
	case n == 0 && len(m.fds) == 0:
		err = io.EOF
	}
	if err != nil {
		closeAll(m.fds)
		m.fds = nil
	}
	return m, err
}

// rightsIn returns the descriptors in ancillary data, also those that come before an error.
func rightsIn(oob []byte) (fds []int, err error) {
	if len(oob) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, malformed("ancillary data")
	}
	for i := range messages {
		h := messages[i].Header
		if h.Level != unix.SOL_SOCKET || h.Type != unix.SCM_RIGHTS {
			continue // credentials, where the socket asks for them
		}
		data := messages[i].Data // ParseUnixRights panics where its length is no multiple of 4
		for ; len(data) >= 4; data = data[4:] {
			fds = append(fds, int(int32(binary.NativeEndian.Uint32(data))))
		}
		if len(data) > 0 {
			return fds, malformed("ancillary data")
		}
	}
	return fds, nil
}

// readByte reads one byte. The end of the stream is io.EOF.
func readByte(socket syscall.RawConn) (byte, error) {
	var b [1]byte
	var n int
	var err error
	rerr := socket.Read(func(fd uintptr) bool {
		for {
			n, err = unix.Read(int(fd), b[:])
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	})
	if err = first(err, rerr); err == nil && n == 0 {
		err = io.EOF
	}
	return b[0], err
}

func writeByte(socket syscall.RawConn, b byte) error {
	var err error
	werr := socket.Write(func(fd uintptr) bool {
		for {
			_, err = unix.Write(int(fd), []byte{b})
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	})
	return first(err, werr)
}

// first returns what waiting failed with, else what the call did: when waiting fails, the call has
// only said that it would block.
func first(call, wait error) error {
	if wait != nil {
		return wait
	}
	return call
}

// duplicate gives a descriptor of the open file of h.
func duplicate(h syscall.Conn) (fd int, err error) {
	raw, err := h.SyscallConn()
	if err != nil {
		return -1, err
	}
	cerr := raw.Control(func(from uintptr) {
		fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = first(err, cerr); err != nil {
		return -1, os.NewSyscallError("dup", err)
	}
	return fd, nil
}

// block makes an open file blocking.
func block(fd int) error {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err == nil && flags&unix.O_NONBLOCK != 0 {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags&^unix.O_NONBLOCK)
	}
	return os.NewSyscallError("fcntl", err)
}

func closeFd(fd int) { _ = unix.Close(fd) }

func newFile(fd int) *os.File { return os.NewFile(uintptr(fd), "passed") }
