package server

import (
	"maps"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// queueMethods are what clients may call on a queue: the public methods of queue.Queue, and four more
// that an unchanged AutoProxy finds by itself.
var queueMethods = Methods[*queueObject]{
	"put":        Def(RoleProduce, "Queue.put", (*queueObject).callPut, 1, "item", "block", "timeout"),
	"put_nowait": Def(RoleProduce, "Queue.put_nowait", (*queueObject).callPutNowait, 1, "item"),
	"put_many":   Def(RoleProduce, "Queue.put_many", (*queueObject).callPutMany, 1, "items", "block", "timeout"),
	"get":        Def(RoleConsume, "Queue.get", (*queueObject).callGet, 0, "block", "timeout"),
	"get_nowait": Def(RoleConsume, "Queue.get_nowait", (*queueObject).callGetNowait, 0),
	"get_many":   Def(RoleConsume, "Queue.get_many", (*queueObject).callGetMany, 1, "n", "timeout"),
	"peek":       Def(RoleConsume|RoleReadOnly, "Queue.peek", (*queueObject).callPeek, 0, "n"),
	"clear":      Def(RoleAdmin, "Queue.clear", (*queueObject).callClear, 0),
	"task_done":  Def(RoleConsume, "Queue.task_done", (*queueObject).callTaskDone, 0),
	"join":       Def(everyone, "Queue.join", (*queueObject).callJoin, 0),
	"shutdown":   Def(RoleAdmin, "Queue.shutdown", (*queueObject).callShutdown, 0, "immediate"),
	"qsize":      Def(everyone, "Queue.qsize", (*queueObject).callQsize, 0),
	"empty":      Def(everyone, "Queue.empty", (*queueObject).callEmpty, 0),
	"full":       Def(everyone, "Queue.full", (*queueObject).callFull, 0),
}

// joined are the methods of both tables.
func joined[T any](a, b Methods[T]) Methods[T] {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// wait reads the arguments block and timeout, which stand at i and i+1.
func (c *Call) wait(i int) (w queue.Wait) {
	if w.Block, w.Err = c.Truth(i, true); w.Err == nil && w.Block {
		w.Deadline, w.Err = c.Timeout(i + 1)
	}
	return w
}

func (q *queueObject) callPut(c *Call) (any, error) {
	wait := c.wait(1)
	if wait.Err != nil && q.maxSize > 0 { // without maxsize Queue.put looks at no timeout
		return nil, wait.Err
	}
	return nil, q.putOne(c, wait)
}

func (q *queueObject) callPutNowait(c *Call) (any, error) { return nil, q.putOne(c, queue.Wait{}) }

func (q *queueObject) putOne(c *Call, wait queue.Wait) error {
	m, err := q.message(c, c.Value(0), true)
	if err != nil {
		return err
	}
	return q.put(c, m, wait)
}

func (q *queueObject) callGet(c *Call) (any, error) {
	wait := c.wait(0)
	if wait.Err != nil {
		return nil, wait.Err
	}
	return q.getOne(c, wait)
}

func (q *queueObject) callGetNowait(c *Call) (any, error) { return q.getOne(c, queue.Wait{}) }

func (q *queueObject) getOne(c *Call, wait queue.Wait) (any, error) {
	d, err := q.take(c, queue.Taking{Owner: c.Owner(), Wait: wait})
	if err != nil {
		return nil, err
	}
	return c.item(d.Message(0))
}

// take takes items for a reply, which takes them back where it does not reach the client.
func (q *queueObject) take(c *Call, t queue.Taking) (queue.Deliveries, error) {
	d, err := q.backend.Take(c, t)
	if err != nil {
		return nil, err
	}
	if q.leases && t.Owner != 0 {
		c.session.trackHeld(q)
	}
	c.effect = d
	return d, nil
}

// callGetMany waits for one item and takes up to n. With a timeout that passes it returns an empty list.
func (q *queueObject) callGetMany(c *Call) (any, error) {
	n, err := c.Int(0, 1)
	if err != nil {
		return nil, err
	}
	deadline, err := c.Timeout(1)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, managers.ErrValueError.New("n must be at least 1")
	}
	d, err := q.take(c, queue.Taking{Max: n, MaxBytes: c.server.limits.MaxMessage, Owner: c.Owner(),
		Wait: queue.Wait{Block: true, Deadline: deadline}})
	if err == error(managers.ErrEmpty) {
		return &pickle.List{}, nil
	} else if err != nil {
		return nil, err
	}
	list := &pickle.List{Items: make([]any, d.Len())}
	for i := range list.Items {
		if list.Items[i], err = c.item(d.Message(i)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (q *queueObject) callPeek(c *Call) (any, error) {
	n, err := c.Int(0, 1)
	if err != nil {
		return nil, err
	}
	its, err := q.backend.Peek(max(n, 0))
	if err != nil {
		return nil, err
	}
	cells := make([]any, len(its))
	for i, m := range its {
		cells[i] = m.Raw
		if k, ok := m.References.(*storedValue); ok {
			cells[i] = k
		}
	}
	return c.presentAll(cells)
}

func (q *queueObject) callClear(*Call) (any, error) { return int64(q.backend.Clear()), nil }

func (q *queueObject) callJoin(c *Call) (any, error) { return nil, q.backend.Join(c) }

func (q *queueObject) callTaskDone(c *Call) (any, error) { return nil, q.backend.TaskDone(c.Owner()) }

func (q *queueObject) callShutdown(c *Call) (any, error) {
	immediate, err := c.Truth(0, false)
	if err != nil {
		return nil, err
	}
	q.backend.Shutdown(immediate)
	return nil, nil
}

func (q *queueObject) callQsize(*Call) (any, error) { return int64(q.size()), nil }

func (q *queueObject) callEmpty(*Call) (any, error) { return q.size() == 0, nil }

func (q *queueObject) callFull(*Call) (any, error) {
	if q.engine != nil {
		return q.engine.Full(), nil
	}
	return q.maxSize > 0 && q.size() >= q.maxSize, nil
}
