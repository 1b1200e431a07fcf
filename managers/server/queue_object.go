package server

import (
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// queueObject is a queue as clients call it.
type queueObject struct {
	backend queue.Backend
	engine  *queue.Engine // the backend, where it is one of this process; nil for all others
	name    string        // under which it is shared; empty for one that a client made for itself
	maxSize int           // zero or less: none
	leases  bool
	order   queue.Order
}

func newQueueObject(name string, b queue.Backend) *queueObject {
	st := b.Stats()
	q := &queueObject{backend: b, name: name, maxSize: st.MaxSize, leases: st.Leases, order: st.Order}
	q.engine, _ = b.(*queue.Engine)
	return q
}

// QueueObject returns a queue as an Object, for a Type whose New makes queues. Register takes a queue as it is.
func QueueObject(q *queue.Queue) Object { return newQueueObject("", q.Backend()) }

// queueClass describes the queues of one order, with leases or without.
func queueClass(kind, typeid, help string, methods Methods[*queueObject]) *class {
	return describe(description[*queueObject]{
		kind: kind, methods: methods, saved: saveContents, observe: (*queueObject).observe,
		typeid: typeid, flag: Flag{kind, "NAME[=MAXSIZE]", help},
	})
}

// queueKinds are the kinds of queues, with the methods of those with leases.
func queueKinds() []*class {
	joinable := *leasedClasses[queue.FIFO]
	joinable.typeid, joinable.flag.Name = "JoinableQueue", "joinable"
	joinable.flag.Help = "a queue with task_done and join"
	return []*class{leasedClasses[queue.FIFO], &joinable, leasedClasses[queue.LIFO], leasedClasses[queue.Priority]}
}

func classesOfQueues(methods Methods[*queueObject]) map[queue.Order]*class {
	return map[queue.Order]*class{
		queue.FIFO:     queueClass("queue", "Queue", "a queue", methods),
		queue.LIFO:     queueClass("lifo", "LifoQueue", "a last in, first out queue", methods),
		queue.Priority: queueClass("priority", "PriorityQueue", "a queue that gives the smallest item first", methods),
	}
}

// queueClasses are by order, leasedClasses those of queues whose items are leased.
var (
	queueClasses  = classesOfQueues(queueMethods)
	leasedClasses = classesOfQueues(leasedMethods)
)

func (q *queueObject) class() *class {
	if q.leases {
		return leasedClasses[q.order]
	}
	return queueClasses[q.order]
}

// Methods lists what clients may call.
func (q *queueObject) Methods() []string { return q.class().listed }

// Call answers one call.
func (q *queueObject) Call(c *Call) (any, error) {
	if !q.leases {
		return queueMethods.Call(q, c)
	}
	return leasedMethods.Call(q, c)
}

// String is what str(queue) shows.
func (q *queueObject) String() string {
	if s, ok := q.backend.(fmt.Stringer); ok {
		return s.String()
	}
	st := q.backend.Stats()
	return fmt.Sprintf("<queue %s maxsize=%d qsize=%d>", q.name, st.MaxSize, st.Len)
}

func (q *queueObject) stats() queue.Stats { return q.backend.Stats() }

func (q *queueObject) stop() {
	if q.engine != nil {
		q.engine.StopLeases()
	}
}

// identity is what tells the queue from others: it is the same whoever asks for it.
func (q *queueObject) identity() any { return q.backend }

// shareName is what keys and reports call the queue.
func (q *queueObject) shareName() string { return q.name }

// Close lets go of the queue: no client can reach it.
func (q *queueObject) Close() error { return q.backend.Close() }

// ownerGone takes back what a connection had on lease.
func (q *queueObject) ownerGone(owner uint64) { q.backend.OwnerGone(owner) }

// owes reports whether a connection may have something of the queue on lease.
func (q *queueObject) owes(owner uint64) bool { return q.engine == nil || q.engine.Owes(owner) }

// need tells how much the queue is needed to which nobody refers. What is kept elsewhere goes there by itself.
func (q *queueObject) need() queue.Need {
	if q.engine == nil {
		return queue.Unneeded
	}
	return q.engine.Need()
}

// eachStored calls f for the items that hold proxies.
func (q *queueObject) eachStored(f func(*storedValue)) {
	if q.engine != nil {
		q.engine.EachReference(func(r queue.References) { f(r.(*storedValue)) })
	}
}

// Pin keeps what the proxies in a cell stand for while they are on their way: References.
func (k *storedValue) Pin(n int) { k.proxies[0].table.pin(k.proxies, n) }

// Drop lets go of what the proxies in a cell stand for.
func (k *storedValue) Drop() { drop(k) }

// message makes a message of argument r that stays valid after the call.
func (q *queueObject) message(c *Call, r pickle.Raw, own bool) (m queue.Message, err error) {
	m.Raw = r
	if q.order == queue.Priority { // the items are looked at when they are put
		if m.Key, err = c.sortKey(r); err != nil {
			return m, err
		}
	}
	if own {
		m.Raw = c.cloneRaw(r)
		if msg := c.session.message; len(msg) >= recycled && m.Raw.Within(msg) {
			m.Memory = &message{&c.server.buffers, msg}
		}
	}
	return m, c.holdProxies(&m)
}

// sortKey looks at what a priority queue orders an item by. What that makes is counted, and not kept.
func (c *Call) sortKey(r pickle.Raw) (*queue.SortKey, error) {
	o := c.opener()
	m := o.budget().Mark()
	defer o.budget().Free(m)
	v, err := o.open(r)
	if err != nil {
		return nil, err
	}
	return queue.NewSortKey(v), nil
}

// holdProxies keeps the objects alive of which an item holds proxies.
func (c *Call) holdProxies(m *queue.Message) error {
	if !m.Raw.Names(wire.RebuildProxy) {
		return nil
	}
	cell, err := c.storeOwned(m.Raw)
	if err != nil {
		return err
	}
	if k := cell.(*storedValue); len(k.proxies) > 0 {
		m.References = k
	}
	return nil
}

// put puts one item in. What its proxies stand for is let go of where it was refused.
func (q *queueObject) put(c *Call, m queue.Message, w queue.Wait) error {
	err := q.backend.Put(c, m, w)
	if err != nil && m.References != nil {
		m.References.Drop()
	}
	return err
}

// item returns an item as this client gets it.
func (c *Call) item(m *queue.Message) (any, error) {
	if k, ok := m.References.(*storedValue); ok {
		return c.present(k)
	}
	return m.Raw, nil
}

// recycled is the size of messages from which on their memory is used again. The connection allocates
// shorter ones by itself.
const recycled = 64<<10 + 1

// message is memory that goes back to where it came from when its item is nowhere else.
type message struct {
	home  *buffers
	bytes []byte
}

// Free gives it back.
func (m *message) Free() { m.home.put(m.bytes) }

func (q *queueObject) size() int {
	if q.engine != nil {
		return q.engine.Len()
	}
	return q.backend.Stats().Len
}

func (q *queueObject) observe(o *managers.ObjectInfo) {
	st := q.backend.Stats()
	o.Waiters, o.Leased = st.Getters+st.Putters, st.Leased
	o.Bytes, o.Redelivered, o.Dead = st.Bytes, st.Redelivered, st.Dead
}

// engineOf returns the engine of an object that is a queue of this process, nil for all else.
func engineOf(o Object) *queue.Engine {
	if q, ok := o.(*queueObject); ok {
		return q.engine
	}
	return nil
}

// deadLettersOf returns the engine to which items of an object move that were handed out too often.
func deadLettersOf(o Object) *queue.Engine {
	if e := engineOf(o); e != nil {
		return e.DeadLetters()
	}
	return nil
}
