package sharedmem

import (
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File, size int, readOnly bool) ([]byte, error) {
	access := unix.PROT_READ | unix.PROT_WRITE
	if readOnly {
		access = unix.PROT_READ
	}
	return unix.Mmap(int(f.Fd()), 0, size, access, unix.MAP_SHARED)
}

func unmap(mem []byte) error { return unix.Munmap(mem) }
