package synchronize

import (
	"runtime/debug"
	"unsafe"
)

// memory is where a semaphore lies. What was mapped here is unmapped when nothing refers to it any more, so that
// an operation that still runs while another goroutine closes the semaphore has memory to look at.
type memory struct {
	*word
}

// wordAt is the word of the semaphore in mem.
func wordAt(mem []byte) (*word, *FormatError) {
	if len(mem) < SemSize {
		return nil, &FormatError{What: "it has less than 32 bytes"}
	}
	p := unsafe.Pointer(unsafe.SliceData(mem))
	if uintptr(p)%8 != 0 {
		return nil, &FormatError{What: "its memory is not aligned to 8 bytes"}
	}
	return (*word)(p), nil
}

// futex is the half of the word that sleepers sleep on.
func (w *word) futex() *uint32 { return (*uint32)(unsafe.Pointer(w)) }

// guard is deferred around what touches shared memory, as guard(debug.SetPanicOnFault(true), &err): a fault,
// which is what reading the memory of a file that was cut ends in, becomes ErrFault.
func guard(old bool, err *error) {
	debug.SetPanicOnFault(old)
	switch r := recover().(type) {
	case nil:
	case interface{ Addr() uintptr }:
		*err = ErrFault
	default:
		panic(r)
	}
}
