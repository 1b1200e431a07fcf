package queue

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// Engine is the Backend that keeps its items in this process: queue.Queue as multiprocessing managers share it, with
// JoinableQueue's task_done and join. Items stay pickled. See the package's documentation for what it promises.
//
// All methods may be called concurrently.
type Engine struct {
	name string
	opts Options

	mu           sync.Mutex // all below; released before anybody is woken
	items        store
	seq          uint64
	getters      waits.Line[*item]
	putters      waits.Line[*item]
	joiners      waits.Line[*item] // of nothing
	unfinished   int
	pending      int              // items that the journal has, and that are not in the queue before it keeps them
	commits      map[*item]Commit // of those that got room while their put waited
	shut         bool
	leases       *leaseBook // nil where items are given for good
	inFlight     inFlight   // items that were given, and whose replies may come back
	redelivered  uint64     // handings out of items that had been handed out before
	deadLettered uint64     // items that moved to the dead letters
	bytes        int64      // of the items that are counted
	counted      bool       // somebody counts items off, or waits for that
	disorder     error      // why get_many took less than there was: what the next get raises
	roomRefused  bool       // the budget has just refused an item
	roomAwaited  bool       // the budget knows that a put waits

	idled func()  // called when it may have become empty without a call; nil where nobody cares
	dead  *Engine // the dead letters; nil where there are none
	host  Host

	puts, gets, returned atomic.Uint64
}

// Host is what the queues of one server share. The zero value is a program's that has no server.
type Host struct {
	// Room is what all queues may hold together; nil has no bound.
	Room *Room
	// Compare is what one put or get of a priority queue may spend on comparing items, below the engine's own limits,
	// and Pool what all of them may have at once; nil has no bound.
	Compare *values.BudgetLimits
	Pool    *values.Pool
	// Decode are the limits of pickles; nil means pickle's own.
	Decode *pickle.DecodeOptions
}

// NewEngine makes the engine of a queue of that name, which may be empty. The options must have been checked.
func NewEngine(name string, o Options, h Host) *Engine {
	q := &Engine{name: name, opts: o, host: h, items: newStore(o.Order)}
	if o.Lease > 0 {
		q.leases = newLeaseBook()
	}
	if p, ok := q.items.(*priority); ok {
		p.bound(h)
	}
	return q
}

// BuryIn makes dead the place for items that were handed out too often. It is called before the queue is used.
func (q *Engine) BuryIn(dead *Engine) { q.dead = dead }

// DeadLetters returns the place for items that were handed out too often, nil where there is none.
func (q *Engine) DeadLetters() *Engine { return q.dead }

// OnIdle makes f be called when the queue may have become empty without a call. It is called before the queue is used.
func (q *Engine) OnIdle(f func()) { q.idled = f }

// Options returns what the queue was made with.
func (q *Engine) Options() Options { return q.opts }

// Name returns the queue's name, which may be empty.
func (q *Engine) Name() string { return q.name }

// String describes the queue, by its name where it is shared, without showing what it holds.
func (q *Engine) String() string {
	kind := [...]string{"Queue", "LifoQueue", "PriorityQueue"}[q.opts.Order]
	if q.name != "" {
		kind += " " + q.name
	}
	return fmt.Sprintf("<queue.%s maxsize=%d qsize=%d>", kind, max(q.opts.MaxSize, 0), q.Len())
}

// Stats returns a snapshot.
func (q *Engine) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	leased := 0
	if q.leases != nil {
		leased = len(q.leases.byDeadline)
	}
	return Stats{
		Bytes: q.bytes, Leased: leased, InFlight: len(q.inFlight), Redelivered: q.redelivered, Dead: q.deadLettered,
		Name: q.name, Order: q.opts.Order, Leases: q.leases != nil, Len: q.items.len(), MaxSize: max(q.opts.MaxSize, 0),
		Getters: q.getters.Len(), Putters: q.putters.Len(), Unfinished: q.unfinished,
		Puts: q.puts.Load(), Gets: q.gets.Load(), Returned: q.returned.Load(), ShutDown: q.shut,
	}
}

// Len returns the number of items that wait to be taken.
func (q *Engine) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items.len()
}

// newItem makes an item. A priority queue looks at what it is ordered by, where nobody has done that yet.
func (q *Engine) newItem(m Message) (*item, error) {
	it := &item{Message: m, queue: q}
	if q.opts.Order == Priority && m.Key == nil {
		v, err := q.decoded(m.Raw)
		if err != nil {
			return nil, err
		}
		it.Key = NewSortKey(v)
	}
	return it, nil
}

// decoded decodes an item within the limits of its queue.
func (q *Engine) decoded(r pickle.Raw) (any, error) {
	if q.host.Decode != nil {
		r = r.WithOptions(q.host.Decode)
	}
	return r.Any()
}

// insert hands a new item to the longest-waiting getter and returns it, which the caller must wake, or keeps it until somebody
// takes it. Where it cannot be ordered among the others it stays outside.
func (q *Engine) insert(it *item) (*waits.Waiter[*item], error) {
	q.number(it)
	w := q.handOver(it)
	if w == nil {
		if err := q.items.push(it); err != nil {
			q.discount(it)
			return nil, err
		}
		q.recount(it)
	}
	q.countIn(it)
	return w, nil
}

// number gives a new item its number.
func (q *Engine) number(it *item) {
	q.seq++
	it.seq = q.seq
}

// countIn counts a new item.
func (q *Engine) countIn(it *item) {
	q.unfinished++
	q.puts.Add(1)
}

// handOver hands the item to the longest-waiting getter and returns it; the caller must wake it.
func (q *Engine) handOver(it *item) *waits.Waiter[*item] {
	w := q.getters.NextAlive()
	if w != nil {
		w.For, w.Done = it, true
		q.leaves(it)
	}
	return w
}

// take takes the next item. Puts that wait for the room get it and are returned, to be woken.
func (q *Engine) take() (*item, []*waits.Waiter[*item], error) {
	err := q.disorder
	q.disorder = nil
	if err != nil {
		return nil, nil, err
	}
	it, err := q.items.pop()
	if err != nil {
		return nil, nil, err
	}
	q.leaves(it)
	return it, q.refill(), nil
}

// leaves notes that an item is on its way to whoever takes it. One that is leased stays the queue's meanwhile.
func (q *Engine) leaves(it *item) {
	if q.leases == nil {
		q.discount(it)
		q.inFlight.add(it)
	} else {
		q.leases.open[it.seq] = it
	}
}

// putBack returns items that nobody received to their places.
func (q *Engine) putBack(its items) {
	for some := range slices.Chunk(its, atOnce) {
		var woken []*waits.Waiter[*item]
		q.mu.Lock()
		for _, it := range some {
			if w := q.putBackOne(it); w != nil {
				woken = append(woken, w)
			}
		}
		q.unlock()
		waits.WakeAll(woken)
	}
}

// putBackOne returns who got the item instead and must be woken, if anybody did.
func (q *Engine) putBackOne(it *item) *waits.Waiter[*item] {
	if it.settled {
		return nil
	}
	q.returned.Add(1)
	q.inFlight.remove(it)
	w := q.handOver(it)
	if w == nil {
		q.recount(it)
		q.items.restore(it)
	}
	return w
}

// putAnyway puts an item in whether there is room or not, and also after a shutdown: it was accepted
// before.
func (q *Engine) putAnyway(it *item) error {
	if q.opts.Journal != nil {
		return q.restore(it)
	}
	q.mu.Lock()
	q.number(it)
	w := q.handOver(it)
	if w == nil {
		q.store(it)
	}
	q.countIn(it)
	q.unlock()
	w.Wake()
	return nil
}

// store keeps an item whatever room there is. Where it has no place in the order it waits to be taken all the same.
func (q *Engine) store(it *item) {
	q.recount(it)
	if q.items.push(it) != nil {
		q.items.restore(it)
	}
}

// Put puts an item in, and waits for room of any kind: MaxSize, MaxBytes, and the server's.
func (q *Engine) Put(p Caller, m Message, wait Wait) error {
	it, err := q.newItem(m)
	if err != nil {
		return err
	}
	if q.opts.Journal != nil {
		return q.putDurably(p, it, wait)
	}
	return q.put(p, it, wait)
}

func (q *Engine) put(p Caller, it *item, wait Wait) error {
	q.mu.Lock()
	if err := q.refusal(it); err != nil {
		q.mu.Unlock()
		return err
	}
	if q.putters.Len() == 0 {
		if w, ok, err := q.putNow(it); ok {
			q.unlock()
			w.Wake()
			return err
		}
	}
	return q.waitRoom(p, it, wait)
}

// waitRoom waits until there is room for an item, and it is accepted. It is called with the mutex held, and gives it back.
func (q *Engine) waitRoom(p Caller, it *item, wait Wait) error {
	if !wait.Block || wait.Err != nil {
		q.roomRefused = false
		q.mu.Unlock()
		if wait.Err != nil {
			return wait.Err
		}
		return managers.ErrFull
	}
	w := q.putters.Add(p, it)
	var woken []*waits.Waiter[*item]
	if q.roomRefused {
		woken = q.refill()
	}
	q.unlock()
	waits.WakeAll(woken)
	return q.waitPut(p, w, wait.Deadline)
}

// refusal is why an item cannot be put.
func (q *Engine) refusal(it *item) error {
	if q.shut {
		return managers.ErrShutDown
	}
	return q.TooLarge(it.Raw)
}

// putNow hands an item to the longest-waiting getter and returns it, which the caller must wake, or stores it where there
// is room. ok is false where there is none.
func (q *Engine) putNow(it *item) (w *waits.Waiter[*item], ok bool, err error) {
	if q.getters.Len() == 0 && !q.admit(it) {
		return nil, false, nil
	}
	w, err = q.insert(it)
	return w, true, err
}

// waitPut waits until the waiter's item is in the queue.
func (q *Engine) waitPut(p Caller, w *waits.Waiter[*item], deadline time.Time) error {
	done, err := waits.Await(p, &q.mu, w, deadline)
	if done {
		return w.Err
	}
	return waitError(err, managers.ErrFull)
}

// waitError is what a wait that ended with err means to the caller.
func waitError(err error, timedOut managers.ExceptionClass) error {
	if err == waits.ErrTimeout {
		return timedOut
	}
	return err
}

// Take takes up to t.Max items. With t.Block it waits for the first one.
func (q *Engine) Take(p Caller, t Taking) (Deliveries, error) {
	first, rest, err := q.get(p, max(t.Max, 1), t.Wait)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		first.pin(1)
		if t.Keep {
			first.Memory = nil
		}
		if q.leases == nil {
			return givenOne{first}, nil
		}
		return &leasedItems{items{first}, q.lease(t.Owner, first)}, nil
	}
	all := append(items{first}, rest...)
	if t.MaxBytes > 0 {
		var back items
		all, back = all.fitting(t.MaxBytes)
		q.putBack(back)
	}
	all.pin(1)
	if t.Keep {
		for _, it := range all {
			it.Memory = nil
		}
	}
	if q.leases == nil {
		return given(all), nil
	}
	return &leasedItems{all, q.lease(t.Owner, all...)}, nil
}

// get takes up to n items.
func (q *Engine) get(p Caller, n int, wait Wait) (*item, items, error) {
	q.mu.Lock()
	if q.items.len() == 0 && q.putters.FirstAlive() != nil { // the server's room is short: it need not hold this
		waits.WakeAll(q.accept())
	}
	if q.items.len() == 0 {
		first, err := q.await(p, wait)
		if err != nil || n == 1 {
			return first, nil, err
		}
		return first, q.more(n - 1), nil
	}
	first, woken, err := q.take()
	q.unlock()
	if err != nil {
		return nil, nil, err
	}
	q.gets.Add(1)
	waits.WakeAll(woken)
	if n == 1 {
		return first, nil, nil
	}
	return first, q.more(n - 1), nil
}

// await waits for an item. It is called with the mutex held, and gives it back.
func (q *Engine) await(p Caller, wait Wait) (*item, error) {
	var err error
	switch {
	case q.shut && q.pending == 0:
		err = managers.ErrShutDown
	case !wait.Block:
		err = managers.ErrEmpty
	default:
		err = wait.Err
	}
	if err != nil {
		q.mu.Unlock()
		return nil, err
	}
	w := q.getters.Add(p, nil)
	q.mu.Unlock()
	return q.waitGet(p, w, wait.Deadline)
}

// more takes up to n items without waiting. What cannot be ordered ends it, and the next get learns of that.
func (q *Engine) more(n int) items {
	var out items
	for more := true; more && len(out) < n; {
		var woken []*waits.Waiter[*item]
		q.mu.Lock()
		some := 0
		for len(out) < n && some < atOnce && q.items.len() > 0 {
			it, ready, err := q.take()
			if q.disorder = err; err != nil {
				break
			}
			out, woken = append(out, it), append(woken, ready...)
			some++
		}
		more = q.items.len() > 0 && q.disorder == nil
		q.unlock()
		q.gets.Add(uint64(some))
		waits.WakeAll(woken)
	}
	return out
}

// waitGet waits until the waiter was handed an item. One that was handed over in the moment in which
// the wait failed goes back.
func (q *Engine) waitGet(p Caller, w *waits.Waiter[*item], deadline time.Time) (*item, error) {
	done, err := waits.Await(p, &q.mu, w, deadline)
	switch {
	case !done:
		return nil, waitError(err, managers.ErrEmpty)
	case w.For == nil:
		return nil, w.Err
	case err != nil && err != waits.ErrTimeout:
		q.putBack(items{w.For})
		return nil, err
	}
	q.gets.Add(1)
	return w.For, nil
}

// TaskDone counts one item off. Where items are leased it acknowledges what the owner took first.
func (q *Engine) TaskDone(owner uint64) error {
	if q.leases != nil && owner != 0 {
		if err := q.doneBy(owner); err != nil {
			return err
		}
		return q.sync()
	}
	q.mu.Lock()
	q.counted = true
	if q.unfinished == 0 {
		q.mu.Unlock()
		return managers.ErrValueError.New("task_done() called too many times")
	}
	woken := q.countOff()
	q.journalCounted(-1)
	q.mu.Unlock()
	waits.WakeAll(woken)
	return q.sync()
}

// countOff counts one item off and returns whom to wake.
func (q *Engine) countOff() []*waits.Waiter[*item] {
	q.unfinished--
	q.notBelowNone()
	return q.finished()
}

// notBelowNone sees to it that no fewer than no tasks are unfinished, where some were counted off twice.
func (q *Engine) notBelowNone() {
	if q.unfinished < 0 {
		q.journalCounted(-q.unfinished)
		q.unfinished = 0
	}
}

// finished releases those who join, when nothing is unfinished.
func (q *Engine) finished() []*waits.Waiter[*item] {
	if q.unfinished > 0 {
		return nil
	}
	return q.joiners.Release(nil)
}

// Join waits until every item that was put has been counted off.
func (q *Engine) Join(p Caller) error {
	q.mu.Lock()
	q.counted = true
	if q.unfinished == 0 {
		q.mu.Unlock()
		return nil
	}
	w := q.joiners.Add(p, nil)
	q.mu.Unlock()
	done, err := waits.Await(p, &q.mu, w, time.Time{})
	if done {
		return nil
	}
	return err
}

// Shutdown makes put raise ShutDown, and get too once the queue is empty. With immediate the items go,
// each counted off: Lib/queue.py, Queue.shutdown.
func (q *Engine) Shutdown(immediate bool) {
	q.mu.Lock()
	q.shut = true
	q.waitPending()
	var woken []*waits.Waiter[*item]
	var thrown []*item
	if immediate {
		q.unfinished -= q.items.len()
		thrown = q.throwAll()
		q.notBelowNone()
		woken = q.joiners.Release(nil)
	}
	woken = append(woken, q.getters.Release(managers.ErrShutDown)...)
	woken = append(woken, q.putters.Release(managers.ErrShutDown)...)
	q.unlock()
	dropItems(thrown)
	waits.WakeAll(woken)
	_ = q.sync() // who shuts down has nobody to tell
}

// Clear throws the items away, counts each off, and returns how many there were.
func (q *Engine) Clear() int {
	q.mu.Lock()
	thrown := q.throwAll()
	n := len(thrown)
	q.unfinished -= n
	q.notBelowNone()
	woken := append(q.finished(), q.refill()...)
	q.unlock()
	dropItems(thrown)
	waits.WakeAll(woken)
	_ = q.sync()
	return n
}

// throwAll empties the queue and returns what was in it.
func (q *Engine) throwAll() []*item {
	all := q.items.all()
	q.items.clear()
	q.disorder = nil
	for _, it := range all {
		q.forgetItem(it)
	}
	return all
}

func dropItems(its []*item) {
	for _, it := range its {
		it.drop()
	}
}

// EachReference calls f for what items refer to.
func (q *Engine) EachReference(f func(References)) {
	q.mu.Lock()
	all := q.everything()
	q.mu.Unlock()
	for _, it := range all {
		if it.References != nil {
			f(it.References)
		}
	}
}

// Peek returns up to n items that stay where they are.
func (q *Engine) Peek(n int) ([]Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]Message, 0, min(n, q.items.len()))
	err := q.items.first(n, func(it *item) {
		it.peeked = true
		out = append(out, it.Message)
	})
	return out, err
}

// Close stops the timer of the leases and gives the room of all items back: nobody will take them.
func (q *Engine) Close() error {
	q.StopLeases()
	q.abandon()
	return nil
}
