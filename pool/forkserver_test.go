//go:build unix

package pool_test

import (
	"syscall"
	"testing"

	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a fork server says.
var (
	forked5      = pool.ForkMessage(0, 1, 5)
	notForked    = pool.ForkMessage(0, 1, -int32(syscall.EAGAIN))
	signalled5   = pool.ForkMessage(1, 5, 0)
	ended5       = pool.ForkMessage(2, 5, 7<<8)
	endedBySig5  = pool.ForkMessage(2, 5, int32(syscall.SIGTERM))
	neverHeardOf = pool.ForkMessage(3, 5, 5)
)

func newForkServer(t *testing.T) pool.ForkServer {
	s := pool.NewForkServer()
	t.Cleanup(s.Close)
	return s
}

func TestAForkServerTellsAWorkersNumberAndEnd(t *testing.T) {
	s := newForkServer(t)
	for msg, want := range map[string]pool.Exit{
		string(ended5):      {Code: 7},
		string(endedBySig5): {Code: -1, Signal: syscall.SIGTERM},
	} {
		w := s.AskFork()
		require.NoError(t, s.Hear(forked5))
		require.True(t, w.Answered())
		require.False(t, w.Ended())
		require.NoError(t, s.Hear([]byte(msg)))
		require.True(t, w.Ended())
		pid, exit, err := w.Result()
		require.NoError(t, err)
		assert.Equal(t, 5, pid)
		assert.Equal(t, want, exit)
	}
}

func TestAForkServerThatCannotForkSaysWhy(t *testing.T) {
	s := newForkServer(t)
	w := s.AskFork()
	require.NoError(t, s.Hear(notForked))
	require.True(t, w.Answered())
	_, _, err := w.Result()
	require.ErrorIs(t, err, syscall.EAGAIN)
}

func TestAForkServerAnswersInOrder(t *testing.T) {
	s := newForkServer(t)
	first := s.AskFork()
	s.AskSignal()
	second := s.AskFork()
	require.NoError(t, s.Hear(forked5))
	require.True(t, first.Answered())
	require.NoError(t, s.Hear(signalled5))
	require.False(t, second.Answered())
	require.NoError(t, s.Hear(notForked))
	require.True(t, second.Answered())
}

func TestWhatNoForkServerSaysIsAnError(t *testing.T) {
	for name, msg := range map[string][]byte{"nothing": nil, "short": forked5[:11],
		"long": append(forked5, 0), "an unknown kind": neverHeardOf, "an unknown child": ended5,
		"no number": pool.ForkMessage(0, 1, 0), "the answer to another request": signalled5} {
		s := newForkServer(t)
		w := s.AskFork()
		require.Error(t, s.Hear(msg), name)
		assert.False(t, w.Answered(), name)
	}
	for _, msg := range [][]byte{forked5, signalled5, neverHeardOf} {
		require.Error(t, newForkServer(t).Hear(msg), "nothing was asked")
	}
	for _, msg := range [][]byte{forked5, neverHeardOf} {
		s := newForkServer(t)
		s.AskSignal()
		require.Error(t, s.Hear(msg), "a signal was asked for")
	}
}

func TestAForkServerCannotNameTwoWorkersTheSame(t *testing.T) {
	s := newForkServer(t)
	s.AskFork()
	require.NoError(t, s.Hear(forked5))
	second := s.AskFork()
	require.Error(t, s.Hear(forked5))
	assert.False(t, second.Answered())
}

// FuzzForkServer: whatever is said, a worker is answered before it ends.
func FuzzForkServer(f *testing.F) {
	for _, msg := range [][]byte{forked5, notForked, signalled5, ended5, neverHeardOf} {
		f.Add(append(append([]byte{}, forked5...), msg...))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		s := newForkServer(t)
		w := s.AskFork()
		s.AskSignal()
		for len(stream) >= 12 && s.Hear(stream[:12]) == nil {
			stream = stream[12:]
			require.True(t, w.Answered())
		}
		if _, _, err := w.Result(); err != nil {
			require.False(t, w.Ended())
		}
	})
}

func TestStartMethodsThatCannotBeAreRefused(t *testing.T) {
	for want, o := range map[string]pool.Options{
		`pool: start method "fork" is unknown: want "spawn" or "forkserver"`:   {StartMethod: "fork"},
		`pool: start method "spawn" cannot preload modules: want "forkserver"`: {Preload: []string{"m"}},
		`pool: start method "forkserver" cannot preload "a b": it is not the name of a module`: {
			StartMethod: pool.Forkserver, Preload: []string{"m", "a b"}},
	} {
		_, err := pool.New(t.Context(), &o)
		var wrong *pool.StartMethodError
		require.ErrorAs(t, err, &wrong)
		require.EqualError(t, err, want)
		require.NoError(t, wrong.Unwrap())
		require.Equal(t, err, o.Check())
	}
	require.NoError(t, (&pool.Options{StartMethod: pool.Forkserver, Preload: []string{"a.b"}}).Check())
}

func TestAForkServerThatIsNoPythonEndsTheStart(t *testing.T) {
	_, err := pool.New(t.Context(), &pool.Options{Python: "/bin/false", StartMethod: pool.Forkserver,
		StartAttempts: 2})
	var start *pool.StartError
	require.ErrorAs(t, err, &start)
	assert.Equal(t, 1, start.Exit.Code)
	assert.Equal(t, 2, start.Attempts)
}
