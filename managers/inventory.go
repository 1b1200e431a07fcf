package managers

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// ObjectInfo is what a server tells about one object: list_objects, which Python's servers do not
// have.
type ObjectInfo struct {
	Ident      string `pickle:"ident"`
	Typeid     string `pickle:"typeid"`
	References int    `pickle:"references"`
	Shared     bool   `pickle:"shared"`
	Text       string `pickle:"text"`    // the beginning of str(object)
	Len        int    `pickle:"len"`     // -1 where it has none
	Waiters    int    `pickle:"waiters"` // calls that wait for it
	Holder     int64  `pickle:"holder"`  // number of the connection that holds a lock; 0 for nobody
	// HeldFor is how long the holder has had the lock, in seconds.
	HeldFor float64 `pickle:"held_for"`
	Lent    int     `pickle:"lent"` // items of a queue that are handed out and not acknowledged
	// Name is what Key.Names are compared with, and Kind what the object is: queue, lifo, priority, dict, Lock, ...
	Name string `pickle:"name"`
	Kind string `pickle:"kind"`
	// Of a queue: the bytes that QueueOptions.MaxBytes counts, and how many items were handed out again and
	// moved to the dead letters.
	Bytes       int64  `pickle:"bytes"`
	Redelivered uint64 `pickle:"redelivered"`
	Dead        uint64 `pickle:"dead"`
}

// observed is an object that has more to tell than its text.
type observed interface {
	observe(o *ObjectInfo)
}

// maxText is how many bytes of an object's text are told: debug_info in CPython has as many.
const maxText = 75

// Objects lists the objects that clients refer to, and the shared ones, sorted by ident.
func (s *Server) Objects() []ObjectInfo { return s.infoOf(s.objects.list(), nil) }

func (s *Server) infoOf(list []listing, stop func() error) (out []ObjectInfo) {
	for _, l := range list {
		o := ObjectInfo{Ident: l.ident, Typeid: l.typeid, References: l.refs, Shared: l.byName(), Len: -1,
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
		return map[Order]string{FIFO: "queue", LIFO: "lifo", Priority: "priority"}[o.backend.Stats().Order]
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

// Objects lists the objects of a manager. Servers of Python, which have no list_objects, tell only
// ident, references and text, and an empty Typeid: what debug_info says.
func (c *Client) Objects(ctx context.Context) ([]ObjectInfo, error) {
	r, err := c.ask(ctx, "list_objects")
	if remote := (*RemoteError)(nil); errors.As(err, &remote) {
		text, err := c.DebugInfo(ctx)
		if err != nil {
			return nil, err
		}
		return parseDebugInfo(text), nil
	}
	if err != nil {
		return nil, err
	}
	var out []ObjectInfo
	err = r.Unmarshal(&out)
	return out, err
}

// parseDebugInfo reads what Server.debug_info in Lib/multiprocessing/managers.py prints: a line
// "  <ident>:       refcount=<n>", and one of str(object) behind it, which may itself have line ends.
func parseDebugInfo(info string) (out []ObjectInfo) {
	for line := range strings.Lines(info) {
		ident, refs, ok := strings.Cut(strings.TrimSpace(line), ":       refcount=")
		n, err := strconv.Atoi(refs)
		switch {
		case ok && err == nil:
			out = append(out, ObjectInfo{Ident: ident, References: n, Len: -1})
		case len(out) > 0:
			out[len(out)-1].Text += strings.TrimSpace(line)
		}
	}
	return out
}

func listOf(t pickle.Tuple) *pickle.List { return &pickle.List{Items: t} }

func (l *lock) observe(o *ObjectInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.Waiters, o.Holder = l.line.Len(), int64(l.owner)
	if l.owner != 0 {
		o.HeldFor = time.Since(l.since).Seconds()
	}
}

func (s *semaphore) observe(o *ObjectInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.Waiters, o.Len = s.line.Len(), s.value
}

func (e *event) observe(o *ObjectInfo) {
	e.mu.Lock()
	defer e.mu.Unlock()
	o.Waiters = e.line.Len()
}

func (c *condition) observe(o *ObjectInfo) {
	c.mu.Lock()
	waiting := c.line.Len()
	c.mu.Unlock()
	c.lock.observe(o)
	o.Waiters += waiting
}

func (b *barrier) observe(o *ObjectInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.Waiters = b.line.Len()
}
