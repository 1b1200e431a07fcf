// Package option is the one policy for options that are numbers: 0 means the default, and what is out of
// its range is refused when the thing is made, with a *pickle.OptionError.
package option

import (
	"math"
	"time"

	"mpbridge/pickle"
)

// MaxTime is the greatest time that an option may be: what time.Now can be moved by, and more than anybody waits.
const MaxTime = math.MaxInt64 / 4

// A Range is an option's value and where it has to be: from Low to High, both included.
type Range struct {
	Name             string // of the field
	Value, Low, High int64
	IsTime           bool // they are a time.Duration
}

// Int is the Range of a number.
func Int[N int | int64](name string, value N, low, high int64) Range {
	return Range{Name: name, Value: int64(value), Low: low, High: high}
}

// Time is the Range of a time from low to MaxTime.
func Time(name string, value, low time.Duration) Range {
	return Range{Name: name, Value: int64(value), Low: int64(low), High: MaxTime, IsTime: true}
}

// Check returns nil, or a *pickle.OptionError of the package for the first value that is out of its range.
func Check(pkg string, ranges ...Range) error {
	for _, r := range ranges {
		if r.Value < r.Low || r.Value > r.High {
			return &pickle.OptionError{
				Package: pkg, Option: r.Name, Value: r.Value, Low: r.Low, High: r.High, IsTime: r.IsTime,
			}
		}
	}
	return nil
}
