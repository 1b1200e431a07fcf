package values

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"mpbridge/pickle"
)

// moment is a date, time, datetime, timedelta or timezone of the module datetime.
type moment struct {
	kind   string
	aware  bool     // has an offset from UTC, which is taken off micros
	micros *big.Int // since the beginning of what the kind counts from; what orders moments

	t      time.Time // of a date, time and datetime: what it shows, as if it were UTC
	fold   bool
	zone   *pickle.Object // tzinfo
	delta  [3]int64       // of a timedelta and a timezone: days, seconds, microseconds
	label  string         // of a timezone with a name
	named  bool
	offset time.Duration
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// momentOf returns false also for a moment in a time zone that is no datetime.timezone: its rules
// are not known here.
func momentOf(o *pickle.Object) (m moment, ok bool) {
	g, args, ok := classOf(o)
	if !ok || g.Module != "datetime" || len(args) == 0 || o.HasState {
		return m, false
	}
	m.kind = g.Name
	switch g.Name {
	case "timedelta":
		m.delta, ok = deltaOf(args)
		m.micros = deltaMicros(m.delta)
		return m, ok
	case "timezone":
		return zoneOf(args)
	case "date", "time", "datetime":
		return m.shown(args)
	}
	return m, false
}

func deltaOf(args pickle.Tuple) (d [3]int64, ok bool) {
	if len(args) != 3 {
		return d, false
	}
	for i, a := range args {
		if d[i], ok = a.(int64); !ok {
			return d, false
		}
	}
	return d, d[0] > -1e9 && d[0] < 1e9 && d[1] >= 0 && d[1] < 86400 && d[2] >= 0 && d[2] < 1e6
}

func deltaMicros(d [3]int64) *big.Int {
	n := new(big.Int).Mul(big.NewInt(d[0]), big.NewInt(microsPerDay))
	return n.Add(n, big.NewInt(d[1]*1_000_000+d[2]))
}

func zoneOf(args pickle.Tuple) (m moment, ok bool) {
	m.kind = "timezone"
	o, isObject := args[0].(*pickle.Object)
	if !isObject {
		return m, false
	}
	delta, ok := momentOf(o)
	if !ok || delta.kind != "timedelta" || len(args) > 2 {
		return m, false
	}
	if len(args) == 2 {
		m.label, m.named = pickle.Text(args[1])
	}
	m.micros, m.delta = delta.micros, delta.delta
	if m.delta[0] < -1 || m.delta[0] > 0 {
		return m, false // an offset is less than a day
	}
	m.offset = time.Duration(m.micros.Int64()) * time.Microsecond
	return m, true
}

// shown reads the bytes that hold what a clock or calendar shows: see __reduce__ of each class in
// Lib/_pydatetime.py.
func (m moment) shown(args pickle.Tuple) (moment, bool) {
	b, ok := stateOf(args[0])
	size := map[string]int{"date": 4, "time": 6, "datetime": 10}[m.kind]
	if !ok || len(b) != size || len(args) > 2 {
		return m, false
	}
	year, month, day := 1, time.January, 1
	if m.kind != "time" {
		year, month, day = int(b[0])<<8|int(b[1]), time.Month(b[2]&0x7f), int(b[3])
		m.fold = b[2] >= 0x80
		b = b[4:]
	} else {
		m.fold = b[0] >= 0x80
		b = append([]byte{b[0] & 0x7f}, b[1:]...)
	}
	b = append(append([]byte(nil), b...), make([]byte, 6-len(b))...)
	micro := int(b[3])<<16 | int(b[4])<<8 | int(b[5])
	m.t = time.Date(year, month, day, int(b[0]), int(b[1]), int(b[2]), micro*1000, time.UTC)
	if len(args) == 2 && args[1] != nil {
		if m.zone, ok = args[1].(*pickle.Object); !ok {
			return m, false
		}
		zone, ok := momentOf(m.zone)
		if !ok || zone.kind != "timezone" {
			return m, false
		}
		m.aware, m.offset = true, zone.offset
	}
	m.micros = big.NewInt(m.t.Unix())
	m.micros.Mul(m.micros, big.NewInt(1_000_000)).Add(m.micros, big.NewInt(int64(micro)))
	m.micros.Sub(m.micros, big.NewInt(m.offset.Microseconds()))
	return m, true
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

// parts are the arguments that the repr shows, without trailing seconds and microseconds of zero.
func (m moment) parts() []int {
	year, month, day := m.t.Date()
	date := []int{year, int(month), day}
	clock := []int{m.t.Hour(), m.t.Minute()}
	micro := m.t.Nanosecond() / 1000
	if m.t.Second() != 0 || micro != 0 {
		clock = append(clock, m.t.Second())
	}
	if micro != 0 {
		clock = append(clock, micro)
	}
	switch m.kind {
	case "date":
		return date
	case "time":
		return clock
	}
	return append(date, clock...)
}

func (r *repr) moment(m moment) error {
	switch m.kind {
	case "timedelta":
		return r.put("datetime.timedelta(", r.deltaArgs(m.delta), ")")
	case "timezone":
		return r.zone(m)
	}
	parts := strings.Trim(strings.ReplaceAll(fmt.Sprint(m.parts()), " ", ", "), "[]")
	fold := ""
	if m.fold {
		fold = ", fold=1"
	}
	if m.kind == "datetime" {
		parts, fold = parts+fold, "" // a time shows it at the end
	}
	if err := r.put("datetime.", m.kind, "(", parts); err != nil {
		return err
	}
	if m.zone != nil {
		if err := r.put(", tzinfo="); err != nil {
			return err
		}
		if err := r.value(m.zone); err != nil {
			return err
		}
	}
	return r.put(fold, ")")
}

func (r *repr) deltaArgs(d [3]int64) string {
	if r.style.Python2 {
		switch {
		case d[2] != 0:
			return fmt.Sprintf("%d, %d, %d", d[0], d[1], d[2])
		case d[1] != 0:
			return fmt.Sprintf("%d, %d", d[0], d[1])
		}
		return fmt.Sprint(d[0])
	}
	var parts []string
	for i, name := range []string{"days", "seconds", "microseconds"} {
		if d[i] != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", name, d[i]))
		}
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

func (r *repr) zone(m moment) error {
	if m.micros.Sign() == 0 && !m.named {
		return r.put("datetime.timezone.utc")
	}
	if err := r.put("datetime.timezone(datetime.timedelta(", r.deltaArgs(m.delta), ")"); err != nil {
		return err
	}
	if m.named {
		if err := r.put(", "); err != nil {
			return err
		}
		if err := r.text(m.label); err != nil {
			return err
		}
	}
	return r.put(")")
}

// text is str() of a moment: the form of ISO 8601, where the kind has one.
func (m moment) text() string {
	switch m.kind {
	case "timedelta":
		return m.deltaText()
	case "timezone":
		switch {
		case m.named:
			return m.label
		case m.offset == 0:
			return "UTC"
		}
		return "UTC" + offsetText(m.offset)
	case "date":
		return m.t.Format(time.DateOnly)
	}
	clock := m.t.Format(time.TimeOnly)
	if micro := m.t.Nanosecond() / 1000; micro != 0 {
		clock += fmt.Sprintf(".%06d", micro)
	}
	if m.aware {
		clock += offsetText(m.offset)
	}
	if m.kind == "time" {
		return clock
	}
	return m.t.Format(time.DateOnly) + " " + clock
}

func (m moment) deltaText() string {
	text := ""
	if days := m.delta[0]; days != 0 {
		text = fmt.Sprintf("%d days, ", days)
		if days == 1 || days == -1 {
			text = fmt.Sprintf("%d day, ", days)
		}
	}
	s := m.delta[1]
	text += fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	if m.delta[2] != 0 {
		text += fmt.Sprintf(".%06d", m.delta[2])
	}
	return text
}

func offsetText(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	text := fmt.Sprintf("%s%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60)
	micro := d.Microseconds() % 1_000_000
	if seconds := int(d.Seconds()) % 60; seconds != 0 || micro != 0 {
		text += fmt.Sprintf(":%02d", seconds)
	}
	if micro != 0 {
		text += fmt.Sprintf(".%06d", micro)
	}
	return text
}
