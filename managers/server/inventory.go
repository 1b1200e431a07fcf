package server

import (
	"time"

	"mpbridge/internal/printable"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// observed is an object that has more to tell than its text.
type observed interface {
	observe(o *managers.ObjectInfo)
}

// maxText is how many bytes of an object's text are told: debug_info in CPython has as many.
const maxText = 75

// Objects lists the objects that clients refer to, and the shared ones, sorted by ident.
func (s *Server) Objects() []managers.ObjectInfo { return s.infoOf(s.objects.list(), nil) }

func (s *Server) infoOf(list []listing, stop func() error) (out []managers.ObjectInfo) {
	for _, l := range list {
		o := managers.ObjectInfo{Ident: l.ident, Typeid: l.typeid, References: l.refs, Shared: l.byName(), Len: -1,
			Name: l.name, Kind: kindOf(l.object, l.typeid)}
		o.Text = s.preview(l.object, values.ReprStyle{}, stop)
		if s, ok := l.object.(interface{ size() int }); ok {
			o.Len = s.size()
		}
		if v, ok := l.object.(observed); ok {
			v.observe(&o)
		}
		out = append(out, o)
	}
	return out
}

// kindOf is what an object is, where its typeid may say only what clients call it.
func kindOf(o Object, typeid string) string {
	switch o := o.(type) {
	case *queueObject:
		return map[queue.Order]string{queue.FIFO: "queue", queue.LIFO: "lifo", queue.Priority: "priority"}[o.backend.Stats().Order]
	case *dict:
		return "dict"
	case *list:
		return "list"
	case *set:
		return "set"
	case *namespace:
		return "Namespace"
	case *valueObject:
		return "Value"
	case *array:
		return "Array"
	case *event:
		return "Event"
	case *lock:
		if o.recursive {
			return "RLock"
		}
		return "Lock"
	case *semaphore:
		if o.bounded {
			return "BoundedSemaphore"
		}
		return "Semaphore"
	case *condition:
		return "Condition"
	case *barrier:
		return "Barrier"
	}
	return typeid
}

// cut shortens a text to maxText characters, on one line: no object makes another's line.
func cut(text string) string {
	text = printable.Line(text, 4*maxText)
	n := 0
	for i := range text {
		if n++; n > maxText {
			return text[:i]
		}
	}
	return text
}

func (s *session) listObjects() (any, error) {
	list := &pickle.List{}
	for _, o := range s.server.infoOf(s.visible(), s.wanted) {
		d := pickle.NewDict(
			"ident", o.Ident, "typeid", o.Typeid, "references", int64(o.References), "shared", o.Shared,
			"text", o.Text, "len", int64(o.Len), "waiters", int64(o.Waiters), "holder", o.Holder,
			"held_for", o.HeldFor, "lent", int64(o.Lent), "name", o.Name, "kind", o.Kind, "bytes", o.Bytes,
			"redelivered", int64(o.Redelivered), "dead", int64(o.Dead))
		list.Items = append(list.Items, d)
	}
	return list, nil
}

func listOf(t pickle.Tuple) *pickle.List { return &pickle.List{Items: t} }

func (l *lock) observe(o *managers.ObjectInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.Waiters, o.Holder = l.line.Len(), int64(l.owner)
	if l.owner != 0 {
		o.HeldFor = time.Since(l.since).Seconds()
	}
}

func (s *semaphore) observe(o *managers.ObjectInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.Waiters, o.Len = s.line.Len(), s.value
}

func (e *event) observe(o *managers.ObjectInfo) {
	e.mu.Lock()
	defer e.mu.Unlock()
	o.Waiters = e.line.Len()
}

func (c *condition) observe(o *managers.ObjectInfo) {
	c.mu.Lock()
	waiting := c.line.Len()
	c.mu.Unlock()
	c.lock.observe(o)
	o.Waiters += waiting
}

func (b *barrier) observe(o *managers.ObjectInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.Waiters = b.line.Len()
}
