package queue

import (
	"cmp"
	"fmt"
	"mpbridge/managers"
	"slices"
	"strconv"
	"strings"
	"time"
)

// receipt names one handing out of an item. Its text is "<epoch>-<seq>:<delivery>": the number behind the
// colon tells a client whether it is the first to get the item.
type receipt struct {
	seq      uint64
	delivery int
}

// receiptOf is the text of a loan's receipt.
func (q *Engine) receiptOf(l *loan) string {
	return fmt.Sprintf("%s-%d:%d", q.lent.epoch, l.seq, l.delivery)
}

// parseReceipt reads the text of a receipt. ok is false for one of another queue, or of the same queue
// in a server that was stopped since.
func (q *Engine) parseReceipt(text string) (r receipt, ok bool, err error) {
	if q.lent == nil {
		return r, false, managers.Raise(managers.ErrValueError, "the queue has no leases")
	}
	epoch, rest, found := strings.Cut(text, "-")
	seq, delivery, found2 := strings.Cut(rest, ":")
	r.seq, err = strconv.ParseUint(seq, 10, 64)
	if err == nil {
		r.delivery, err = strconv.Atoi(delivery)
	}
	if !found || !found2 || err != nil {
		return r, false, managers.Raise(managers.ErrValueError, "not a receipt")
	}
	return r, epoch == q.lent.epoch, nil
}

// Ack says that the item of a receipt was dealt with. It returns false where that was said before.
func (q *Engine) Ack(text string) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	if !ok || err != nil || !q.acknowledge(r) {
		return false, err
	}
	return true, q.sync()
}

// Nack gives the item of a receipt back, after a delay. It returns false where its lease has ended.
func (q *Engine) Nack(text string, delay time.Duration) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	return ok && q.refuse(r, delay), err
}

// Extend lets the lease of a receipt end d from now. It returns false where it has ended.
func (q *Engine) Extend(text string, d time.Duration) (bool, error) {
	r, ok, err := q.parseReceipt(text)
	return ok && q.prolong(r, d), err
}

// Leased lists the items that are lent now, in the order in which they were put. It is empty for a queue
// without leases.
func (q *Engine) Leased() (out []Leased) {
	if q.lent == nil {
		return nil
	}
	for _, u := range q.unacked() {
		out = append(out, Leased{
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

func (q *Engine) unacked() []unackedLoan {
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
