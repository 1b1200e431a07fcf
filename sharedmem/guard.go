package sharedmem

import (
	"runtime"
	"runtime/debug"
	"unsafe"
)

// guarded calls f, which may use mem, and returns ErrTruncated where mem turned out not to be there. Without it the
// system ends the whole process (SIGBUS) when somebody cuts a file that is mapped here.
//
// Nothing that f does to mem may hold a lock of f's own: it is left in the middle.
func guarded(mem []byte, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if !faultIn(mem, r) {
				panic(r)
			}
			err = ErrTruncated
		}
	}()
	return f()
}

// faultIn tells whether what was recovered is a fault at an address in mem.
func faultIn(mem []byte, recovered any) bool {
	fault, ok := recovered.(interface {
		runtime.Error
		Addr() uintptr
	})
	if !ok {
		return false
	}
	base := uintptr(unsafe.Pointer(unsafe.SliceData(mem)))
	return fault.Addr() >= base && fault.Addr() < base+uintptr(len(mem))
}
