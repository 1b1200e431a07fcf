package values

import "mpbridge/pickle"

// This file shows time zones by place, and times in zones of other kinds than datetime.timezone.

// zoneKey returns the key of a zoneinfo.ZoneInfo.
func zoneKey(o *pickle.Object) (string, bool) {
	g, args, ok := classOf(o)
	if !ok || g.Module != "zoneinfo" && g.Module != "backports.zoneinfo" || o.Kind != pickle.Reduce || o.HasState {
		return "", false
	}
	switch {
	case g.Name == "ZoneInfo" && len(args) == 1, g.Name == "ZoneInfo._unpickle" && len(args) == 2:
		return pickle.Text(args[0])
	}
	return "", false
}

func (r *repr) zoneInfo(g pickle.Global, key string) error {
	if err := r.put(g.Module, ".ZoneInfo(key="); err != nil {
		return err
	}
	if err := r.text(key); err != nil {
		return err
	}
	return r.put(")")
}

// zonedOf returns a time or datetime in a zone of which momentOf does not know the rules. Its offset is known where the
// database of zones has it.
func zonedOf(o *pickle.Object) (m moment, ok bool) {
	g, args, ok := classOf(o)
	if !ok || g.Module != "datetime" || g.Name != "datetime" && g.Name != "time" || len(args) != 2 || o.HasState {
		return m, false
	}
	zone, ok := args[1].(*pickle.Object)
	if !ok {
		return m, false
	}
	m.kind = g.Name
	if m, ok = m.shown(args[:1]); !ok {
		return m, false
	}
	m.zone = zone
	if m.kind == "time" {
		return m, true // where its offset depends on the day it has none
	}
	m.offset, m.aware = pickle.OffsetIn(m.t, m.fold, zone)
	return m, true
}
