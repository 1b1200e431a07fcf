package wal_test

import (
	"fmt"
	"strings"
	"testing"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entries are the numbers of a stream's entries that are alive.
func entries(t *testing.T, l *wal.Log, stream string) (out []uint64) {
	t.Helper()
	require.NoError(t, l.Stream(stream).Each(func(e wal.Entry) error {
		out = append(out, e.Number)
		return nil
	}))
	return out
}

func TestARepairLosesTheBatchThatIsDamagedAndNoOther(t *testing.T) {
	f, _ := twenty(t)
	at := strings.Index(string(f.names[firstSegment].bytes), "item 7")
	for name, damage := range map[string]func(b []byte){
		"a bit of an item":   func(b []byte) { b[at] ^= 1 },
		"a bit of a header":  func(b []byte) { b[at-40] ^= 4 },
		"a batch of zeros":   func(b []byte) { clear(b[at-40 : at+8]) },
		"the segment's head": func(b []byte) { b[3] ^= 1; b[at] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			f := f.clone()
			damage(f.names[firstSegment].bytes)
			lost, err := wal.Repair(f)
			require.NoError(t, err)
			assert.Len(t, lost, 1)
			l := open(t, f, twentyOptions)
			got := entries(t, l, "jobs")
			assert.Len(t, got, 19)
			assert.NotContains(t, got, uint64(8))
			keep(t, l, put(l.Stream("jobs"), 99, "goes on"))
			require.NoError(t, l.Close())
			assert.Len(t, entries(t, open(t, f, twentyOptions), "jobs"), 20)
			names, _ := f.List()
			assert.Contains(t, strings.Join(names, " "), "damaged-"+firstSegment)
		})
	}
}

func TestWhereTheNameOfAStreamIsLostItsEntriesAreNot(t *testing.T) {
	f, _ := twenty(t)
	at := strings.Index(string(f.names[firstSegment].bytes), "jobs")
	f.names[firstSegment].bytes[at] ^= 1
	lost, err := wal.Repair(f)
	require.NoError(t, err)
	require.Len(t, lost, 1)
	assert.Len(t, entries(t, open(t, f, twentyOptions), wal.LostName+"1"), 19)
}

func TestAFormatFileThatIsLostIsMadeAgain(t *testing.T) {
	for name, change := range map[string]func(*memFS){
		"gone":    func(f *memFS) { delete(f.names, "format") },
		"damaged": func(f *memFS) { f.names["format"].bytes[20] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			f, states := twenty(t)
			change(f)
			lost, err := wal.Repair(f)
			require.NoError(t, err)
			assert.Empty(t, lost)
			assert.Equal(t, states[20], fmt.Sprint(shown(t, open(t, f, twentyOptions))))
		})
	}
}

func TestSegmentsThatAreMissingLoseNoOthers(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	for i := range uint64(100) {
		keep(t, l, put(l.Stream("a"), i, strings.Repeat("x", 100)))
	}
	require.NoError(t, l.Close())
	delete(f.names, "00000002.seg")
	delete(f.names, "00000003.seg")
	lost, err := wal.Repair(f)
	require.NoError(t, err)
	require.Len(t, lost, 1)
	gone := int(lost[0].Last - lost[0].First + 1)
	left := entries(t, open(t, f, small), "a")
	assert.Greater(t, len(left), 100-gone)
	assert.Contains(t, left, uint64(0))
	assert.Contains(t, left, uint64(99))
}

func TestARepairOfWhatIsWholeChangesNothing(t *testing.T) {
	f, states := twenty(t)
	lost, err := wal.Repair(f)
	require.NoError(t, err)
	assert.Empty(t, lost)
	assert.Equal(t, states[20], fmt.Sprint(shown(t, open(t, f, twentyOptions))))
}

func TestACheckSaysWhatThereIsAndChangesNothing(t *testing.T) {
	f, _ := twenty(t)
	steps := f.steps()
	r, err := wal.Check(f)
	require.NoError(t, err)
	assert.Empty(t, r.Damages)
	assert.Equal(t, []wal.StreamReport{{Name: "jobs", Entries: 20, Bytes: 130}}, r.Streams)
	at := strings.Index(string(f.names[firstSegment].bytes), "item 7")
	f.names[firstSegment].bytes[at] ^= 1
	r, err = wal.Check(f)
	require.NoError(t, err)
	assert.Len(t, r.Damages, 1)
	assert.Equal(t, steps, f.steps())
}

func TestACheckWaitsForNoProgramThatHasTheFolder(t *testing.T) {
	f := newMemFS()
	open(t, f, nil)
	_, err := wal.Check(f)
	assert.ErrorIs(t, err, wal.ErrLocked)
	_, err = wal.Repair(f)
	assert.ErrorIs(t, err, wal.ErrLocked)
}

func TestABackupOfALogThatIsWrittenIsAStateThatWas(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := uint64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if try(l, put(l.Stream("a"), i, strings.Repeat("x", 50))) != nil {
				return
			}
			if i%3 > 0 {
				_ = try(l, settle(l.Stream("a"), i))
			}
		}
	}()
	defer func() { close(stop); <-ended }()
	for range 10 {
		before := l.Stats().Batches
		require.Eventually(t, func() bool { return l.Stats().Batches > before+20 }, waitLong, tick)
		to := newMemFS()
		require.NoError(t, wal.Backup(f, to))
		copied := open(t, to, small)
		assert.NotEmpty(t, shown(t, copied))
		require.NoError(t, copied.Close())
	}
	assert.Error(t, wal.Backup(f, f), "not onto itself")
}
