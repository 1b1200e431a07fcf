package pickle

import (
	"cmp"
	"strings"
	"time"
)

// Instant is what equality and order see of a date, a time or a length of time: those of the module datetime, of numpy
// and of pandas.
type Instant struct {
	Kind  string // "date", "time", "datetime", "timedelta", "timezone"; "months" is a timedelta64 of months or years
	Aware bool   // has an offset from UTC
	Sec   int64  // since 1970 in UTC, or as clocks show it where it is not aware; of a length, its seconds
	Atto  int64  // and the attoseconds beside them, from 0 to 1e18

	wall  int64  // what clocks show, as seconds since 1970
	place string // of a zone with rules: two instants that have the same are compared by what clocks show
	// folded is set where clocks show the time twice or never: by PEP 495 no instant of another zone is equal.
	folded bool
	never  bool // is equal to nothing: NaT, or a time that clocks show twice in a zone that is another object each time
}

// InstantOf reads an Instant. It knows the zones of zoneinfo, pytz and dateutil whose places this system knows.
func InstantOf(o *Object) (i Instant, ok bool) {
	if a, isNumpy, err := numpyOf(o); isNumpy {
		if err != nil || !a.scalar || a.kind != 'M' && a.kind != 'm' {
			return i, false
		}
		return a.instant()
	}
	if i, ok, known := pandasInstant(o); known {
		return i, ok
	}
	g, args, ok := o.class()
	if !ok || g.Module != "datetime" || len(args) == 0 || o.HasState {
		return i, false
	}
	i.Kind = g.Name
	switch g.Name {
	case "timedelta":
		return i, i.length(args)
	case "timezone":
		of, isObject := args[0].(*Object)
		return i, isObject && of.IsA("datetime", "timedelta") && i.length(of.args())
	case "time":
		return i, i.clock(args)
	case "date", "datetime":
		wall, tz, fold, err := wallOf(o)
		return i, err == nil && i.at(wall, tz, fold && g.Name == "datetime", isPython2(args[0]))
	}
	return i, false
}

// isPython2 tells whether a state comes from Python 2, whose datetimes have no fold.
func isPython2(state any) bool {
	_, ok := state.(ByteString)
	return ok
}

// length reads (days, seconds, microseconds).
func (i *Instant) length(args Tuple) bool {
	var n [3]int64
	if len(args) != 3 {
		return false
	}
	for at, a := range args {
		var ok bool
		if n[at], ok = a.(int64); !ok {
			return false
		}
	}
	i.Sec, i.Atto = n[0]*86400+n[1], n[2]*1e12
	return n[0] > -1e9 && n[0] < 1e9 && n[1] >= 0 && n[1] < 86400 && n[2] >= 0 && n[2] < 1e6
}

// clock reads a time of day. In a zone with rules it has no offset, and is as if it had no zone.
func (i *Instant) clock(args Tuple) bool {
	b, ok := stateBytes(args[0])
	if !ok || len(b) != 6 {
		return false
	}
	i.Sec = int64(b[0]&0x7f)*3600 + int64(b[1])*60 + int64(b[2])
	i.Atto = (int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5])) * 1e12
	if len(args) < 2 || args[1] == nil {
		return true
	}
	if exact, ok := exactOffset(args[1]); ok {
		i.Aware = true
		i.back(exact)
		return true
	}
	z, err := zoneOf(args[1])
	if err != nil {
		return false
	}
	if z.loc != nil && z.loc != time.UTC {
		return true
	}
	i.Aware = true
	i.Sec -= int64(z.offset)
	return true
}

// exactOffset returns the offset of a datetime.timezone, which may have microseconds.
func exactOffset(tz any) (offset Instant, ok bool) {
	o, isObject := tz.(*Object)
	if !isObject || !o.IsA("datetime", "timezone") {
		return offset, false
	}
	return InstantOf(o)
}

// back subtracts an offset.
func (i *Instant) back(offset Instant) {
	i.Sec -= offset.Sec
	if i.Atto -= offset.Atto; i.Atto < 0 {
		i.Sec, i.Atto = i.Sec-1, i.Atto+1e18
	}
}

// at sets the moment at which clocks in a zone show the wall time.
func (i *Instant) at(wall time.Time, tz any, fold, python2 bool) bool {
	i.wall, i.Sec, i.Atto = wall.Unix(), wall.Unix(), int64(wall.Nanosecond())*1e9
	if tz == nil {
		return true
	}
	i.Aware = true
	if exact, ok := exactOffset(tz); ok {
		i.back(exact)
		return true
	}
	z, err := zoneOf(tz)
	if err != nil {
		return false
	}
	if z.fixed {
		i.Sec -= int64(z.offset)
		return true
	}
	first, second := wallIn(z.loc, wall, false), wallIn(z.loc, wall, true)
	g, args, _ := tz.(*Object).class()
	if strings.HasPrefix(g.Module, "dateutil.") {
		if second.Before(first) { // which no clock shows: dateutil has the offset after the change
			first = second
		}
		i.never = !first.Equal(second)
	} else if len(args) > 1 && args[1] == false {
		i.never = !first.Equal(second) // ZoneInfo.no_cache
	} else if key, ok := asText(args[0]); ok {
		i.place = g.Module + ":" + key
	}
	i.folded = !first.Equal(second) && !python2
	i.never = i.never && !python2
	if i.Sec = first.Unix(); fold {
		i.Sec = second.Unix()
	}
	return true
}

// pandasInstant reads a Timestamp or a Timedelta; known is false for all other objects.
func pandasInstant(o *Object) (i Instant, ok, known bool) {
	if wall, tz, known, err := timestampOf(o); known {
		i = Instant{Kind: "datetime", Aware: tz != nil, Sec: wall.Unix(), Atto: int64(wall.Nanosecond()) * 1e9}
		return i, err == nil, true
	}
	args, unit, known := pandasArgs(o, "timedeltas", "Timedelta", "_timedelta_unpickle", 1)
	if !known {
		return i, false, false
	}
	count, isInt := args[0].(int64)
	i, ok = timeUnit{unit, 1}.length(count)
	return i, ok && isInt, true
}

// instant reads a datetime64 or timedelta64 without dimensions.
func (a *ndarray) instant() (i Instant, ok bool) {
	count := a.count()
	switch {
	case count == notATime:
		return Instant{Kind: "NaT", never: true}, true
	case a.kind == 'm':
		return a.unit.length(count)
	case a.unit.name == "Y" || a.unit.name == "M":
		wall, err := a.unit.wall(count)
		return Instant{Kind: "datetime", Sec: wall.Unix()}, err == nil
	}
	i, ok = a.unit.length(count)
	i.Kind = "datetime"
	return i, ok
}

// length is so many units as a timedelta. Months and years have no length in seconds.
func (u timeUnit) length(count int64) (i Instant, ok bool) {
	n, err := u.times(count)
	if err != nil {
		return i, false
	}
	i.Kind = "timedelta"
	switch {
	case u.name == "M":
		i.Kind, i.Sec = "months", n
		return i, true
	case u.name == "Y":
		i.Kind, i.Sec = "months", 12*n
		return i, n < 1<<59 && n > -1<<59
	case unitSeconds[u.name] > 0:
		i.Sec = n * unitSeconds[u.name]
		return i, i.Sec/unitSeconds[u.name] == n
	case unitParts[u.name] > 0:
		per := unitParts[u.name]
		if i.Sec, i.Atto = n/per, n%per*(1e18/per); i.Atto < 0 {
			i.Sec, i.Atto = i.Sec-1, i.Atto+1e18
		}
		return i, true
	}
	return i, false
}

// Key returns a comparable value that is the same for all instants that Python has as one key of a dict; equal is false
// for one that is equal to nothing, itself included.
func (i Instant) Key() (key any, equal bool) {
	i.Sec, i.wall = i.instantOrWall(), 0
	if !i.folded {
		i.place = ""
	}
	return i, !i.never
}

func (i Instant) instantOrWall() int64 {
	if i.folded {
		return i.wall
	}
	return i.Sec
}

// Parts are what makes the Key, one by one.
func (i Instant) Parts() []any {
	place := ""
	if i.folded {
		place = i.place
	}
	return []any{i.Kind, i.Aware, i.instantOrWall(), i.Atto, place}
}

// Compare returns the order of two instants of one kind, both of them aware or none.
func (i Instant) Compare(other Instant) int {
	c := cmp.Compare(i.Sec, other.Sec)
	if i.place != "" && i.place == other.place {
		c = cmp.Compare(i.wall, other.wall)
	}
	if c == 0 {
		c = cmp.Compare(i.Atto, other.Atto)
	}
	return c
}
