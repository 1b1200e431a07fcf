package managers

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// Snapshot writes what the objects hold that are shared by name: queues, dicts, lists, sets, namespaces,
// values and arrays. Items that are lent are written as if they had come back. It is meant for the time
// after Shutdown, when nobody changes anything any more; before, each object is written as it is at one
// moment, but not all at the same.
func (s *Server) Snapshot(out io.Writer) error {
	w, err := newRecordWriter(out)
	if err != nil {
		return err
	}
	for _, l := range s.objects.list() {
		obj, isShared := l.key.(*shared)
		p, ok := l.object.(persistent)
		if !isShared || !ok {
			continue
		}
		typeid, member, _ := strings.Cut(obj.name, "\x00")
		err := w.write(recordObject, []byte(p.kind()), []byte(typeid), []byte(member))
		if err == nil {
			err = p.save(w)
		}
		if err != nil {
			return err
		}
	}
	return w.end()
}

// errNotOffered says that a snapshot has something for which there is no place.
var errNotOffered = errors.New("managers: the snapshot has an object that is not offered")

// Restore fills the objects that are shared by name with what a Snapshot wrote, in place of what they
// hold. The names must be registered before, with the same types; a name that is missing is an error, for
// what it held would be lost. So is what the server has to open and its Limits forbid, such as a key of a
// dict: a *pickle.LimitError. It must be called before Serve.
func (s *Server) Restore(in io.Reader) error {
	r, err := newRecordReader(in, s.limits.MaxMessage)
	if err != nil {
		return err
	}
	var to persistent
	for {
		kind, parts, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		switch {
		case err != nil:
		case kind == recordObject && len(parts) == 3:
			to, err = s.persistentFor(string(parts[0]), string(parts[1]), string(parts[2]))
			if err == nil {
				to.reset()
			}
		case to == nil || len(parts) < 2:
			err = ErrSnapshot
		default:
			err = s.restore(to, kind, parts)
		}
		if err != nil {
			return err
		}
	}
}

// persistentFor finds the shared object of a name.
func (s *Server) persistentFor(kind, typeid, member string) (persistent, error) {
	name := typeid
	if f := s.families[typeid]; f != nil {
		obj, err := f.member(member)
		if err != nil {
			return nil, err
		}
		s.objects.keepShared(typeid, obj, s.registry.types[typeid])
		name = obj.name
	}
	if e := s.objects.find([]byte(newShared(name, nil).ident)); e != nil {
		if p, ok := e.object.(persistent); ok && p.kind() == kind {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: a %s called %q", errNotOffered, kind, typeid)
}

func (s *Server) restore(to persistent, kind byte, parts [][]byte) error {
	raws := make([]pickle.Raw, len(parts)-1)
	for i, p := range parts[1:] {
		if err := s.decode.Unmarshal(p, &raws[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
	}
	c := &Call{server: s, Method: string(parts[0]), args: raws}
	if q, ok := to.(*Queue); ok && kind == recordItem && len(raws) == 1 {
		return q.restoreItem(c, raws[0], parts[0])
	}
	if kind != recordCall || !slices.Contains(to.Methods(), c.Method) {
		return ErrSnapshot
	}
	_, err := to.Call(c)
	return err
}

// persistent is an object whose contents survive a restart.
type persistent interface {
	Object
	// kind names the type; what one kind wrote only the same kind reads.
	kind() string
	// save writes the calls that fill an empty object.
	save(w *recordWriter) error
	// reset empties the object.
	reset()
}

// call writes one call. The arguments are cells or other values.
func (w *recordWriter) call(method string, args ...any) error {
	parts := [][]byte{[]byte(method)}
	for _, a := range args {
		if k, ok := a.(*kept); ok {
			a = k.raw
		}
		r, ok := a.(pickle.Raw)
		if !ok {
			var err error
			if r, err = pickle.NewRaw(a, nil); err != nil {
				return err
			}
		}
		parts = append(parts, r.Bytes())
	}
	return w.write(recordCall, parts...)
}

func (q *Queue) kind() string { return fmt.Sprintf("queue %d", q.opts.Order) }

func (q *Queue) save(w *recordWriter) error {
	q.mu.Lock()
	all := q.everything()
	q.mu.Unlock()
	slices.SortFunc(all, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	for _, it := range all {
		if err := w.write(recordItem, it.deliveryCounts(), it.raw.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) reset() { q.clear() }

// deliveryCounts is how often an item was handed out, as a snapshot has it.
func (it *item) deliveryCounts() []byte {
	out := strconv.AppendInt(nil, int64(it.deliveries), 10)
	if it.unread > 0 {
		out = strconv.AppendInt(append(out, '/'), int64(it.unread), 10)
	}
	return out
}

// setDeliveries reads deliveryCounts.
func (it *item) setDeliveries(counts []byte) (err error) {
	all, unread, some := strings.Cut(string(counts), "/")
	it.deliveries, err = strconv.Atoi(all)
	if err == nil && some {
		it.unread, err = strconv.Atoi(unread)
	}
	if err != nil || it.unread < 0 || it.unread > it.deliveries {
		return ErrSnapshot
	}
	return nil
}

// restoreItem puts an item in, whether there is room or not.
func (q *Queue) restoreItem(c *Call, r pickle.Raw, counts []byte) error {
	it, err := q.newItem(r)
	if err != nil {
		return err
	}
	if err := it.setDeliveries(counts); err != nil {
		return err
	}
	if err := c.keepProxies(it); err != nil {
		return err
	}
	q.putAnyway(it)
	return nil
}

func (*dict) kind() string { return "dict" }

func (d *dict) save(w *recordWriter) error {
	for _, s := range d.slots() {
		if err := w.call("__setitem__", s.key, s.value); err != nil {
			return err
		}
	}
	return nil
}

func (d *dict) reset() {
	d.mu.Lock()
	old := d.table.clear()
	d.mu.Unlock()
	drop(old...)
}

func (*list) kind() string { return "list" }

func (l *list) save(w *recordWriter) error {
	for _, cell := range l.cells() {
		if err := w.call("append", cell); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) reset() {
	l.mu.Lock()
	old := l.items
	l.items = nil
	l.mu.Unlock()
	drop(old...)
}

func (*set) kind() string { return "set" }

func (s *set) save(w *recordWriter) error {
	for _, cell := range s.cells() {
		if err := w.call("add", cell); err != nil {
			return err
		}
	}
	return nil
}

func (s *set) reset() {
	s.mu.Lock()
	old := s.table.clear()
	s.mu.Unlock()
	drop(old...)
}

func (*namespace) kind() string { return "Namespace" }

func (n *namespace) save(w *recordWriter) error {
	for _, s := range n.slots() {
		if err := w.call("__setattr__", s.key, s.value); err != nil {
			return err
		}
	}
	return nil
}

func (n *namespace) reset() {
	n.mu.Lock()
	old := n.attrs.clear()
	n.mu.Unlock()
	drop(old...)
}

func (*valueObject) kind() string { return "Value" }

func (v *valueObject) save(w *recordWriter) error {
	_, cell := v.load()
	return w.call("set", cell)
}

// reset leaves the value: it is overwritten.
func (*valueObject) reset() {}

func (a *array) kind() string { return fmt.Sprintf("Array %d", len(a.cells())) }

func (a *array) save(w *recordWriter) error {
	for i, v := range a.cells() {
		if err := w.call("__setitem__", int64(i), v); err != nil {
			return err
		}
	}
	return nil
}

// reset leaves the elements: all of them are overwritten.
func (*array) reset() {}
