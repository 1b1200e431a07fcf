package pickle

import "math"

// Limits of decoding: default, floor and ceiling of the fields of DecodeOptions, in their units. What they
// protect is memory and time, so each bounds a thing that costs more than the bytes that ask for it.
const (
	DefaultMaxDepth = 10_000
	FloorMaxDepth   = 16
	CeilMaxDepth    = 100_000 // what the recursion of Assign and Marshal can take

	DefaultMaxMemo = 1 << 23
	FloorMaxMemo   = 16
	CeilMaxMemo    = math.MaxInt32

	DefaultMaxItems = 1 << 23
	FloorMaxItems   = 16
	CeilMaxItems    = math.MaxInt32

	DefaultMaxDigits = 4300 // sys.int_info.default_max_str_digits
	FloorMaxDigits   = 640  // sys.int_info.str_digits_check_threshold
	CeilMaxDigits    = 10_000_000

	DefaultMaxBytes = 1 << 30
	FloorMaxBytes   = 16
	CeilMaxBytes    = math.MaxInt
)

// keyWorkFactor bounds what hashing keys may cost: so many bytes per byte of the pickle. Without
// it, a long key that a few bytes fetch out of the memo would be hashed again and again.
const (
	keyWorkFactor = 16
	keyWorkBase   = 1 << 16
)

// maxKeyDepth is how deep tuples and objects may nest in a key.
const maxKeyDepth = 200

// maxObjectKey is how many bytes of an object's content tell it from others; an object with more is
// told by its identity, as Python tells objects without __eq__.
const maxObjectKey = 4 << 10

// maxKeyBytes is how much content one key may have where no pickle's size gives a measure.
const maxKeyBytes = 1 << 26

// maxReentered bounds how many elements of tuples that contain themselves are written a second
// time: the work grows with the square of their number.
const maxReentered = 1 << 20

// defaultLimits are those of nil options; they need no check.
var defaultLimits = limits{
	depth: DefaultMaxDepth, memo: DefaultMaxMemo, items: DefaultMaxItems,
	digits: DefaultMaxDigits, bytes: DefaultMaxBytes,
}

// limits are checked DecodeOptions.
type limits struct {
	depth, memo, items, digits, bytes int

	long int // bytes of an integer in binary form; 0 for any
}
