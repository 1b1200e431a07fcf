package queues_test

import (
	"bytes"
	"testing"

	"mpbridge/connection"
	"mpbridge/queues"
)

// FuzzFrames: what comes in pieces is what comes at once, and what was put together is taken apart.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 'x', 0, 0, 0, 0}, uint8(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 2, 'x', 'y'}, uint8(3))
	f.Add([]byte{0x80, 0, 0, 0}, uint8(2))
	f.Add([]byte{0, 0, 16, 0, 'l', 'o', 'n', 'g'}, uint8(200))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		const limit = 1 << 10
		var pieces [][]byte
		for rest := data; len(rest) > 0; {
			n := min(len(rest), int(size)+1)
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		once, err1 := queues.ReadFrames(limit, [][]byte{data})
		parts, err2 := queues.ReadFrames(limit, pieces)
		if (err1 == nil) != (err2 == nil) || len(once) != len(parts) {
			t.Fatalf("%d frames, %v; in pieces %d, %v", len(once), err1, len(parts), err2)
		}
		var again []byte
		for i := range once {
			if !bytes.Equal(once[i], parts[i]) {
				t.Fatalf("frame %d differs", i)
			}
			if uint64(len(once[i])) > limit {
				t.Fatalf("frame %d is beyond the limit", i)
			}
			again = append(connection.AppendHeader(again, uint64(len(once[i]))), once[i]...)
		}
		more, err := queues.ReadFrames(limit, [][]byte{again})
		if err != nil || len(more) != len(once) {
			t.Fatalf("what was put together again has %d frames, not %d: %v", len(more), len(once), err)
		}
	})
}
