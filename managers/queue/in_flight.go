package queue

// inFlight are the items that left a queue for good, in replies that are not known to have been read: until
// then they may come back, so that a snapshot has them. Each knows its place. They are guarded by the queue's
// mutex.
type inFlight []*item

func (l *inFlight) add(it *item) {
	it.place = int32(len(*l))
	*l = append(*l, it)
}

// remove takes an item out, if it is there.
func (l *inFlight) remove(it *item) {
	all, at := *l, int(it.place)
	if at >= len(all) || all[at] != it {
		return
	}
	last := len(all) - 1
	all[at], all[last].place = all[last], it.place
	all[last] = nil
	*l = all[:last]
	if last == 0 && cap(all) > smallRing {
		*l = nil
	}
}

// received notes that an item is the client's, and does not come back.
func (q *Engine) received(it *item) {
	q.mu.Lock()
	q.inFlight.remove(it)
	q.journalGiven(it)
	q.mu.Unlock()
}
