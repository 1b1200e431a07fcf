package durable_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"
)

// boltJournal is a second opinion: a Journal that keeps what it is told in a B+tree, each change in a transaction of its
// own.
type boltJournal struct {
	t    *testing.T
	db   *bolt.DB
	name string
	told chan struct{} // closed when all who were to be told have been
}

// boltItem is an item as a boltJournal has it.
type boltItem struct {
	Raw []byte
	queue.HandedOut
}

func newBoltJournal(t *testing.T, db *bolt.DB, name string) *boltJournal {
	told := make(chan struct{})
	close(told)
	return &boltJournal{t, db, name, told}
}

// change is one transaction over the items and what else is known.
func (j *boltJournal) change(f func(items, known *bolt.Bucket) error) {
	require.NoError(j.t, j.db.Update(func(tx *bolt.Tx) error {
		items, err := tx.CreateBucketIfNotExists([]byte("items of " + j.name))
		if err != nil {
			return err
		}
		known, err := tx.CreateBucketIfNotExists([]byte("known of " + j.name))
		if err != nil {
			return err
		}
		return f(items, known)
	}))
}

func boltKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func (j *boltJournal) write(items *bolt.Bucket, n uint64, it boltItem) error {
	text, err := json.Marshal(it)
	if err != nil {
		return err
	}
	return items.Put(boltKey(n), text)
}

// number reads one of what is known.
func number(known *bolt.Bucket, name string) int64 {
	if b := known.Get([]byte(name)); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// kept is a Commit of a boltJournal.
type kept chan struct{}

func (k kept) Wait() error {
	<-k
	return nil
}

func (j *boltJournal) tell(done queue.Done) kept {
	before := j.told
	k := make(kept)
	j.told = k
	go func() {
		<-before
		done.Committed(nil)
		close(k)
	}()
	return k
}

func (j *boltJournal) Put(done queue.Done, its ...queue.Numbered) (queue.Commit, error) {
	j.change(func(items, known *bolt.Bucket) error {
		for _, it := range its {
			if err := j.write(items, it.Number, boltItem{it.Message.Raw.Bytes(), it.HandedOut}); err != nil {
				return err
			}
			if err := known.Put([]byte("last"), boltKey(it.Number)); err != nil {
				return err
			}
		}
		return nil
	})
	return j.tell(done), nil
}

func (j *boltJournal) Move(done queue.Done, n uint64, to queue.Journal, m uint64) (queue.Commit, error) {
	var text []byte
	j.change(func(items, _ *bolt.Bucket) error {
		text = append(text, items.Get(boltKey(n))...)
		return items.Delete(boltKey(n))
	})
	var it boltItem
	require.NoError(j.t, json.Unmarshal(text, &it))
	other := to.(*boltJournal)
	other.change(func(items, known *bolt.Bucket) error {
		if err := known.Put([]byte("last"), boltKey(m)); err != nil {
			return err
		}
		return other.write(items, m, boltItem{Raw: it.Raw})
	})
	return j.tell(done), nil
}

func (j *boltJournal) Delivered(n uint64, h queue.HandedOut) {
	j.change(func(items, _ *bolt.Bucket) error {
		var it boltItem
		if text := items.Get(boltKey(n)); text == nil {
			return nil
		} else if err := json.Unmarshal(text, &it); err != nil {
			return err
		}
		it.HandedOut = h
		return j.write(items, n, it)
	})
}

func (j *boltJournal) Settled(n uint64) {
	j.change(func(items, _ *bolt.Bucket) error { return items.Delete(boltKey(n)) })
}

func (j *boltJournal) Given(n uint64) {
	j.Settled(n)
	j.Counted(1)
}

func (j *boltJournal) Counted(delta int) {
	j.change(func(_, known *bolt.Bucket) error {
		return known.Put([]byte("tally"), boltKey(uint64(number(known, "tally")+int64(delta))))
	})
}

func (j *boltJournal) Shut() {
	j.change(func(_, known *bolt.Bucket) error { return known.Put([]byte("shut"), boltKey(1)) })
}

func (j *boltJournal) Drop() {}

func (j *boltJournal) Sync() error {
	<-j.told
	return nil
}

func (j *boltJournal) Replay(_ queue.Order, f func(uint64, queue.Message, queue.HandedOut) error) (queue.Replayed, error) {
	var out queue.Replayed
	j.change(func(items, known *bolt.Bucket) error {
		out = queue.Replayed{Last: uint64(number(known, "last")), Tally: int(number(known, "tally")), Epoch: "bolt",
			Shut: number(known, "shut") == 1}
		return items.ForEach(func(k, text []byte) error {
			var it boltItem
			if err := json.Unmarshal(text, &it); err != nil {
				return err
			}
			r, err := pickle.ParseRaw(it.Raw)
			if err != nil {
				return err
			}
			return f(binary.BigEndian.Uint64(k), queue.Message{Raw: r}, it.HandedOut)
		})
	})
	return out, nil
}

// opinion is a queue with dead letters over one kind of journal.
type opinion struct {
	*queue.Engine
	restart func() *queue.Engine
	held    []queue.Deliveries
}

// twoOpinions are one queue over a Store and one over a B+tree.
func twoOpinions(t *testing.T, o queue.Options) []*opinion {
	t.Helper()
	dir := t.TempDir()
	var st *durable.Store
	var db *bolt.DB
	t.Cleanup(func() { _, _ = st.Close(), db.Close() })
	ours := func() *queue.Engine {
		if st != nil {
			require.NoError(t, st.Close())
		}
		st = open(t, filepath.Join(dir, "data"))
		return engine(t, st, "q", o)
	}
	theirs := func() *queue.Engine {
		if db != nil {
			require.NoError(t, db.Close())
		}
		var err error
		db, err = bolt.Open(filepath.Join(dir, "bolt"), 0o600, &bolt.Options{NoSync: true})
		require.NoError(t, err)
		make := func(name string, o queue.Options) *queue.Engine {
			o.Journal = newBoltJournal(t, db, name)
			q := queue.NewEngine(name, o, queue.Host{})
			require.NoError(t, q.Replay())
			return q
		}
		q := make("q", o)
		if o.MaxDeliveries > 0 {
			q.BuryIn(make("q.dead", queue.Options{}))
		}
		return q
	}
	return []*opinion{{Engine: ours(), restart: ours}, {Engine: theirs(), restart: theirs}}
}

// state is all that can be seen of a queue.
func (o *opinion) state(t *testing.T) (out []any) {
	t.Helper()
	require.NoError(t, o.Options().Journal.Sync())
	for _, q := range []*queue.Engine{o.Engine, o.DeadLetters()} {
		if q == nil {
			continue
		}
		st := q.Stats()
		out = append(out, st.Len, st.Unfinished, st.Leased, st.ShutDown)
		for _, s := range q.Save()() {
			v, err := s.Raw.Any()
			require.NoError(t, err)
			out = append(out, v, s.Deliveries, s.Unread)
		}
	}
	return out
}

// do does one operation, the same for equal numbers, and says what came of it.
func (o *opinion) do(t *testing.T, what, which, value int) any {
	t.Helper()
	switch {
	case what < 40:
		return o.Put(nil, message(t, value), queue.Wait{})
	case what < 70:
		d, err := o.Take(nil, queue.Taking{Owner: uint64(which%3 + 1), Max: 1 + which%2})
		if err != nil {
			return err
		}
		o.held = append(o.held, d)
		return d.Len()
	case what < 85 && len(o.held) > 0:
		at := which % len(o.held)
		o.held[at].Resolve(queue.Outcome(value % 4))
		o.held = append(o.held[:at], o.held[at+1:]...)
	case what < 92:
		err := o.TaskDone(uint64(which%3 + 1))
		return err == nil
	case what < 95:
		o.OwnerGone(uint64(which%3 + 1))
	case what < 96:
		return o.Clear()
	}
	return nil
}

func TestTheJournalAndABTreeAreOfOneOpinion(t *testing.T) {
	for name, o := range map[string]queue.Options{
		"FIFO": {}, "LIFO": {Order: queue.LIFO}, "priority": {Order: queue.Priority}, "small": {MaxSize: 5},
		"lent": {Lease: long}, "buried": {Lease: long, MaxDeliveries: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both := twoOpinions(t, o)
			random := rand.New(rand.NewPCG(3, uint64(len(name))))
			for round := range 6 {
				for range 60 {
					what, which, value := random.IntN(97), random.IntN(100), random.IntN(1000)
					ours := both[0].do(t, what, which, value)
					require.Equal(t, ours, both[1].do(t, what, which, value), "round %d, operation %d", round, what)
					require.Equal(t, both[0].state(t), both[1].state(t), "round %d, after operation %d", round, what)
				}
				for _, one := range both {
					one.held = nil // whose replies nobody read
					one.Engine = one.restart()
				}
				require.Equal(t, both[0].state(t), both[1].state(t), "after restart %d", round)
			}
			assert.NotZero(t, len(both[0].state(t)))
		})
	}
}
