//go:build linux && (amd64 || arm64)

package sysv

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kindSize is the length of the kind, a long, in front of each message.
const kindSize = 8

// msgNoWait and its like: the calls wait unless they are told not to.
func nowait(wait bool) uintptr {
	if wait {
		return 0
	}
	return ipcNoWait
}

// queueStat is struct msqid64_ds.
type queueStat struct {
	permissions
	_                   [3]int64 // times
	bytes, messages, qb uint64
	_                   [2]int32 // who was last
	_                   [2]uint64
}

func msgget(key Key, flags int) (int, error) {
	id, _, errno := unix.Syscall(unix.SYS_MSGGET, uintptr(key), uintptr(flags), 0)
	if errno != 0 {
		return -1, kernelError(errno)
	}
	return int(id), nil
}

// appendMessage is struct msgbuf.
func appendMessage(buf []byte, kind int, message []byte) []byte {
	return append(binary.NativeEndian.AppendUint64(buf, uint64(kind)), message...)
}

// msgsnd sends what appendMessage made.
func msgsnd(id int, buf []byte, wait bool) error {
	_, _, errno := unix.Syscall6(unix.SYS_MSGSND, uintptr(id), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)-kindSize),
		nowait(wait), 0, 0)
	switch errno {
	case unix.EAGAIN:
		return ErrFull
	case unix.EINVAL:
		size := int64(len(buf) - kindSize)
		if most := setting("msgmax", 0); most >= 0 && size > most {
			return &LimitError{limitMessage, most, size}
		}
	}
	return kernelError(errno)
}

// msgrcv receives into buf, the kind first; n is the length without it.
func msgrcv(id int, buf []byte, kind int, wait bool) (n, its int, err error) {
	got, _, errno := unix.Syscall6(unix.SYS_MSGRCV, uintptr(id), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)-kindSize),
		uintptr(kind), nowait(wait), 0)
	switch errno {
	case 0:
		return int(got), int(binary.NativeEndian.Uint64(buf)), nil
	case unix.ENOMSG:
		return 0, 0, ErrEmpty
	case unix.E2BIG:
		return 0, 0, errTooLong
	}
	return 0, 0, kernelError(errno)
}

func msgstat(id int) (QueueInfo, error) {
	var s queueStat
	_, _, errno := unix.Syscall(unix.SYS_MSGCTL, uintptr(id), ipcStat, uintptr(unsafe.Pointer(&s)))
	return QueueInfo{Messages: int(s.messages), Bytes: int(s.bytes), MaxBytes: int(s.qb)}, kernelError(errno)
}

func msgremove(id int) error {
	_, _, errno := unix.Syscall(unix.SYS_MSGCTL, uintptr(id), ipcRemove, 0)
	return kernelError(errno)
}
