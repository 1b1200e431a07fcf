package jsonvalue

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mpbridge/pickle"
)

// This file has the classes of datetime, and zoneinfo.ZoneInfo. Source of the states: __reduce_ex__ in
// Lib/_pydatetime.py.

var timeClasses = map[string]func(*builder, *members) (any, error){
	"datetime.datetime": (*builder).datetimeValue, "datetime.date": (*builder).dateValue,
	"datetime.time": (*builder).timeValue, "datetime.timedelta": (*builder).timedeltaValue,
	"datetime.timezone": (*builder).timezoneValue, "zoneinfo.ZoneInfo": (*builder).zoneValue,
}

func called(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args),
	}
}

// simple returns class and arguments of an object that is made by a call and nothing else.
func simple(o *pickle.Object) (g pickle.Global, args pickle.Tuple, ok bool) {
	g, named := o.Class.(pickle.Global)
	args, ok = o.Args.(pickle.Tuple)
	return g, args, named && ok && o.Kind == pickle.Reduce && !o.HasState && o.Setter == nil &&
		len(o.Items)+len(o.Pairs) == 0
}

// timeForm writes an object of these classes, nil for any other.
func (w *Writer) timeForm(o *pickle.Object) any {
	g, args, ok := simple(o)
	if !ok || g.Module != "datetime" && g.Module != "zoneinfo" {
		return nil
	}
	switch g.String() {
	case "datetime.timedelta":
		return w.timedeltaForm(o)
	case "datetime.timezone":
		return w.timezoneForm(o, args)
	case "zoneinfo.ZoneInfo._unpickle", "zoneinfo.ZoneInfo":
		key, ok := pickle.Text(first(args))
		if !ok || g.Name == "ZoneInfo" && len(args) != 1 || g.Name != "ZoneInfo" && (len(args) != 2 || args[1] != true && args[1] != int64(1)) {
			return nil
		}
		if w.Plain {
			return key
		}
		return classed("zoneinfo.ZoneInfo", Member{"key", label(key)})
	}
	state, ok := stateOf(first(args))
	text, fold, known := stateText(g.Name, state)
	if !ok || !known || len(args) > 2 {
		return nil
	}
	var zone any
	if len(args) == 2 {
		zone = args[1]
	}
	return w.zonedForm(g.String(), text, fold, zone)
}

func first(args pickle.Tuple) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

func stateOf(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case pickle.ByteString:
		return []byte(v), true
	}
	return nil, false
}

// foldBit is the top bit of the month of a datetime, of the hour of a time.
const foldBit = 0x80

// stateText returns the state of a date, a time or a datetime in ISO form.
func stateText(class string, b []byte) (text string, fold, ok bool) {
	switch {
	case class == "date" && len(b) == 4:
		text, ok = dateText(b)
	case class == "time" && len(b) == 6:
		fold = b[0]&foldBit != 0
		text, ok = clockText(b[0]&^foldBit, b[1:])
	case class == "datetime" && len(b) == 10:
		fold = b[2]&foldBit != 0
		day, ok1 := dateText([]byte{b[0], b[1], b[2] &^ foldBit, b[3]})
		clock, ok2 := clockText(b[4], b[5:])
		text, ok = day+"T"+clock, ok1 && ok2
	}
	return text, fold, ok
}

func dateText(b []byte) (string, bool) {
	year, month, day := int(binary.BigEndian.Uint16(b)), int(b[2]), int(b[3])
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day), validDate(year, month, day)
}

func validDate(year, month, day int) bool {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return year >= 1 && year <= 9999 && t.Year() == year && int(t.Month()) == month && t.Day() == day
}

// clockText shows hours, and minutes, seconds and three bytes of microseconds.
func clockText(hour byte, b []byte) (string, bool) {
	micro := int(b[2])<<16 | int(b[3])<<8 | int(b[4])
	text := fmt.Sprintf("%02d:%02d:%02d", hour, b[0], b[1])
	if micro > 0 {
		text += fmt.Sprintf(".%06d", micro)
	}
	return text, hour < 24 && b[0] < 60 && b[1] < 60 && micro < 1e6
}

// zonedForm writes a time with its zone: a fixed offset without a name is part of the text.
func (w *Writer) zonedForm(class, text string, fold bool, zone any) any {
	var out record
	if o, ok := zone.(*pickle.Object); ok {
		if g, args, ok := simple(o); ok && g.String() == "datetime.timezone" && len(args) == 1 {
			if offset, ok := offsetText(args[0]); ok {
				text, zone = text+offset, nil
			}
		}
	}
	if w.Plain {
		if o, ok := zone.(*pickle.Object); ok {
			if name, ok := w.timeForm(o).(string); ok {
				text += "[" + name + "]"
			}
		}
		return text
	}
	out = classed(class, Member{"value", label(text)})
	if zone != nil {
		out = append(out, Member{"tzinfo", zone})
	}
	if fold {
		out = append(out, Member{"fold", int64(1)})
	}
	return out
}

// parts returns what a timedelta consists of.
func parts(v any) (days, seconds, micros int64, ok bool) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return 0, 0, 0, false
	}
	g, args, ok := simple(o)
	if !ok || g.String() != "datetime.timedelta" || len(args) != 3 {
		return 0, 0, 0, false
	}
	days, ok1 := args[0].(int64)
	seconds, ok2 := args[1].(int64)
	micros, ok3 := args[2].(int64)
	return days, seconds, micros, ok1 && ok2 && ok3 && validDelta(days, seconds, micros)
}

func validDelta(days, seconds, micros int64) bool {
	const most = 999999999
	return days >= -most && days <= most && seconds >= 0 && seconds < 86400 && micros >= 0 && micros < 1e6
}

func (w *Writer) timedeltaForm(o *pickle.Object) any {
	days, seconds, micros, ok := parts(o)
	if !ok {
		return nil
	}
	if !w.Plain {
		return classed("datetime.timedelta",
			Member{"days", days}, Member{"seconds", seconds}, Member{"microseconds", micros})
	}
	text := fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60) // as str() in Python
	if micros > 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	switch days {
	case 0:
		return text
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, text)
	}
	return fmt.Sprintf("%d days, %s", days, text)
}

func (w *Writer) timezoneForm(o *pickle.Object, args pickle.Tuple) any {
	offset, ok := offsetText(first(args))
	if !ok || len(args) > 2 {
		return nil
	}
	out := classed("datetime.timezone", Member{"offset", label(offset)})
	if len(args) == 2 {
		name, ok := pickle.Text(args[1])
		if !ok {
			return nil
		}
		out = append(out, Member{"name", label(name)})
	}
	if w.Plain {
		return "UTC" + offset
	}
	return out
}

// offsetText shows a timedelta of less than a day as +01:00.
func offsetText(v any) (string, bool) {
	days, seconds, micros, ok := parts(v)
	sign := "+"
	total := (days*86400+seconds)*1e6 + micros
	if !ok || days < -1 || days > 0 || total == -86400e6 {
		return "", false
	}
	if total < 0 {
		sign, total = "-", -total
	}
	s := total / 1e6
	text := fmt.Sprintf("%s%02d:%02d", sign, s/3600, s/60%60)
	if s%60 > 0 || total%1e6 > 0 {
		text += fmt.Sprintf(":%02d", s%60)
	}
	if total%1e6 > 0 {
		text += fmt.Sprintf(".%06d", total%1e6)
	}
	return text, true
}

const clockPattern = `(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?`

var (
	datePattern   = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)$`)
	timePattern   = regexp.MustCompile(`^` + clockPattern + `(Z|[+-].*)?$`)
	offsetPattern = regexp.MustCompile(`^([+-])` + clockPattern + `$`)
)

// dateState reads a date.
func dateState(text string) ([]byte, bool) {
	m := datePattern.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	year, month, day := atoi(m[1]), atoi(m[2]), atoi(m[3])
	return []byte{byte(year >> 8), byte(year), byte(month), byte(day)}, validDate(year, month, day)
}

// clockState reads what clockPattern has found.
func clockState(m []string) ([]byte, bool) {
	hour, minute, second := atoi(m[0]), atoi(m[1]), atoi(m[2])
	micro := atoi((m[3] + "000000")[:6])
	return []byte{byte(hour), byte(minute), byte(second), byte(micro >> 16), byte(micro >> 8), byte(micro)},
		hour < 24 && minute < 60 && second < 60
}

// timeState reads a time, and the offset that may follow it.
func timeState(text string) (state []byte, zone any, ok bool) {
	m := timePattern.FindStringSubmatch(text)
	if m == nil {
		return nil, nil, false
	}
	if state, ok = clockState(m[1:5]); !ok || m[5] == "" {
		return state, nil, ok
	}
	zone, ok = offsetOf(m[5])
	return state, zone, ok
}

// offsetOf makes a timezone.
func offsetOf(text string) (zone *pickle.Object, ok bool) {
	if text == "Z" {
		text = "+00:00"
	}
	m := offsetPattern.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	b, ok := clockState(m[2:6])
	if !ok {
		return nil, false
	}
	total := int64(b[0])*3600e6 + int64(b[1])*60e6 + int64(b[2])*1e6 +
		int64(b[3])<<16 + int64(b[4])<<8 + int64(b[5])
	days := int64(0)
	if m[1] == "-" && total > 0 {
		total, days = 86400e6-total, -1
	}
	return called("datetime", "timezone", called("datetime", "timedelta", days, total/1e6, total%1e6)), true
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // a pattern has found digits or nothing
	return n
}

func (b *builder) dateValue(m *members) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	state, ok := dateState(text)
	if !ok {
		return nil, m.wrong("value", "a date as 2026-11-27")
	}
	return called("datetime", "date", state), nil
}

func (b *builder) timeValue(m *members) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	state, zone, ok := timeState(text)
	if !ok {
		return nil, m.wrong("value", "a time as 12:30:00.5 or 12:30:00+01:00")
	}
	return b.zoned(m, "time", state, zone, &state[0])
}

func (b *builder) datetimeValue(m *members) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	var state []byte
	i := strings.IndexAny(text, "T ")
	day, ok := dateState(text[:max(i, 0)])
	if ok {
		var clock []byte
		var zone any
		if clock, zone, ok = timeState(text[i+1:]); ok {
			state = append(day, clock...)
			return b.zoned(m, "datetime", state, zone, &state[2])
		}
	}
	return nil, m.wrong("value", "a time as 2026-11-27T12:30:00.5 or 2026-11-27T12:30:00+01:00")
}

// zoned makes a time or datetime of its state, in which fold has a bit.
func (b *builder) zoned(m *members, class string, state []byte, zone any, fold *byte) (any, error) {
	if m.has("fold") {
		n, err := m.int("fold")
		if err != nil || n < 0 || n > 1 {
			return nil, m.wrong("fold", "0 or 1")
		}
		*fold |= byte(n) * foldBit
	}
	if m.has("tzinfo") {
		v, err := b.value(m.take("tzinfo"), false)
		if err != nil {
			return nil, err
		}
		if zone != nil {
			return nil, m.wrong("tzinfo", "none, for the value has an offset")
		}
		zone = v
	}
	if zone == nil {
		return called("datetime", class, state), nil
	}
	return called("datetime", class, state, zone), nil
}

func (b *builder) timedeltaValue(m *members) (any, error) {
	var n [3]int64
	for i, name := range []string{"days", "seconds", "microseconds"} {
		if m.has(name) {
			var err error
			if n[i], err = m.int(name); err != nil {
				return nil, err
			}
		}
	}
	if !validDelta(n[0], n[1], n[2]) {
		return nil, m.wrong("days, seconds, microseconds", "those that a timedelta has")
	}
	return called("datetime", "timedelta", n[0], n[1], n[2]), nil
}

func (b *builder) timezoneValue(m *members) (any, error) {
	text, err := m.text("offset")
	if err != nil {
		return nil, err
	}
	zone, ok := offsetOf(text)
	if !ok {
		return nil, m.wrong("offset", "an offset as +01:00")
	}
	if m.has("name") {
		name, err := m.text("name")
		if err != nil {
			return nil, err
		}
		zone.Args = append(zone.Args.(pickle.Tuple), name)
	}
	return zone, nil
}

// zonePattern is what a key of the time zone database looks like.
var zonePattern = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`)

func (b *builder) zoneValue(m *members) (any, error) {
	key, err := m.text("key")
	if err != nil {
		return nil, err
	}
	if !zonePattern.MatchString(key) {
		return nil, m.wrong("key", "the name of a time zone as Europe/Berlin")
	}
	return called("zoneinfo", "ZoneInfo", key), nil
}
