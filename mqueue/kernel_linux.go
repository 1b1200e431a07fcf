package mqueue

import (
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attr is struct mq_attr: longs, which are as wide as Go's int on Linux.
type attr struct {
	flags, maxmsg, msgsize, curmsgs int
	_                               [4]int
}

// access flags of mq_open.
var accessFlags = map[Access]int{ReadWrite: unix.O_RDWR, ReadOnly: unix.O_RDONLY, WriteOnly: unix.O_WRONLY}

// createQueue makes a new queue and gives it its mode, of which the umask would take.
func createQueue(name string, c *CreateOptions) (int, error) {
	a := attr{maxmsg: c.MaxMessages, msgsize: c.MaxMessageSize}
	fd, err := mqOpen(name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, uint32(c.Mode.Perm()), &a)
	if err != nil {
		return -1, createError(err, c)
	}
	if err := unix.Fchmod(fd, uint32(c.Mode.Perm())); err != nil {
		_ = unix.Close(fd)
		_ = unlinkQueue(name)
		return -1, kernelError(err)
	}
	return fd, nil
}

func openQueue(name string, access Access) (int, error) {
	fd, err := mqOpen(name, accessFlags[access], 0, nil)
	return fd, kernelError(err)
}

// mqOpen returns a descriptor that does not block and that no child inherits. The system call wants the name without
// its slash.
func mqOpen(name string, flags int, mode uint32, a *attr) (int, error) {
	p, err := unix.BytePtrFromString(name[1:])
	if err != nil {
		return -1, ErrBadName
	}
	fd, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(p)),
		uintptr(flags|unix.O_NONBLOCK|unix.O_CLOEXEC), uintptr(mode), uintptr(unsafe.Pointer(a)), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

func unlinkQueue(name string) error {
	p, err := unix.BytePtrFromString(name[1:])
	if err != nil {
		return ErrBadName
	}
	if _, _, errno := unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(p)), 0, 0); errno != 0 {
		return kernelError(errno)
	}
	return nil
}

func attributes(fd int) (Attributes, error) {
	var a attr
	_, _, errno := unix.Syscall(unix.SYS_MQ_GETSETATTR, uintptr(fd), 0, uintptr(unsafe.Pointer(&a)))
	if errno != 0 {
		return Attributes{}, kernelError(errno)
	}
	return Attributes{MaxMessages: a.maxmsg, MaxMessageSize: a.msgsize, CurrentMessages: a.curmsgs}, nil
}

// sendMessage returns ErrFull where it would have to wait.
func sendMessage(fd int, message []byte, priority int) error {
	for {
		_, _, errno := unix.Syscall6(unix.SYS_MQ_TIMEDSEND, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(message))),
			uintptr(len(message)), uintptr(priority), 0, 0)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		case unix.EAGAIN:
			return ErrFull
		default:
			return kernelError(errno)
		}
	}
}

// receiveMessage returns ErrEmpty where it would have to wait.
func receiveMessage(fd int, buffer []byte) (n, priority int, err error) {
	var prio uint32
	for {
		got, _, errno := unix.Syscall6(unix.SYS_MQ_TIMEDRECEIVE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(buffer))),
			uintptr(len(buffer)), uintptr(unsafe.Pointer(&prio)), 0, 0)
		switch errno {
		case 0:
			return int(got), int(prio), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, 0, ErrEmpty
		default:
			return 0, 0, kernelError(errno)
		}
	}
}

// kernelError puts what the kernel says into this package's words where it has one.
func kernelError(err error) error {
	switch err {
	case nil:
		return nil
	case unix.ENOENT:
		return ErrNotExist
	case unix.EEXIST:
		return ErrExist
	case unix.EACCES, unix.EPERM:
		return ErrPermission
	case unix.ENAMETOOLONG:
		return ErrBadName
	case unix.ENOSYS:
		return ErrNotSupported
	}
	return err
}

// createError says which limit a queue was beyond: the kernel has an error for several.
func createError(err error, c *CreateOptions) error {
	switch err {
	case unix.EINVAL, unix.EOVERFLOW, unix.ENOMEM:
		if most := setting("msg_max"); most >= 0 && int64(c.MaxMessages) > most {
			return &LimitError{limitMessages, most, int64(c.MaxMessages)}
		}
		if most := setting("msgsize_max"); most >= 0 && int64(c.MaxMessageSize) > most {
			return &LimitError{limitMessageSize, most, int64(c.MaxMessageSize)}
		}
	case unix.ENOSPC:
		return &LimitError{What: limitQueues, Limit: setting("queues_max")}
	case unix.EMFILE, unix.ENFILE:
		return &LimitError{What: limitUserBytes, Limit: userBytes()}
	}
	return kernelError(err)
}

// setting reads one of the kernel's numbers; -1 where it does not tell.
func setting(name string) int64 {
	text, err := os.ReadFile("/proc/sys/fs/mqueue/" + name)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// userBytes is RLIMIT_MSGQUEUE; -1 where there is none.
func userBytes() int64 {
	const rlimitMsgqueue = 12
	var limit unix.Rlimit
	if unix.Getrlimit(rlimitMsgqueue, &limit) != nil || limit.Cur > 1<<62 {
		return -1
	}
	return int64(limit.Cur)
}
