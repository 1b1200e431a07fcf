package server

import (
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// Objects lists the objects that clients refer to, and the shared ones, sorted by ident.
func (s *Server) Objects() []managers.ObjectInfo { return s.infoOf(s.objects.list(), nil) }

func (s *Server) infoOf(list []listing, stop func() error) (out []managers.ObjectInfo) {
	for _, l := range list {
		o := managers.ObjectInfo{Ident: l.ident, Typeid: l.typeid, References: l.refs, Shared: l.byName(), Len: -1,
			Name: l.name, Kind: l.typeid}
		o.Text = s.preview(l.object, values.ReprStyle{}, stop)
		if s, ok := l.object.(interface{ size() int }); ok {
			o.Len = s.size()
		}
		if c := classOf(l.object); c != nil {
			o.Kind = c.kind
			c.observe(l.object, &o)
		}
		if l.isDurable() && s.opts.Journals != nil {
			o.Durable = s.opts.Journals.Durability()
		}
		out = append(out, o)
	}
	return out
}

func (s *session) listObjects() (any, error) {
	list := &pickle.List{}
	for _, o := range s.server.infoOf(s.visible(), s.wanted) {
		d := pickle.NewDict(
			"ident", o.Ident, "typeid", o.Typeid, "references", int64(o.References), "shared", o.Shared,
			"text", o.Text, "len", int64(o.Len), "waiters", int64(o.Waiters), "holder", o.Holder,
			"held_for", o.HeldFor, "lent", int64(o.Leased), "name", o.Name, "kind", o.Kind, "bytes", o.Bytes,
			"redelivered", int64(o.Redelivered), "dead", int64(o.Dead), "durable", o.Durable)
		list.Items = append(list.Items, d)
	}
	return list, nil
}
