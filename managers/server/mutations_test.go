//go:build linux

package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mpbridge/internal/dice"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// envMutations is how many mutated requests TestMutatedRequestsAreAnsweredOrRefused sends.
const envMutations = "MPBRIDGE_MUTATIONS"

const (
	fewMutations    = 20_000
	mutantsTogether = 200 // requests of one session
	serverSessions  = 50  // after so many a new server: a lock that was left locked makes most sessions short
	// keptMost is what a server may hold at the end: its limits are a small part of it.
	keptMost = 64 << 20
)

// panicked is a log that counts methods that panicked. The server survives them; they are faults.
type panicked struct {
	slog.Handler
	n *atomic.Int64
}

func (p panicked) Enabled(context.Context, slog.Level) bool { return true }

func (p panicked) WithAttrs([]slog.Attr) slog.Handler { return p }

func (p panicked) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		p.n.Add(1)
	}
	return nil
}

// TestMutatedRequestsAreAnsweredOrRefused plays sessions of real Pythons in which most requests were
// changed. Where FuzzSession looks for new ways through the code, this is about number: no panic, no memory
// out of proportion, an honest client served in between.
func TestMutatedRequestsAreAnsweredOrRefused(t *testing.T) {
	want := fewMutations
	if n, err := strconv.Atoi(os.Getenv(envMutations)); err == nil {
		want = n
	}
	m := &mutator{rand: dice.New(t)}
	for _, requests := range recorded(t) {
		m.pythons = append(m.pythons, requests)
	}
	slices.SortFunc(m.pythons, func(a, b [][]byte) int { return slices.Compare(a[0], b[0]) })
	m.parts = taken(m.pythons)
	var panics atomic.Int64
	answered, sessions := 0, 0
	m.kinds = make(map[string]int)
	for answered < want {
		s := sharing(t, slog.New(panicked{slog.DiscardHandler, &panics}))
		server.LookOut(s, time.Millisecond)
		for range serverSessions {
			answered += m.session(t, s)
			sessions++
		}
		require.Zero(t, panics.Load(), "session %d: a method panicked", sessions)
		replies := converse(t, s, frames([][]byte{honestRequest(t)}))
		require.Contains(t, string(replies), "#RETURN", "an honest client is answered")
		kept := held()
		require.Less(t, kept, uint64(keptMost), "session %d: bytes held", sessions)
		require.NoError(t, s.Close())
	}
	t.Logf("%d mutated requests in %d sessions were answered: %v", answered, sessions, m.kinds)
	for _, kind := range replyKinds {
		require.NotZero(t, m.kinds[kind], "mutations reach all that a server does")
	}
}

// held is how much memory is in use.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// mutator changes requests.
type mutator struct {
	rand    *rand.Rand
	pythons [][][]byte
	parts   parts
	kinds   map[string]int // of replies
}

var replyKinds = []string{"#RETURN", "#ERROR", "#TRACEBACK", "#PROXY"}

// session plays one session and returns how many changed requests were answered.
func (m *mutator) session(t *testing.T, s *server.Server) int {
	t.Helper()
	requests := m.pythons[m.rand.IntN(len(m.pythons))]
	play := [][]byte{requests[0]}
	for range mutantsTogether {
		if m.rand.IntN(2) == 0 {
			play = append(play, m.recombine(t))
		} else {
			play = append(play, m.mutate(requests[1+m.rand.IntN(len(requests)-1)]))
		}
	}
	stream := frames(play)
	if m.rand.IntN(16) == 0 { // a frame, too, may be anything
		stream[m.rand.IntN(len(stream))] ^= 1 << m.rand.IntN(8)
	}
	before := allocated()
	replies := converse(t, s, stream)
	grown := allocated() - before
	require.Less(t, grown, uint64(sessionBase+sessionFactor*len(stream)), "bytes allocated")
	for _, kind := range replyKinds {
		m.kinds[kind] += bytes.Count(replies, []byte(kind))
	}
	return max(countFrames(replies)-1, 0)
}

// mutate returns a changed copy. Mostly its frame keeps the right length, without which nothing is looked at.
func (m *mutator) mutate(request []byte) []byte {
	out := slices.Clone(request)
	for range 1 + m.rand.IntN(3)/2 {
		at := m.within(len(out))
		to := min(at+1+m.rand.IntN(8), len(out))
		switch m.rand.IntN(7) {
		case 0:
			out[at] = byte(m.rand.Uint32())
		case 1:
			out[at] ^= 1 << m.rand.IntN(8)
		case 2:
			out = slices.Insert(out, at, out[at:to]...)
		case 3:
			out = append(slices.Delete(out, at, to), '.')
		case 4: // a part of another request, which may be another opcode's argument
			other := m.pythons[m.rand.IntN(len(m.pythons))]
			from := other[m.rand.IntN(len(other))]
			i := m.within(len(from))
			out = slices.Insert(out, at, from[i:min(i+16, len(from))]...)
		case 5: // a number that is larger than anything
			out = slices.Insert(out, at, 0xff, 0xff, 0xff, 0x7f)
		case 6: // a byte that may be a letter of a name or a small number, by one
			out[at]++
		}
	}
	const header = 2 + 9 // PROTO and FRAME
	if len(out) > header && out[2] == 0x95 && m.rand.IntN(8) > 0 {
		binary.LittleEndian.PutUint64(out[3:], uint64(len(out)-header))
	}
	return out
}

// parts are what recorded requests consist of.
type parts struct {
	objects []object
	args    []any
}

// object is one that was called, and by which methods.
type object struct {
	ident   string
	methods []string
}

// oddValues are arguments that lead to the ends of ranges.
var oddValues = []any{
	nil, true, 0, -1, int64(1 << 40), int64(math.MinInt64), new(big.Int).Lsh(big.NewInt(-7), 300), 0.5, math.NaN(), math.Inf(1),
	"", "key", "\ud7ff", []byte{0}, []any{}, []any{1, []any{2}}, pickle.Tuple{1, "two"}, pickle.NewDict("k", 1),
	pickle.Slice{Stop: 1 << 30, Step: -1},
}

// taken takes requests apart.
func taken(pythons [][][]byte) (p parts) {
	methods := make(map[string][]string)
	for _, requests := range pythons {
		for _, r := range requests {
			var e pickle.Envelope
			if e.Parse(bytes.Clone(r)) != nil {
				continue
			}
			ident, method := string(e.Ident), string(e.Method)
			if !slices.Contains(methods[ident], method) {
				methods[ident] = append(methods[ident], method)
			}
			for _, a := range e.Args {
				p.args = append(p.args, a.Clone())
			}
		}
	}
	for _, ident := range slices.Sorted(maps.Keys(methods)) {
		p.objects = append(p.objects, object{ident, methods[ident]})
	}
	p.args = append(p.args, oddValues...)
	return p
}

// recombine returns a request that is well formed and which nobody has sent: what one object was asked, with
// other arguments, and now and then of another object.
func (m *mutator) recombine(t *testing.T) []byte {
	t.Helper()
	o := m.parts.objects[m.rand.IntN(len(m.parts.objects))]
	method := o.methods[m.rand.IntN(len(o.methods))]
	if m.rand.IntN(8) == 0 {
		o = m.parts.objects[m.rand.IntN(len(m.parts.objects))]
	}
	args := pickle.Tuple{}
	for range m.rand.IntN(4) {
		args = append(args, m.parts.args[m.rand.IntN(len(m.parts.args))])
	}
	options := &pickle.EncodeOptions{Protocol: 2 + m.rand.IntN(4)}
	data, err := options.Marshal(pickle.Tuple{o.ident, method, args, pickle.NewDict()})
	require.NoError(t, err)
	if m.rand.IntN(4) == 0 {
		return m.mutate(data)
	}
	return data
}

// within is a place in a request of n bytes. Most are behind the ident, where the method and arguments are: a
// request for an object that there is not ends early.
func (m *mutator) within(n int) int {
	if m.rand.IntN(8) == 0 {
		return m.rand.IntN(n)
	}
	return n/2 + m.rand.IntN(n-n/2)
}

func countFrames(data []byte) (n int) {
	for len(data) >= 4 {
		size := 4 + int(binary.BigEndian.Uint32(data))
		if size > len(data) {
			return n
		}
		data = data[size:]
		n++
	}
	return n
}
