package pipeend

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// recv is unix.Recvfrom that does not wait and does not ask who sent: that would cost an allocation.
func recv(fd int, p []byte) (int, error) {
	n, _, code := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	if code != 0 {
		return 0, code
	}
	return int(n), nil
}
