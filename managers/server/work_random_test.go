package server_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/internal/dice"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/require"
)

const (
	randomCalls = 300
	// madeMost is how many times MaxCallBytes a call may allocate in all: slices grow by copying, and what is
	// made for one comparison is made anew for the next, within the steps.
	madeMost = 128
)

// small is what a call of a random program may make.
var small = server.Limits{MaxCallValues: 1 << 14, MaxCallBytes: 1 << 20, MaxCallSteps: 1 << 18}

// random makes values of few bytes that are worth many: shared, long, lazy, nested.
type random struct{ *rand.Rand }

func (r random) value(depth int) any {
	if depth == 0 {
		return r.leaf()
	}
	switch r.IntN(14) {
	case 0:
		return doubled(r.IntN(60))
	case 1:
		v := r.value(depth - 1)
		return times(r.IntN(1<<12), v)
	case 2:
		return span(1 << r.IntN(62))
	case 3:
		return call("builtins", "zip", r.value(depth-1), r.value(depth-1), r.value(depth-1))
	case 4:
		return call("builtins", "enumerate", r.value(depth-1), int64(0))
	case 5:
		return call("builtins", "reversed", r.value(depth-1))
	case 6:
		return call("builtins", "iter", r.value(depth-1))
	case 7:
		return pickle.Tuple{r.value(depth - 1), r.value(depth - 1)}
	case 8:
		return call("collections", "OrderedDict", times(r.IntN(100), pickle.Tuple{r.value(depth - 1), nil}))
	case 9:
		return call("array", "array", "q", r.value(depth-1))
	case 10:
		return call("collections", "deque", r.value(depth-1))
	case 11:
		o := call("collections", "Counter")
		v := r.value(depth - 1)
		for range r.IntN(50) {
			o.Pairs = append(o.Pairs, pickle.Pair{Key: v, Value: int64(r.IntN(9))})
		}
		return o
	case 12:
		return pickle.Slice{Start: r.leaf(), Stop: r.leaf(), Step: nil}
	}
	return r.leaf()
}

func (r random) leaf() any {
	switch r.IntN(9) {
	case 0:
		return strings.Repeat("x", 1<<r.IntN(16))
	case 1:
		return make([]byte, 1<<r.IntN(16))
	case 2:
		return call("decimal", "Decimal", strings.Repeat("7", 1+r.IntN(1<<14)))
	case 3:
		return call("decimal", "Decimal", "1E+999999999999")
	case 4:
		return call("fractions", "Fraction", strings.Repeat("7", 1+r.IntN(1<<12)))
	case 5:
		return int64(1) << r.IntN(63)
	case 6:
		return new(big.Int).Lsh(big.NewInt(1), uint(r.IntN(1<<18)))
	case 7:
		return pickle.Global{Module: "multiprocessing.managers", Name: "RebuildProxy"}
	}
	return nil
}

// kinds are the shared objects of serveWork, and what they answer besides their methods.
var kinds = []string{"a dict", "a list", "a set", "a Namespace", "an Array", "a Value", "a queue", "by priority"}

var always = []string{"__str__", "__repr__", "#GETVALUE"}

// mayWait are methods of queues that may wait, which is no work.
var mayWait = []string{"put", "join", "put_many", "get_many"}

// TestNoRandomProgramGoesFarBeyondItsBudget calls every method of every shared type with values that are
// worth more than they look.
func TestNoRandomProgramGoesFarBeyondItsBudget(t *testing.T) {
	r := random{dice.New(t)}
	s, at := serveWork(t, small)
	c := dial(t, at)
	var proxies []*client.Proxy
	for _, name := range kinds {
		p, err := c.Open(patient(t), name)
		require.NoError(t, err)
		proxies = append(proxies, p)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	for i := range randomCalls {
		if i%100 == 0 { // what is kept is no call's
			for _, p := range proxies {
				_, _ = p.Call(patient(t), "clear")
			}
		}
		p := proxies[r.IntN(len(proxies))]
		names := append(slices.Clone(p.Methods()), always...)
		method := names[r.IntN(len(names))]
		if slices.Contains(mayWait, method) || method == "get" && slices.Contains(p.Methods(), "get_nowait") {
			continue
		}
		doc := r.request(t, p.Token().Ident, method)
		grown, asked := r.made(t, at, doc)
		require.Less(t, grown, uint64(madeMost*small.MaxCallBytes)+32*uint64(asked),
			"call %d: %s of %s", i, method, p.Token().Typeid)
	}
	require.Zero(t, server.WorkBytes(s), "everything was given back")
	_, err := c.DebugInfo(patient(t))
	require.NoError(t, err)
}

// request is a call of a method with up to three arguments.
func (r random) request(t *testing.T, ident, method string) []byte {
	t.Helper()
	var args pickle.Tuple
	for range r.IntN(4) {
		args = append(args, r.value(3))
	}
	return pickled(t, pickle.Tuple{ident, method, args, pickle.NewDict()})
}

// made plays a request and returns what the server made for it, and how long it was.
func (r random) made(t *testing.T, at connection.Address, doc []byte) (grown uint64, asked int) {
	t.Helper()
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"r"}, pickle.NewDict()})
	conn, err := connection.Dial(patient(t), at.String(), &connection.DialOptions{Authkey: key, FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	grown = made(func() {
		require.NoError(t, conn.SendBytes(context.Background(), doc))
		reply, err := conn.RecvBytes(context.Background())
		require.NoError(t, err)
		require.Regexp(t, `#(RETURN|ERROR|PROXY|TRACEBACK|UNSERIALIZABLE)`, string(reply[:min(len(reply), 100)]))
	})
	return grown, len(doc)
}
