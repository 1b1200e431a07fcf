package managers

import (
	"errors"
	"io"
	"math"
	"time"
)

// SnapshotInfo says what a snapshot holds.
type SnapshotInfo struct {
	// Format is 2, or 1 for what earlier versions wrote, which knew neither Generation, Time nor Final.
	Format int
	// Generation is the number that was given to Snapshot.
	Generation uint64
	// Time is when the writing began.
	Time time.Time
	// Final tells that no client was connected any more, nor could be: nothing has changed since.
	Final bool
	// Objects and Items are how many objects it holds, and items in its queues.
	Objects, Items int
	// Skipped are the names of objects that are not in it: a method that did not end held them.
	Skipped []string
	// Bytes is its length.
	Bytes int64
}

// count counts a record.
func (i *SnapshotInfo) count(kind byte, parts [][]byte) {
	switch {
	case kind == recordObject:
		i.Objects++
	case kind == recordItem:
		i.Items++
	case kind == recordSkipped && len(parts) == 2:
		i.Skipped = append(i.Skipped, memberName(string(parts[0]), string(parts[1])))
	}
}

// CheckSnapshot reads a snapshot to its end without opening what it holds. The error is a *SnapshotError
// where it is damaged.
func CheckSnapshot(in io.Reader) (SnapshotInfo, error) {
	r, err := newRecordReader(in, math.MaxInt64)
	if err != nil {
		return SnapshotInfo{}, err
	}
	r.closed = true
	for {
		if _, _, err := r.next(); errors.Is(err, io.EOF) {
			return r.info, nil
		} else if err != nil {
			return r.info, err
		}
	}
}
