//go:build linux && (amd64 || arm64)

package interop_test

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// locksPeer is a Python with semaphores.py, which shares what package synchronize makes.
type locksPeer struct {
	*interop.Peer
	py interop.Python
}

func startLocks(t *testing.T, py interop.Python) locksPeer {
	t.Helper()
	return locksPeer{startPeer(t, py, "semaphores.py"), py}
}

// locksReply is an answer of semaphores.py.
type locksReply struct {
	Pickle, Error, Text string
	Value               any
}

// load gives the peer an object of this package under a name.
func (p locksPeer) load(t *testing.T, name string, x any) {
	t.Helper()
	p.loadWith(t, name, x, new(synchronize.Pickler))
}

func (p locksPeer) loadWith(t *testing.T, name string, x any, pickler *synchronize.Pickler) {
	t.Helper()
	native := p.py.Profile.NativeBytes
	pickler.Python2 = native
	o, err := pickler.Object(x)
	require.NoError(t, err)
	data, err := (&pickle.EncodeOptions{Protocol: 2, NativeBytes: native}).Marshal(o)
	require.NoError(t, err)
	p.ask(t, map[string]string{"load": hex.EncodeToString(data), "as": name})
}

// dump is what the peer pickles for a child.
func (p locksPeer) dump(t *testing.T, expression string) []byte {
	t.Helper()
	data, err := hex.DecodeString(p.ask(t, map[string]string{"dump": expression}).Pickle)
	require.NoError(t, err)
	return data
}

// do runs statements.
func (p locksPeer) do(t *testing.T, statements string) {
	t.Helper()
	p.ask(t, map[string]string{"do": statements})
}

// eval is the value of an expression.
func (p locksPeer) eval(t *testing.T, expression string) any {
	t.Helper()
	return p.ask(t, map[string]string{"eval": expression}).Value
}

// raises is the class of the exception that statements raise.
func (p locksPeer) raises(t *testing.T, statements string) string {
	t.Helper()
	return ask[locksReply](t, p.Peer, map[string]string{"do": statements}).Error
}

// begin has the peer do what takes until ended reads its answer.
func (p locksPeer) begin(t *testing.T, expression string) {
	t.Helper()
	require.NoError(t, p.Send(map[string]string{"eval": expression}))
}

// ended is the value of what was begun.
func (p locksPeer) ended(t *testing.T) any {
	t.Helper()
	var r locksReply
	require.NoError(t, p.Answer(patience, &r))
	require.Empty(t, r.Error, r.Text)
	return r.Value
}

func (p locksPeer) ask(t *testing.T, request any) locksReply {
	t.Helper()
	r := ask[locksReply](t, p.Peer, request)
	require.Empty(t, r.Error, r.Text)
	return r
}

// named is an object whose name goes when the test ends.
func named[T interface {
	Unlink() error
	Close() error
}](t *testing.T) func(x T, err error) T {
	return func(x T, err error) T {
		t.Helper()
		require.NoError(t, err)
		t.Cleanup(func() {
			_ = x.Close()
			if err := x.Unlink(); !errors.Is(err, fs.ErrNotExist) {
				assert.NoError(t, err)
			}
		})
		return x
	}
}

func TestPythonGetsALockOfItsOwnClassFromGo(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		lock := named[*synchronize.Lock](t)(synchronize.NewLock(nil))
		peer := startLocks(t, py)
		peer.load(t, "lock", lock)
		assert.Equal(t, true, peer.eval(t, "isinstance(lock, synchronize.Lock)"))

		assert.Equal(t, true, peer.eval(t, "lock.acquire(False)"))
		assert.True(t, lock.Locked())
		assert.False(t, lock.TryAcquire())
		peer.do(t, "lock.release()")
		assert.Equal(t, "ValueError", className(peer.raises(t, "lock.release()")))

		require.NoError(t, lock.Acquire(soon(t)))
		assert.Equal(t, false, peer.eval(t, "lock.acquire(False)"))
		assert.Equal(t, false, peer.eval(t, "lock.acquire(True, 0.01)"))
		peer.begin(t, "lock.acquire()")
		require.NoError(t, lock.Release())
		assert.Equal(t, true, peer.ended(t))
		require.NoError(t, lock.Release())
		require.ErrorIs(t, lock.Release(), synchronize.ErrReleased)
	})
}

func TestGoGetsALockFromPython(t *testing.T) {
	forEachPython3(t, func(t *testing.T, py interop.Python) {
		peer := startLocks(t, py)
		peer.do(t, "lock = ctx.Lock()")
		var v any
		require.NoError(t, pickle.Unmarshal(peer.dump(t, "lock"), &v))
		x, err := new(synchronize.Unpickler).Object(v)
		require.NoError(t, err)
		lock, ok := x.(*synchronize.Lock)
		require.True(t, ok, "%T", x)
		defer lock.Close()

		peer.do(t, "lock.acquire()")
		ended := make(chan error)
		go func() { ended <- lock.Acquire(soon(t)) }()
		peer.do(t, "lock.release()")
		require.NoError(t, <-ended)
		assert.Equal(t, false, peer.eval(t, "lock.acquire(False)"))
		require.NoError(t, lock.Release())
		assert.Equal(t, true, peer.eval(t, "lock.acquire(False)"))
	})
}

// className is the name of a class without its module.
func className(full string) string { return full[strings.LastIndex(full, ".")+1:] }
