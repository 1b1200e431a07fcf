package sharedmem

import (
	"unsafe"

	"mpbridge/pickle"
)

// classOf is the class of ctypes whose values a T has. Where two have them, as c_long and c_longlong on machines of 64
// bits, Python knows both names for one class.
func classOf[T CType]() pickle.Global {
	name := ""
	switch any(*new(T)).(type) {
	case bool:
		name = "c_bool"
	case Char:
		name = "c_char"
	case WChar:
		name = "c_wchar"
	case int8:
		name = "c_byte"
	case uint8:
		name = "c_ubyte"
	case int16:
		name = "c_short"
	case uint16:
		name = "c_ushort"
	case int32:
		name = "c_int"
	case uint32:
		name = "c_uint"
	case int64:
		name = "c_longlong"
	case uint64:
		name = "c_ulonglong"
	case float32:
		name = "c_float"
	case float64:
		name = "c_double"
	}
	return pickle.Global{Module: moduleCTypes, Name: name}
}

// rebuilder makes of a block what rebuild_ctype does: an array of length elements, a single value where that is negative.
type rebuilder func(b *Block, length int, lock Locker) (any, error)

// rebuilderOf returns what makes objects of a class of ctypes, nil for a class that has no Go type.
func rebuilderOf(class pickle.Global) rebuilder {
	if class.Module != moduleCTypes {
		return nil
	}
	const long32 = unsafe.Sizeof(uintptr(0)) == 4 // as on every system that has segments
	switch class.Name {
	case "c_bool":
		return rebuild[bool]
	case "c_char":
		return rebuild[Char]
	case "c_wchar":
		return rebuild[WChar]
	case "c_byte":
		return rebuild[int8]
	case "c_ubyte":
		return rebuild[uint8]
	case "c_short":
		return rebuild[int16]
	case "c_ushort":
		return rebuild[uint16]
	case "c_int":
		return rebuild[int32]
	case "c_uint":
		return rebuild[uint32]
	case "c_long":
		if long32 {
			return rebuild[int32]
		}
		return rebuild[int64]
	case "c_ulong":
		if long32 {
			return rebuild[uint32]
		}
		return rebuild[uint64]
	case "c_longlong":
		return rebuild[int64]
	case "c_ulonglong":
		return rebuild[uint64]
	case "c_float":
		return rebuild[float32]
	case "c_double":
		return rebuild[float64]
	}
	return nil
}

func rebuild[T CType](b *Block, length int, lock Locker) (any, error) {
	if length < 0 {
		v, err := RawValueOf[T](b)
		if err != nil || lock == nil {
			return v, err
		}
		return NewValue(v, lock), nil
	}
	a, err := RawArrayOf[T](b, length)
	if err != nil || lock == nil {
		return a, err
	}
	return NewArray(a, lock), nil
}
