package managers

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// AddQueue registers a queue that is shared under the given name: every client that calls the name gets
// a proxy of the same queue, as with register(name, callable=lambda: queue).
//
// With MaxDeliveries there is a second queue, NAME.dead, for the items that were handed out too often.
func (s *Server) AddQueue(name string, o QueueOptions) (*Queue, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	q := s.newQueue(name, o)
	if o.MaxDeliveries > 0 {
		var err error
		if q.dead, err = s.AddQueue(name+deadSuffix, QueueOptions{}); err != nil {
			return nil, err
		}
	}
	if _, err := s.share(name, q, Type{queue: true}); err != nil {
		return nil, err
	}
	s.addQueue(q)
	return q, nil
}

// newQueue makes a queue that shares the server's budget.
func (s *Server) newQueue(name string, o QueueOptions) *Queue {
	q := NewQueue(o)
	q.name, q.budget = name, s.budget
	return q
}

// AddQueueFamily registers a name that takes an optional argument: name('orders') is one queue shared
// by all who give that argument, and name() is another. With MaxDeliveries there is a second family for
// dead letters, NAME.dead('orders').
func (s *Server) AddQueueFamily(name string, o QueueOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	f := &family{server: s, name: name, opts: o, members: make(map[string]*shared)}
	if o.MaxDeliveries > 0 {
		f.dead = &family{server: s, name: name + deadSuffix, members: make(map[string]*shared)}
		if err := s.addFamily(f.dead); err != nil {
			return err
		}
	}
	return s.addFamily(f)
}

func (s *Server) addFamily(f *family) error {
	if err := s.RegisterType(f.name, Type{New: f.get, queue: true, member: f.lookup}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.families[f.name] = f
	return nil
}

// AddQueueType registers a typeid whose every create makes a queue of its own: SyncManager.Queue, with
// its argument maxsize. Such queues have no name under which dead letters could be found: MaxDeliveries
// is refused.
func (s *Server) AddQueueType(typeid string, o QueueOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.MaxDeliveries > 0 {
		return errors.New("managers: MaxDeliveries needs a queue that is shared by name")
	}
	sig := &Signature{Name: typeid, Params: []string{"maxsize"}}
	return s.RegisterType(typeid, Type{queue: true, New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		own := o
		var err error
		if own.MaxSize, err = c.Int(0, o.MaxSize); err != nil {
			return nil, err
		}
		return s.newQueue("", own), nil
	}})
}

// family is the queues of one name, by argument.
type family struct {
	server *Server
	name   string
	opts   QueueOptions
	dead   *family // the dead letters; nil where there are none

	mu      sync.Mutex
	members map[string]*shared
}

// maxFamily bounds how many names clients can make up.
const maxFamily = 10_000

func (f *family) get(c *Call) (Object, error) {
	name, err := f.argument(c)
	if err != nil {
		return nil, err
	}
	return f.member(name)
}

// deadSuffix is what the name of dead letters ends in.
const deadSuffix = ".dead"

// argument returns which member a client asks for.
func (f *family) argument(c *Call) (string, error) {
	if err := c.Bind(&Signature{Name: f.name, Params: []string{"name"}}); err != nil {
		return "", err
	}
	if !c.Given(0) || c.Value(0).IsNone() {
		return "", nil
	}
	return text(c.Value(0))
}

// lookup returns the name of the queue that a client asks for, and whether there is one yet.
func (f *family) lookup(c *Call) (string, bool, error) {
	name, err := f.argument(c)
	if err != nil {
		return "", false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.queueName(name), f.members[name] != nil, nil
}

// queueName is what a member is called in reports and by keys.
func (f *family) queueName(name string) string {
	if name == "" {
		return f.name
	}
	return fmt.Sprintf("%s(%s)", f.name, strings.ToValidUTF8(name, "?"))
}

func (f *family) member(name string) (*shared, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if obj := f.members[name]; obj != nil {
		return obj, nil
	}
	if len(f.members) >= maxFamily {
		return nil, &LimitError{"queues of one name", maxFamily}
	}
	q := f.server.newQueue(f.queueName(name), f.opts)
	if f.dead != nil {
		dead, err := f.dead.member(name)
		if err != nil {
			return nil, err
		}
		q.dead = dead.Object.(*Queue)
	}
	obj := newShared(f.name+"\x00"+name, q)
	f.members[name] = obj
	f.server.addQueue(q)
	return obj, nil
}
