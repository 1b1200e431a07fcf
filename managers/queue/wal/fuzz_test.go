package wal_test

import (
	"errors"
	"testing"

	"mpbridge/managers/queue/wal"
)

// FuzzPayload reads frames whose records are anything, in a segment that is whole but for that.
func FuzzPayload(f *testing.F) {
	m := newMemFS()
	l := open(f, m, twentyOptions)
	keep(f, l, put(l.Stream("a"), 1, "x"), put(l.Stream("b"), 2, "y"), settle(l.Stream("a"), 1),
		wal.Record{Kind: wal.Move, Stream: l.Stream("b"), Number: 2, To: l.Stream("a"), ToNumber: 5},
		wal.Record{Kind: wal.Tally, Stream: l.Stream("a"), Delta: -1}, wal.Record{Kind: wal.Drop, Stream: l.Stream("b")})
	f.Add(wal.PayloadOf(m.names[firstSegment].bytes), uint32(8), false)
	f.Add([]byte("\x01\x010"), uint32(8), false) // fewer records than it says
	f.Add([]byte{3, 12, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, uint32(1), true)
	f.Fuzz(func(t *testing.T, payload []byte, records uint32, more bool) {
		m := newMemFS()
		format, segment := wal.MakeSegment(payload, records, more)
		m.names["format"] = &inode{fs: m, bytes: format}
		m.names[firstSegment] = &inode{fs: m, bytes: segment}
		l, err := wal.Open(m, twentyOptions)
		if err != nil {
			return
		}
		shown(t, l)
		keep(t, l, put(l.Stream("a"), 1, "goes on"))
		before := shown(t, l)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = open(t, m, twentyOptions)
		if after := shown(t, l); len(after) != len(before) {
			t.Errorf("%v became %v", before, after)
		}
	})
}

// FuzzSegment reads a segment that is anything behind its header.
func FuzzSegment(f *testing.F) {
	_, whole := wal.MakeSegment([]byte("\x01\x02\x01a"), 1, true)
	f.Add(whole[64:])
	_, newer := wal.MakeSegment([]byte("\x01\x02\x09a"), 1, true) // a kind of record that nobody knows
	f.Add(newer[64:])
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newMemFS()
		format, segment := wal.MakeSegment(nil, 0, false)
		m.names["format"] = &inode{fs: m, bytes: format}
		m.names[firstSegment] = &inode{fs: m, bytes: append(segment[:64:64], b...)}
		if l, err := wal.Open(m.clone(), twentyOptions); err == nil {
			shown(t, l)
			_ = l.Close()
			return
		}
		newer := (*wal.FormatError)(nil)
		if _, err := wal.Repair(m); errors.As(err, &newer) {
			return // a batch is whole, and of a program that knows more
		} else if err != nil {
			t.Fatal(err)
		}
		open(t, m, twentyOptions)
	})
}
