package server

import (
	"errors"
	"io"
	"math"

	"mpbridge/managers"
)

// countRecord counts a record.
func countRecord(i *managers.SnapshotInfo, kind byte, parts [][]byte) {
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
func CheckSnapshot(in io.Reader) (managers.SnapshotInfo, error) {
	r, err := newRecordReader(in, math.MaxInt64)
	if err != nil {
		return managers.SnapshotInfo{}, err
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
