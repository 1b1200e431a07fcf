package interop_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aLease does not end while a test runs.
const aLease = time.Hour

// families are the queues that faulty.py knows.
var families = map[string]queue.Options{
	"plain":   {},
	"bounded": {MaxSize: 2},
	"roomy":   {MaxSize: 5000},
	"lent":    {Lease: aLease},
	"brief":   {Lease: 10 * time.Millisecond},
	"mortal":  {Lease: aLease, MaxDeliveries: 2},
}

// ward is a server of ours on TCP and on a unix socket, whose clients are made to fail.
type ward struct {
	server *server.Server
	at     map[string]connection.Address // by network
}

func newWard(t *testing.T) *ward {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: rightKey})
	require.NoError(t, err)
	for name, o := range families {
		require.NoError(t, s.AddQueueFamily(name, &o))
	}
	w := &ward{s, make(map[string]connection.Address)}
	for _, a := range []connection.Address{
		{Network: connection.TCP, Name: "127.0.0.1"},
		{Network: connection.Unix, Name: filepath.Join(shortDir(t), "s")},
	} {
		at, err := s.Listen(a.String())
		require.NoError(t, err)
		w.at[words(a)[0]] = at
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(context.Background())
	}()
	t.Cleanup(func() {
		grace, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = s.Shutdown(grace)
		<-over
		assert.NoFileExists(t, w.at["unix"].Name)
	})
	return w
}

// eventually polls what the server says of itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), "it never came about: %s", what)
	}
}

// witness is a process that runs faulty.py or crowd.py.
type witness struct {
	ward *ward
	peer *interop.Peer
}

func (w *ward) witness(t *testing.T, py interop.Python, script, network string) *witness {
	t.Helper()
	args := append(words(w.at[network]), hex.EncodeToString(rightKey))
	return &witness{w, startPeer(t, py, script, args...)}
}

// tell has a method of the witness called.
func tell[V any](t *testing.T, w *witness, request ...any) V {
	t.Helper()
	got := ask[struct {
		Value V
		Error string
		Text  string
	}](t, w.peer, request)
	require.Empty(t, got.Error, "%v: %s", request, got.Text)
	return got.Value
}

// ledger is one queue, which one case has for itself.
type ledger struct {
	*witness
	family, name string
}

func (w *witness) ledger(family, name string) *ledger { return &ledger{w, family, name} }

// on has a method of the witness called that is about the queue.
func on[V any](t *testing.T, l *ledger, method string, args ...any) V {
	t.Helper()
	return tell[V](t, l.witness, append([]any{method, l.family, l.name}, args...)...)
}

func (l *ledger) stats() queue.Stats {
	want := fmt.Sprintf("%s(%s)", l.family, l.name)
	for _, q := range l.ward.server.Stats().Queues {
		if q.Name == want {
			return q
		}
	}
	return queue.Stats{}
}

// waiting polls until one call waits for the queue.
func (l *ledger) waiting(t *testing.T) {
	t.Helper()
	eventually(t, "a call waits", func() bool {
		s := l.stats()
		return s.Getters+s.Putters == 1
	})
}

// victim is a connection in a process of its own.
type victim struct {
	*ledger
	pid   int
	ident string
	frame int  // the length of the request
	reply any  // what it has read
	dead  bool // the process was killed
}

// victim starts one; buffer is its SO_RCVBUF, 0 for the system's.
func (l *ledger) victim(t *testing.T, buffer int) *victim {
	t.Helper()
	return &victim{
		ledger: l, ident: on[string](t, l, "ident"), pid: tell[int](t, l.witness, "victim", buffer),
	}
}

// do has the victim do something with its connection.
func do[V any](t *testing.T, v *victim, method string, args ...any) V {
	t.Helper()
	return tell[V](t, v.witness, append([]any{"order", v.pid, method}, args...)...)
}

// signal stops, continues or kills the process.
func (v *victim) signal(t *testing.T, method string) {
	t.Helper()
	v.dead = v.dead || method == "kill"
	tell[any](t, v.witness, method, v.pid)
}

// gone polls until the server has nothing of the victim any more.
func (v *victim) gone(t *testing.T) {
	t.Helper()
	eventually(t, "the server has noticed the end", func() bool {
		name := fmt.Sprintf("victim-%d", v.pid)
		return !slices.ContainsFunc(v.ward.server.Clients(), func(c managers.ClientInfo) bool {
			return c.Name == name
		})
	})
}

// bury waits until the victim's connection has ended on both sides, and ends its process.
func (v *victim) bury(t *testing.T) {
	t.Helper()
	v.gone(t)
	if !v.dead {
		v.signal(t, "kill")
	}
}
