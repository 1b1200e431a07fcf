package queue

import (
	"mpbridge/managers/internal/waits"
)

// Items of a queue with a Journal are in two steps: first they have a number and room, and are given to the journal; they
// are in the queue, for everybody to see, when they are kept. So what a put failed to keep was never there.

// submit gives items to the journal, all or none. It is called with the mutex held. Where they cannot be taken their room
// is given back.
func (q *Engine) submit(its ...*item) (Commit, error) {
	c, err := q.give(its)
	if err != nil {
		for _, it := range its {
			q.discount(it)
		}
		return nil, err
	}
	q.pending += len(its)
	return c, nil
}

func (q *Engine) give(its []*item) (Commit, error) {
	if p, ok := q.items.(*priority); ok {
		for _, it := range its {
			if err := p.orderable(it); err != nil {
				return nil, err
			}
		}
	}
	numbered := make([]Numbered, len(its))
	for i, it := range its {
		q.number(it)
		numbered[i] = Numbered{it.seq, &it.Message, it.handedOut()}
	}
	return q.opts.Journal.Put(submitted(its), numbered...)
}

// submitted are items that the journal has.
type submitted []*item

// Committed puts them into the queue, or forgets them where they were not kept.
func (its submitted) Committed(err error) { its[0].queue.publish(its, err) }

// publish puts items into the queue that the journal keeps. It is called without the mutex.
func (q *Engine) publish(its []*item, err error) {
	var woken []*waits.Waiter[*item]
	q.mu.Lock()
	q.pending -= len(its)
	for _, it := range its {
		if err != nil {
			q.discount(it)
			continue
		}
		if w := q.handOver(it); w != nil {
			woken = append(woken, w)
		} else {
			q.store(it)
		}
		q.unfinished++
		q.puts.Add(1)
	}
	woken = append(woken, q.refill()...)
	q.unlock()
	waits.WakeAll(woken)
}

// hasRoom makes room for an item that the journal will keep, if there is any. Whoever waits for one needs no room for it.
func (q *Engine) hasRoom(it *item) bool { return q.getters.Len() > q.pending || q.admit(it) }

// putDurably is put for a queue with a journal.
func (q *Engine) putDurably(p Caller, it *item, wait Wait) error {
	q.mu.Lock()
	if err := q.refusal(it); err != nil {
		q.mu.Unlock()
		return err
	}
	if q.putters.Len() == 0 && q.hasRoom(it) {
		c, err := q.submit(it)
		q.unlock()
		if err != nil {
			return err
		}
		return c.Wait()
	}
	if err := q.waitRoom(p, it, wait); err != nil {
		return err
	}
	return q.accepted(it).Wait()
}

// accepted takes the Commit of an item that got room while its put waited.
func (q *Engine) accepted(it *item) Commit {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.commits[it]
	delete(q.commits, it)
	return c
}

// acceptDurably is accept for a queue with a journal: w's put goes on to wait for it.
func (q *Engine) acceptDurably(w *waits.Waiter[*item], it *item) {
	var c Commit
	if c, w.Err = q.submit(it); w.Err == nil {
		if q.commits == nil {
			q.commits = make(map[*item]Commit)
		}
		q.commits[it] = c
	}
}

// PutMany puts several items in, as one after the other, and returns how many are in: all of them where there is no
// error. As many as there is room for are kept at once.
func (q *Engine) PutMany(p Caller, ms []Message, wait Wait) (n int, err error) {
	for n < len(ms) {
		some, err := q.putSome(p, ms[n:], wait)
		n += some
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// putSome puts as many as there is room for, or waits for room for one.
func (q *Engine) putSome(p Caller, ms []Message, wait Wait) (int, error) {
	if q.opts.Journal == nil {
		return 1, q.Put(p, ms[0], wait)
	}
	its := make(items, 0, len(ms))
	for _, m := range ms {
		it, err := q.newItem(m)
		if err != nil && len(its) == 0 {
			return 0, err
		}
		if err != nil {
			break
		}
		its = append(its, it)
	}
	q.mu.Lock()
	if err := q.refusal(its[0]); err != nil {
		q.mu.Unlock()
		return 0, err
	}
	fit := 0
	most := len(its)
	if q.opts.Order == Priority {
		most = 1 // of those that are not in it yet nobody knows whether they can be ordered
	}
	for q.putters.Len() == 0 && fit < most && q.TooLarge(its[fit].Raw) == nil && q.admit(its[fit]) {
		fit++
	}
	if fit == 0 {
		q.roomRefused = false
		q.mu.Unlock()
		if err := q.putDurably(p, its[0], wait); err != nil {
			return 0, err
		}
		return 1, nil
	}
	c, err := q.submit(its[:fit]...)
	q.unlock()
	if err != nil {
		return 0, err
	}
	if err := c.Wait(); err != nil {
		return 0, err
	}
	return fit, nil
}

// waitPending waits until what the journal has is in the queue. The mutex is held before and after, not meanwhile. It says
// that the queue was shut down: nothing comes after that.
func (q *Engine) waitPending() {
	if q.opts.Journal == nil {
		return
	}
	q.opts.Journal.Shut()
	q.mu.Unlock()
	_ = q.sync() // who shuts down has nobody to tell
	q.mu.Lock()
}

// restore submits an item whether there is room or not, and also after a shutdown: it was accepted before. Nobody waits
// for it: sync does.
func (q *Engine) restore(it *item) error {
	q.mu.Lock()
	defer q.unlock()
	q.recount(it)
	_, err := q.submit(it)
	return err
}

// burial is an item on its way to the dead letters, of which there is none in the queue meanwhile.
type burial struct {
	it     *item // where it was
	letter *item // where it goes
}

// bury moves an item to the dead letters, at once in both journals. It returns false where that cannot be begun.
func (q *Engine) bury(it *item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if it.settled {
		it.pin(-1)
		return true
	}
	d := q.dead
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &burial{it, &item{Message: Message{Raw: it.Raw, References: it.References}, queue: d}}
	d.number(b.letter)
	if _, err := q.opts.Journal.Move(b, it.seq, d.opts.Journal, b.letter.seq); err != nil {
		return false
	}
	d.pending++
	return true
}

// Committed ends the move, or takes the item back where it was not kept.
func (b *burial) Committed(err error) {
	q, d := b.it.queue, b.letter.queue
	if err != nil {
		d.publish([]*item{b.letter}, err)
		q.putBack(items{b.it})
		b.it.pin(-1)
		return
	}
	q.mu.Lock()
	acked := b.it.settled // while it was on its way
	var woken []*waits.Waiter[*item]
	if !acked {
		q.discount(b.it)
		b.it.settled = true
		delete(q.leases.open, b.it.seq)
		q.deadLettered++
		woken = append(q.refill(), q.countOff()...)
	}
	q.unlock()
	if acked {
		d.forgetLetter(b.letter)
	} else {
		d.publish([]*item{b.letter}, nil)
	}
	waits.WakeAll(woken)
	b.it.pin(-1)
	if q.idled != nil {
		q.idled()
	}
}

// forgetLetter settles an item that came here after it had been acknowledged where it was.
func (q *Engine) forgetLetter(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending--
	q.journalSettled(it)
}
