package managers

import (
	"fmt"
	"strings"
	"sync"
)

// AddQueue registers a queue that is shared under the given name: every client that calls the name gets
// a proxy of the same queue, as with register(name, callable=lambda: queue).
func (s *Server) AddQueue(name string, o QueueOptions) (*Queue, error) {
	q := NewQueue(o)
	q.name = name
	if _, err := s.share(name, q, Type{}); err != nil {
		return nil, err
	}
	s.addQueue(q)
	return q, nil
}

// AddQueueFamily registers a name that takes an optional argument: name('orders') is one queue shared
// by all who give that argument, and name() is another.
func (s *Server) AddQueueFamily(name string, o QueueOptions) error {
	f := &family{server: s, name: name, opts: o, members: make(map[string]*shared)}
	return s.RegisterType(name, Type{New: f.get})
}

// AddQueueType registers a typeid whose every create makes a queue of its own: SyncManager.Queue, with
// its argument maxsize.
func (s *Server) AddQueueType(typeid string, o QueueOptions) error {
	sig := &Signature{Name: typeid, Params: []string{"maxsize"}}
	return s.RegisterType(typeid, Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		own := o
		var err error
		if own.MaxSize, err = c.Int(0, o.MaxSize); err != nil {
			return nil, err
		}
		return NewQueue(own), nil
	}})
}

// family is the queues of one name, by argument.
type family struct {
	server *Server
	name   string
	opts   QueueOptions

	mu      sync.Mutex
	members map[string]*shared
}

// maxFamily bounds how many names clients can make up.
const maxFamily = 10_000

func (f *family) get(c *Call) (Object, error) {
	if err := c.Bind(&Signature{Name: f.name, Params: []string{"name"}}); err != nil {
		return nil, err
	}
	name := ""
	if c.Given(0) && !c.Value(0).IsNone() {
		var err error
		if name, err = text(c.Value(0)); err != nil {
			return nil, err
		}
	}
	return f.member(name)
}

func (f *family) member(name string) (Object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if obj := f.members[name]; obj != nil {
		return obj, nil
	}
	if len(f.members) >= maxFamily {
		return nil, &LimitError{"queues of one name", maxFamily}
	}
	q := NewQueue(f.opts)
	q.name = f.name
	if name != "" {
		q.name = fmt.Sprintf("%s(%s)", f.name, strings.ToValidUTF8(name, "?"))
	}
	obj := newShared(f.name+"\x00"+name, q)
	f.members[name] = obj
	f.server.addQueue(q)
	return obj, nil
}
