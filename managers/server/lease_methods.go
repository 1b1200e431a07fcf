package server

import (
	"math"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// leaseMethods are what clients may call beside queueMethods on a queue whose items are leased.
var leaseMethods = Methods[*queueObject]{
	"lease":   Def(RoleConsume, "Queue.lease", (*queueObject).callLease, 0, "timeout", "detached"),
	"ack":     Def(RoleConsume, "Queue.ack", (*queueObject).callAck, 1, "receipt"),
	"nack":    Def(RoleConsume, "Queue.nack", (*queueObject).callNack, 1, "receipt", "delay"),
	"extend":  Def(RoleConsume, "Queue.extend", (*queueObject).callExtend, 2, "receipt", "seconds"),
	"unacked": Def(RoleConsume, "Queue.unacked", (*queueObject).callUnacked, 0),
}

// leasedMethods are all methods of such a queue.
var leasedMethods = joined(queueMethods, leaseMethods)

// callLease is get that answers (receipt, item). A detached lease outlives the caller's connection.
func (q *queueObject) callLease(c *Call) (any, error) {
	deadline, err := c.Timeout(0)
	if err != nil {
		return nil, err
	}
	detached, err := c.Truth(1, false)
	if err != nil {
		return nil, err
	}
	t := queue.Taking{Owner: c.Owner(), Wait: queue.Wait{Block: true, Deadline: deadline}}
	if detached {
		t.Owner = 0
	}
	d, err := q.take(c, t)
	if err != nil {
		return nil, err
	}
	v, err := c.item(d.Message(0))
	return pickle.Tuple{wire.NativeText(d.Receipt(0), c.Dialect()), v}, err
}

func (q *queueObject) callAck(c *Call) (any, error) {
	receipt, err := wire.Text(c.Value(0))
	if err != nil {
		return nil, err
	}
	return q.backend.Ack(receipt)
}

func (q *queueObject) callNack(c *Call) (any, error) {
	receipt, err := wire.Text(c.Value(0))
	if err != nil {
		return nil, err
	}
	delay := time.Duration(0)
	if c.Given(1) {
		if delay, err = c.seconds(1); err != nil {
			return nil, err
		}
	}
	return q.backend.Nack(receipt, delay)
}

func (q *queueObject) callExtend(c *Call) (any, error) {
	receipt, err := wire.Text(c.Value(0))
	if err != nil {
		return nil, err
	}
	d, err := c.seconds(1)
	if err != nil {
		return nil, err
	}
	return q.backend.Extend(receipt, d)
}

// maxSeconds is the longest delay, ten years.
const maxSeconds = 10 * 366 * 24 * 3600

// seconds returns the argument for parameter i, a number of seconds.
func (c *Call) seconds(i int) (time.Duration, error) {
	t, err := c.timeoutAt(i)
	sec := t.sec
	switch {
	case err != nil:
		return 0, err
	case !t.given || !t.number || math.IsNaN(sec):
		return 0, managers.ErrTypeError.New("a number of seconds is required")
	case sec < 0 || sec > maxSeconds:
		return 0, managers.ErrValueError.New("the number of seconds is out of range")
	}
	return time.Duration(sec * float64(time.Second)), nil
}

// callUnacked lists what is leased: the receipt, the number of the client (0 while a delay runs), how often
// the item was handed out, and the seconds that are left.
func (q *queueObject) callUnacked(c *Call) (any, error) {
	list := &pickle.List{}
	d := c.Dialect()
	for _, u := range q.backend.Leased() {
		list.Items = append(list.Items, pickle.NewDict(
			wire.NativeText("receipt", d), wire.NativeText(u.Receipt, d),
			wire.NativeText("client", d), int64(u.Client),
			wire.NativeText("deliveries", d), int64(u.Deliveries),
			wire.NativeText("seconds_left", d), u.Left.Seconds()))
	}
	return list, nil
}
