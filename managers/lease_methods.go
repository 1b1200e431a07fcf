package managers

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"mpbridge/pickle"
)

// leaseMethods are what clients may call beside queueMethods on a queue whose items are lent.
var leaseMethods = methods[*Queue]{
	"lease":   def("Queue.lease", (*Queue).callLease, 0, "timeout", "detached"),
	"ack":     def("Queue.ack", (*Queue).callAck, 1, "receipt"),
	"nack":    def("Queue.nack", (*Queue).callNack, 1, "receipt", "delay"),
	"extend":  def("Queue.extend", (*Queue).callExtend, 2, "receipt", "seconds"),
	"unacked": def("Queue.unacked", (*Queue).callUnacked, 0),
}

var lendingMethodNames = slices.Sorted(func(yield func(string) bool) {
	for _, name := range slices.Concat(queueMethodNames, slices.Collect(maps.Keys(leaseMethods))) {
		if !yield(name) {
			return
		}
	}
})

// callLease is get that answers (receipt, item). A detached lease outlives the caller's connection.
func (q *Queue) callLease(c *Call) (any, error) {
	until, err := c.Timeout(0)
	if err != nil {
		return nil, err
	}
	detached, err := c.Truth(1, false)
	if err != nil {
		return nil, err
	}
	it, _, err := q.get(c, 1, true, until)
	if err != nil {
		return nil, err
	}
	it.pin(1)
	var l *loan
	if detached {
		l = q.lend(0, it)[0]
	} else {
		l = q.lendTo(c, it)[0]
	}
	c.undo = l
	v, err := c.item(it)
	return pickle.Tuple{nativeText(q.receiptOf(l), c.Dialect()), v}, err
}

// lendTo is lend to the caller's connection, at whose end the items come back.
func (q *Queue) lendTo(c *Call, its ...*item) loans {
	c.session.holds(q)
	return q.lend(c.Owner(), its...)
}

// receipt reads the first argument.
func (q *Queue) receipt(c *Call) (r receipt, ok bool, err error) {
	s, err := text(c.Value(0))
	if err != nil {
		return r, false, err
	}
	return q.parseReceipt(s)
}

func (q *Queue) callAck(c *Call) (any, error) {
	r, ok, err := q.receipt(c)
	return ok && q.acknowledge(r), err
}

func (q *Queue) callNack(c *Call) (any, error) {
	r, ok, err := q.receipt(c)
	if err != nil {
		return nil, err
	}
	delay := time.Duration(0)
	if c.Given(1) {
		if delay, err = c.seconds(1); err != nil {
			return nil, err
		}
	}
	return ok && q.refuse(r, delay), nil
}

func (q *Queue) callExtend(c *Call) (any, error) {
	r, ok, err := q.receipt(c)
	if err != nil {
		return nil, err
	}
	d, err := c.seconds(1)
	if err != nil {
		return nil, err
	}
	return ok && q.prolong(r, d), nil
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
		return 0, Raise(ErrTypeError, "a number of seconds is required")
	case sec < 0 || sec > maxSeconds:
		return 0, Raise(ErrValueError, "the number of seconds is out of range")
	}
	return time.Duration(sec * float64(time.Second)), nil
}

// callUnacked lists what is lent: the receipt, the number of the client (0 while a delay runs), how often
// the item was handed out, and the seconds that are left.
func (q *Queue) callUnacked(c *Call) (any, error) {
	list := &pickle.List{}
	d := c.Dialect()
	for _, u := range q.Unacked() {
		list.Items = append(list.Items, pickle.NewDict(
			nativeText("receipt", d), nativeText(u.Receipt, d),
			nativeText("client", d), int64(u.Client),
			nativeText("deliveries", d), int64(u.Deliveries),
			nativeText("seconds_left", d), u.Left.Seconds()))
	}
	return list, nil
}

// Unacked is an item that was lent and is not acknowledged.
type Unacked struct {
	Receipt    string
	Client     uint64        // the number of the connection; 0 for this program, and while a delay runs
	Deliveries int           // how often it was handed out
	Left       time.Duration // until it comes back
}

// Unacked lists the items that are lent now, in the order in which they were put. It is empty for a queue
// without leases.
func (q *Queue) Unacked() (out []Unacked) {
	if q.lent == nil {
		return nil
	}
	for _, u := range q.unacked() {
		out = append(out, Unacked{
			Receipt: q.receiptOf(&u.loan), Client: u.owner, Deliveries: u.deliveries,
			Left: max(time.Until(u.until), 0),
		})
	}
	return out
}

// unackedLoan is a loan as it was at some time.
type unackedLoan struct {
	loan
	deliveries int
}

func (q *Queue) unacked() []unackedLoan {
	q.mu.Lock()
	out := make([]unackedLoan, 0, len(q.lent.ends))
	for _, l := range q.lent.ends {
		out = append(out, unackedLoan{loan{seq: l.seq, owner: l.owner, delivery: l.delivery, until: l.until},
			l.item.deliveries})
	}
	q.mu.Unlock()
	slices.SortFunc(out, func(a, b unackedLoan) int { return cmp.Compare(a.seq, b.seq) })
	return out
}
