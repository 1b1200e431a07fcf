package pickle

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
