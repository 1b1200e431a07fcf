package queue_test

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"mpbridge/managers/queue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logged is an item as a memoryJournal has it.
type logged struct {
	number uint64
	raw    pickle.Raw
	queue.HandedOut
}

// memoryJournal is a Journal that survives its queue, not the process. Of several queues it has the items of each.
type memoryJournal struct {
	mu      *sync.Mutex    // of all that it shares with others
	told    *chan struct{} // closed when all who were to be told have been
	items   map[uint64]logged
	known   queue.Replayed
	fails   error // of what is kept from now on
	dropped bool
}

func newMemoryJournal() *memoryJournal {
	told := make(chan struct{})
	close(told)
	return &memoryJournal{items: map[uint64]logged{}, mu: new(sync.Mutex), told: &told,
		known: queue.Replayed{Epoch: "epoch"}}
}

// beside makes a journal that is kept together with another.
func (j *memoryJournal) beside() *memoryJournal {
	other := newMemoryJournal()
	other.mu, other.told = j.mu, j.told
	return other
}

// kept is a Commit of a memoryJournal.
type kept struct {
	told chan struct{}
	err  error
}

func (k *kept) Wait() error {
	<-k.told
	return k.err
}

// tell calls done after all that was told before. The caller holds mu.
func (j *memoryJournal) tell(done queue.Done) *kept {
	before := *j.told
	k := &kept{make(chan struct{}), j.fails}
	*j.told = k.told
	go func() {
		<-before
		done.Committed(k.err)
		close(k.told)
	}()
	return k
}

func (j *memoryJournal) Put(done queue.Done, its ...queue.Numbered) (queue.Commit, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, it := range its {
		j.known.Last = max(j.known.Last, it.Number)
		if j.fails == nil {
			j.items[it.Number] = logged{it.Number, it.Message.Raw, it.HandedOut}
		}
	}
	return j.tell(done), nil
}

func (j *memoryJournal) Move(done queue.Done, number uint64, to queue.Journal, n uint64) (queue.Commit, error) {
	other := to.(*memoryJournal)
	if other.mu != j.mu {
		return nil, queue.ErrOtherJournal
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fails == nil {
		it := j.items[number]
		delete(j.items, number)
		it.number, it.HandedOut = n, queue.HandedOut{}
		other.items[n] = it
	}
	return j.tell(done), nil
}

func (j *memoryJournal) Delivered(number uint64, h queue.HandedOut) {
	j.mu.Lock()
	defer j.mu.Unlock()
	it := j.items[number]
	it.HandedOut = h
	j.items[number] = it
}

func (j *memoryJournal) Settled(number uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.items, number)
}

func (j *memoryJournal) Given(number uint64) {
	j.Settled(number)
	j.Counted(1)
}

func (j *memoryJournal) Counted(delta int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.known.Tally += delta
}

func (j *memoryJournal) Shut() { j.known.Shut = true }

func (j *memoryJournal) Drop() { j.dropped = true }

func (j *memoryJournal) Sync() error {
	j.mu.Lock()
	told, err := *j.told, j.fails
	j.mu.Unlock()
	<-told
	return err
}

func (j *memoryJournal) Replay(_ queue.Order, f func(uint64, queue.Message, queue.HandedOut) error) (queue.Replayed, error) {
	for _, it := range j.sorted() {
		if err := f(it.number, queue.Message{Raw: it.raw}, it.HandedOut); err != nil {
			return j.known, err
		}
	}
	return j.known, nil
}

func (j *memoryJournal) sorted() (out []logged) {
	for _, it := range j.items {
		out = append(out, it)
	}
	slices.SortFunc(out, func(a, b logged) int { return cmp.Compare(a.number, b.number) })
	return out
}

// journaled makes an engine of what a journal has.
func journaled(t *testing.T, o queue.Options, j *memoryJournal) *queue.Engine {
	t.Helper()
	o.Journal = j
	q := queue.NewEngine("", o, queue.Host{})
	require.NoError(t, q.Replay())
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// number pickles an item.
func number(t *testing.T, n int) queue.Message {
	t.Helper()
	r, err := pickle.NewRaw(n, nil)
	require.NoError(t, err)
	return queue.Message{Raw: r}
}

// rest takes all items and returns them with how often each was handed out before.
func rest(t *testing.T, q *queue.Engine) (items []int64, counts []int) {
	t.Helper()
	for q.Len() > 0 {
		d, err := q.Take(nil, queue.Taking{Owner: 9})
		require.NoError(t, err)
		v, err := d.Message(0).Raw.Any()
		require.NoError(t, err)
		items, counts = append(items, v.(int64)), append(counts, d.Count(0))
	}
	return items, counts
}

func TestAQueueThatIsReplayedHoldsWhatWasPutAndNotSettled(t *testing.T) {
	for name, o := range map[string]queue.Options{
		"given": {}, "leased": {Lease: long}, "LIFO": {Order: queue.LIFO}, "by priority": {Order: queue.Priority, Lease: long},
	} {
		t.Run(name, func(t *testing.T) {
			j := newMemoryJournal()
			q := journaled(t, o, j)
			random := rand.New(rand.NewPCG(1, 2))
			expect := map[int64]bool{}
			for i := range 500 {
				if random.IntN(3) > 0 || q.Len() == 0 {
					require.NoError(t, q.Put(nil, number(t, i), queue.Wait{}))
					expect[int64(i)] = true
					continue
				}
				d, err := q.Take(nil, queue.Taking{Owner: 7})
				require.NoError(t, err)
				v, err := d.Message(0).Raw.Any()
				require.NoError(t, err)
				receipt := d.Receipt(0)
				outcome := queue.Outcome(random.IntN(4))
				d.Resolve(outcome)
				if outcome != queue.Delivered {
					continue
				}
				if receipt == "" {
					delete(expect, v.(int64))
				} else if random.IntN(2) == 0 {
					ok, err := q.Ack(receipt)
					require.True(t, ok && err == nil)
					delete(expect, v.(int64))
				}
			}
			items, _ := rest(t, journaled(t, o, j)) // the first one was killed
			got := map[int64]bool{}
			for _, it := range items {
				got[it] = true
			}
			assert.Equal(t, expect, got)
		})
	}
}

func TestAReplayedItemKeepsItsPlaceAndHowOftenItWasHandedOut(t *testing.T) {
	j := newMemoryJournal()
	o := queue.Options{Lease: long}
	q := journaled(t, o, j)
	for i := range 3 {
		require.NoError(t, q.Put(nil, number(t, i), queue.Wait{}))
	}
	d, err := q.Take(nil, queue.Taking{Owner: 7})
	require.NoError(t, err)
	d.Resolve(queue.Delivered)
	items, counts := rest(t, journaled(t, o, j))
	assert.Equal(t, []int64{0, 1, 2}, items)
	assert.Equal(t, []int{2, 1, 1}, counts)
}

func TestWhatIsThrownAwayIsSettled(t *testing.T) {
	j := newMemoryJournal()
	q := journaled(t, queue.Options{}, j)
	require.NoError(t, q.Put(nil, number(t, 1), queue.Wait{}))
	require.Equal(t, 1, q.Clear())
	assert.Empty(t, j.items)
	require.NoError(t, q.Put(nil, number(t, 2), queue.Wait{}))
	q.Shutdown(true)
	assert.Empty(t, j.items)
}

func TestADeadLetterIsSettledWhereItWas(t *testing.T) {
	j := newMemoryJournal()
	letters := j.beside()
	q := journaled(t, queue.Options{Lease: long, MaxDeliveries: 1}, j)
	q.BuryIn(journaled(t, queue.Options{}, letters))
	require.NoError(t, q.Put(nil, number(t, 1), queue.Wait{}))
	d, err := q.Take(nil, queue.Taking{Owner: 7})
	require.NoError(t, err)
	d.Resolve(queue.Delivered)
	q.OwnerGone(7)
	require.NoError(t, j.Sync())
	assert.Empty(t, j.items)
	assert.Len(t, letters.items, 1)
}

func TestAPutReturnsOnceItsItemIsSafe(t *testing.T) {
	j := newMemoryJournal()
	q := journaled(t, queue.Options{}, j)
	require.NoError(t, q.Put(nil, number(t, 1), queue.Wait{}))
	assert.Len(t, j.items, 1)
	j.fails = errors.New("the disk is full")
	assert.ErrorIs(t, q.Put(nil, number(t, 2), queue.Wait{}), j.fails)
	assert.Equal(t, 1, q.Len(), "what was not kept was never there")
}

func TestAnItemThatIsNotAcceptedIsNotInTheJournal(t *testing.T) {
	j := newMemoryJournal()
	q := journaled(t, queue.Options{MaxSize: 1}, j)
	require.NoError(t, q.Put(nil, number(t, 1), queue.Wait{}))
	require.Error(t, q.Put(nil, number(t, 2), queue.Wait{}))
	assert.Len(t, j.items, 1)
}
