package server_test

import (
	"context"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bounds are the ways in which a queue can be full that holds one item of a kilobyte.
var bounds = map[string]struct {
	queue  queue.Options
	limits server.Limits
}{
	"maxsize":        {queue: queue.Options{MaxSize: 1}},
	"max-bytes":      {queue: queue.Options{MaxBytes: 1500}},
	"max-items":      {limits: server.Limits{MaxItems: 1}},
	"max-item-bytes": {limits: server.Limits{MaxItemBytes: 4 << 10}},
}

// full runs a server with a queue of each kind that holds one item and has no room for another.
func full(t *testing.T, l server.Limits, o queue.Options) (*queue.Queue, connection.Address) {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: key, Limits: l})
	require.NoError(t, err)
	q, err := s.RegisterQueue("jobs", &o)
	require.NoError(t, err)
	addr := serveAt(t, s)
	require.NoError(t, q.TryPut(large))
	return q, addr
}

// large is an item of which one fits into each of the bounds.
var large = strings.Repeat("x", 1<<10)

// waitingItem has to wait where bytes of all queues are counted.
var waitingItem = strings.Repeat("y", 3<<10)

// waitingFor is the item that has to wait for room of a kind.
func waitingFor(bound string) string {
	if bound == "max-item-bytes" {
		return waitingItem
	}
	return large
}

// waitingPuts are the spellings of a put that waits.
var waitingPuts = map[string]func(item string) (method string, args []any){
	"put(x)":                  func(x string) (string, []any) { return "put", []any{x} },
	"put(x, True)":            func(x string) (string, []any) { return "put", []any{x, true} },
	"put(x, True, 30)":        func(x string) (string, []any) { return "put", []any{x, true, 30} },
	"put(x, 1, 30.5)":         func(x string) (string, []any) { return "put", []any{x, 1, 30.5} },
	"put(x, True, None)":      func(x string) (string, []any) { return "put", []any{x, true, nil} },
	"put_many([x])":           func(x string) (string, []any) { return "put_many", []any{[]any{x}} },
	"put_many([x], True, 30)": func(x string) (string, []any) { return "put_many", []any{[]any{x}, true, 30} },
	"put(item=x, timeout=30)": func(x string) (string, []any) { return "put", []any{managers.Kwargs{"item": x, "timeout": 30}} },
	"put_many((x,), timeout=30.)": func(x string) (string, []any) {
		return "put_many", []any{pickle.Tuple{x}, managers.Kwargs{"timeout": 30.0}}
	},
}

func TestAPutWaitsForRoomOfEachKindInEachSpelling(t *testing.T) {
	for bound, b := range bounds {
		for spelling, put := range waitingPuts {
			t.Run(bound+"/"+spelling, func(t *testing.T) {
				q, addr := full(t, b.limits, b.queue)
				_, mine := jobs(t, addr)
				method, args := put(waitingFor(bound))
				done := make(chan error, 1)
				go func() {
					_, err := mine.Call(soon(t), method, args...)
					done <- err
				}()
				waitFor(t, func() bool { return q.Stats().Putters == 1 })
				_, err := q.TryGet()
				require.NoError(t, err)
				require.NoError(t, <-done)
				assert.Equal(t, 1, q.Len())
			})
		}
	}
}

func TestAPutWaitsWhateverTheOrder(t *testing.T) {
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			q, _ := full(t, server.Limits{}, queue.Options{Order: order, MaxBytes: 1500})
			done := waits(t, q, large)
			_, err := q.TryGet()
			require.NoError(t, err)
			require.NoError(t, <-done)
		})
	}
}

// rooms are what makes room beside a get.
var rooms = map[string]func(t *testing.T, q *queue.Queue){
	"ack": func(t *testing.T, q *queue.Queue) {
		d, err := q.Lease(soon(t))
		require.NoError(t, err)
		_, err = d.Ack(soon(t))
		require.NoError(t, err)
	},
	"task_done": func(t *testing.T, q *queue.Queue) {
		takeOne(t, q)
		require.NoError(t, q.Backend().TaskDone(worker))
	},
	"the way to the dead letters": func(t *testing.T, q *queue.Queue) {
		takeOne(t, q)
		q.Backend().OwnerGone(worker)
	},
	"an acknowledgement that is late": func(t *testing.T, q *queue.Queue) {
		d := takeOne(t, q)
		d.Resolve(queue.Unsent)
		_, err := q.Backend().Ack(d.Receipt(0))
		require.NoError(t, err)
	},
	"clear": func(t *testing.T, q *queue.Queue) {
		q.Backend().Clear()
	},
}

func TestAPutThatWaitsGetsTheRoomOf(t *testing.T) {
	for name, free := range rooms {
		t.Run(name, func(t *testing.T) {
			q, _ := full(t, server.Limits{},
				queue.Options{MaxBytes: 1500, Lease: long, MaxDeliveries: 1})
			done := waits(t, q, large)
			free(t, q)
			require.NoError(t, <-done)
			assert.Equal(t, 1, q.Len())
		})
	}
}

func TestAPutThatMustNotWaitIsToldThatTheQueueIsFull(t *testing.T) {
	for bound, b := range bounds {
		t.Run(bound, func(t *testing.T) {
			_, addr := full(t, b.limits, b.queue)
			_, mine := jobs(t, addr)
			x := waitingFor(bound)
			for _, c := range []struct {
				method string
				args   []any
			}{
				{"put_nowait", []any{x}}, {"put", []any{x, false}}, {"put", []any{x, false, -1}},
				{"put", []any{x, 0, nil}}, {"put", []any{x, true, 0}}, {"put", []any{x, true, 0.02}},
				{"put_many", []any{[]any{x}, false}}, {"put_many", []any{[]any{x}, true, 0.02}},
			} {
				_, err := mine.Call(soon(t), c.method, c.args...)
				require.ErrorIs(t, err, managers.ErrFull, "%s%v", c.method, c.args[1:])
			}
		})
	}
}

func TestWithoutMaxsizeATimeoutIsLookedAtOnlyWhereThePutHasToWait(t *testing.T) {
	q, addr := full(t, server.Limits{}, queue.Options{MaxBytes: 1500})
	_, mine := jobs(t, addr)
	for _, c := range []struct {
		timeout any
		want    error
	}{{-1, managers.ErrValueError}, {"soon", managers.ErrTypeError}} {
		_, err := mine.Call(soon(t), "put", large, true, c.timeout)
		require.ErrorIs(t, err, c.want)
		_, err = q.TryGet()
		require.NoError(t, err)
		_, err = mine.Call(soon(t), "put", large, true, c.timeout)
		require.NoError(t, err, "as with queue.Queue")
	}
}

func TestWithMaxsizeATimeoutIsAlwaysLookedAt(t *testing.T) {
	_, addr := serveJobs(t, queue.Options{MaxSize: 5})
	_, mine := jobs(t, addr)
	_, err := mine.Call(soon(t), "put", 1, true, -1)
	require.ErrorIs(t, err, managers.ErrValueError)
}

func TestPutManyThatEndsHalfWaySaysHowManyAreIn(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{MaxBytes: 2500})
	_, mine := jobs(t, addr)
	_, err := mine.Call(soon(t), "put_many", []any{large, large, large}, true, 0.02)
	exc := new(managers.Exception)
	require.ErrorAs(t, err, &exc)
	require.ErrorIs(t, err, managers.ErrFull)
	assert.Equal(t, []any{int64(2)}, exc.Args)
	assert.Equal(t, 2, q.Len())
}

func TestPutManyPutsNothingWhereOneItemNeverFits(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{MaxBytes: 2500})
	_, mine := jobs(t, addr)
	_, err := mine.Call(soon(t), "put_many", []any{1, strings.Repeat("x", 2501)})
	require.ErrorIs(t, err, managers.ErrValueError)
	assert.Zero(t, q.Len())
}

func TestPutManyOfWhatHasNoOrderSaysHowManyAreIn(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{Order: queue.Priority})
	_, mine := jobs(t, addr)
	_, err := mine.Call(soon(t), "put_many", []any{1, 2, "text"})
	require.ErrorIs(t, err, managers.ErrTypeError)
	assert.ErrorContains(t, err, "2 items are in the queue")
	assert.Equal(t, 2, q.Len())
}

func TestTheItemsOfOneReplyPutManyWaitForEachOther(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{MaxBytes: 1500})
	_, mine := jobs(t, addr)
	done := make(chan error, 1)
	go func() { done <- mine.PutMany(soon(t), large, large+"2", large+"3") }()
	for _, want := range []string{large, large + "2", large + "3"} {
		r, err := q.Get(soon(t))
		require.NoError(t, err)
		v, err := r.Any()
		require.NoError(t, err)
		assert.Equal(t, want, v)
	}
	require.NoError(t, <-done)
}

func TestAPutManyThatIsGivenUpSaysHowManyAreIn(t *testing.T) {
	q, addr := serveJobs(t, queue.Options{MaxBytes: 2500})
	_, mine := jobs(t, addr)
	ctx, cancel := context.WithCancel(soon(t))
	done := make(chan error, 1)
	go func() { done <- mine.PutMany(ctx, large, large, large) }()
	waitFor(t, func() bool { return q.Stats().Putters == 1 })
	cancel()
	err := <-done
	part := new(client.PutManyError)
	require.ErrorAs(t, err, &part)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, q.Len(), part.Put)
}

func TestADeadLetterIsKeptAlthoughAnotherTakesItsRoom(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key, Limits: server.Limits{MaxItems: 1}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	q, err := s.RegisterQueue("jobs", &queue.Options{Lease: long, MaxDeliveries: 1})
	require.NoError(t, err)
	require.NoError(t, q.TryPut("letter"))
	done := waits(t, q, "next")
	takeOne(t, q)
	q.Backend().OwnerGone(worker)
	require.NoError(t, <-done)
	var lens []int
	for _, st := range s.Stats().Queues {
		lens = append(lens, st.Len)
	}
	assert.Equal(t, []int{1, 1}, lens)
}

func TestAnItemCountsItsPickleAndTheOverhead(t *testing.T) {
	s, a, _ := withTwoQueues(t, server.Limits{})
	r, err := pickle.NewRaw(large, nil)
	require.NoError(t, err)
	require.NoError(t, a.TryPut(r))
	require.NoError(t, a.TryPut(nil))
	want := int64(r.Size() + 1 + 2*queue.ItemOverhead)
	assert.Equal(t, want, s.Stats().ItemBytes)
	assert.Equal(t, want, a.Stats().Bytes)
}

func TestPutManyOfManySmallItemsEndsWhereTheSamePutsWould(t *testing.T) {
	const most = 1 << 20
	s, addr := start(t, server.Options{Limits: server.Limits{MaxItemBytes: most}}, aQueue("jobs", queue.Options{}))
	mine, err := dial(t, addr).OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	_, err = mine.Call(soon(t), "put_many", make([]any, 100_000), false)
	exc := new(managers.Exception)
	require.ErrorAs(t, err, &exc)
	assert.Equal(t, []any{int64(most / (queue.ItemOverhead + 1))}, exc.Args)
	assert.LessOrEqual(t, s.Stats().ItemBytes, int64(most))
}

func TestTheLastRoomIsGivenToOneOfThoseWhoWantIt(t *testing.T) {
	for range 200 {
		_, a, b := withTwoQueues(t, server.Limits{MaxItems: 1})
		refused := make(chan error, 2)
		for _, q := range []*queue.Queue{a, b} {
			go func() { refused <- q.TryPut(1) }()
		}
		one, two := <-refused, <-refused
		assert.True(t, (one == nil) != (two == nil), "%v, %v", one, two)
	}
}

func TestAQueueWithoutRoomIsFull(t *testing.T) {
	q, addr := full(t, server.Limits{MaxItems: 1}, queue.Options{})
	_, mine := jobs(t, addr)
	is, err := mine.Full(soon(t))
	require.NoError(t, err)
	assert.True(t, is)
	_, err = q.TryGet()
	require.NoError(t, err)
	is, err = mine.Full(soon(t))
	require.NoError(t, err)
	assert.False(t, is)
}

// worker is the connection that takes items.
const worker = 7

// takeOne takes an item as the worker's get does.
func takeOne(t *testing.T, q *queue.Queue) queue.Deliveries {
	t.Helper()
	d, err := q.Backend().Take(nil, queue.Taking{Owner: worker})
	require.NoError(t, err)
	return d
}
