package interop_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mpbridge/internal/dice"
	"mpbridge/interop"
	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run is many producers and consumers on one queue, while consumers are killed and leave at random.
type run struct {
	*testQueue // of one of the crowds
	rng        *rand.Rand
	dir        string
	crowds     []*queuePeer
	kinds      []string // of consumers, in turn
	items      int
	kills      int
	started    int
	alive      []*consumer
	killed     []*consumer
}

// consumer is one process.
type consumer struct {
	crowd *queuePeer
	pid   int
	kind  string
	path  string // of its book
}

// newRun starts crowds of several Pythons on both networks.
func newRun(t *testing.T, family string, items, kills int, kinds ...string) *run {
	t.Helper()
	if os.Getenv(envNightly) != "" {
		items, kills = 20*items, 20*kills
	}
	r := &run{rng: dice.New(t), dir: t.TempDir(), kinds: kinds, items: items, kills: kills}
	server := newQueueServer(t)
	for i, py := range somePythons(t) {
		r.crowds = append(r.crowds, server.startPeer(t, py, "crowd.py", []string{"tcp", "unix"}[i%2]))
	}
	r.testQueue = r.crowds[0].queue(family, "run")
	return r
}

// somePythons are the oldest and the newest, and two between them.
func somePythons(t *testing.T) []interop.Python {
	t.Helper()
	found := interop.Find()
	versions := slices.SortedFunc(maps.Keys(found), interop.Version.Compare)
	if len(versions) == 0 {
		t.Skip("no CPython was found")
	}
	var out []interop.Python
	for i := range 4 {
		out = append(out, found[versions[i*(len(versions)-1)/3]])
	}
	return out
}

// consume starts a consumer of the next kind.
func (r *run) consume(t *testing.T) {
	t.Helper()
	c := &consumer{
		crowd: r.crowds[r.started%len(r.crowds)],
		kind:  r.kinds[r.started/len(r.crowds)%len(r.kinds)],
		path:  filepath.Join(r.dir, strconv.Itoa(r.started)),
	}
	r.started++
	c.pid = callPeer[int](t, c.crowd, "start", r.family, r.name, c.kind, c.path, r.rng.IntN(1<<30))
	r.alive = append(r.alive, c)
}

// produce starts producers. Each puts a range of the items, and is waited for in the end.
func (r *run) produce(t *testing.T, kinds ...string) {
	t.Helper()
	each := r.items / len(kinds)
	require.Zero(t, r.items%len(kinds))
	for i, kind := range kinds {
		crowd := r.crowds[i%len(r.crowds)]
		pid := callPeer[int](t, crowd, "start", r.family, r.name, kind, i*each, each)
		t.Cleanup(func() { assert.Zero(t, callPeer[int](t, crowd, "wait", pid), "a producer failed") })
	}
}

// disturb kills consumers, each after a random number of items, and starts others in their place.
func (r *run) disturb(t *testing.T) {
	t.Helper()
	for i := range r.kills {
		r.after(t, uint64(r.rng.IntN(r.items/r.kills)+i*(r.items/r.kills)*9/10))
		n := r.rng.IntN(len(r.alive))
		c := r.alive[n]
		if how := r.rng.IntN(3); how > 0 {
			callPeer[any](t, c.crowd, "stop", c.pid)
			r.after(t, min(r.stats().Gets+uint64(r.rng.IntN(100)), uint64(r.items)*9/10))
			if how == 1 {
				callPeer[any](t, c.crowd, "go_on", c.pid)
				continue
			}
		}
		callPeer[any](t, c.crowd, "kill", c.pid)
		r.alive = slices.Delete(r.alive, n, n+1)
		r.killed = append(r.killed, c)
		r.consume(t)
	}
}

// after waits until so many items were taken.
func (r *run) after(t *testing.T, gets uint64) {
	t.Helper()
	eventually(t, "items are taken", func() bool { return r.stats().Gets >= gets })
}

// settle waits until everything was put and taken, and every consumer waits for more.
func (r *run) settle(t *testing.T) queue.Stats {
	t.Helper()
	for n := 0; n <= r.items; n += 1000 {
		r.after(t, uint64(n))
	}
	eventually(t, "all consumers wait", func() bool {
		q, n := r.stats(), len(r.alive)
		return q.Puts == uint64(r.items) && q.Len == 0 && q.Leased == 0 && q.Getters == n &&
			r.server.Stats().Connections == n
	})
	return r.stats()
}

// line is one of a book.
type line struct {
	letter  string
	numbers []int
}

func (c *consumer) book(t *testing.T) (out []line) {
	t.Helper()
	text, err := os.ReadFile(c.path)
	if os.IsNotExist(err) {
		return nil // it was killed before it began
	}
	require.NoError(t, err)
	for text := range strings.Lines(string(text)) {
		words := strings.Fields(text)
		numbers := make([]int, len(words)-1)
		for i, w := range words[1:] {
			numbers[i], err = strconv.Atoi(w)
			require.NoError(t, err)
		}
		out = append(out, line{words[0], numbers})
	}
	return out
}

// tally is what the books say of the items of a queue that gives.
type tally struct {
	each  int          // items of one producer
	reads []int        // by item: how often it was read
	again []int        // by item: how often it had to come again after that
	doubt map[int]bool // what a consumer may have read or not when it was killed
	late  map[int]bool // what came after an item that was put later by the same producer
}

func (r *run) tally(t *testing.T, producers int) *tally {
	t.Helper()
	out := &tally{
		reads: make([]int, r.items), again: make([]int, r.items), doubt: make(map[int]bool),
		late: make(map[int]bool), each: r.items / producers,
	}
	for _, c := range slices.Concat(r.alive, r.killed) {
		book := c.book(t)
		out.read(book)
		if len(book) > 0 && slices.Contains(r.killed, c) {
			out.killed(book[len(book)-1])
		}
	}
	return out
}

// read adds one consumer's book.
func (a *tally) read(book []line) {
	newest := make(map[int]int) // by producer
	for _, l := range book {
		for _, n := range l.numbers {
			a.add(l.letter, n)
			if l.letter != "r" {
				continue
			}
			if n < newest[n/a.each] {
				a.late[n] = true
			}
			newest[n/a.each] = max(n, newest[n/a.each])
		}
	}
}

// killed looks at the last line of one who was killed.
func (a *tally) killed(last line) {
	if last.letter == "r" {
		return
	}
	for _, n := range last.numbers {
		a.doubt[n] = true
	}
}

func (a *tally) add(letter string, n int) {
	switch letter {
	case "r":
		a.reads[n]++
	case "x":
		a.again[n]++
	}
}

// killedOf counts the killed of a kind. Where the books tell only what was noted after it was read,
// as many items may be missing.
func (r *run) killedOf(kind string) (n int) {
	for _, c := range r.killed {
		if c.kind == kind {
			n++
		}
	}
	return n
}

func TestEveryItemIsReadOnceWhileConsumersDie(t *testing.T) {
	r := newRun(t, "roomy", 100_000, 200, "get_many_or_leave", "get", "get_one_or_leave")
	for range 12 {
		r.consume(t)
	}
	r.produce(t, "put_many", "put_many", "put_many", "put_many", "put")
	r.disturb(t)
	stats := r.settle(t)
	books := r.tally(t, 5)
	missing := 0
	for n := range r.items {
		want := 1 + books.again[n]
		switch got := books.reads[n]; {
		case got == want:
		case got == want-1 && books.doubt[n]:
		case got == want-1:
			missing++
		default:
			require.Fail(t, "not read as often as it should be", "item %d: %d, not %d", n, got, want)
		}
	}
	assert.LessOrEqual(t, missing, r.killedOf("get"), "items that nobody has read")
	assert.LessOrEqual(t, len(books.late), int(stats.Returned), "out of order, and never came back")
	t.Logf("%d killed, %d came back, %d in doubt, %d read and not noted", len(r.killed),
		stats.Returned, len(books.doubt), missing)
}

func TestNoItemIsMissingWhileConsumersWithLeasesDie(t *testing.T) {
	r := newRun(t, "leased", 50_000, 100, "lease", "lease_or_leave")
	for range 8 {
		r.consume(t)
	}
	r.produce(t, "put_many", "put")
	r.disturb(t)
	stats := r.settle(t)
	first, all, acked := make([]int, r.items), make([]int, r.items), make([]int, r.items)
	for _, c := range slices.Concat(r.alive, r.killed) {
		for _, l := range c.book(t) {
			n := l.numbers[0]
			switch {
			case l.letter == "a":
				acked[n]++
			case l.numbers[1] == 1:
				first[n]++
				fallthrough
			default:
				all[n]++
			}
		}
	}
	unsaid, unseen := 0, 0
	for n := range r.items {
		require.LessOrEqual(t, first[n], 1, "item %d came twice without a mark", n)
		require.LessOrEqual(t, acked[n], 1, "item %d was acknowledged twice", n)
		require.NotZero(t, all[n], "item %d is missing", n)
		unsaid += 1 - acked[n]
		unseen += 1 - first[n]
	}
	assert.LessOrEqual(t, unsaid, len(r.killed), "acknowledged, and not noted")
	assert.LessOrEqual(t, unseen, len(r.killed), "marked, and nobody had it")
	t.Logf("%d killed, %d came back, %d handed out again, %d acknowledged and not noted",
		len(r.killed), stats.Returned, stats.Redelivered, unsaid)
}
