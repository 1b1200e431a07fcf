package queue

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers"
)

// receipt names one handing out of an item. Its text is "<epoch>-<seq>:<delivery>": the number behind the
// colon tells a client whether it is the first to get the item.
type receipt struct {
	seq      uint64
	delivery int
}

// receiptOf is the text of a lease's receipt.
func (q *Engine) receiptOf(l *lease) string {
	return fmt.Sprintf("%s-%d:%d", q.leases.epoch, l.seq, l.delivery)
}

// parseReceipt reads the text of a receipt. ok is false for one of another queue, or of the same queue
// in a server that was stopped since.
func (q *Engine) parseReceipt(text string) (r receipt, ok bool, err error) {
	if q.leases == nil {
		return r, false, managers.ErrValueError.New("the queue has no leases")
	}
	epoch, rest, found := strings.Cut(text, "-")
	seq, delivery, found2 := strings.Cut(rest, ":")
	r.seq, err = strconv.ParseUint(seq, 10, 64)
	if err == nil {
		r.delivery, err = strconv.Atoi(delivery)
	}
	if !found || !found2 || err != nil {
		return r, false, managers.ErrValueError.New("not a receipt")
	}
	return r, epoch == q.leases.epoch, nil
}

// Ack says that the item of a receipt was dealt with. It returns false where that was said before.
func (q *Engine) Ack(text string) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	if !ok || err != nil || !q.ack(r) {
		return false, err
	}
	return true, q.sync()
}

// Nack gives the item of a receipt back, after a delay. It returns false where its lease has ended.
func (q *Engine) Nack(text string, delay time.Duration) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	if !ok || err != nil || !q.nack(r, delay) {
		return false, err
	}
	if q.dead == nil {
		return true, nil
	}
	return true, q.sync() // it may have gone to the dead letters
}

// Extend lets the lease of a receipt end d from now. It returns false where it has ended.
func (q *Engine) Extend(text string, d time.Duration) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	return ok && q.extend(r, d), err
}

// Leased lists the items that are leased now, in the order in which they were put. It is empty for a queue
// without leases.
func (q *Engine) Leased() (out []Leased) {
	if q.leases == nil {
		return nil
	}
	for _, u := range q.leasedNow() {
		out = append(out, Leased{
			Receipt: q.receiptOf(&u.lease), Client: u.owner, Deliveries: u.deliveries,
			Left: max(time.Until(u.deadline), 0),
		})
	}
	return out
}

// leasedAt is a lease as it was at some time.
type leasedAt struct {
	lease
	deliveries int
}

func (q *Engine) leasedNow() []leasedAt {
	q.mu.Lock()
	out := make([]leasedAt, 0, len(q.leases.byDeadline))
	for _, l := range q.leases.byDeadline {
		out = append(out, leasedAt{lease{seq: l.seq, owner: l.owner, delivery: l.delivery, deadline: l.deadline},
			l.item.deliveries})
	}
	q.mu.Unlock()
	slices.SortFunc(out, func(a, b leasedAt) int { return cmp.Compare(a.seq, b.seq) })
	return out
}
