package queue

// Journal makes a queue of this process durable: it is told what happens to each item, in the order in which it
// happens. Put, Delivered and Settled are called with the queue locked and must not wait, nor call the queue; only Sync
// waits, and is called with nothing locked. A nil Journal costs nothing.
//
// Items are named by their numbers: each is put with one that is higher than all before it.
type Journal interface {
	// Put says that an item was accepted. Of m it may keep Raw, which does not change until the item is settled.
	Put(number uint64, m *Message)
	// Delivered says how often an item has been handed out on lease by now, and how many of these replies were
	// probably not read.
	Delivered(number uint64, deliveries, unread int)
	// Settled says that an item is not in the queue any more and does not come back: it was acknowledged, or given and
	// read, or thrown away, or moved to the dead letters.
	Settled(number uint64)
	// Sync waits until all that was told before is safe. What a client did is answered after it, and with its error.
	Sync() error
	// Replay calls f for each item that was put and not settled, in the order of their numbers. It is called once,
	// before all else.
	Replay(f func(number uint64, m Message, deliveries, unread int) error) error
}

// Replay puts the items in that the queue's Journal has, whether there is room or not. It is called once, before the
// queue is used; without a Journal it does nothing.
func (q *Engine) Replay() error {
	if q.opts.Journal == nil {
		return nil
	}
	return q.opts.Journal.Replay(func(number uint64, m Message, deliveries, unread int) error {
		it, err := q.newItem(m)
		if err != nil {
			return err
		}
		it.deliveries, it.unread = deliveries, unread
		it.seq, q.seq = number, max(q.seq, number)
		q.mu.Lock()
		defer q.mu.Unlock()
		q.store(it)
		q.unfinished++
		return nil
	})
}

// journalPut tells the journal of a new item.
func (q *Engine) journalPut(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Put(it.seq, &it.Message)
	}
}

// journalDelivered tells the journal how often an item was handed out.
func (q *Engine) journalDelivered(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Delivered(it.seq, it.deliveries, it.unread)
	}
}

// journalSettled tells the journal that an item is gone.
func (q *Engine) journalSettled(it *item) {
	if q.opts.Journal != nil {
		q.opts.Journal.Settled(it.seq)
	}
}

// sync waits until what was done is safe. It is called without the mutex.
func (q *Engine) sync() error {
	if q.opts.Journal == nil {
		return nil
	}
	return q.opts.Journal.Sync()
}
