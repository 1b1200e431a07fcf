package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// A family is the queues of one name, by argument: get_queue('orders') is one queue for all who say
// 'orders'. Its members are entries of the table of objects and nowhere else, so that a member is found, made
// and removed under one lock. A member goes when nobody refers to it, no call is under way on it, and nothing
// is in it or leased from it: see Engine.Need.
type family struct {
	server *Server
	name   string
	opts   queue.Options
	dead   *family // the dead letters; nil where there are none
}

// member is what a queue of a family has beside other objects.
type member struct {
	family  *family
	journal string // the name of its journal
	dead    *entry // where its dead letters go; nil where there is no such place
	leads   int    // how many queues have their dead letters here
}

// claim stands for a member of a family, until it is known whether there is one.
type claim struct {
	Object // none
	family *family
	name   string
}

// MaxQueueName is how many bytes the name of a queue may have that a client makes by name.
const MaxQueueName = 1000

// deadSuffix is what the name of dead letters ends in.
const deadSuffix = ".dead"

func (s *Server) addFamily(f *family) error {
	t := Type{New: f.get, Concurrent: true, queue: true, member: f.lookup}
	if err := s.RegisterType(f.name, t); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.families[f.name] = f
	return nil
}

func (f *family) get(c *Call) (Object, error) {
	name, err := f.argument(c)
	if err != nil {
		return nil, err
	}
	return &claim{family: f, name: name}, nil
}

// argument returns which member a client asks for.
func (f *family) argument(c *Call) (string, error) {
	if err := c.Bind(&Signature{Name: f.name, Params: []string{"name"}}); err != nil {
		return "", err
	}
	if !c.Given(0) || c.Value(0).IsNone() {
		return "", nil
	}
	const overhead = 32 // of opcodes
	tooLong := managers.ErrValueError.New(fmt.Sprintf("the name of a queue is longer than %d bytes", MaxQueueName))
	if c.Value(0).Size() > 4*MaxQueueName+overhead { // where each byte is written as \\xff, say
		return "", tooLong
	}
	v, err := c.argument(c.Value(0))
	if err != nil {
		return "", err
	}
	name, ok := pickle.Text(v)
	if !ok || strings.HasPrefix(name, noText) {
		name, err = c.memberName(v)
	}
	if err == nil && !strings.HasPrefix(name, noText) && len(name) > MaxQueueName {
		return "", tooLong
	}
	return name, err
}

// lookup returns the name of the queue that a client asks for, and whether there is one yet.
func (f *family) lookup(c *Call) (string, bool, error) {
	name, err := f.argument(c)
	if err != nil {
		return "", false, err
	}
	if e := f.server.objects.find([]byte(f.shared(name, nil).ident)); e != nil {
		return e.name, true, nil // 1.0 is 1, whoever says it
	}
	return f.queueName(name), false, nil
}

// queueName is what a member is called in reports and by keys.
func (f *family) queueName(name string) string {
	if name == "" {
		return f.name
	}
	return fmt.Sprintf("%s(%s)", f.name, strings.ToValidUTF8(shownMember(name), "?"))
}

// shared is what a member is known by.
func (f *family) shared(name string, o Object) *shared {
	s := newShared(f.name+"\x00"+memberKey(name), o)
	s.name = f.name + "\x00" + name
	return s
}

// make makes a member, and the place for its dead letters before it.
func (c *claim) make() (out []*entry) {
	f := c.family
	if f.dead != nil {
		out = (&claim{family: f.dead, name: c.name}).make()
	}
	name := f.queueName(c.name)
	q := f.server.newEngine(name, f.opts)
	e := newEntry(f.name, f.shared(c.name, newQueueObject(name, q)), f.server.registry.types[f.name])
	e.keep, e.member = false, &member{family: f, journal: f.shared(c.name, nil).name}
	q.OnIdle(e.lookAgain)
	return append(out, e)
}

// claim finds the member or makes it, and counts one reference for a client with these rights.
func (c *claim) claim(t *objects, by *rights) (*entry, error) {
	ident := c.family.shared(c.name, nil).ident
	if e, err := t.againBy(ident, by.key); e != nil || err != nil {
		return e, err
	}
	made := c.make()
	t.makeRoom(by, t.unknown(made)...)
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e == nil {
		if err := t.room(by, t.among(made)...); err != nil {
			return nil, err
		}
		var err error
		if e, err = t.insertMember(made, by.key); err != nil {
			return nil, err
		}
	}
	return e, t.refer(e, by.key)
}

// againBy is again for an ident.
func (t *objects) againBy(ident, key string) (*entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[ident]
	if e == nil {
		return nil, nil
	}
	return e, t.refer(e, key)
}

// unknown returns those of the entries that there are not yet.
func (t *objects) unknown(made []*entry) []*entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.among(made)
}

// among is unknown for whoever holds mu.
func (t *objects) among(made []*entry) (out []*entry) {
	for _, e := range made {
		if t.by[e.ident] == nil {
			out = append(out, e)
		}
	}
	return out
}

// insertMember makes a member known, and the place for its dead letters, if there is none yet. The caller
// holds mu.
func (t *objects) insertMember(made []*entry, key string) (*entry, error) {
	e := made[len(made)-1]
	if len(made) > 1 {
		dead := t.by[made[0].ident]
		if dead == nil {
			dead = made[0]
			if err := memberOf(dead).keepItems(dead); err != nil {
				return nil, err
			}
			t.insert(dead, key)
		}
		memberOf(dead).leads++
		memberOf(e).dead = dead
		engineOf(e.object).BuryIn(engineOf(dead.object))
	}
	if err := memberOf(e).keepItems(e); err != nil {
		return nil, err
	}
	return t.insert(e, key), nil
}

// keepItems makes a member durable that nobody has used yet, where there are journals. The caller holds the table's mu: it
// is not made before one of the same name has gone.
func (m *member) keepItems(e *entry) error {
	j := m.family.server.journal(m.journal)
	if j == nil {
		return nil
	}
	return engineOf(e.object).Keep(j)
}

// replay makes the members that there are journals of.
func (f *family) replay() error {
	for _, name := range f.server.opts.Journals.Names() {
		if member, ok := strings.CutPrefix(name, f.name+"\x00"); ok {
			if _, err := f.restore(member); err != nil {
				return err
			}
		}
	}
	return nil
}

// memberOf is what a member of a family has.
func memberOf(e *entry) *member { return e.member.(*member) }

// restore finds or makes a member that a snapshot has, whatever the limits: what was accepted is not
// lost. One that is empty goes after the grace.
func (f *family) restore(name string) (*entry, error) {
	t := f.server.objects
	c := &claim{family: f, name: name}
	made := c.make()
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.by[made[len(made)-1].ident]
	if e == nil {
		var err error
		if e, err = t.insertMember(made, ""); err != nil {
			return nil, err
		}
	}
	t.changed(e)
	return e, nil
}

// stays reports whether a member is needed to which no client refers. The caller holds the table's mu.
func (m *member) stays(e *entry) bool {
	if m.leads > 0 || e.stored > 0 {
		return true
	}
	switch e.object.(*queueObject).need() {
	case queue.Unneeded:
		return false
	case queue.LeftOver:
		e.share.spent.add(e)
	}
	return true
}

// spare reports whether it can go where room is needed. The caller holds the table's mu.
func (m *member) spare(e *entry) bool {
	return m.leads == 0 && e.object.(*queueObject).need() != queue.Needed
}

// left lets go of the place for dead letters, and of the journal. The caller holds the table's mu.
func (m *member) left(t *objects, e *entry) {
	engineOf(e.object).Drop()
	if m.dead != nil {
		memberOf(m.dead).leads--
		t.changed(m.dead)
	}
}

// memberQueues returns the queues of families in the order in which they were made.
func (t *objects) memberQueues() (out []offered) {
	t.mu.RLock()
	var all []*entry
	for _, e := range t.by {
		if e.member != nil {
			all = append(all, e)
		}
	}
	t.mu.RUnlock()
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Compare(a.made, b.made) })
	for _, e := range all {
		out = append(out, e.object.(offered))
	}
	return out
}
