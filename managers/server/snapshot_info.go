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

// SnapshotObject is one that a snapshot has.
type SnapshotObject struct {
	Kind   string // "queue 0" for a queue, with its queue.Order, else as ObjectInfo.Kind
	Typeid string // the name under which it is shared
	Member string // of a family, the argument
}

// Name is what RestoreOptions.Only calls the object.
func (o SnapshotObject) Name() string { return memberName(o.Typeid, o.Member) }

// SnapshotObjects lists what a snapshot has. The error is a *SnapshotError where it is damaged.
func SnapshotObjects(in io.Reader) (out []SnapshotObject, err error) {
	r, err := newRecordReader(in, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	r.closed = true
	for {
		kind, parts, err := r.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if kind == recordObject && len(parts) == 3 {
			out = append(out, SnapshotObject{string(parts[0]), string(parts[1]), string(parts[2])})
		}
	}
}
