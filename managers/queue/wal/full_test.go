package wal_test

import (
	"strings"
	"testing"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fill puts entries until there is no room, and returns the last that was kept.
func fill(t *testing.T, l *wal.Log, from uint64, size int) uint64 {
	t.Helper()
	for i := from; ; i++ {
		err := try(l, put(l.Stream("a"), i, strings.Repeat("z", size)))
		if err == nil {
			continue
		}
		var space *wal.SpaceError
		require.ErrorAs(t, err, &space)
		require.ErrorIs(t, err, noSpaceError)
		require.Greater(t, i, from)
		return i - 1
	}
}

func TestAFullDiskCanBeDrainedAndFilledAgain(t *testing.T) {
	f := newMemFS()
	f.room = 200 << 10
	o := &wal.Options{SegmentSize: 16 << 10, Reserve: 8 << 10}
	l := open(t, f, o)
	last := fill(t, l, 1, 1000)
	assert.True(t, l.Stats().Full)
	half := last / 2
	for i := uint64(1); i <= half; i++ {
		require.NoError(t, try(l, settle(l.Stream("a"), i)), "%d of %d", i, last)
	}
	before := shown(t, l)
	require.NoError(t, l.Close())
	l = open(t, f, o)
	require.Equal(t, before, shown(t, l))
	again := fill(t, l, last+1, 1000)
	assert.Greater(t, again-last, half/2)
	for i := half + 1; i <= again; i++ {
		require.NoError(t, try(l, settle(l.Stream("a"), i)))
	}
	require.NoError(t, l.Close())
	l = open(t, f, o)
	assert.Zero(t, l.Stats().Entries)
	assert.Greater(t, fill(t, l, again+1, 1000)-again, last/2)
}

func TestWhatWasRefusedForWantOfRoomIsNotThere(t *testing.T) {
	f := newMemFS()
	f.room = 100 << 10
	l := open(t, f, small)
	last := fill(t, l, 1, 3000)
	require.NoError(t, l.Close())
	l = open(t, f, small)
	assert.Equal(t, int(last), l.Stats().Entries)
}

func TestWhatCouldNotEvenBeSettledIsSettledLater(t *testing.T) {
	f := newMemFS()
	f.room = 64 << 10
	l := open(t, f, &wal.Options{SegmentSize: 32 << 10, Reserve: 100})
	a := l.Stream("a")
	last := fill(t, l, 1, 300)
	last = fill(t, l, last, 1) // into the last gap
	f.mu.Lock()
	f.room = 1 // nothing at all
	for _, n := range f.names {
		n.bytes = n.bytes[:filled(n):filled(n)]
	}
	f.mu.Unlock()
	refused := 0
	for i := uint64(1); i <= last; i++ {
		if try(l, settle(a, i)) != nil {
			refused++
		}
	}
	require.NotZero(t, refused)
	f.mu.Lock()
	f.room = 0
	f.mu.Unlock()
	require.NoError(t, l.Close())
	assert.Zero(t, open(t, f, nil).Stream("a").Len())
}

func TestAfterASyncThatFailedNothingIsAcknowledged(t *testing.T) {
	for fails := 1; fails < 30; fails++ {
		f := newMemFS()
		f.failSync[fails] = true
		l, err := wal.Open(f, small)
		if err != nil {
			require.ErrorIs(t, err, errNoise)
			continue
		}
		acked, failed := 0, false
		for i := range uint64(40) {
			err := try(l, put(l.Stream("a"), i, strings.Repeat("w", 100)))
			require.False(t, err == nil && failed, "acknowledged after a failure")
			if err != nil {
				require.ErrorIs(t, err, errNoise)
				failed = true
			} else {
				acked++
			}
		}
		if failed {
			<-l.Failed()
			require.ErrorIs(t, l.Err(), errNoise)
		}
		_ = l.Close()
		f.failSync = map[int]bool{}
		l, err = wal.Open(f, small)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, l.Stats().Entries, acked)
		assert.LessOrEqual(t, l.Stats().Entries, acked+1)
		require.NoError(t, l.Close())
	}
}

func TestADiskThatIsFullFromTheFirstRefusesWhatIsPut(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	f.mu.Lock()
	f.room = f.used() + 100 // a header, and no more
	f.mu.Unlock()
	var space *wal.SpaceError
	require.ErrorAs(t, try(l, put(l.Stream("a"), 1, strings.Repeat("x", 10_000))), &space)
	require.NoError(t, try(l, settle(l.Stream("a"), 1)))
	f.mu.Lock()
	f.room = 0
	f.mu.Unlock()
	keep(t, l, put(l.Stream("a"), 2, "y"))
	require.NoError(t, l.Close())
	assert.Equal(t, []uint64{2}, entries(t, open(t, f, small), "a"))
}
