//go:build linux && (amd64 || arm64)

package interop_test

import (
	"fmt"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// semaphorePython defines what a Python does in a round trip: it releases one semaphore and waits for another.
const semaphorePython = `
def echo(n):
    for i in range(n):
        there.acquire()
        back.release()
def drive(n):
    for i in range(n):
        there.release()
        back.acquire()
`

// BenchmarkSemaphoresWithPython is a round trip over two semaphores between two processes: two stock Pythons,
// and one with Go in the place of either. Compare within one run.
func BenchmarkSemaphoresWithPython(b *testing.B) {
	py, ok := interop.Find()[interop.Version{Major: 3, Minor: 13}]
	if !ok {
		b.Skip("no CPython 3.13 was found")
	}
	b.Run("Python and Python", func(b *testing.B) {
		one, two := semaphorePeer(b, py, 0), semaphorePeer(b, py, 0)
		one.share(b, two)
		b.ResetTimer()
		two.begin(b, "echo", b.N)
		one.begin(b, "drive", b.N)
		one.end(b)
		two.end(b)
	})
	for _, spin := range []time.Duration{0, 30 * time.Microsecond} {
		name := ""
		if spin > 0 {
			name = ", which spins"
		}
		b.Run("Go and Python"+name, func(b *testing.B) {
			two := semaphorePeer(b, py, spin)
			b.ResetTimer()
			two.begin(b, "echo", b.N)
			for range b.N {
				require.NoError(b, two.there.Release())
				require.NoError(b, two.back.Acquire(b.Context()))
			}
			two.end(b)
		})
		b.Run("Python and Go"+name, func(b *testing.B) {
			one := semaphorePeer(b, py, spin)
			b.ResetTimer()
			one.begin(b, "drive", b.N)
			for range b.N {
				require.NoError(b, one.there.Acquire(b.Context()))
				require.NoError(b, one.back.Release())
			}
			one.end(b)
		})
	}
}

// semaphoresPeer is a Python with two semaphores of Go.
type semaphoresPeer struct {
	*interop.Peer
	there, back *synchronize.Semaphore
}

func semaphorePeer(b *testing.B, py interop.Python, spin time.Duration) semaphoresPeer {
	b.Helper()
	o := &synchronize.Options{Spin: spin}
	there, err := synchronize.NewSemaphore(0, o)
	require.NoError(b, err)
	b.Cleanup(func() { assert.NoError(b, there.Unlink()) })
	back, err := synchronize.NewSemaphore(0, o)
	require.NoError(b, err)
	b.Cleanup(func() { assert.NoError(b, back.Unlink()) })
	peer, err := interop.StartPeer(py, patience, "testdata/peers/semaphores.py")
	require.NoError(b, err)
	b.Cleanup(func() { _ = peer.Stop() })
	p := semaphoresPeer{peer, there, back}
	p.do(b, semaphorePython)
	p.open(b)
	return p
}

// open gives the peer the semaphores by their names.
func (p semaphoresPeer) open(b *testing.B) {
	for name, s := range map[string]*synchronize.Semaphore{"there": p.there, "back": p.back} {
		p.do(b, fmt.Sprintf("%[1]s = synchronize.Semaphore.__new__(synchronize.Semaphore)\n"+
			"%[1]s.__setstate__((0, 1, %[2]d, %[3]q))", name, s.MaxValue(), s.Name()))
	}
}

// share gives another peer the semaphores of this one.
func (p semaphoresPeer) share(b *testing.B, with semaphoresPeer) {
	with.there, with.back = p.there, p.back
	with.open(b)
}

func (p semaphoresPeer) do(b *testing.B, statements string) {
	b.Helper()
	require.NoError(b, p.Send(map[string]string{"do": statements}))
	p.end(b)
}

func (p semaphoresPeer) begin(b *testing.B, function string, n int) {
	b.Helper()
	require.NoError(b, p.Send(map[string]string{"do": fmt.Sprintf("%s(%d)", function, n)}))
}

func (p semaphoresPeer) end(b *testing.B) {
	b.Helper()
	var r locksReply
	require.NoError(b, p.Answer(5*time.Minute, &r))
	require.Empty(b, r.Error, r.Text)
}
