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
		{"MaxDepth", &l.depth, o.MaxDepth, DefaultMaxDepth, FloorMaxDepth, CeilMaxDepth},
		{"MaxMemo", &l.memo, o.MaxMemo, DefaultMaxMemo, FloorMaxMemo, CeilMaxMemo},
		{"MaxItems", &l.items, o.MaxItems, DefaultMaxItems, FloorMaxItems, CeilMaxItems},
		{"MaxDigits", &l.digits, o.MaxDigits, DefaultMaxDigits, FloorMaxDigits, CeilMaxDigits},
		{"MaxBytes", &l.bytes, o.MaxBytes, DefaultMaxBytes, FloorMaxBytes, CeilMaxBytes},
	}
	for _, row := range rows {
		*row.to = row.value
		if row.value == 0 {
			*row.to = row.std
		} else if row.value < row.low || row.value > row.ceil {
			return l, &OptionError{
				Package: "pickle", Option: row.name, Value: int64(row.value), Low: int64(row.low), High: int64(row.ceil),
			}
		}
	}
	if o.MaxDigits != 0 {
		l.long = l.digits*5/12 + 1 // a digit is 3.32 bits
	}
	return l, nil
}
