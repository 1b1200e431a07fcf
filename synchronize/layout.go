package synchronize

import (
	"encoding/binary"
)

// A semaphore of glibc since 2.21, on 64-bit little-endian systems (struct new_sem in internaltypes.h):
//
//	0   uint32  value
//	4   uint32  processes that sleep; with the value one 64-bit word, which is changed as one
//	8   uint32  0x80: shared between processes
//	12  20 bytes, unused
const (
	// SemSize is how many bytes a semaphore takes. It is aligned to 8.
	SemSize = 32

	// SemValueMax is the largest value of a semaphore, multiprocessing.synchronize.SEM_VALUE_MAX.
	SemValueMax = 1<<31 - 1

	sharedFlag = 0x80
	oneSleeper = 1 << 32
)

// image is a new semaphore.
func image(value int) [SemSize]byte {
	var b [SemSize]byte
	binary.LittleEndian.PutUint32(b[0:], uint32(value))
	binary.LittleEndian.PutUint32(b[8:], sharedFlag)
	return b
}

// check tells what is wrong with what should be a semaphore; "" if nothing is.
func check(b []byte) string {
	switch flag := binary.LittleEndian.Uint32(b[8:]); {
	case flag == 0 && binary.LittleEndian.Uint32(b[4:]) == sharedFlag:
		return "it has the layout of glibc before 2.21"
	case flag != sharedFlag:
		return "it is not marked as shared between processes"
	case binary.LittleEndian.Uint32(b[0:]) > SemValueMax:
		return "its value is out of range"
	}
	return ""
}
