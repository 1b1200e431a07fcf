package values

import (
	"fmt"
	"strconv"

	"mpbridge/pickle"
)

// shownUnits are the units in which a datetime64 is shown here.
var shownUnits = map[string]string{
	"Y": "2006", "M": "2006-01", "W": "2006-01-02", "D": "2006-01-02", "h": "2006-01-02T15", "m": "2006-01-02T15:04",
	"s": "2006-01-02T15:04:05", "ms": "2006-01-02T15:04:05.000", "us": "2006-01-02T15:04:05.000000",
	"ns": "2006-01-02T15:04:05.000000000",
}

func unitName(n pickle.NumpyArray) string {
	name, _ := n.Unit()
	return name
}

// datetimeText is a datetime64 in quotes.
func datetimeText(n pickle.NumpyArray, count int64) string {
	if count == pickle.NotATime {
		return "'NaT'"
	}
	t, err := n.NumpyTime(count)
	if err != nil {
		return "'" + strconv.FormatInt(count, 10) + "'"
	}
	return "'" + t.Format(shownUnits[unitName(n)]) + "'"
}

// scalarTime is what a datetime64 or timedelta64 says in its parentheses.
func scalarTime(n pickle.NumpyArray, count int64) string {
	unit, num := n.Unit()
	if num != 1 {
		unit = fmt.Sprintf("%d%s", num, unit)
	}
	switch {
	case n.Kind() == 'm' && unit == "generic":
		return timedeltaText(count)
	case n.Kind() == 'm':
		return timedeltaText(count) + ",'" + unit + "'"
	case count == pickle.NotATime && n.Version() == 2, num != 1:
		return datetimeText(n, count) + ",'" + unit + "'"
	}
	return datetimeText(n, count)
}

func timedeltaText(count int64) string {
	if count == pickle.NotATime {
		return "'NaT'"
	}
	return strconv.FormatInt(count, 10)
}
