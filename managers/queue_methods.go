package managers

import (
	"maps"
	"slices"
	"time"

	"mpbridge/pickle"
)

// queueMethods are what clients may call on a queue: the public methods of queue.Queue, and four more
// that an unchanged AutoProxy finds by itself.
var queueMethods = map[string]func(q *Queue, c *Call) (any, error){
	"clear":      (*Queue).callClear,
	"empty":      (*Queue).callEmpty,
	"full":       (*Queue).callFull,
	"get":        (*Queue).callGet,
	"get_many":   (*Queue).callGetMany,
	"get_nowait": (*Queue).callGetNowait,
	"join":       (*Queue).callJoin,
	"peek":       (*Queue).callPeek,
	"put":        (*Queue).callPut,
	"put_many":   (*Queue).callPutMany,
	"put_nowait": (*Queue).callPutNowait,
	"qsize":      (*Queue).callQsize,
	"shutdown":   (*Queue).callShutdown,
	"task_done":  (*Queue).callTaskDone,
}

var queueMethodNames = slices.Sorted(maps.Keys(queueMethods))

// methodTables are queueMethodNames and lendingMethodNames as an entry has them.
var methodTables = [...]map[string]string{tableOf(queueMethodNames), tableOf(lendingMethodNames)}

func tableOf(names []string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = name
	}
	return out
}

func (q *Queue) methodTable() map[string]string {
	if q.lent != nil {
		return methodTables[1]
	}
	return methodTables[0]
}

// Methods lists what clients may call.
func (q *Queue) Methods() []string {
	if q.lent != nil {
		return lendingMethodNames
	}
	return queueMethodNames
}

// Call answers one call.
func (q *Queue) Call(c *Call) (any, error) {
	if f, ok := queueMethods[c.Method]; ok {
		return f(q, c)
	}
	return leaseMethods.answer(q, c)
}

// The parameters as Lib/queue.py declares them.
var (
	sigGet       = queueSignature("get", 0, "block", "timeout")
	sigPut       = queueSignature("put", 1, "item", "block", "timeout")
	sigPutNowait = queueSignature("put_nowait", 1, "item")
	sigGetNowait = queueSignature("get_nowait", 0)
	sigShutdown  = queueSignature("shutdown", 0, "immediate")
	sigPutMany   = queueSignature("put_many", 1, "items", "block", "timeout")
	sigGetMany   = queueSignature("get_many", 1, "n", "timeout")
	sigPeek      = queueSignature("peek", 0, "n")
	sigJoin      = queueSignature("join", 0)
	sigTaskDone  = queueSignature("task_done", 0)
	sigQsize     = queueSignature("qsize", 0)
	sigEmpty     = queueSignature("empty", 0)
	sigFull      = queueSignature("full", 0)
	sigClear     = queueSignature("clear", 0)
)

func queueSignature(name string, required int, params ...string) *Signature {
	return &Signature{Name: "Queue." + name, Params: params, Required: required}
}

// blocking reads the arguments block and timeout, which stand at i and i+1.
func (c *Call) blocking(i int) (block bool, until time.Time, err error) {
	if block, err = c.Truth(i, true); err == nil && block {
		until, err = c.Timeout(i + 1)
	}
	return block, until, err
}

func (q *Queue) callPut(c *Call) (any, error) {
	if err := c.Bind(sigPut); err != nil {
		return nil, err
	}
	wait := c.patience(1)
	if wait.err != nil && q.opts.MaxSize > 0 { // without maxsize Queue.put looks at no timeout
		return nil, wait.err
	}
	return nil, q.putOne(c, wait)
}

// patience reads the arguments block and timeout of a put, which stand at i and i+1.
func (c *Call) patience(i int) (wait patience) {
	wait.block, wait.until, wait.err = c.blocking(i)
	return wait
}

func (q *Queue) callPutNowait(c *Call) (any, error) {
	if err := c.Bind(sigPutNowait); err != nil {
		return nil, err
	}
	return nil, q.putOne(c, patience{})
}

func (q *Queue) putOne(c *Call, wait patience) error {
	it, err := q.newItem(c.opener(), c.Value(0))
	if err != nil {
		return err
	}
	if err := c.own(it, it.raw); err != nil {
		return err
	}
	if err := q.put(c, it, wait); err != nil {
		it.drop()
		return err
	}
	return nil
}

func (q *Queue) callGet(c *Call) (any, error) {
	if err := c.Bind(sigGet); err != nil {
		return nil, err
	}
	block, until, err := c.blocking(0)
	if err != nil {
		return nil, err
	}
	return q.getOne(c, block, until)
}

func (q *Queue) callGetNowait(c *Call) (any, error) {
	if err := c.Bind(sigGetNowait); err != nil {
		return nil, err
	}
	return q.getOne(c, false, time.Time{})
}

func (q *Queue) getOne(c *Call, block bool, until time.Time) (any, error) {
	it, _, err := q.get(c, 1, block, until)
	if err != nil {
		return nil, err
	}
	it.pin(1)
	if q.lent != nil {
		c.undo = q.lendTo(c, it)[0]
	} else {
		c.undo = it
	}
	return c.item(it)
}

// callGetMany waits for one item and takes up to n. With a timeout that passes it returns an empty list.
func (q *Queue) callGetMany(c *Call) (any, error) {
	if err := c.Bind(sigGetMany); err != nil {
		return nil, err
	}
	n, err := c.Int(0, 1)
	if err != nil {
		return nil, err
	}
	until, err := c.Timeout(1)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, Raise(ErrValueError, "n must be at least 1")
	}
	first, rest, err := q.get(c, n, true, until)
	if err == error(ErrEmpty) {
		return &pickle.List{}, nil
	} else if err != nil {
		return nil, err
	}
	all, rest := append(items{first}, rest...).fitting(c.server.limits.MaxMessage)
	q.putBack(rest)
	for _, it := range all {
		it.pin(1)
	}
	if q.lent != nil {
		c.undo = q.lendTo(c, all...)
	} else {
		c.undo = all
	}
	list := &pickle.List{Items: make([]any, len(all))}
	for i, it := range all {
		if list.Items[i], err = c.item(it); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (q *Queue) callPeek(c *Call) (any, error) {
	if err := c.Bind(sigPeek); err != nil {
		return nil, err
	}
	n, err := c.Int(0, 1)
	if err != nil {
		return nil, err
	}
	cells, err := q.peek(max(n, 0))
	if err != nil {
		return nil, err
	}
	return c.showAll(cells)
}

func (q *Queue) callClear(c *Call) (any, error) {
	if err := c.Bind(sigClear); err != nil {
		return nil, err
	}
	return int64(q.clear()), nil
}

func (q *Queue) callJoin(c *Call) (any, error) {
	if err := c.Bind(sigJoin); err != nil {
		return nil, err
	}
	return nil, q.join(c)
}

func (q *Queue) callTaskDone(c *Call) (any, error) {
	if err := c.Bind(sigTaskDone); err != nil {
		return nil, err
	}
	if q.lent != nil {
		return nil, q.doneBy(c.Owner())
	}
	return nil, q.taskDone()
}

func (q *Queue) callShutdown(c *Call) (any, error) {
	if err := c.Bind(sigShutdown); err != nil {
		return nil, err
	}
	immediate, err := c.Truth(0, false)
	if err != nil {
		return nil, err
	}
	q.shutdown(immediate)
	return nil, nil
}

func (q *Queue) callQsize(c *Call) (any, error) {
	if err := c.Bind(sigQsize); err != nil {
		return nil, err
	}
	return int64(q.Len()), nil
}

func (q *Queue) callEmpty(c *Call) (any, error) {
	if err := c.Bind(sigEmpty); err != nil {
		return nil, err
	}
	return q.Len() == 0, nil
}

func (q *Queue) callFull(c *Call) (any, error) {
	if err := c.Bind(sigFull); err != nil {
		return nil, err
	}
	return q.full(), nil
}
