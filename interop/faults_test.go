package interop_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
)

// envNightly asks for all cases with every Python, and for the long run.
const envNightly = "MPBRIDGE_NIGHTLY"

// stage is how far a call came before the fault.
type stage int

const (
	whileAsking  stage = iota // the server does not have the request
	waiting                   // the call waits in the server
	onceAnswered              // the reply was not read, or not all of it
	read                      // the reply was read
)

// step is a moment in a call at which its client fails.
type step struct {
	name  string
	stage stage
	large bool // the reply must be larger than what the system keeps under way
	reach func(t *testing.T, client *faultyClient, c *faultCall)
}

// smallBuffer is a receive buffer that a large reply does not fit into.
const smallBuffer = 64 << 10

var steps = []step{
	{"before the request", whileAsking, false, func(*testing.T, *faultyClient, *faultCall) {}},
	{"inside the header", whileAsking, false, func(t *testing.T, client *faultyClient, _ *faultCall) {
		do[any](t, client, "write", 2)
	}},
	{"inside the body", whileAsking, false, func(t *testing.T, client *faultyClient, _ *faultCall) {
		do[any](t, client, "write", client.frame/2)
	}},
	{"while it waits", waiting, false, func(t *testing.T, client *faultyClient, _ *faultCall) {
		do[any](t, client, "write", client.frame)
		client.awaitWaiter(t)
	}},
	{"before the reply is read", onceAnswered, false, func(t *testing.T, client *faultyClient, c *faultCall) {
		client.askAll(t, c, false)
		do[any](t, client, "peek")
	}},
	{"while the reply is written", onceAnswered, true, func(t *testing.T, client *faultyClient, c *faultCall) {
		client.askAll(t, c, true)
		do[any](t, client, "part", 4)
	}},
	{"while the reply is read", onceAnswered, true, func(t *testing.T, client *faultyClient, c *faultCall) {
		client.askAll(t, c, true)
		do[any](t, client, "part", 1<<20)
	}},
	{"after the reply was read", read, false, func(t *testing.T, client *faultyClient, c *faultCall) {
		client.askAll(t, c, false)
		client.reply = do[any](t, client, "read")
	}},
}

// askAll sends the whole request and lets it be answered.
func (client *faultyClient) askAll(t *testing.T, c *faultCall, large bool) {
	t.Helper()
	do[any](t, client, "write", client.frame)
	if c.feed != nil {
		client.awaitWaiter(t)
		c.feed(t, client.testQueue, large)
	}
}

// fault is what happens to a client.
type fault struct {
	name   string
	reset  bool // the end of its connection is a reset, which says that something may be unread
	lives  bool // it goes on and finishes its call
	inject func(t *testing.T, client *faultyClient)
}

var faults = []fault{
	{"is closed", false, false, func(t *testing.T, client *faultyClient) { do[any](t, client, "close") }},
	{"is reset", true, false, func(t *testing.T, client *faultyClient) { do[any](t, client, "reset") }},
	{"is killed", false, false, func(t *testing.T, client *faultyClient) { client.signal(t, "kill") }},
	{"is stopped and killed", false, false, func(t *testing.T, client *faultyClient) {
		client.signal(t, "stop")
		client.useAnother(t)
		client.signal(t, "kill")
	}},
	{"is stopped and goes on", false, true, func(t *testing.T, client *faultyClient) {
		client.signal(t, "stop")
		client.useAnother(t)
		client.signal(t, "go_on")
	}},
	{"is delayed", false, true, func(t *testing.T, client *faultyClient) { client.useAnother(t) }},
}

// useAnother uses another queue meanwhile: a client that is slow holds up nobody else.
func (client *faultyClient) useAnother(t *testing.T) {
	t.Helper()
	other := client.queue("plain", "other than "+client.name)
	on[any](t, other, "fill", 1, 2, 0)
	assert.Equal(t, []string{"1", "2"}, on[[]string](t, other, "drain"))
	on[any](t, other, "forget")
}

// progress is what has become of a call in the end.
type progress struct {
	stage
	doubt bool // the end of the connection was a reset: the last reply counts as unread
	lives bool
}

// done tells whether the server has done what it was asked.
func (p progress) done() bool { return p.stage >= onceAnswered }

// kept tells whether the client has the reply, as far as the server can know.
func (p progress) kept() bool { return p.stage == read && !p.doubt }

// seen tells whether the client may have read of the reply, so that an item on lease counts as handed out.
func (p progress) seen() bool { return p.stage >= onceAnswered }

// faultCall is a call of a queue's method.
type faultCall struct {
	name, family, method string
	args                 []any
	fill                 int  // items that are in the queue before: 0, 1, 2...
	lease                bool // the client has taken item 0 on lease; "receipt" in args is that of it
	takes                int  // items in its reply, the first of which can be large
	// feed lets a call that waits go on. Such calls are cut from then on only.
	feed func(t *testing.T, q *testQueue, large bool)
	// left are the items that are then in the queue.
	left func(p progress) []string
	// unfinished is how many items task_done has not counted off, before the books are drained.
	unfinished func(p progress) int
}

func (c *faultCall) has(s step) bool {
	return (!s.large || c.takes > 0) && (s.stage != waiting || c.feed != nil) &&
		(s.stage != whileAsking || c.feed == nil)
}

// either is a choice of books.
func either(first bool, yes, no string) []string {
	if first {
		return strings.Fields(yes)
	}
	return strings.Fields(no)
}

func TestNoItemIsLostOrDoubledWhateverHappensToAClient(t *testing.T) {
	server := newQueueServer(t)
	cases := faultCases()
	var pythons []interop.Python
	for _, p := range interop.Profiles() {
		if py, ok := interop.Find()[p.Version]; ok {
			pythons = append(pythons, py)
		}
	}
	for i, py := range pythons {
		t.Run("py"+py.Profile.Version.String(), func(t *testing.T) {
			t.Parallel()
			peers := map[string]*queuePeer{
				"tcp":  server.startPeer(t, py, "faulty.py", "tcp"),
				"unix": server.startPeer(t, py, "faulty.py", "unix"),
			}
			for n, c := range cases {
				if n%len(pythons) == i || os.Getenv(envNightly) != "" {
					t.Run(c.String(), func(t *testing.T) { c.run(t, peers[c.network]) })
				}
			}
		})
	}
}

type faultCase struct {
	call    *faultCall
	network string
	step    step
	fault   fault
}

func faultCases() (out []faultCase) {
	for _, call := range slices.Concat(plainCalls, leasedCalls) {
		for _, network := range []string{"tcp", "unix"} {
			for _, s := range steps {
				if !call.has(s) {
					continue
				}
				for _, f := range faults {
					out = append(out, faultCase{call, network, s, f})
				}
			}
		}
	}
	return out
}

func (c *faultCase) String() string {
	return fmt.Sprintf("%s/%s/%s %s", c.call.name, c.network, c.step.name, c.fault.name)
}

// progress is what must become of the call.
func (c *faultCase) progress() progress {
	p := progress{stage: c.step.stage, lives: c.fault.lives}
	if p.lives {
		p.stage = read
	}
	// A unix socket knows no reset, but for bytes that were not read.
	p.doubt = c.fault.reset && c.network == "tcp" && p.stage == read
	return p
}

func (c *faultCase) run(t *testing.T, peer *queuePeer) {
	q := peer.queue(c.call.family, t.Name())
	size := 0
	if c.step.large {
		size = 1
	}
	if c.call.fill > 0 {
		on[any](t, q, "fill", 0, c.call.fill, size)
	}
	client := q.startClient(t, size*smallBuffer)
	c.call.prepare(t, client)
	c.step.reach(t, client, c.call)
	c.fault.inject(t, client)
	if c.fault.lives {
		c.finish(t, client)
	}
	c.end(t, client)
	p := c.progress()
	if p.stage == read {
		assert.Equal(t, upTo(c.call.takes), itemsOf(client.reply), "what the client has read")
	}
	if c.call.unfinished != nil {
		assert.Equal(t, c.call.unfinished(p), q.stats().Unfinished, "unfinished")
	}
	assert.Equal(t, c.call.left(p), on[[]string](t, q, "drain"))
	on[any](t, q, "forget")
}

// upTo is the numbers below n.
func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// itemsOf is the numbers of the items in a reply: one, a list, or a receipt and one.
func itemsOf(reply any) (out []int) {
	switch reply := reply.(type) {
	case float64:
		return []int{int(reply)}
	case []any:
		for _, v := range reply {
			out = append(out, itemsOf(v)...)
		}
	}
	return out
}

// prepare makes the request without sending any of it.
func (c *faultCall) prepare(t *testing.T, client *faultyClient) {
	t.Helper()
	args := slices.Clone(c.args)
	if c.lease {
		got := do[[]any](t, client, "call", client.ident, "lease")
		if len(args) > 0 {
			args[0] = got[0]
		}
	}
	client.frame = do[int](t, client, "ask", append([]any{client.ident, c.method}, args...)...)
}

// finish lets a client that lives do the rest of its call, and leave as one should.
func (c *faultCase) finish(t *testing.T, client *faultyClient) {
	t.Helper()
	if c.step.stage < onceAnswered {
		do[any](t, client, "write", client.frame)
		if c.call.feed != nil {
			c.call.feed(t, client.testQueue, false)
		}
	}
	if c.step.stage < read {
		client.reply = do[any](t, client, "read")
	}
	do[any](t, client, "close")
}

// end ends the client, and feeds a call that waited when its client failed: at once, so that the
// item may come before the server knows that nobody waits for it.
func (c *faultCase) end(t *testing.T, client *faultyClient) {
	t.Helper()
	if c.step.stage == waiting && !c.fault.lives {
		c.call.feed(t, client.testQueue, false)
	}
	client.wait(t)
}
