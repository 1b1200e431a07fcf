package durable

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"mpbridge/managers/queue"
	"mpbridge/managers/queue/wal"
	"mpbridge/pickle"
)

// journal is that of one queue.
type journal struct {
	store  *Store
	stream *wal.Stream
	state  state
}

// Replay reads what the queue had.
func (j *journal) Replay(order queue.Order, f func(number uint64, m queue.Message, h queue.HandedOut) error) (queue.Replayed, error) {
	text, tally, last := j.stream.State()
	var err error
	if j.state, err = parseState(text); err != nil {
		return queue.Replayed{}, fmt.Errorf("durable: queue %q: %w", j.stream.Name(), err)
	}
	if j.state.order != order && j.state.epoch != "" {
		j.state.order = order
		j.note()
	}
	if j.state.order = order; j.state.epoch == "" {
		var epoch [4]byte
		_, _ = rand.Read(epoch[:]) // it never fails: crypto/rand
		j.state.epoch = hex.EncodeToString(epoch[:])
		j.note()
	}
	err = j.stream.Each(func(e wal.Entry) error {
		r, err := pickle.ParseRaw(e.Data)
		if err != nil {
			return fmt.Errorf("durable: item %d of queue %q: %w", e.Number, j.stream.Name(), err)
		}
		return f(e.Number, queue.Message{Raw: r}, queue.HandedOut{
			Deliveries: int(e.Attrs.Deliveries), Unread: int(e.Attrs.Unread), Until: fromUnixMilli(e.Attrs.Until),
		})
	})
	return queue.Replayed{Last: last, Tally: int(tally), Epoch: j.state.epoch, Shut: j.state.shut}, err
}

// note writes the state.
func (j *journal) note() {
	j.store.log.Defer(wal.Record{Kind: wal.State, Stream: j.stream, State: j.state.append(nil)})
}

// Put keeps items, all of them or none.
func (j *journal) Put(done queue.Done, items ...queue.Numbered) (queue.Commit, error) {
	var one [1]wal.Record
	records := one[:0]
	for _, it := range items {
		records = append(records, wal.Record{
			Kind: wal.Put, Stream: j.stream, Number: it.Number, Data: it.Message.Raw.Buffers(),
			Attrs: attrs(it.HandedOut),
		})
	}
	return j.append(done, records...)
}

func (j *journal) append(done queue.Done, records ...wal.Record) (queue.Commit, error) {
	c, err := j.store.log.Append(translated{done}, records...)
	if err != nil {
		return nil, exception(err)
	}
	return commit{c}, nil
}

// Move makes an item one of another queue, at once in both.
func (j *journal) Move(done queue.Done, number uint64, to queue.Journal, toNumber uint64) (queue.Commit, error) {
	other, ok := to.(*journal)
	if !ok || other.store != j.store {
		return nil, queue.ErrOtherJournal
	}
	return j.append(done, wal.Record{
		Kind: wal.Move, Stream: j.stream, Number: number, To: other.stream, ToNumber: toNumber,
	})
}

// Delivered notes how often an item was handed out.
func (j *journal) Delivered(number uint64, h queue.HandedOut) {
	j.store.log.Defer(wal.Record{Kind: wal.Touch, Stream: j.stream, Number: number, Attrs: attrs(h)})
}

func attrs(h queue.HandedOut) wal.Attrs {
	return wal.Attrs{Deliveries: uint32(h.Deliveries), Unread: uint32(h.Unread), Until: unixMilli(h.Until)}
}

// Settled notes that an item is gone.
func (j *journal) Settled(number uint64) {
	j.store.log.Defer(wal.Record{Kind: wal.Settle, Stream: j.stream, Number: number, Count: 1})
}

// Given notes that an item is gone and still to be counted off.
func (j *journal) Given(number uint64) {
	j.store.log.Defer(wal.Record{Kind: wal.Settle, Stream: j.stream, Number: number, Count: 1},
		wal.Record{Kind: wal.Tally, Stream: j.stream, Delta: 1})
}

// Counted changes how many tasks are unfinished beside the items.
func (j *journal) Counted(delta int) {
	j.store.log.Defer(wal.Record{Kind: wal.Tally, Stream: j.stream, Delta: int64(delta)})
}

// Shut notes a shutdown.
func (j *journal) Shut() {
	j.state.shut = true
	j.note()
}

// Drop notes that the queue is gone.
func (j *journal) Drop() { j.store.log.Defer(wal.Record{Kind: wal.Drop, Stream: j.stream}) }

// Sync waits until all that was said before is kept.
func (j *journal) Sync() error { return j.store.Sync() }

// translated tells a queue in Python's words why something was not kept.
type translated struct{ done queue.Done }

// Committed passes on what became of records.
func (t translated) Committed(err error) {
	if t.done != nil {
		t.done.Committed(exception(err))
	}
}

// commit waits in Python's words.
type commit struct{ *wal.Commit }

// Wait waits until the records are kept.
func (c commit) Wait() error { return exception(c.Commit.Wait()) }
