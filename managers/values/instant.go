package values

import (
	"math/big"
	"time"

	"mpbridge/pickle"
)

// instantOf is momentOf as far as equality, order and keys go: it knows the zones of places, and pandas' times that
// are whole microseconds, too. A time that clocks show twice, or never, is that of fold=0, as for Python's hash.
func instantOf(o *pickle.Object) (moment, bool) {
	if m, ok := momentOf(o); ok {
		return m, true
	}
	m := moment{kind: "datetime"}
	g, args, ok := classOf(o)
	switch {
	case ok && g == (pickle.Global{Module: "datetime", Name: "datetime"}) && len(args) == 2 && !o.HasState:
		if m, ok = m.shown(args[:1]); !ok {
			return m, false
		}
		at, ok := pickle.InZone(m.t, args[1])
		m.aware = true
		m.micros = micros(at)
		return m, ok
	default:
		at, aware, ok := pickle.Timestamp(o)
		if !ok || at.Nanosecond()%1000 != 0 {
			return m, false
		}
		m.aware, m.micros = aware, micros(at)
		return m, true
	}
}

func micros(t time.Time) *big.Int {
	n := big.NewInt(t.Unix())
	return n.Mul(n, big.NewInt(1_000_000)).Add(n, big.NewInt(int64(t.Nanosecond()/1000)))
}
