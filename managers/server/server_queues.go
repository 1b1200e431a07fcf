package server

import (
	"errors"
	"math"

	"mpbridge/managers"
	"mpbridge/managers/queue"
)

// RegisterQueue registers a queue that is shared under the given name: every client that calls the name gets
// a proxy of the same queue, as with register(name, callable=lambda: queue).
//
// With MaxDeliveries there is a second queue, NAME.dead, for the items that were handed out too often.
func (s *Server) RegisterQueue(name string, opts *queue.Options) (*queue.Queue, error) {
	o, err := opts.Checked()
	if err != nil {
		return nil, err
	}
	if o.Journal == nil {
		o.Journal = s.journal(name)
	}
	q := s.newEngine(name, o)
	if o.MaxDeliveries > 0 {
		dead, err := s.RegisterQueue(name+deadSuffix, nil)
		if err != nil {
			return nil, err
		}
		q.BuryIn(dead.Backend().(*queue.Engine))
	}
	if err := q.Replay(); err != nil {
		return nil, err
	}
	return s.RegisterBackend(name, q)
}

// journal returns the journal of a queue, nil where there is none.
func (s *Server) journal(name string) queue.Journal {
	if s.opts.Journals == nil {
		return nil
	}
	return s.opts.Journals.Journal(name)
}

// RegisterBackend is RegisterQueue for a queue whose items b keeps. It is closed with the server.
func (s *Server) RegisterBackend(name string, b queue.Backend) (*queue.Queue, error) {
	q := newQueueObject(name, b)
	if _, err := s.share(name, q, Type{queue: true}); err != nil {
		return nil, err
	}
	s.addQueue(q)
	return queue.Over(b), nil
}

// newEngine makes an engine that shares the server's room and limits.
func (s *Server) newEngine(name string, o queue.Options) *queue.Engine {
	return queue.NewEngine(name, o, queue.Host{
		Room: s.room, Compare: &s.allowance.limits, Pool: s.allowance.pool, Decode: s.decode,
	})
}

var errSharedJournal = errors.New("managers: several queues cannot share one Journal")

// RegisterQueueFamily registers a name that takes an optional argument: name('orders') is one queue shared
// by all who give that argument, and name() is another. With MaxDeliveries there is a second family for
// dead letters, NAME.dead('orders').
//
// Clients make such queues, up to Limits.MaxQueues, by asking for them. One goes Limits.ObjectGrace after the
// last reference to it, if it is empty and nobody is at work with what was in it; who asks for it then gets a
// new one.
func (s *Server) RegisterQueueFamily(name string, opts *queue.Options) error {
	o, err := opts.Checked()
	if err != nil {
		return err
	}
	if o.Journal != nil {
		return errSharedJournal
	}
	f := &family{server: s, name: name, opts: o}
	if o.MaxDeliveries > 0 {
		f.dead = &family{server: s, name: name + deadSuffix}
		if err := s.addFamily(f.dead); err != nil {
			return err
		}
	}
	if err := s.addFamily(f); err != nil || s.opts.Journals == nil {
		return err
	}
	if f.dead != nil {
		if err := f.dead.replay(); err != nil {
			return err
		}
	}
	return f.replay()
}

// RegisterQueueType registers a typeid whose every create makes a queue of its own: SyncManager.Queue, with
// its argument maxsize. Such queues have no name under which dead letters could be found: MaxDeliveries
// is refused.
func (s *Server) RegisterQueueType(typeid string, opts *queue.Options) error {
	o, err := opts.Checked()
	if err != nil {
		return err
	}
	switch {
	case o.MaxDeliveries > 0:
		return errors.New("managers: MaxDeliveries needs a queue that is shared by name")
	case o.Journal != nil:
		return errSharedJournal
	}
	sig := &Signature{Name: typeid, Params: []string{"maxsize"}}
	return s.RegisterType(typeid, Type{queue: true, New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		own := o
		var err error
		if own.MaxSize, err = c.maxSize(0, o.MaxSize); err != nil {
			return nil, err
		}
		return newQueueObject("", s.newEngine("", own)), nil
	}})
}

// maxSize returns the argument maxsize for parameter i, or def where it was not given. queue.Queue only compares it
// with the number of items, so it may be any real number: the next whole one is as good, and what is not above 0, or
// above all numbers of items, is no bound.
func (c *Call) maxSize(i, def int) (int, error) {
	if !c.Given(i) {
		return def, nil
	}
	t, err := c.timeoutAt(i)
	switch {
	case err != nil:
		return 0, err
	case !t.given && !c.Dialect().NativeBytes: // to Python 2 None is below 0
		return 0, managers.ErrTypeError.New("maxsize must be a number, not NoneType")
	case t.given && !t.number:
		return 0, managers.ErrTypeError.New("maxsize must be a number, not " + t.class)
	case !t.given || !(t.sec > 0): // NaN, too
		return 0, nil
	}
	return int(math.Ceil(min(t.sec, math.MaxInt32))), nil // a bound, though nobody reaches it: put looks at its timeout
}
