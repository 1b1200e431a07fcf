package pickle

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// This file has the objects of Python's library that Go has types for: dates and times, fractions,
// decimals, UUIDs. In a decoded graph they are Objects; Marshal makes them of Go values, Assign the
// reverse.

var (
	datetimeClass  = Global{"datetime", "datetime"}
	timedeltaClass = Global{"datetime", "timedelta"}
	timezoneClass  = Global{"datetime", "timezone"}
	fractionClass  = Global{"fractions", "Fraction"}
)

func call(g Global, args ...any) *Object {
	return &Object{Kind: Reduce, Class: g, Args: Tuple(args)}
}

// NaiveDatetime returns the datetime.datetime without a time zone that shows what t shows in its
// location. It is what Python 2 reads, which has no class for time zones.
func NaiveDatetime(t time.Time) *Object { return call(datetimeClass, datetimeState(t)) }

// datetimeState is the state that datetime.__reduce__ gives: year, month, day, hour, minute,
// second, microsecond.
func datetimeState(t time.Time) []byte {
	year, month, day := t.Date()
	micro := t.Nanosecond() / 1000
	return []byte{
		byte(year >> 8), byte(year), byte(month), byte(day),
		byte(t.Hour()), byte(t.Minute()), byte(t.Second()),
		byte(micro >> 16), byte(micro >> 8), byte(micro),
	}
}

// datetimeObject returns t as an aware datetime.
func datetimeObject(t time.Time) *Object {
	_, offset := t.Zone()
	zone := call(timezoneClass, timedeltaObject(time.Duration(offset)*time.Second))
	return call(datetimeClass, datetimeState(t), zone)
}

const microsecondsPerDay = 24 * 60 * 60 * 1e6

// timedeltaObject returns d as a timedelta, truncated to microseconds: days may be negative, the rest is
// not.
func timedeltaObject(d time.Duration) *Object {
	micros := d.Microseconds()
	days := micros / microsecondsPerDay
	if micros -= days * microsecondsPerDay; micros < 0 {
		days, micros = days-1, micros+microsecondsPerDay
	}
	return call(timedeltaClass, days, micros/1e6, micros%1e6)
}

func fractionObject(r *big.Rat) *Object {
	return call(fractionClass, small(new(big.Int).Set(r.Num())), small(new(big.Int).Set(r.Denom())))
}

// asDuration reads a timedelta, that of numpy and pandas included, or a time of day.
func asDuration(v any) (time.Duration, error) {
	if arr, ok := v.(*ndarray); ok && arr.kind == 'm' {
		return arr.unit.span(arr.count())
	}
	o, ok := v.(*Object)
	if !ok {
		return 0, errShape
	}
	if d, ok, err := timedeltaOf(o); ok {
		return d, err
	}
	if o.IsA("datetime", "time") {
		return clockOf(o)
	}
	if !o.IsA("datetime", "timedelta") {
		return 0, errShape
	}
	_, args, _ := o.class()
	var n [3]int64
	if len(args) != 3 {
		return 0, errShape
	}
	for i, a := range args {
		if n[i], ok = a.(int64); !ok {
			return 0, errShape
		}
	}
	const maxDays = math.MaxInt64 / int64(24*time.Hour)
	if n[0] > maxDays || n[0] < -maxDays || n[1] < 0 || n[1] >= 86400 || n[2] < 0 || n[2] >= 1e6 {
		return 0, ErrRange
	}
	rest := time.Duration(n[1])*time.Second + time.Duration(n[2])*time.Microsecond
	d := time.Duration(n[0]) * 24 * time.Hour
	if d > 0 && d+rest < 0 {
		return 0, ErrRange
	}
	return d + rest, nil
}

// stateBytes returns the state of a date or time.
func stateBytes(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case ByteString:
		return []byte(v), true
	case string:
		return latin1(v)
	}
	return nil, false
}

// wallOf reads what a datetime or a date shows, as if it were UTC, and its tzinfo. The top bit of the month
// is fold.
func wallOf(o *Object) (wall time.Time, tz any, fold bool, err error) {
	_, args, _ := o.class()
	if len(args) == 0 {
		return wall, nil, false, errShape
	}
	b, ok := stateBytes(args[0])
	switch {
	case !ok:
		return wall, nil, false, errShape
	case o.IsA("datetime", "date") && len(b) == 4:
		b = append(b[:4:4], 0, 0, 0, 0, 0, 0)
	case !o.IsA("datetime", "datetime") || len(b) != 10:
		return wall, nil, false, errShape
	}
	if len(args) > 1 {
		tz = args[1]
	}
	month, micro := time.Month(b[2]&0x7f), int(b[7])<<16|int(b[8])<<8|int(b[9])
	year := int(binary.BigEndian.Uint16(b))
	wall = time.Date(year, month, int(b[3]), int(b[4]), int(b[5]), int(b[6]), micro*1000, time.UTC)
	if year < 1 || year > 9999 || wall.Month() != month || wall.Day() != int(b[3]) || b[4] > 23 || b[5] > 59 || b[6] > 59 ||
		micro >= 1e6 {
		return wall, nil, false, ErrRange // no datetime that Python would make
	}
	return wall, tz, b[2]&0x80 != 0, nil
}

// clockOf reads a time of day without a time zone, as the time since midnight.
func clockOf(o *Object) (time.Duration, error) {
	_, args, _ := o.class()
	b, ok := []byte(nil), false
	if len(args) > 0 {
		b, ok = stateBytes(args[0])
	}
	if !ok || len(b) != 6 {
		return 0, errShape
	}
	if len(args) > 1 && args[1] != nil {
		return 0, fmt.Errorf("%w: a time of day in a time zone", errShape)
	}
	hour, micro := b[0]&0x7f, int(b[3])<<16|int(b[4])<<8|int(b[5])
	if hour > 23 || b[1] > 59 || b[2] > 59 || micro >= 1e6 {
		return 0, ErrRange
	}
	return time.Duration(hour)*time.Hour + time.Duration(b[1])*time.Minute +
		time.Duration(b[2])*time.Second + time.Duration(micro)*time.Microsecond, nil
}

// maxUUIDText is how long the text of a UUID is: hexadecimal digits in five groups.
const maxUUIDText = 36

// UUIDOf reads a uuid.UUID.
func UUIDOf(o *Object) (id [16]byte, ok bool) {
	id, err := asUUID(o)
	return id, err == nil
}

// asUUID reads a uuid.UUID.
func asUUID(v any) (id [16]byte, err error) {
	o, ok := v.(*Object)
	if !ok || !o.IsA("uuid", "UUID") {
		return id, errShape
	}
	if args, _ := o.Args.(Tuple); o.Attrs() == nil && len(args) == 1 { // a call of UUID(text), as mpbridge put writes it
		text, _ := Text(args[0])
		if len(text) > maxUUIDText {
			return id, errShape
		}
		digits, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
		if err != nil || len(digits) != len(id) {
			return id, errShape
		}
		return [16]byte(digits), nil
	}
	if o.Attrs() == nil {
		return id, errShape
	}
	switch n := attr(o, "int").(type) {
	case int64:
		if n >= 0 {
			binary.BigEndian.PutUint64(id[8:], uint64(n))
			return id, nil
		}
	case *big.Int:
		if n.Sign() >= 0 && n.BitLen() <= 128 {
			n.FillBytes(id[:])
			return id, nil
		}
	}
	return id, errShape
}

// asRat reads a Fraction, a Decimal, or a number that is exact.
func asRat(v any, maxDigits int) (*big.Rat, error) {
	switch n := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(n), nil
	case *big.Int:
		return new(big.Rat).SetInt(n), nil
	case float64:
		if r := new(big.Rat).SetFloat64(n); r != nil {
			return r, nil
		}
		return nil, ErrRange
	case *Object:
		_, args, _ := n.class()
		switch {
		case n.IsA("fractions", "Fraction") && len(args) == 2:
			return ratio(args[0], args[1])
		case (n.IsA("fractions", "Fraction") || n.IsA("decimal", "Decimal")) && len(args) == 1:
			if s, ok := asText(args[0]); ok {
				return parseRat(s, maxDigits)
			}
		}
	}
	return nil, errShape
}

func ratio(num, den any) (*big.Rat, error) {
	toBig := func(v any) *big.Int {
		if n, ok := v.(int64); ok {
			return big.NewInt(n)
		}
		n, _ := v.(*big.Int)
		return n
	}
	a, b := toBig(num), toBig(den)
	if a == nil || b == nil || b.Sign() == 0 {
		return nil, errShape
	}
	return new(big.Rat).SetFrac(a, b), nil
}

// parseRat reads the text of a fraction or decimal. An exponent weighs as many digits as it makes.
func parseRat(s string, maxDigits int) (*big.Rat, error) {
	digits := len(s)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exp, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return nil, ErrRange
		}
		digits += max(exp, -exp)
	}
	if digits > maxDigits || digits < 0 {
		return nil, &LimitError{What: "digits", Limit: int64(maxDigits), Got: int64(digits)}
	}
	if strings.ContainsAny(s, "xXoObBpP_") {
		return nil, errShape
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, errShape // NaN, Infinity
	}
	return r, nil
}
