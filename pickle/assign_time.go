package pickle

import "time"

// time reads a datetime, a date, a pandas.Timestamp or a datetime64. What has no time zone is refused, or is
// in the one that the options say.
func (a *assigner) time(v any) (time.Time, error) {
	if arr, ok := v.(*ndarray); ok && arr.kind == 'M' {
		wall, err := arr.unit.wall(arr.count())
		if err != nil {
			return wall, err
		}
		return a.zoned(wall, nil, false)
	}
	o, ok := v.(*Object)
	if !ok {
		return time.Time{}, errShape
	}
	if isNaT(o) {
		return time.Time{}, errNaT
	}
	if wall, tz, ok, err := timestampOf(o); ok {
		if err != nil || tz == nil {
			return a.orError(wall, err)
		}
		z, err := zoneOf(tz)
		if err != nil {
			return time.Time{}, err
		}
		return wall.In(z.location(wall)), nil
	}
	wall, tz, fold, err := wallOf(o)
	if err != nil {
		return time.Time{}, err
	}
	return a.zoned(wall, tz, fold)
}

func (a *assigner) orError(wall time.Time, err error) (time.Time, error) {
	if err != nil {
		return time.Time{}, err
	}
	return a.zoned(wall, nil, false)
}

// zoned returns the moment of a wall time in a time zone, or in that of the options where it has none.
func (a *assigner) zoned(wall time.Time, tz any, fold bool) (time.Time, error) {
	if tz == nil {
		if a.naive == nil {
			return time.Time{}, ErrNaive
		}
		return wallIn(a.naive, wall, fold), nil
	}
	z, err := zoneOf(tz)
	if err != nil {
		return time.Time{}, err
	}
	return z.instant(wall, fold), nil
}
