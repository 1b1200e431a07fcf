package server

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/internal/guard"
)

// entry is an object that clients know by an ident. The numbers are guarded by the table's mutex.
type entry struct {
	table   *objects
	ident   string
	object  Object // never a *shared, but what it shares
	key     any    // what Type.New returned, or what stands for it: see identity
	typeid  string
	name    string // by which Key.Names find it
	access  accessTable
	typ     Type
	exposed []string          // what create lists, in this order
	methods map[string]string // exposed names, by themselves: a look-up by bytes gives a string

	refs    int            // that clients hold
	of      map[string]int // names of the keys that made it or were given a proxy of it, and their refs
	stored  int            // proxies of it that lie in other objects
	pins    int            // proxies of it that are on their way to a client
	keep    bool           // a shared instance: stays without references
	member  membership     // of a family of queues; nil for all else
	made    uint64         // which object it is, in the order in which they were made
	share   *share         // of the key that made it
	others  bool           // others than who made it have or had a proxy of it
	increfs int            // that clients asked for
	changes uint64
	expires time.Time // when it goes, if nobody refers to it until then
	gone    bool
	kept    keeper // what makes it durable; nil where it is not, or is a queue

	calls  atomic.Int64 // that run, and those of which what they took may come back
	lapsed atomic.Bool  // it has met its end and stayed: it is looked at again when something has ended
}

// newEntry describes an object under an ident of its own.
func newEntry(typeid string, o Object, t Type) *entry {
	e := &entry{ident: newIdent(), typeid: typeid, object: o, key: identity(o), typ: t, of: make(map[string]int)}
	if s, ok := o.(*shared); ok {
		e.object, e.keep, e.ident = s.Object, true, s.ident
	}
	e.name = nameOf(typeid, e.object, t)
	listed := e.object.Methods()
	if c := classOf(e.object); c != nil {
		e.access, e.methods = c.access, c.byName // there may be very many of a class
	} else {
		e.access, e.methods = t.Access, make(map[string]string, len(listed))
		for _, name := range listed {
			e.methods[name] = name
		}
	}
	if t.Access != nil {
		e.access = t.Access
	}
	e.exposed = listed
	e.addResults(t.MethodToTypeid)
	if slices.ContainsFunc(e.exposed, ofAttributes) {
		e.exposed = slices.DeleteFunc(slices.Clone(e.exposed), ofAttributes)
	}
	return e
}

// addResults lists methods whose results become objects, if the object itself does not.
func (e *entry) addResults(typeids map[string]string) {
	for name := range typeids {
		if slices.Contains(e.exposed, name) {
			continue
		}
		e.exposed = append(slices.Clone(e.exposed), name)
		e.methods = maps.Clone(e.methods)
		e.methods[name] = name
	}
}

// ofAttributes reports whether a method is not listed, because AutoProxy makes a method of its proxy of whatever
// it is told: with one of these it could not even reach its own attributes, and recurs until Python stops it.
// NamespaceProxy and BarrierProxy do not ask what there is.
func ofAttributes(method string) bool {
	switch method {
	case "__getattribute__", "__getattr__", "__setattr__", "__delattr__":
		return true
	}
	return false
}

// nameOf returns the name of an object: of a member of a family with its argument, of a result that of
// the object whose method it was.
func nameOf(typeid string, o Object, t Type) string {
	if t.within != "" {
		return t.within
	}
	if q, ok := o.(interface{ shareName() string }); ok && q.shareName() != "" {
		return q.shareName()
	}
	return typeid
}

// byName reports whether the object is shared by a name.
func (e *entry) byName() bool { return e.keep || e.member != nil }

// used reports whether anything refers to the object, be it what nobody refers to.
func (e *entry) used() bool { return e.refs > 0 || e.stored > 0 || e.pins > 0 }

// objects is the table of idents. An object that nobody refers to any more stays for a while: between
// a client that lets go of its proxy and another that was sent one and has not unpickled it yet, the
// number of references is 0.
type objects struct {
	mu      sync.RWMutex // never held across a call into an object
	by      map[string]*entry
	known   map[any]*entry // by identity
	made    uint64
	members int               // of families of queues
	shares  map[string]*share // by the name of the key
	limits  Limits
	timer   *time.Timer
	rings   time.Time // when it does; zero where it is not set
	closed  bool
	log     *slog.Logger
}

func newObjects(l Limits, log *slog.Logger) *objects {
	return &objects{
		by:     make(map[string]*entry),
		known:  make(map[any]*entry),
		shares: make(map[string]*share),
		limits: l,
		log:    log,
	}
}

// identity is what tells an object from others.
func identity(o Object) any {
	if q, ok := o.(interface{ identity() any }); ok {
		return q.identity()
	}
	return o
}

// claimer stands for an object until it is known whether there is one: a member of a family.
type claimer interface {
	claim(t *objects, by *rights) (*entry, error)
}

// membership is what a member of a family has beside other objects.
type membership interface {
	// stays reports whether it is needed although no client refers to it, and spare whether it can go where room is
	// needed. The caller holds the table's mu, here and below.
	stays(e *entry) bool
	spare(e *entry) bool
	// left lets go of what it needed.
	left(t *objects, e *entry)
}

// keeper makes an object durable that is no queue.
type keeper interface {
	// changes reports whether a method may change the object, and call calls one that does and keeps what it did.
	changes(access accessTable, method string) bool
	call(c *Call) (any, error)
	// replace keeps the object as it is.
	replace() error
}

// errAlike is returned for an object that cannot be looked for among others.
var errAlike = errors.New("managers: the object cannot be told from others: it has to be a pointer")

// add gives o an ident, or finds the one it has, and counts one reference for a client with these rights.
func (t *objects) add(typeid string, o Object, typ Type, by *rights) (*entry, error) {
	if c, ok := o.(claimer); ok {
		return c.claim(t, by)
	}
	if !reflect.ValueOf(identity(o)).Comparable() {
		t.log.Error("an object cannot be told from others", "typeid", typeid, "type", fmt.Sprintf("%T", o))
		return nil, errAlike
	}
	if e, err := t.again(o, by.key); e != nil || err != nil {
		return e, err
	}
	made := newEntry(typeid, o, typ) // asks o for its methods, so no lock is held
	t.makeRoom(by, made)
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[identity(o)]
	if e == nil {
		if err := t.room(by, made); err != nil {
			return nil, err
		}
		e = t.insert(made, by.key)
	}
	return e, t.refer(e, by.key)
}

// again counts one more reference to an object, or returns nil where it is not known.
func (t *objects) again(o Object, key string) (*entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[identity(o)]
	if e == nil {
		return nil, nil
	}
	return e, t.refer(e, key)
}

// refer counts a reference of a client with the key of that name. The caller holds mu.
func (t *objects) refer(e *entry, key string) error {
	if e.refs >= t.limits.MaxReferences {
		return t.tooManyReferences()
	}
	e.others = e.others || e.refs > 0
	e.refs++
	e.of[key]++
	e.changes++
	return nil
}

func (t *objects) tooManyReferences() error {
	return &LimitError{"references to one object", int64(t.limits.MaxReferences)}
}

// newIdent returns an ident that nobody can guess and that is never used again: random, in the form of
// CPython's, which are the hexadecimal digits of id(obj).
func newIdent() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// insert makes an entry known that a client with the key of that name made. The caller holds mu.
func (t *objects) insert(e *entry, key string) *entry {
	t.made++
	e.table, e.made = t, t.made
	t.charge(e, key)
	t.by[e.ident], t.known[e.key] = e, e
	return e
}

// keepShared makes sure that a shared instance is known by its ident before anybody created it, so that
// proxies of an earlier server find it.
func (t *objects) keepShared(typeid string, s *shared, typ Type) {
	made := newEntry(typeid, s, typ)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known[any(s)] == nil {
		t.insert(made, "")
	}
}

func (t *objects) find(ident []byte) *entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.by[string(ident)]
}

// begin is find for a call, during which the object does not go. The call ends with entry.end.
func (t *objects) begin(ident []byte) *entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	e := t.by[string(ident)]
	if e != nil {
		e.calls.Add(1)
	}
	return e
}

// end is called once for each begin, when what the call took cannot come back any more.
func (e *entry) end() {
	e.calls.Add(-1)
	e.lookAgain()
}

// lookAgain is called when something has ended that may have kept the object.
func (e *entry) lookAgain() {
	if !e.lapsed.Load() {
		return
	}
	e.table.mu.Lock()
	defer e.table.mu.Unlock()
	if e.lapsed.Load() {
		e.table.changed(e)
	}
}

// count returns how many objects anybody refers to.
func (t *objects) count() (n int) {
	t.standing(func(_ *entry, refs int) {
		if refs > 0 {
			n++
		}
	})
	return n
}

// listing is what one object looks like in debug_info and in list_objects.
type listing struct {
	*entry
	refs int
}

// list lists the objects that anybody refers to, and the shared ones, sorted by ident.
func (t *objects) list() (out []listing) {
	t.standing(func(e *entry, refs int) { out = append(out, listing{e, refs}) })
	slices.SortFunc(out, func(a, b listing) int { return cmp.Compare(a.ident, b.ident) })
	return out
}

// close lets go of all objects. Those that hold something of the system's give it back.
func (t *objects) close() {
	t.mu.Lock()
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	var all []*entry
	for _, e := range t.by {
		if !e.byName() { // what is shared is the program's
			all = append(all, e)
		}
	}
	t.mu.Unlock()
	for _, e := range all {
		e.close()
	}
}

func (e *entry) close() { e.table.discard(e.object) }

// discard lets go of an object that no client can reach.
func (t *objects) discard(o Object) {
	if o, ok := o.(io.Closer); ok {
		_ = guard.Apart(t.log, "Close", o.Close) // nobody is there to be told
	}
}
