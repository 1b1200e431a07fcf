package pickle

// This file has the types that hold values as Python has them, and know nothing of one another.

// Tuple is a Python tuple. Two Tuples that share their elements' memory are one Python object.
type Tuple []any

// List is a Python list. It is always held by pointer, so that a list which stands in two places is
// one list.
type List struct{ Items []any }

// ByteString is a str of Python 2: bytes that Python 2 treats as text. As a key it equals,
// as in Python 2, the string of the same letters where all of them are ASCII.
type ByteString string

// ByteArray is a Python bytearray, held by pointer as it is mutable.
type ByteArray struct{ Bytes []byte }

// Global is a class, function or other thing that a pickle names. Nothing is ever imported or
// called. Module and Name are spelled as Python 3 spells them, whatever the protocol; Name may be
// dotted.
type Global struct{ Module, Name string }

// Ellipsis is Python's Ellipsis.
type Ellipsis struct{}

// NotImplemented is Python's NotImplemented.
type NotImplemented struct{}

// Slice is a Python slice whose parts are None, numbers or strings. A slice of anything else stays
// an Object.
type Slice struct{ Start, Stop, Step any }

// Range is a Python 3 range, or an xrange; its parts are int64 or *big.Int.
type Range struct{ Start, Stop, Step any }

// Pair is a key and its value.
type Pair struct{ Key, Value any }
