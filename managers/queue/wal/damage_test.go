package wal_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const firstSegment = "00000001.seg"

// twentyOptions make its one segment, and the reserve, short.
var twentyOptions = &wal.Options{SegmentSize: 16 << 10, Reserve: 100}

// twenty is a small log of twenty batches, and its states after each.
func twenty(t *testing.T) (*memFS, []string) {
	f := newMemFS()
	l := open(t, f, twentyOptions)
	states := []string{fmt.Sprint(shown(t, l))}
	for i := range uint64(20) {
		keep(t, l, put(l.Stream("jobs"), i+1, fmt.Sprint("item ", i)))
		states = append(states, fmt.Sprint(shown(t, l)))
	}
	require.NoError(t, l.Close())
	return f, states
}

// filled is how many bytes of a file are not the zeros at its end.
func filled(n *inode) int { return len(strings.TrimRight(string(n.bytes), "\x00")) }

func TestWhereverAFileIsCutWhatIsBeforeIsThere(t *testing.T) {
	f, states := twenty(t)
	size := filled(f.names[firstSegment])
	last := 0
	for cut := 64; cut <= size; cut++ {
		torn := f.clone()
		torn.names[firstSegment].bytes = torn.names[firstSegment].bytes[:cut]
		l, err := wal.Open(torn, twentyOptions)
		require.NoError(t, err, "cut at %d", cut)
		at := slices.Index(states, fmt.Sprint(shown(t, l)))
		require.GreaterOrEqual(t, at, last, "cut at %d", cut)
		last = at
		require.NoError(t, l.Close())
	}
	assert.Equal(t, 20, last)
}

func TestNoBitFlipsWithoutNotice(t *testing.T) {
	f, states := twenty(t)
	whole := states[len(states)-1]
	for name, n := range f.names {
		if name == "reserve" || name == "lock" {
			continue
		}
		for i := range filled(n) {
			for bit := range 8 {
				bad := f.clone()
				bad.names[name].bytes[i] ^= 1 << bit
				l, err := wal.Open(bad, twentyOptions)
				if err == nil { // the frame that vouches, and that nobody vouches for
					assert.Equal(t, whole, fmt.Sprint(shown(t, l)), "%s, byte %d, bit %d", name, i, bit)
					require.NoError(t, l.Close())
					continue
				}
				damage, format := new(*wal.DamageError), new(*wal.FormatError)
				require.True(t, errors.As(err, damage) || errors.As(err, format), "%v", err)
			}
		}
	}
}

func TestDamageIsNamed(t *testing.T) {
	f, _ := twenty(t)
	at := strings.Index(string(f.names[firstSegment].bytes), "item 7")
	f.names[firstSegment].bytes[at] ^= 1
	_, err := wal.Open(f, nil)
	var damage *wal.DamageError
	require.ErrorAs(t, err, &damage)
	require.Len(t, damage.Damages, 1)
	d := damage.Damages[0]
	assert.Equal(t, firstSegment, d.Segment)
	assert.Equal(t, []string{"jobs"}, d.Streams)
	assert.Equal(t, 1, d.Records)
	assert.Equal(t, d.First, d.Last)
	assert.Less(t, d.Offset, int64(at))
}

func TestAMissingSegmentIsDamage(t *testing.T) {
	f := newMemFS()
	l := open(t, f, small)
	for i := range uint64(100) {
		keep(t, l, put(l.Stream("a"), i, strings.Repeat("x", 100)))
	}
	require.NoError(t, l.Close())
	delete(f.names, "00000002.seg")
	_, err := wal.Open(f, small)
	var damage *wal.DamageError
	assert.ErrorAs(t, err, &damage)
}

func TestAnotherFormatIsRefused(t *testing.T) {
	for name, change := range map[string]func(f *memFS){
		"a newer one": func(f *memFS) {
			n := f.names["format"]
			n.bytes = []byte(strings.Replace(string(n.bytes), "data 1", "data 2", 1))
		},
		"none":         func(f *memFS) { delete(f.names, "format") },
		"another salt": func(f *memFS) { f.names["format"].bytes = []byte("mpbridge data 1\nsalt 0123456789abcdef\n") },
		"more features": func(f *memFS) {
			wal.SetFeatures(f.names[firstSegment].bytes, 1<<7)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := twenty(t)
			change(f)
			_, err := wal.Open(f, nil)
			format, damage := new(*wal.FormatError), new(*wal.DamageError)
			require.True(t, errors.As(err, format) || errors.As(err, damage), "%v", err)
			assert.False(t, f.locked)
		})
	}
}

func TestAnItemCannotPassForAFrame(t *testing.T) {
	f := newMemFS()
	l := open(t, f, nil)
	keep(t, l, put(l.Stream("a"), 1, "x"))
	keep(t, l, put(l.Stream("a"), 2, string(f.names[firstSegment].bytes[64:64+48])+"of another folder"))
	require.NoError(t, l.Close())
	other := newMemFS() // where the bytes of frames mean nothing
	l = open(t, other, nil)
	keep(t, l, put(l.Stream("a"), 1, string(f.names[firstSegment].bytes[64:512])))
	require.NoError(t, l.Close())
	n := other.names[firstSegment]
	n.bytes[64+20] ^= 1
	_, err := wal.Open(other, nil)
	var damage *wal.DamageError
	require.ErrorAs(t, err, &damage)
	assert.Equal(t, uint64(1), damage.Damages[0].Last)
}

func TestAFolderOfOtherFilesIsNotMadeAJournals(t *testing.T) {
	f := newMemFS()
	_, err := f.Create("letter.txt")
	require.NoError(t, err)
	_, err = wal.Open(f, nil)
	require.ErrorContains(t, err, `"letter.txt"`)
	names, _ := f.List()
	assert.Equal(t, []string{"letter.txt"}, names)
}
