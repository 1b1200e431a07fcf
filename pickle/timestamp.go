package pickle

import (
	"errors"
	"math"
	"strings"
	"time"
)

// This file reads times as numpy and pandas have them: a number of units since 1970.

// timeUnit is the unit of datetime64 and timedelta64: num times what the name says.
type timeUnit struct {
	name string
	num  int64
}

// String returns what numpy shows between brackets.
func (u timeUnit) String() string { return u.name }

// unitSeconds are the units that have whole seconds, and unitParts how many of the others a second has.
var (
	unitSeconds = map[string]int64{"W": 7 * 86400, "D": 86400, "h": 3600, "m": 60, "s": 1}
	unitParts   = map[string]int64{"ms": 1e3, "us": 1e6, "ns": 1e9, "ps": 1e12, "fs": 1e15, "as": 1e18}
)

var (
	errNaT  = errors.New("NaT is not a time")
	errUnit = errors.New("its unit has no fixed length in time")
)

// notATime is NaT, in numpy and pandas.
const notATime = math.MinInt64

// unitOf reads the metadata of a dtype: (dict or None, (unit, num, ...)).
func unitOf(state Tuple) (u timeUnit, err error) {
	if len(state) < 9 {
		return u, errUnit
	}
	meta, _ := state[8].(Tuple)
	if len(meta) != 2 {
		return u, errUnit
	}
	parts, _ := meta[1].(Tuple)
	if len(parts) < 2 {
		return u, errUnit
	}
	name, ok := bufferOf(parts[0])
	if u.num, _ = parts[1].(int64); !ok || u.num < 1 || len(name) > 10 {
		return u, errUnit
	}
	u.name = string(name)
	return u, nil
}

// times returns how often the unit's name is in so many units.
func (u timeUnit) times(count int64) (int64, error) {
	if count == notATime {
		return 0, errNaT
	}
	if count > math.MaxInt64/u.num || count < math.MinInt64/u.num {
		return 0, ErrRange
	}
	return count * u.num, nil
}

// wall returns what a datetime64 shows.
func (u timeUnit) wall(count int64) (time.Time, error) {
	n, err := u.times(count)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case u.name == "Y" || u.name == "M":
		if n > 1<<30 || n < -1<<30 {
			return time.Time{}, ErrRange
		}
		if u.name == "M" {
			return time.Date(1970, 1+time.Month(n), 1, 0, 0, 0, 0, time.UTC), nil
		}
		return time.Date(1970+int(n), 1, 1, 0, 0, 0, 0, time.UTC), nil
	case unitSeconds[u.name] > 0:
		sec := unitSeconds[u.name]
		if n > math.MaxInt64/sec || n < math.MinInt64/sec {
			return time.Time{}, ErrRange
		}
		return epoch(n*sec, 1)
	case unitParts[u.name] > 0:
		return epoch(n, unitParts[u.name])
	}
	return time.Time{}, errUnit
}

// span returns what a timedelta64 is. Months and years have no fixed length.
func (u timeUnit) span(count int64) (time.Duration, error) {
	n, err := u.times(count)
	if err != nil {
		return 0, err
	}
	if sec := unitSeconds[u.name]; sec > 0 {
		if n > math.MaxInt64/sec || n < math.MinInt64/sec {
			return 0, ErrRange
		}
		return span(n*sec, 1)
	}
	if parts := unitParts[u.name]; parts > 0 {
		return span(n, parts)
	}
	return 0, errUnit
}

// count returns the number of an element of datetime64 or timedelta64.
func (a *ndarray) count() int64 { return int64(a.bits(a.data)) }

// pandasUnits are the resolutions of pandas, by their numbers: NPY_DATETIMEUNIT.
var pandasUnits = map[int64]string{4: "D", 5: "h", 6: "m", 7: "s", 8: "ms", 9: "us", 10: "ns"}

// timestampOf reads a pandas.Timestamp: the count of units since 1970, in UTC where it has a zone. Releases
// before 2 have nanoseconds alone.
//
// Source: pandas/_libs/tslibs/timestamps.pyx, __reduce__.
func timestampOf(o *Object) (wall time.Time, tz any, ok bool, err error) {
	args, unit, ok := pandasArgs(o, "timestamps", "Timestamp", "_unpickle_timestamp", 3)
	if !ok {
		return wall, nil, false, nil
	}
	count, isInt := args[0].(int64)
	if !isInt {
		return wall, nil, true, errShape
	}
	wall, err = timeUnit{unit, 1}.wall(count)
	return wall, args[2], true, err
}

// timedeltaOf reads a pandas.Timedelta.
func timedeltaOf(o *Object) (d time.Duration, ok bool, err error) {
	args, unit, ok := pandasArgs(o, "timedeltas", "Timedelta", "_timedelta_unpickle", 1)
	if !ok {
		return 0, false, nil
	}
	count, isInt := args[0].(int64)
	if !isInt {
		return 0, true, errShape
	}
	d, err = timeUnit{unit, 1}.span(count)
	return d, true, err
}

// pandasArgs returns the arguments of a class, or of a function that has the unit besides.
func pandasArgs(o *Object, module, class, function string, n int) (args Tuple, unit string, ok bool) {
	g, isGlobal := o.Class.(Global)
	if !isGlobal || !strings.HasPrefix(g.Module, "pandas.") || !strings.HasSuffix(g.Module, "."+module) {
		return nil, "", false
	}
	args = o.args()
	switch {
	case (g.Name == class || g.Name == function) && len(args) == n: // function: pandas 1.3 and 1.4
		return args, "ns", true
	case g.Name == function && len(args) == n+1:
		reso, _ := args[n].(int64)
		return args, pandasUnits[reso], true
	}
	return nil, "", false
}

// isNaT tells whether an object is pandas.NaT.
func isNaT(o *Object) bool {
	g, ok := o.Class.(Global)
	return ok && strings.HasPrefix(g.Module, "pandas.") && strings.HasSuffix(g.Name, "nat_unpickle")
}

// epoch returns the moment so many units of a length after 1970, if Go's Time and Python's years have it.
func epoch(count, perSecond int64) (time.Time, error) {
	sec, rest := count/perSecond, count%perSecond
	if rest < 0 {
		sec, rest = sec-1, rest+perSecond
	}
	if sec > 1<<50 || sec < -1<<50 {
		return time.Time{}, ErrRange
	}
	if perSecond > 1e9 {
		if rest%(perSecond/1e9) != 0 {
			return time.Time{}, ErrInexact
		}
		return time.Unix(sec, rest/(perSecond/1e9)).UTC(), nil
	}
	return time.Unix(sec, rest*(1e9/perSecond)).UTC(), nil
}

// span returns so many units as a Duration.
func span(count, perSecond int64) (time.Duration, error) {
	if perSecond > 1e9 {
		if count%(perSecond/1e9) != 0 {
			return 0, ErrInexact
		}
		return time.Duration(count / (perSecond / 1e9)), nil
	}
	unit := int64(1e9) / perSecond
	if count > math.MaxInt64/unit || count < math.MinInt64/unit {
		return 0, ErrRange
	}
	return time.Duration(count * unit), nil
}
