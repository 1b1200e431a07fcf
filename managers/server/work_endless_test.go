package server_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endless are calls that go on for as long as the steps allow.
var endless = map[string]func() (of, method string, args []any){
	"keys that are shared": func() (string, string, []any) { return "a set", "update", often(doubled(22)) },
	"keys of pairs":        func() (string, string, []any) { return "a dict", "fromkeys", often(doubled(22)) },
	"a set that is compared": func() (string, string, []any) {
		return "a set", "issubset", often(doubled(22))
	},
	"what is looked for": func() (string, string, []any) {
		return "a list", "count", []any{ordered(1, doubled(20))}
	},
	"a list that is sorted": func() (string, string, []any) { return "a list", "sort", nil },
	"an OrderedDict": func() (string, string, []any) {
		return "a list", "count", []any{ordered(1<<12, doubled(20))}
	},
}

// often is an argument in which v stands many times.
func often(v any) []any { return []any{times(1<<12, v)} }

func ordered(n int, k any) any {
	o := call("collections", "OrderedDict")
	for range n {
		o.Pairs = append(o.Pairs, pickle.Pair{Key: k, Value: nil})
	}
	return o
}

// begin makes an endless call and waits until it is under way.
func begin(t *testing.T, s *server.Server, at connection.Address, name string) (number int64, ended <-chan error) {
	t.Helper()
	of, method, args := endless[name]()
	p := proxyOf(t, at, of)
	if of == "a list" { // of what takes long to compare
		counts := pickle.Tuple{pickle.Tuple{doubled(20), 1}} // Counters are ordered by numbers alone
		_, err := p.Call(patient(t), "extend", often(call("collections", "Counter", counts))...)
		require.NoError(t, err)
	}
	before := s.Stats().Requests
	done := make(chan error, 1)
	go func() {
		_, err := p.Call(context.Background(), method, args...)
		done <- err
	}()
	waitFor(t, func() bool { return s.Stats().Requests > before })
	clients := s.Clients()
	select {
	case err := <-done:
		require.Fail(t, "the call is over", "%v", err)
	case <-time.After(50 * time.Millisecond): // it might have been over at once
	}
	return clients[len(clients)-1].Number, done
}

func TestAnEndlessCallKeepsNobodyFromTheServer(t *testing.T) {
	unbounded := server.Limits{MaxCallSteps: 1 << 60}
	for name := range endless {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := serveWork(t, unbounded)
			_, ended := begin(t, s, at, name)
			_, err := dial(t, at).DebugInfo(patient(t))
			require.NoError(t, err)
			for _, of := range []string{"a list", "a dict", "a set"} {
				_, err := proxyOf(t, at, of).Call(patient(t), "__len__")
				require.NoError(t, err)
				_, err = proxyOf(t, at, of).Call(patient(t), "clear")
				require.NoError(t, err, "others change what a call looks at")
			}
			_, err = s.Snapshot(new(bytes.Buffer), nil)
			require.NoError(t, err)
			stopped, cancel := context.WithCancel(context.Background())
			cancel()
			_, _ = s.Shutdown(stopped)
			require.Error(t, <-ended)
			waitFor(t, func() bool { return s.Stats().Connections == 0 })
		})
	}
}

func TestAnEndlessCallEndsWithItsClient(t *testing.T) {
	s, at := serveWork(t, server.Limits{MaxCallSteps: 1 << 60})
	number, ended := begin(t, s, at, "keys that are shared")
	before := s.Stats().Connections
	require.True(t, s.Kill(number))
	require.Error(t, <-ended)
	waitFor(t, func() bool { return s.Stats().Connections < before })
}

func TestAListThatOthersChangeIsSorted(t *testing.T) {
	_, at := serveWork(t, server.Limits{})
	p, other := proxyOf(t, at, "a list"), proxyOf(t, at, "a list")
	const n = 1000
	for i := range n {
		_, err := p.Call(patient(t), "append", pickle.Tuple{int64(n - i), strings.Repeat("x", 100)})
		require.NoError(t, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 {
			_, err := other.Call(context.Background(), "append", pickle.Tuple{int64(0), strings.Repeat("x", 100)})
			assert.NoError(t, err)
		}
	}()
	for over := false; !over; {
		if _, err := p.Call(patient(t), "sort"); err != nil {
			require.ErrorIs(t, err, managers.ErrValueError)
			require.ErrorContains(t, err, "list modified during sort")
		}
		select {
		case <-done:
			over = true
		default:
		}
	}
	_, err := p.Call(patient(t), "sort")
	require.NoError(t, err)
	all, err := p.Call(patient(t), "copy")
	require.NoError(t, err)
	items := all.(*pickle.List).Items
	require.Len(t, items, n+300, "nothing is lost")
	last := int64(0)
	for _, it := range items {
		at := it.(pickle.Tuple)[0].(int64)
		require.GreaterOrEqual(t, at, last)
		last = at
	}
}
