//go:build linux && (amd64 || arm64)

package sysv

import (
	"errors"

	"golang.org/x/sys/unix"
)

func shmget(key Key, size, flags int) (int, error) {
	id, err := unix.SysvShmGet(int(key), size, flags)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOMEM) {
		return -1, &LimitError{limitSize, setting("shmmax", 0), int64(size)}
	}
	if err != nil {
		return -1, memoryError(err)
	}
	return id, nil
}

func shmstat(id int) (MemoryInfo, error) {
	var s unix.SysvShmDesc
	_, err := unix.SysvShmCtl(id, unix.IPC_STAT, &s)
	return MemoryInfo{Size: int(s.Segsz), Attached: int(s.Nattch)}, memoryError(err)
}

func shmremove(id int) error {
	_, err := unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	return memoryError(err)
}

func shmattach(id int, readOnly bool) ([]byte, error) {
	flags := 0
	if readOnly {
		flags = unix.SHM_RDONLY
	}
	b, err := unix.SysvShmAttach(id, 0, flags)
	return b, memoryError(err)
}

func shmdetach(b []byte) error { return memoryError(unix.SysvShmDetach(b)) }

func memoryError(err error) error {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return kernelError(errno)
	}
	return err
}
