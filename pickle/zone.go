package pickle

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// This file reads the time zones of datetimes: those of the standard library, pytz, dateutil and what
// pandas makes of them.
//
// Sources: Lib/zoneinfo/_zoneinfo.py, pytz/__init__.py and tzinfo.py, dateutil/tz/tz.py.

// zone is what a tzinfo means: a place, or a fixed offset, which wins where both are known.
type zone struct {
	loc    *time.Location
	fixed  bool
	offset int // seconds east of UTC
	name   string
}

var errZone = errors.New("unknown time zone")

// zoneOf reads a tzinfo.
func zoneOf(v any) (zone, error) {
	o, ok := v.(*Object)
	if !ok {
		return zone{}, errZone
	}
	g, args, _ := o.class()
	switch {
	case g.Name == "ZoneInfo._unpickle": // of zoneinfo and its backports: (key, from_cache)
		return placeOf(args)
	case g == timezoneClass:
		return timezoneOf(args)
	case g == Global{"psycopg2.tz", "FixedOffsetTimezone"} && len(args) > 0:
		return minutesOf(args[0])
	case g.Module == "pytz":
		return pytzOf(g.Name, args)
	case strings.HasPrefix(g.Module, "dateutil."):
		return dateutilOf(g.Name, o, args)
	}
	return zone{}, fmt.Errorf("%w: %s", errZone, typeName(v))
}

// placeOf is the zone whose key is the first argument.
func placeOf(args Tuple) (zone, error) {
	if len(args) == 0 {
		return zone{}, errZone
	}
	key, ok := asText(args[0])
	if !ok {
		return zone{}, errZone
	}
	loc, err := location(key)
	return zone{loc: loc}, err
}

// timezoneOf reads timezone(timedelta[, name]).
func timezoneOf(args Tuple) (zone, error) {
	if len(args) == 0 {
		return zone{}, errZone
	}
	offset, err := asDuration(args[0])
	if err != nil {
		return zone{}, err
	}
	name := ""
	if len(args) > 1 {
		name, _ = asText(args[1])
	}
	return fixedZone(int64(offset/time.Second), name)
}

// fixedZone is a zone with the same offset at all times: less than a day, as in Python.
func fixedZone(seconds int64, name string) (zone, error) {
	if seconds <= -86400 || seconds >= 86400 {
		return zone{}, ErrRange
	}
	return zone{fixed: true, offset: int(seconds), name: name}, nil
}

// pytzOf reads _UTC(), FixedOffset(minutes) and _p(key[, offset, dst, name]). The offset is that of the
// moment that the datetime shows.
func pytzOf(name string, args Tuple) (zone, error) {
	switch {
	case name == "_UTC":
		return zone{fixed: true}, nil
	case name == "FixedOffset" && len(args) == 1:
		if minutes, ok := args[0].(int64); ok && minutes > -1440 && minutes < 1440 {
			return fixedZone(minutes*60, "")
		}
	case name == "_p" && len(args) == 1:
		return placeOf(args)
	case name == "_p" && len(args) == 4:
		seconds, ok := args[1].(int64)
		abbr, _ := asText(args[3])
		if !ok {
			break
		}
		z, err := fixedZone(seconds, abbr)
		if err == nil {
			place, missing := placeOf(args)
			if missing == nil {
				z.loc = place.loc
			}
		}
		return z, err
	}
	return zone{}, errZone
}

// dateutilOf reads tzutc(), tzoffset(name, offset), files of the zone database, and tzlocal() where it has
// one offset at all times: the rules of the sender's machine are not in the pickle.
func dateutilOf(name string, o *Object, args Tuple) (zone, error) {
	switch name {
	case "tzutc":
		return zone{fixed: true}, nil
	case "tzoffset":
		if len(args) == 2 {
			return offsetOf(args[1], args[0])
		}
		return offsetOf(attr(o, "_offset"), attr(o, "_name"))
	case "tzlocal":
		if attr(o, "_hasdst") == false {
			return offsetOf(attr(o, "_std_offset"), nil)
		}
	case "tzfile":
		if len(args) == 2 {
			return fileOf(args[1])
		}
	case "_unpickle":
		if len(args) < 3 {
			break
		}
		if key, ok := asText(args[1]); ok && key != "" {
			return placeOf(args[1:])
		}
		return fileOf(args[2])
	}
	return zone{}, fmt.Errorf("%w: %s", errZone, o.typeName())
}

// offsetOf reads an offset: a timedelta, or seconds.
func offsetOf(v, name any) (zone, error) {
	text, _ := asText(name)
	switch n := v.(type) {
	case int64:
		return fixedZone(n, text)
	case float64:
		if n > -86400 && n < 86400 {
			return fixedZone(int64(n), text)
		}
		return zone{}, ErrRange
	}
	d, err := asDuration(v)
	if err != nil {
		return zone{}, err
	}
	return fixedZone(int64(d/time.Second), text)
}

// minutesOf reads an offset as psycopg2 has it: a timedelta, before 2.9 minutes.
func minutesOf(v any) (zone, error) {
	if minutes, ok := v.(int64); ok && minutes > -1440 && minutes < 1440 {
		v = minutes * 60
	}
	return offsetOf(v, nil)
}

// fileOf is the zone of a file in the zone database.
func fileOf(v any) (zone, error) {
	path, _ := asText(v)
	_, key, ok := strings.Cut(path, "zoneinfo/")
	if !ok {
		return zone{}, fmt.Errorf("%w: the file is not in the zone database", errZone)
	}
	return placeOf(Tuple{key})
}

// locations are the zones that were asked for, by their keys: no more than the database has.
var locations sync.Map

// location finds a zone of the database by its key.
func location(key string) (*time.Location, error) {
	if loc, ok := locations.Load(key); ok {
		return loc.(*time.Location), nil
	}
	if key == "UTC" {
		return time.UTC, nil
	}
	if !isKey(key) {
		return nil, fmt.Errorf("%w: malformed key", errZone)
	}
	loc, err := time.LoadLocation(key)
	if err != nil { // without the text, which may name files
		return nil, fmt.Errorf("%w: %s is not in the zone database; see time/tzdata", errZone, key)
	}
	locations.Store(key, loc)
	return loc, nil
}

// isKey tells whether a text can be the key of a zone: names and slashes. Local is none: it would be the
// reader's own zone.
func isKey(key string) bool {
	if len(key) > 100 || key == "" || key == "Local" {
		return false
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_") != "" {
			return false
		}
	}
	return true
}

// instant returns the moment at which clocks in the zone show the wall time, given as if it were UTC. Where
// they show it twice, fold says which one; where they skip it, it is as Python's utcoffset has it (PEP 495).
func (z zone) instant(wall time.Time, fold bool) time.Time {
	if !z.fixed {
		return wallIn(z.loc, wall, fold)
	}
	t := wall.Add(-time.Duration(z.offset) * time.Second)
	return t.In(z.location(t))
}

// OffsetIn returns how much ahead of UTC clocks in the time zone tz are that show the wall time: the first time that
// they do so, or with fold the second. It knows the zones that InstantOf knows.
func OffsetIn(wall time.Time, fold bool, tz any) (time.Duration, bool) {
	z, err := zoneOf(tz)
	if err != nil {
		return 0, false
	}
	return wall.Sub(z.instant(wall, fold)), true
}

// location returns the zone as Go has it, for a moment: the place, if its offset is the one that was sent.
func (z zone) location(t time.Time) *time.Location {
	if z.loc != nil {
		if _, offset := t.In(z.loc).Zone(); !z.fixed || offset == z.offset {
			return z.loc
		}
	}
	if z.offset == 0 && z.name == "" {
		return time.UTC
	}
	return time.FixedZone(z.name, z.offset)
}

// wallIn finds the offset that PEP 495 gives a wall time: of what a transition skips or repeats, the one
// before it, or with fold the one after it.
func wallIn(loc *time.Location, wall time.Time, fold bool) time.Time {
	u := wall.Unix()
	near := time.Unix(u, 0).In(loc)
	_, offset := near.Zone()
	near = time.Unix(u-int64(offset), 0).In(loc)
	_, offset = near.Zone()
	start, end := near.ZoneBounds()
	for _, at := range []time.Time{start, end} {
		if at.IsZero() {
			continue
		}
		_, before := at.Add(-1).Zone()
		_, after := at.Zone()
		since := u - at.Unix()
		if since < int64(min(before, after)) || since >= int64(max(before, after)) {
			continue
		}
		if offset = before; fold {
			offset = after
		}
		break
	}
	return wall.Add(-time.Duration(offset) * time.Second).In(loc)
}
