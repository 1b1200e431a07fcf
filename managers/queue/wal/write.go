package wal

import (
	"errors"
	"fmt"
	"time"
)

// write writes a batch at the end, and syncs it where Options.Sync says so. After a *SpaceError the files are as before.
func (l *Log) write(b *batch) error {
	if len(b.records) == 0 { // who only waits for what came before
		return nil
	}
	puts := b.hasPuts()
	if l.full && puts {
		if err := l.restoreReserve(); err != nil {
			return err
		}
	}
	err := l.makeRoom(b)
	if err == nil {
		err = l.writeFrame(b)
	}
	if puts && (err == nil || isSpace(err)) {
		l.setFull(err != nil)
	}
	return err
}

func (b *batch) hasPuts() bool {
	for _, c := range b.commits {
		if c.puts {
			return true
		}
	}
	return false
}

// setFull notes whether the last entry was refused for want of room.
func (l *Log) setFull(full bool) {
	l.ix.Lock()
	defer l.ix.Unlock()
	l.full, l.stats.Full = full, full
}

// active is the segment that is written.
func (l *Log) active() *segment { return l.segments[len(l.segments)-1] }

// makeRoom begins a new segment where the last one is long enough, and makes room in it for a batch.
func (l *Log) makeRoom(b *batch) error {
	if len(l.segments) == 0 || l.active().end >= l.opts.SegmentSize {
		if err := l.newSegment(); err != nil {
			return err
		}
	}
	size := frameSize(b.payload())
	err := l.active().allocate(size, l.step())
	if tooLong(err) && l.active().end > l.begun { // a limit of the size of files leaves room in another one
		if l.newSegment() == nil {
			err = l.active().allocate(size, l.step())
		}
	}
	return err
}

// step is how much a segment grows at a time.
func (l *Log) step() int64 { return max(l.opts.SegmentSize/16, 4<<10) }

// writeFrame writes the frame of a batch where there is room for it, and notes what it says.
func (l *Log) writeFrame(b *batch) error {
	seg := l.active()
	at := seg.end
	pieces := b.frame(frameHeader{batch: l.batch + 1, synced: l.synced}, l.salt)
	if err := seg.write(pieces); err != nil {
		return err
	}
	if !l.dirty() {
		l.dirtyAt = time.Now()
	}
	l.batch++
	if l.opts.Sync == Always {
		if err := l.sync(); err != nil {
			return err
		}
	}
	l.ix.Lock()
	defer l.ix.Unlock()
	for i := range b.records {
		r := &b.records[i]
		l.index.apply(&r.Record, seg.slot, at+frameHead+r.off, r.size)
	}
	l.stats.Batches++
	l.stats.Records += uint64(len(b.records))
	l.count()
	return nil
}

// count brings the numbers up to date. The caller holds ix.
func (l *Log) count() {
	l.stats.Bytes, l.stats.Segments = 0, len(l.segments)
	for _, s := range l.segments {
		l.stats.Bytes += s.end
	}
}

// sync makes all that was written stable.
func (l *Log) sync() error {
	if l.synced == l.batch || len(l.segments) == 0 {
		return nil
	}
	begun := time.Now()
	if err := l.active().file.Sync(); err != nil {
		return err
	}
	l.syncedAt = time.Now()
	l.pace.took(l.syncedAt.Sub(begun))
	l.synced = l.batch
	l.ix.Lock()
	l.stats.Syncs++
	l.ix.Unlock()
	return nil
}

// unvouched tells whether the last batch was synced and no frame says so.
func (l *Log) unvouched() bool { return l.synced == l.batch && l.marked < l.batch }

// vouch writes an empty frame that says that the batch before it was synced. It is not synced itself: it says nothing
// that must not be lost.
func (l *Log) vouch() {
	seg, b := l.active(), newBatch()
	l.marked = l.batch + 1
	if seg.allocate(frameSize(0), l.step()) != nil {
		return
	}
	if seg.write(b.frame(frameHeader{batch: l.batch + 1, synced: l.synced}, l.salt)) == nil {
		l.batch++
	}
}

// newSegment begins the next segment, with the names and states of all streams.
func (l *Log) newSegment() error {
	if err := l.sync(); err != nil {
		return err
	}
	number := l.nextNumber()
	head := segmentHeader{l.salt, number, l.batch + 1}.append(nil)
	return l.beginSegment(number, func(name string) (File, error) {
		return makeFile(l.fs, name, head, 0)
	})
}

// nextNumber is that of the next segment.
func (l *Log) nextNumber() uint32 {
	if len(l.segments) == 0 {
		return 1
	}
	return l.active().number + 1
}

var errTooMany = errors.New("too many segments")

// beginSegment makes a file the one that is written.
func (l *Log) beginSegment(number uint32, open func(name string) (File, error)) error {
	if len(l.segments) == maxSegments {
		return &SpaceError{errTooMany}
	}
	file, err := open(segmentName(number))
	if err != nil {
		return err
	}
	room, err := file.Size()
	if err != nil {
		return err
	}
	seg := &segment{number: number, first: l.batch + 1, file: file, end: segmentHead, room: room}
	l.ix.Lock()
	l.segments = append(l.segments, seg)
	l.index.slot(seg)
	l.count()
	l.ix.Unlock()
	if err := l.writeStates(seg); err != nil {
		if isSpace(err) {
			return l.dropEmpty(seg, err)
		}
		return err
	}
	l.begun = seg.end
	return nil
}

// dropEmpty takes a segment back that could not be begun. Its place is free again.
func (l *Log) dropEmpty(seg *segment, cause error) error {
	_ = seg.file.Close()
	if err := errors.Join(l.fs.Remove(segmentName(seg.number)), l.fs.SyncDir()); err != nil {
		return fmt.Errorf("wal: an empty segment: %w", err)
	}
	l.ix.Lock()
	defer l.ix.Unlock()
	l.segments = l.segments[:len(l.segments)-1]
	l.index.segments[seg.slot] = nil
	l.count()
	return cause
}

// writeStates writes the frame that makes older segments unnecessary for all but their entries.
func (l *Log) writeStates(seg *segment) error {
	b := newBatch()
	for _, s := range l.index.sorted() {
		b.add(Record{Kind: define, Stream: s})
		b.add(Record{Kind: absolute, Stream: s, Number: s.last, Delta: s.tally, State: s.state})
	}
	if len(b.records) == 0 {
		return nil
	}
	if err := seg.allocate(frameSize(b.payload()), l.step()); err != nil {
		return err
	}
	return l.writeFrame(b)
}
