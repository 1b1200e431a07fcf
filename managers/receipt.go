package managers

import (
	"fmt"
	"strconv"
	"strings"
)

// receipt names one handing out of an item. Its text is "<epoch>-<seq>:<delivery>": the number behind the
// colon tells a client whether it is the first to get the item.
type receipt struct {
	seq      uint64
	delivery int
}

func (q *Queue) receiptOf(l *loan) string {
	return fmt.Sprintf("%s-%d:%d", q.lent.epoch, l.seq, l.delivery)
}

// parseReceipt reads the text of a receipt. ok is false for one of another queue, or of the same queue
// in a server that was stopped since.
func (q *Queue) parseReceipt(text string) (r receipt, ok bool, err error) {
	epoch, rest, found := strings.Cut(text, "-")
	seq, delivery, found2 := strings.Cut(rest, ":")
	r.seq, err = strconv.ParseUint(seq, 10, 64)
	if err == nil {
		r.delivery, err = strconv.Atoi(delivery)
	}
	if !found || !found2 || err != nil {
		return r, false, Raise(ErrValueError, "not a receipt")
	}
	return r, epoch == q.lent.epoch, nil
}
