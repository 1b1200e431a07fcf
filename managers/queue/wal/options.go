package wal

import (
	"cmp"
	"fmt"
	"time"
)

// Policy says when batches are synced: Always, Never, or every so often.
type Policy time.Duration

const (
	// Always syncs each batch before anybody is told that it is safe.
	Always Policy = 0
	// Never leaves it to the system when what was written reaches the disk. A program that is killed loses nothing, a
	// machine that loses power does.
	Never Policy = -1
)

// ParsePolicy reads "always", "never", or a duration such as "100ms".
func ParsePolicy(text string) (Policy, error) {
	switch text {
	case "always":
		return Always, nil
	case "never":
		return Never, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Millisecond || d > time.Hour {
		return 0, fmt.Errorf("%q is neither always nor never nor a time from 1ms to 1h", text)
	}
	return Policy(d), nil
}

// String is what ParsePolicy reads.
func (p Policy) String() string {
	switch {
	case p < 0:
		return "never"
	case p == Always:
		return "always"
	}
	return time.Duration(p).String()
}

// Options are the settings of a Log; nil means all defaults.
type Options struct {
	// Sync says when batches are synced.
	Sync Policy
	// SegmentSize is from how many bytes on a segment is left for a new one; 0 means 64 MiB, or less on a small disk.
	SegmentSize int64
	// Reserve is how many bytes are kept for settling entries when the disk is full; 0 means a quarter of SegmentSize.
	Reserve int64
	// Lag is for how long a deferred record waits for a batch; 0 means 20 ms.
	Lag time.Duration
	// Idle is after how long without a batch the last one is vouched for; 0 means 10 ms.
	Idle time.Duration
	// Progress is told while the folder is read how many bytes of all have been; nil means nobody is.
	Progress func(done, total int64)
}

const (
	largestSegment  = 64 << 20
	smallestSegment = 1 << 20
	// diskShare is of how many segments at most a disk consists.
	diskShare = 64
)

// with returns the options with their defaults, for a disk of that capacity.
func (o *Options) with(capacity int64) Options {
	var out Options
	if o != nil {
		out = *o
	}
	size := int64(largestSegment)
	if capacity > 0 {
		size = min(max(capacity/diskShare, smallestSegment), largestSegment)
	}
	out.SegmentSize = min(cmp.Or(out.SegmentSize, size), largestSegment)
	out.Reserve = max(cmp.Or(out.Reserve, out.SegmentSize/4), segmentHead)
	out.Lag = cmp.Or(out.Lag, 20*time.Millisecond)
	out.Idle = cmp.Or(out.Idle, 10*time.Millisecond)
	return out
}
