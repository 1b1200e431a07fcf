package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// SnapshotOptions are the settings of Server.Snapshot; nil means all defaults.
type SnapshotOptions struct {
	// Generation is a number to tell snapshots apart by, which SnapshotInfo has again.
	Generation uint64
	// Wait is for how long objects that a call holds are waited for, all of them together; what the writing of
	// others takes does not count. Those that are held for longer are left out: SnapshotInfo.Skipped. 0 means
	// DefaultSnapshotWait.
	Wait time.Duration
	// Durable writes also what has a journal, and survives the server by that.
	Durable bool
}

// DefaultSnapshotWait is how long a snapshot waits for objects that calls hold.
const DefaultSnapshotWait = 5 * time.Second

// Snapshot writes what the objects hold that are shared by name: queues, dicts, lists, sets, namespaces,
// values and arrays. Leased items are written as if they had come back. While the server serves,
// each object is written as it is at one moment, but not all at the same. An item that a client has taken is
// written, too, until that client asks for something else or its connection ends: only then is it known not to
// come back. After Shutdown nothing changes any more.
//
// An object that a call holds for too long is skipped, as the result says; the snapshot is one all the same.
func (s *Server) Snapshot(out io.Writer, o *SnapshotOptions) (managers.SnapshotInfo, error) {
	s.capturing.Lock()
	defer s.capturing.Unlock()
	head := managers.SnapshotInfo{Format: 2, Time: time.Now(), Final: s.ended()}
	wait, durable := DefaultSnapshotWait, false
	if o != nil {
		durable = o.Durable
		head.Generation = o.Generation
		wait = cmp.Or(o.Wait, wait)
	}
	w, err := newRecordWriter(out, head)
	if err != nil {
		return managers.SnapshotInfo{}, err
	}
	if err := s.captureAll(w, wait, durable); err != nil {
		return w.info, err
	}
	err = w.end()
	return w.info, err
}

// ended reports whether no client is there any more, nor will be.
func (s *Server) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing && len(s.sessions) == 0
}

// ErrNotOffered says that a snapshot has something for which there is no place.
var ErrNotOffered = errors.New("managers: the snapshot has an object that is not offered")

// RestoreOptions are the settings of Server.Restore; nil means all defaults.
type RestoreOptions struct {
	// Only are the names of the objects to restore, as SnapshotInfo.Skipped has them. Nil means all.
	Only []string
}

// Restore fills the objects that are shared by name with what a Snapshot wrote, in place of what they
// hold. The names must be registered before, with the same types; a name that is missing is an error, for
// what it held would be lost. So is what the server has to open and its Limits forbid, such as a key of a
// dict: a *pickle.LimitError. A damaged snapshot is a *SnapshotError, which may come after objects were
// filled: CheckSnapshot tells before. It must be called before Serve.
//
// What Options.Journals keep is filled as long as no server has served with these: then what the journals have is newer, and
// stays.
func (s *Server) Restore(in io.Reader, o *RestoreOptions) (managers.SnapshotInfo, error) {
	r, err := newRecordReader(in, s.limits.MaxMessage)
	if err != nil {
		return managers.SnapshotInfo{}, err
	}
	wanted := func(string) bool { return true }
	if o != nil && o.Only != nil {
		wanted = func(name string) bool { return slices.Contains(o.Only, name) }
	}
	to := restoring{server: s, wanted: wanted}
	for {
		kind, parts, err := r.next()
		if errors.Is(err, io.EOF) {
			return r.info, s.keepRestored()
		}
		if err == nil && !to.take(kind, parts, &err) {
			err = r.damaged("a record that does not belong there")
		}
		if err != nil {
			return r.info, err
		}
	}
}

// restoring is one Restore.
type restoring struct {
	server *Server
	wanted func(name string) bool
	entry  *entry     // of the object that is restored
	to     persistent // the object; nil before the first
	skip   bool       // what follows is of an object that is not wanted
}

// take does what a record says. It returns false for a record that cannot stand there.
func (r *restoring) take(kind byte, parts [][]byte, err *error) bool {
	switch {
	case kind == recordObject && len(parts) == 3:
		r.skip = !r.wanted(memberName(string(parts[1]), string(parts[2])))
		if r.skip {
			return true
		}
		r.entry, *err = r.server.persistentFor(string(parts[0]), string(parts[1]), string(parts[2]))
		if *err == nil && r.server.newer(r.entry) {
			r.skip = true
			return true
		}
		if *err == nil {
			r.to = r.entry.object.(persistent)
			r.to.reset()
		}
	case kind == recordSkipped && len(parts) == 2:
	case (kind == recordCall || kind == recordItem || kind == recordUse) && r.skip:
	case kind == recordUse && len(parts) == 2:
		return r.server.objects.restoreUse(r.entry, string(parts[0]), string(parts[1]))
	case r.to == nil || len(parts) == 0:
		return false
	default:
		*err = r.server.restore(r.to, kind, parts)
	}
	return true
}

// newer reports whether an object has a journal with which a server has served.
func (s *Server) newer(e *entry) bool {
	return e.isDurable() && s.opts.Journals != nil && s.opts.Journals.Used()
}

// isDurable reports whether an object survives the server without a snapshot.
func (e *entry) isDurable() bool {
	q := engineOf(e.object)
	return e.kept != nil || q != nil && q.Options().Journal != nil
}

// keepRestored writes down what a snapshot has made of what is durable, and waits for it.
func (s *Server) keepRestored() error {
	if s.opts.Journals == nil {
		return nil
	}
	for _, l := range s.objects.list() {
		if l.kept != nil && !s.opts.Journals.Used() {
			if err := l.kept.replace(); err != nil {
				return err
			}
		}
	}
	return s.opts.Journals.Sync()
}

// persistentFor finds the shared object of a name, a persistent one.
func (s *Server) persistentFor(kind, typeid, member string) (*entry, error) {
	e := s.objects.find([]byte(newShared(typeid, nil).ident))
	if f := s.families[typeid]; f != nil {
		var err error
		if e, err = f.restore(member); err != nil {
			return nil, err
		}
	}
	if e != nil {
		if p, ok := e.object.(persistent); ok && p.kind() == kind {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%w: a %s called %q", ErrNotOffered, kind, typeid)
}

func (s *Server) restore(to persistent, kind byte, parts [][]byte) error {
	raws := make([]pickle.Raw, len(parts)-1)
	for i, p := range parts[1:] {
		if err := s.decode.Unmarshal(p, &raws[i]); err != nil {
			return fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
	}
	c := &Call{server: s, Method: string(parts[0]), args: raws}
	if q, ok := to.(*queueObject); ok && kind == recordItem && len(raws) == 1 {
		return q.restoreItem(c, raws[0], parts[0])
	}
	if kind != recordCall || !slices.Contains(to.Methods(), c.Method) {
		return ErrSnapshot
	}
	_, err := to.Call(c)
	return err
}
