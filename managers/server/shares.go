package server

import (
	"time"
)

// share is what clients with one key have made: no key can use up what is there for all. What nobody
// remembers the maker of is in the share of no name.
type share struct {
	key      string
	objects  int
	members  int        // of them, members of families of queues
	expiring expiryList // what nobody refers to, until its time is over
	spent    expiryList // what could be let go of where room is needed, by when its time was over
}

// expiry is the end that an entry will meet, unless its fades has changed by then.
type expiry struct {
	e  *entry
	at time.Time
}

// expiryList is a list of fades in the order in which they end.
type expiryList []expiry

func (l *expiryList) add(e *entry) { *l = append(*l, expiry{e, e.expires}) }

// next returns when the first may end; zero where there is none.
func (l expiryList) next() time.Time {
	if len(l) == 0 {
		return time.Time{}
	}
	return l[0].at
}

// take takes the first out whose time is over, nil where there is none.
func (l *expiryList) take(clock time.Time) *entry {
	for len(*l) > 0 && !(*l)[0].at.After(clock) {
		f := (*l)[0]
		(*l)[0] = expiry{}
		if *l = (*l)[1:]; len(*l) == 0 {
			*l = nil
		}
		if f.e.expires.Equal(f.at) && !f.e.gone {
			return f.e
		}
	}
	return nil
}

// never is later than any time at which something fades.
var never = time.Unix(1<<40, 0)

// charge counts an entry towards the share of a key. The caller holds mu.
func (t *objects) charge(e *entry, key string) {
	s := t.shares[key]
	if s == nil {
		s = &share{key: key}
		t.shares[key] = s
	}
	e.share = s
	s.objects++
	if e.member != nil {
		s.members++
		t.members++
	}
}

// discharge counts it off. The caller holds mu.
func (t *objects) discharge(e *entry) {
	s := e.share
	s.objects--
	if e.member != nil {
		s.members--
		t.members--
	}
	if s.objects == 0 {
		delete(t.shares, s.key)
	}
}

// shortage is a limit, how much of it is used, and by whom.
type shortage struct {
	what       string
	have, most int
	shares     []*share // those of which something could go
}

// lacking returns the limit that is in the way of what a client wants to make, nil where there is none. An
// admin has no share, except for what all have. The caller holds mu.
func (t *objects) lacking(by *rights, made []*entry) *shortage {
	members := 0
	for _, e := range made {
		if e.member != nil {
			members++
		}
	}
	own, all := t.shares[by.key], t.allShares
	switch {
	case len(t.by)+len(made) > t.limits.MaxObjects:
		return &shortage{"objects", len(t.by), t.limits.MaxObjects, all()}
	case members > 0 && t.members+members > t.limits.MaxQueues:
		return &shortage{"queues that are made by name", t.members, t.limits.MaxQueues, all()}
	case by.admin():
		return nil
	}
	if own == nil {
		own = &share{}
	}
	switch {
	case own.objects+len(made) > t.limits.MaxObjectsPerKey:
		return &shortage{"objects of one key", own.objects, t.limits.MaxObjectsPerKey, []*share{own}}
	case members > 0 && own.members+members > t.limits.MaxQueuesPerKey:
		return &shortage{"queues that one key makes by name", own.members, t.limits.MaxQueuesPerKey,
			[]*share{own}}
	}
	return nil
}

func (t *objects) allShares() []*share {
	out := make([]*share, 0, len(t.shares))
	for _, s := range t.shares {
		out = append(out, s)
	}
	return out
}

// room returns the error where there is no room for what a client wants to make. The caller holds mu.
func (t *objects) room(by *rights, made ...*entry) error {
	if t.closed { // nobody would close it
		return ErrServerClosed
	}
	if b := t.lacking(by, made); b != nil {
		return &LimitError{b.what, int64(b.most)}
	}
	return nil
}

// makeRoom removes what nobody needs where a limit is in the way: queues that are left from earlier, else
// what nobody refers to, before its time is over.
func (t *objects) makeRoom(by *rights, made ...*entry) {
	for swept := false; ; {
		t.mu.Lock()
		b := t.lacking(by, made)
		if b == nil || t.closed {
			t.mu.Unlock()
			return
		}
		e := t.evict(b.shares)
		t.mu.Unlock()
		switch {
		case e != nil:
			e.forget()
		case swept:
			return
		default:
			t.sweep(never, b.shares...)
			swept = true
		}
	}
}

// evict removes one of the queues that are left from earlier, of the key that has most of them. The caller
// holds mu.
func (t *objects) evict(shares []*share) *entry {
	var most *share
	for _, s := range shares {
		if most == nil || len(s.spent) > len(most.spent) {
			most = s
		}
	}
	if most == nil {
		return nil
	}
	for e := most.spent.take(never); e != nil; e = most.spent.take(never) {
		if !e.used() && e.calls.Load() == 0 && e.member.spare(e) {
			t.remove(e)
			return e
		}
	}
	return nil
}
