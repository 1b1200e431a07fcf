package server_test

import (
	"context"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// littleWork is what a call may make in these tests.
var littleWork = server.Limits{MaxCallValues: 1 << 18, MaxCallBytes: 16 << 20, MaxCallSteps: 1 << 24}

// serveWork starts a server with the limits, and an object of each type called as the type is.
func serveWork(t *testing.T, l server.Limits) (*server.Server, connection.Address) {
	t.Helper()
	return start(t, server.Options{Limits: l}, syncManager,
		aShared("a dict", "dict"), aShared("a list", "list"), aShared("a set", "set"), aShared("a Namespace", "Namespace"),
		aShared("an Array", "Array", "q", []any{int64(1), int64(2)}), aShared("a Value", "Value", "i", int64(0)),
		aQueue("a queue", queue.Options{}), aQueue("by priority", queue.Options{Order: queue.Priority}),
		aValue("walker", walker{}))
}

// nested is a type that a value can fill as often as it is shared.
type nested []nested

// walker is a Go value with methods that take what is large.
type walker struct{}

func (walker) Nested(nested)       {}
func (walker) Closed([]pickle.Raw) {}

// doubled is a tuple that holds itself 2**n times over, in some hundred bytes.
func doubled(n int) any {
	v := any(pickle.Tuple{})
	for range n {
		v = pickle.Tuple{v, v}
	}
	return v
}

// call is a call of a function of the standard library.
func call(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func span(n int64) any { return pickle.Range{Start: int64(0), Stop: n, Step: int64(1)} }

// times is a list in which v stands n times.
func times(n int, v any) *pickle.List {
	l := &pickle.List{}
	for range n {
		l.Items = append(l.Items, v)
	}
	return l
}

// made returns what f makes, in bytes, whether it is still there or not.
func made(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func proxyOf(t *testing.T, at connection.Address, name string) *client.Proxy {
	t.Helper()
	p, err := dial(t, at).Open(patient(t), name)
	require.NoError(t, err)
	return p
}

// patient is a context for what takes seconds on a slow machine.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestASharedTupleBesideTheNameOfAProxyIsKept(t *testing.T) {
	_, at := serveWork(t, server.Limits{})
	item := pickle.Tuple{doubled(60), pickle.Global{Module: "multiprocessing.managers", Name: "RebuildProxy"}}
	for name, args := range map[string][]any{
		"a queue": {"put", item}, "a list": {"append", item}, "a dict": {"__setitem__", "k", item},
		"a Namespace": {"__setattr__", "k", item}, "a Value": {"set", item}, "by priority": {"put", item},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := proxyOf(t, at, name).Call(patient(t), args[0].(string), args[1:]...)
			require.NoError(t, err)
		})
	}
}

// growth is a call that makes much out of few bytes.
type growth struct {
	of     string
	first  []any // a call before
	method string
	args   []any
}

func excessive() map[string]growth {
	return map[string]growth{
		"a list times a number":            {"a list", []any{"append", "x"}, "__mul__", []any{int64(1 << 26)}},
		"a number times a list":            {"a list", []any{"append", "x"}, "__rmul__", []any{int64(1 << 26)}},
		"a list that grows by a factor":    {"a list", []any{"append", "x"}, "__imul__", []any{int64(1 << 26)}},
		"a list and a range":               {"a list", nil, "extend", []any{span(1 << 24)}},
		"a list and a zip":                 {"a list", nil, "extend", []any{call("builtins", "zip", span(1<<23), span(1<<23))}},
		"a list and a numbered range":      {"a list", nil, "extend", []any{call("builtins", "enumerate", span(1<<23), int64(0))}},
		"a list and a range turned round":  {"a list", nil, "extend", []any{call("builtins", "reversed", span(1<<23))}},
		"a list and one value many times":  {"a list", nil, "extend", []any{times(1<<16, strings.Repeat("x", 1<<16))}},
		"a list and one tuple many times":  {"a list", nil, "extend", []any{call("builtins", "iter", times(1<<16, pickle.Tuple{strings.Repeat("x", 1<<12)}))}},
		"a slice and a range":              {"a list", nil, "__setitem__", []any{pickle.Slice{}, span(1 << 24)}},
		"a range of long numbers":          {"a list", nil, "extend", []any{pickle.Range{Start: new(big.Int).Lsh(big.NewInt(1), 1<<20), Stop: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 1<<20), big.NewInt(1<<20)), Step: int64(1)}}},
		"keys of a range":                  {"a dict", nil, "fromkeys", []any{span(1 << 24)}},
		"pairs of a zip":                   {"a dict", nil, "update", []any{call("builtins", "zip", span(1<<23), span(1<<23))}},
		"a set and a range":                {"a set", nil, "update", []any{span(1 << 24)}},
		"a set united with a range":        {"a set", nil, "union", []any{span(1 << 24)}},
		"a set without a range":            {"a set", nil, "difference_update", []any{span(1 << 24)}},
		"an array and many bytes of one":   {"an Array", nil, "__setitem__", []any{pickle.Slice{}, call("array", "array", "q", span(1<<23))}},
		"a queue and one item many times":  {"a queue", nil, "put_many", []any{times(1<<12, strings.Repeat("x", 1<<16))}},
		"a queue and many items":           {"a queue", nil, "put_many", []any{times(1<<20, nil)}},
		"the text of what is shared":       {"a list", []any{"append", doubled(40)}, "__str__", nil},
		"the text of one value many times": {"a list", []any{"append", times(1<<12, strings.Repeat("x", 1<<12))}, "__repr__", nil},
		"a Go type filled many times over": {"walker", nil, "nested", []any{doubled(40)}},
		"one value pickled many times":     {"walker", nil, "closed", []any{times(1<<12, strings.Repeat("x", 1<<16))}},
	}
}

func TestWhatACallMakesOfFewBytesIsAnExceptionThatNamesTheLimit(t *testing.T) {
	for name, c := range excessive() {
		t.Run(name, func(t *testing.T) {
			_, at := serveWork(t, littleWork)
			p := proxyOf(t, at, c.of)
			if len(c.first) > 0 {
				_, err := p.Call(patient(t), c.first[0].(string), c.first[1:]...)
				require.NoError(t, err)
			}
			var err error
			grown := made(func() { _, err = p.Call(patient(t), c.method, c.args...) })
			require.ErrorIs(t, err, managers.ErrMemoryError)
			assert.Regexp(t, `--max-call-(values|bytes)`, err)
			assert.Less(t, grown, uint64(20*littleWork.MaxCallBytes), "bytes allocated")
			_, err = p.Call(patient(t), "no such method")
			require.ErrorIs(t, err, managers.ErrKeyError, "the connection goes on")
		})
	}
}

func TestAllCallsTogetherMakeSoMuch(t *testing.T) {
	l := littleWork
	l.MaxWorkBytes = 4 << 20
	s, at := serveWork(t, l)
	p := proxyOf(t, at, "a list")
	_, err := p.Call(patient(t), "extend", span(1<<17))
	require.ErrorIs(t, err, managers.ErrMemoryError)
	require.ErrorContains(t, err, "--max-work-bytes")
	for range 20 { // and give it back
		_, err = p.Call(patient(t), "extend", span(1<<14))
		require.NoError(t, err)
		_, err = p.Call(patient(t), "clear")
		require.NoError(t, err)
	}
	waitFor(t, func() bool { return server.WorkBytes(s) == 0 })
}

func TestAResultLongerThanAMessageIsAnException(t *testing.T) {
	_, at := serveWork(t, server.Limits{MaxMessage: 64 << 10})
	p := proxyOf(t, at, "a list")
	for range 3 {
		_, err := p.Call(patient(t), "append", strings.Repeat("x", 32<<10))
		require.NoError(t, err)
	}
	_, err := p.Call(patient(t), "copy")
	require.ErrorIs(t, err, managers.ErrMemoryError)
	require.ErrorContains(t, err, "--max-message")
	_, err = p.Call(patient(t), "__getitem__", int64(0))
	require.NoError(t, err)
}

func TestACallTakesSoManySteps(t *testing.T) {
	_, at := serveWork(t, server.Limits{MaxCallSteps: 1 << 20})
	p := proxyOf(t, at, "a set")
	_, err := p.Call(patient(t), "update", times(1<<12, doubled(18)))
	require.ErrorIs(t, err, managers.ErrRuntimeError)
	require.ErrorContains(t, err, fmt.Sprint(1<<20))
	require.ErrorContains(t, err, "--max-call-steps")
}

func TestWhatComparingTwoItemsTakesIsLimited(t *testing.T) {
	_, at := serveWork(t, littleWork)
	p := proxyOf(t, at, "by priority")
	half := pickle.Tuple{int64(1), times(150_000, int64(300))} // of what a call may make
	_, err := p.Call(patient(t), "put", half)
	require.NoError(t, err)
	_, err = p.Call(patient(t), "put", half)
	require.ErrorIs(t, err, managers.ErrMemoryError)
	n, err := p.Call(patient(t), "qsize")
	require.NoError(t, err)
	assert.Equal(t, int64(1), n)
}

func TestDecodingAnItemByPriorityCountsAsTheCallsWork(t *testing.T) {
	_, at := serveWork(t, littleWork)
	_, err := proxyOf(t, at, "by priority").Call(patient(t), "put", times(1<<18+1, int64(300)))
	require.ErrorIs(t, err, managers.ErrMemoryError)
}
