//go:build linux && (amd64 || arm64)

package sysv

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Commands that all kinds of objects have in common.
const (
	ipcRemove = 0      // IPC_RMID
	ipcStat   = 2      // IPC_STAT
	ipcNoWait = 0o4000 // IPC_NOWAIT
)

// permissions is struct ipc64_perm, the head of what IPC_STAT tells.
type permissions struct {
	key, uid, gid, cuid, cgid, mode uint32
	seq                             uint16
	_                               [2]uint64
}

// kernelError puts what the kernel says into this package's words where it has one. EINVAL is the id's: all other
// arguments were looked at before.
func kernelError(errno unix.Errno) error {
	switch errno {
	case 0:
		return nil
	case unix.ENOENT:
		return ErrNotExist
	case unix.EEXIST:
		return ErrExist
	case unix.EACCES, unix.EPERM:
		return ErrPermission
	case unix.EIDRM, unix.EINVAL:
		return ErrRemoved
	case unix.ENOSPC:
		return &LimitError{What: limitObjects, Limit: -1}
	case unix.ENOSYS:
		return ErrNotSupported
	}
	return errno
}

// setting reads one of the kernel's numbers, the one at a place from 0 on; -1 where it does not tell.
func setting(name string, place int) int64 {
	text, err := os.ReadFile("/proc/sys/kernel/" + name)
	fields := strings.Fields(string(text))
	if err != nil || place >= len(fields) {
		return -1
	}
	n, err := strconv.ParseUint(fields[place], 10, 64)
	if err != nil {
		return -1
	}
	return int64(min(n, 1<<63-1))
}
