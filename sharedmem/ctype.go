package sharedmem

import (
	"sync/atomic"
	"unsafe"
)

// Char is a byte of text: ctypes.c_char, typecode 'c'.
type Char byte

// WChar is a character: ctypes.c_wchar, typecode 'u'. It has four bytes on every system that this package supports.
type WChar rune

// CType is a Go type whose values have the bytes of one of ctypes' types:
//
//	Go       ctypes       typecode      Go       ctypes                    typecode
//	Char     c_char       c             int32    c_int                     i
//	WChar    c_wchar      u             uint32   c_uint                    I
//	int8     c_byte       b             int64    c_long, c_longlong        l q
//	uint8    c_ubyte      B             uint64   c_ulong, c_ulonglong      L Q
//	int16    c_short      h             float32  c_float                   f
//	uint16   c_ushort     H             float64  c_double                  d
//	                                    bool     c_bool
//
// On machines of 32 bits a c_long is an int32.
type CType interface {
	bool | Char | WChar | int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32 | float64
}

// sizeOfC is the number of bytes that a T has in Go and in C.
func sizeOfC[T CType]() int {
	var t T
	return int(unsafe.Sizeof(t))
}

// load reads a T in one step, for another process may write it at the same time.
func load[T CType](mem []byte) (t T) {
	from, to := unsafe.Pointer(unsafe.SliceData(mem)), unsafe.Pointer(&t)
	switch len(mem) {
	case 1:
		b := *(*uint8)(from)
		if _, isBool := any(t).(bool); isBool {
			b = min(b, 1) // Go knows no other
		}
		*(*uint8)(to) = b
	case 2:
		*(*uint16)(to) = *(*uint16)(from)
	case 4:
		*(*uint32)(to) = atomic.LoadUint32((*uint32)(from))
	case 8:
		*(*uint64)(to) = atomic.LoadUint64((*uint64)(from))
	}
	return t
}

// store writes a T in one step.
func store[T CType](mem []byte, t T) {
	to, from := unsafe.Pointer(unsafe.SliceData(mem)), unsafe.Pointer(&t)
	switch len(mem) {
	case 1:
		*(*uint8)(to) = *(*uint8)(from)
	case 2:
		*(*uint16)(to) = *(*uint16)(from)
	case 4:
		atomic.StoreUint32((*uint32)(to), *(*uint32)(from))
	case 8:
		atomic.StoreUint64((*uint64)(to), *(*uint64)(from))
	}
}

// sliceOf is memory as elements.
func sliceOf[T CType](mem []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/sizeOfC[T]())
}
