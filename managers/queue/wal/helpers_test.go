package wal_test

import (
	"fmt"
	"testing"
	"time"

	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/require"
)

// small makes segments short, so that a test has several.
var small = &wal.Options{SegmentSize: 2 << 10, Reserve: 4 << 10}

func open(t testing.TB, f wal.FS, o *wal.Options) *wal.Log {
	t.Helper()
	l, err := wal.Open(f, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// keep appends records and waits for them.
func keep(t testing.TB, l *wal.Log, records ...wal.Record) {
	t.Helper()
	require.NoError(t, try(l, records...))
}

func try(l *wal.Log, records ...wal.Record) error {
	c, err := l.Append(nil, records...)
	if err != nil {
		return err
	}
	return c.Wait()
}

func put(s *wal.Stream, number uint64, data string) wal.Record {
	return wal.Record{Kind: wal.Put, Stream: s, Number: number, Data: [][]byte{[]byte(data)}}
}

func settle(s *wal.Stream, number uint64) wal.Record {
	return wal.Record{Kind: wal.Settle, Stream: s, Number: number, Count: 1}
}

// content is all that a log has, as text.
func shown(t testing.TB, l *wal.Log) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, s := range l.Streams() {
		state, tally, last := s.State()
		lines := []string{fmt.Sprintf("last %d, tally %d, state %q", last, tally, state)}
		require.NoError(t, s.Each(func(e wal.Entry) error {
			lines = append(lines, fmt.Sprintf("%d %v %q", e.Number, e.Attrs, e.Data))
			return nil
		}))
		out[s.Name()] = lines
	}
	return out
}

const (
	waitLong = 30 * time.Second
	tick     = time.Millisecond
)
