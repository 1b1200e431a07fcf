package server

import (
	"fmt"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

func (q *queueObject) kind() string { return fmt.Sprintf("queue %d", q.backend.Stats().Order) }

// capture reads the items of a queue of this process; a backend elsewhere keeps its own.
func (q *queueObject) capture() writing {
	if q.engine == nil {
		return func(*recordWriter) error { return nil }
	}
	items := q.engine.Save()
	return func(w *recordWriter) error { // which nobody waits for as for a call
		for _, s := range items() {
			if err := w.write(recordItem, deliveryCounts(s.Deliveries, s.Unread), s.Raw.Bytes()); err != nil {
				return err
			}
		}
		return nil
	}
}

func (q *queueObject) reset() { q.backend.Clear() }

// deliveryCounts is how often an item was handed out, as a snapshot has it.
func deliveryCounts(deliveries, unread int) []byte {
	out := strconv.AppendInt(nil, int64(deliveries), 10)
	if unread > 0 {
		out = strconv.AppendInt(append(out, '/'), int64(unread), 10)
	}
	return out
}

// parseDeliveryCounts reads deliveryCounts.
func parseDeliveryCounts(counts []byte) (deliveries, unread int, err error) {
	all, some, found := strings.Cut(string(counts), "/")
	deliveries, err = strconv.Atoi(all)
	if err == nil && found {
		unread, err = strconv.Atoi(some)
	}
	if err != nil || unread < 0 || unread > deliveries {
		return 0, 0, ErrSnapshot
	}
	return deliveries, unread, nil
}

// restoreItem puts an item in, whether there is room or not.
func (q *queueObject) restoreItem(c *Call, r pickle.Raw, counts []byte) error {
	if q.engine == nil {
		return ErrSnapshot
	}
	m, err := q.message(c, r, false)
	if err != nil {
		return err
	}
	deliveries, unread, err := parseDeliveryCounts(counts)
	if err != nil {
		return err
	}
	return q.engine.Restore(m, deliveries, unread)
}
