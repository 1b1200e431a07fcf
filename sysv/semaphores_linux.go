//go:build linux && (amd64 || arm64)

package sysv

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Commands of semctl.
const (
	semGetValue   = 12     // GETVAL
	semGetWaiting = 14     // GETNCNT
	semSetValue   = 16     // SETVAL
	semUndo       = 0x1000 // SEM_UNDO
)

// sembuf is struct sembuf.
type sembuf struct {
	number uint16
	delta  int16
	flags  int16
}

func semget(key Key, n, flags int) (int, error) {
	id, _, errno := unix.Syscall(unix.SYS_SEMGET, uintptr(key), uintptr(n), uintptr(flags))
	switch {
	case errno == unix.EINVAL:
		return -1, &LimitError{limitSet, setting("sem", 0), int64(n)}
	case errno != 0:
		return -1, kernelError(errno)
	}
	return int(id), nil
}

func semop(id int, all []Operation, wait bool) error {
	ops := make([]sembuf, len(all))
	for i, o := range all {
		ops[i] = sembuf{number: uint16(o.Number), delta: int16(o.Delta), flags: int16(nowait(wait))}
		if o.Undo {
			ops[i].flags |= semUndo
		}
	}
	_, _, errno := unix.Syscall6(unix.SYS_SEMTIMEDOP, uintptr(id), uintptr(unsafe.Pointer(&ops[0])), uintptr(len(ops)), 0, 0, 0)
	switch errno {
	case unix.EAGAIN:
		return ErrBusy
	case unix.ERANGE:
		return &LimitError{What: limitValue, Limit: MaxValue}
	case unix.E2BIG:
		return &LimitError{limitOperations, setting("sem", 2), int64(len(ops))}
	}
	return kernelError(errno)
}

func semvalue(id, number int) (int, error)   { return semcontrol(id, number, semGetValue, 0) }
func semwaiting(id, number int) (int, error) { return semcontrol(id, number, semGetWaiting, 0) }

func semset(id, number, value int) error {
	_, err := semcontrol(id, number, semSetValue, uintptr(value))
	return err
}

func semremove(id int) error {
	_, err := semcontrol(id, 0, ipcRemove, 0)
	return err
}

func semstat(id int) (SemaphoreInfo, error) {
	var s setStat
	_, _, errno := unix.Syscall6(unix.SYS_SEMCTL, uintptr(id), 0, ipcStat, uintptr(unsafe.Pointer(&s)), 0, 0)
	return SemaphoreInfo{Semaphores: int(s.n), Used: s.used != 0}, kernelError(errno)
}

func semcontrol(id, number int, command, argument uintptr) (int, error) {
	n, _, errno := unix.Syscall6(unix.SYS_SEMCTL, uintptr(id), uintptr(number), command, argument, 0, 0)
	if errno != 0 {
		return 0, kernelError(errno)
	}
	return int(n), nil
}
