package pickle

import "math"

// Limits of decoding: default, floor and ceiling. What they protect is memory and time, so each
// bounds a thing that costs more than the bytes that ask for it.
const (
	defaultMaxDepth = 10_000
	floorMaxDepth   = 16
	ceilMaxDepth    = 100_000 // what the recursion of Assign and Marshal can take

	defaultMaxMemo = 1 << 23
	floorMaxMemo   = 16
	ceilMaxMemo    = math.MaxInt32

	defaultMaxItems = 1 << 23
	floorMaxItems   = 16
	ceilMaxItems    = math.MaxInt32

	defaultMaxDigits = 4300 // sys.int_info.default_max_str_digits
	floorMaxDigits   = 640  // sys.int_info.str_digits_check_threshold
	ceilMaxDigits    = 10_000_000

	defaultMaxBytes = 1 << 30
	floorMaxBytes   = 16
	ceilMaxBytes    = math.MaxInt
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
	depth: defaultMaxDepth, memo: defaultMaxMemo, items: defaultMaxItems,
	digits: defaultMaxDigits, bytes: defaultMaxBytes,
}

// limits are checked DecodeOptions.
type limits struct {
	depth, memo, items, digits, bytes int

	long int // bytes of an integer in binary form; 0 for any
}

// check returns the limits with defaults for zeros, or an *OptionError.
func (o *DecodeOptions) check() (limits, error) {
	if o == nil || o.MaxDepth|o.MaxMemo|o.MaxItems|o.MaxDigits|o.MaxBytes == 0 {
		return defaultLimits, nil
	}
	var l limits
	rows := []struct {
		name           string
		to             *int
		value          int
		std, low, ceil int
	}{
		{"MaxDepth", &l.depth, o.MaxDepth, defaultMaxDepth, floorMaxDepth, ceilMaxDepth},
		{"MaxMemo", &l.memo, o.MaxMemo, defaultMaxMemo, floorMaxMemo, ceilMaxMemo},
		{"MaxItems", &l.items, o.MaxItems, defaultMaxItems, floorMaxItems, ceilMaxItems},
		{"MaxDigits", &l.digits, o.MaxDigits, defaultMaxDigits, floorMaxDigits, ceilMaxDigits},
		{"MaxBytes", &l.bytes, o.MaxBytes, defaultMaxBytes, floorMaxBytes, ceilMaxBytes},
	}
	for _, row := range rows {
		*row.to = row.value
		if row.value == 0 {
			*row.to = row.std
		} else if row.value < row.low || row.value > row.ceil {
			return l, &OptionError{row.name, int64(row.value), int64(row.low), int64(row.ceil)}
		}
	}
	if o.MaxDigits != 0 {
		l.long = l.digits*5/12 + 1 // a digit is 3.32 bits
	}
	return l, nil
}
