package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// Open reads a folder, which becomes this program's until Close. What it refuses it does not change: a *DamageError, a
// *FormatError, or ErrLocked.
func Open(f FS, o *Options) (*Log, error) {
	l, err := lockLog(f, o)
	if err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		l.letGo()
		return nil, err
	}
	go l.run()
	return l, nil
}

// lockLog makes a log of a folder that was not read yet.
func lockLog(f FS, o *Options) (*Log, error) {
	lock, err := f.Lock()
	if err != nil {
		return nil, err
	}
	return &Log{fs: f, opts: o.with(f.Capacity()), lock: lock, byName: make(map[string]*Stream), open: newBatch(),
		wake: make(chan struct{}, 1), index: newIndex(), failed: make(chan struct{}), ended: make(chan struct{})}, nil
}

// recover reads all there is, and makes the folder ready to be written.
func (l *Log) recover() error {
	var err error
	if l.salt, err = openFormat(l.fs); errors.Is(err, fs.ErrNotExist) {
		l.salt, err = newFormat(l.fs)
	}
	if err != nil {
		return err
	}
	damages, err := l.read()
	if err != nil {
		return err
	}
	if len(damages) > 0 {
		return &DamageError{damages}
	}
	if len(l.segments) > 0 {
		if err := l.cutTail(); err != nil {
			return err
		}
	}
	for _, s := range l.index.sorted() {
		s.defined = true
		l.byName[s.name] = s
		l.nextID = max(l.nextID, s.id)
	}
	return l.findReserve()
}

// read reads all segments, and changes nothing.
func (l *Log) read() ([]Damage, error) {
	numbers, err := segmentNumbers(l.fs)
	if err != nil {
		return nil, err
	}
	damages, err := l.openSegments(numbers)
	if err != nil || len(damages) > 0 {
		return damages, err
	}
	damages, err = l.readSegments()
	l.syncedAt = time.Now()
	l.ix.Lock()
	defer l.ix.Unlock()
	l.count()
	return damages, err
}

// openFormat reads the file format.
func openFormat(f FS) (salt, error) {
	file, err := f.Open(formatFile)
	if err != nil {
		return salt{}, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 256))
	if err != nil {
		return salt{}, err
	}
	return parseFormat(text)
}

// newFormat begins a folder. One that has segments and no format has lost it, and one that has other files is not ours.
func newFormat(f FS) (salt, error) {
	names, err := f.List()
	if err != nil {
		return salt{}, err
	}
	for _, name := range names {
		switch {
		case segmentNumber(name) > 0:
			return salt{}, &FormatError{File: formatFile}
		case name != lockFile && name != newFile:
			return salt{}, fmt.Errorf("wal: the folder is no journal's: it has %q", name)
		}
	}
	s := newSalt()
	file, err := makeFile(f, formatFile, appendFormat(nil, s), 0)
	if err != nil {
		return salt{}, err
	}
	return s, file.Close()
}

// openSegments opens the segments, of which none may be missing.
func (l *Log) openSegments(numbers []uint32) (damages []Damage, err error) {
	for _, n := range numbers {
		seg := &segment{number: n}
		if l.index.slot(seg) == 0 {
			return nil, &SpaceError{errTooMany}
		}
		file, err := l.fs.Open(segmentName(n))
		if err != nil {
			return nil, err
		}
		seg.file = file
		l.segments = append(l.segments, seg)
		head := make([]byte, segmentHead)
		if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		h, err := parseSegmentHeader(head)
		if wrong := (*FormatError)(nil); errors.As(err, &wrong) {
			wrong.File = segmentName(n)
			return nil, wrong
		}
		if err != nil || h.number != n || h.salt != l.salt {
			damages = append(damages, Damage{Segment: segmentName(n), Length: segmentHead, Records: -1})
			continue
		}
		seg.first = h.first
	}
	return damages, nil
}

// readSegments reads all frames.
func (l *Log) readSegments() ([]Damage, error) {
	scan := frames{salt: l.salt, each: l.replayFrame, concerned: l.concerned}
	if len(l.segments) > 0 {
		scan.next = l.segments[0].first
	}
	told := l.progress()
	for i, seg := range l.segments {
		until := uint64(0)
		if i+1 < len(l.segments) && l.segments[i+1].number == seg.number+1 {
			until = l.segments[i+1].first
		}
		if seg.first != scan.next || i > 0 && seg.number != l.segments[i-1].number+1 {
			scan.damages = append(scan.damages, Damage{Segment: segmentName(seg.number), Records: -1, First: scan.next,
				Last: max(seg.first, 1) - 1})
			scan.next = seg.first
		}
		l.lossy = len(scan.damages) > 0 || scan.lost
		scan.onLoss = func() { l.lossy = true }
		if err := scan.segment(seg, until); err != nil {
			return nil, err
		}
		told(seg)
	}
	l.stats.Torn = scan.torn
	l.batch = max(scan.next, 1) - 1
	l.synced = l.batch
	return scan.damages, nil
}

// progress returns what tells how many bytes have been read.
func (l *Log) progress() func(*segment) {
	if l.opts.Progress == nil {
		return func(*segment) {}
	}
	total, done := int64(0), int64(0)
	for _, seg := range l.segments {
		size, _ := seg.file.Size() // it is read next, and fails then
		total += size
	}
	return func(seg *segment) {
		size, _ := seg.file.Size()
		done += size
		l.opts.Progress(done, total)
	}
}

// cutTail cuts the last segment off behind its last good frame, so that what follows is never taken for a frame. What is
// left may never have been synced.
func (l *Log) cutTail() error {
	seg := l.active()
	if seg.room != seg.end {
		if err := seg.file.Truncate(seg.end); err != nil {
			return err
		}
		seg.room = seg.end
	}
	l.begun = seg.end
	return seg.file.Sync()
}

// replayFrame does what a frame says. It returns false where it says what it cannot.
func (l *Log) replayFrame(seg *segment, h frameHeader, off int64, payload []byte) bool {
	ok := true
	return parsePayload(payload, h.records, func(p *parsed) {
		if ok = ok && l.resolve(p); ok {
			l.index.apply(&p.Record, seg.slot, off+frameHead+int64(p.off), p.size)
		}
	}) && ok
}

// resolve finds the streams of a record.
func (l *Log) resolve(p *parsed) bool {
	p.Stream = l.index.streams[p.id]
	if p.Kind == define {
		switch {
		case p.Stream == nil:
			p.Stream = &Stream{log: l, id: p.id, name: p.name}
		case p.Stream.nameless:
			p.Stream.name, p.Stream.nameless = p.name, false
		case p.Stream.name != p.name:
			return false
		}
		return true
	}
	p.Stream = l.orNameless(p.Stream, p.id)
	if p.Kind == Move {
		p.To = l.orNameless(l.index.streams[p.toID], p.toID)
		return p.Stream != nil && p.To != nil
	}
	return p.Stream != nil
}

// orNameless returns a stream whose name was lost with a batch, where s is none and that may have been.
func (l *Log) orNameless(s *Stream, id uint32) *Stream {
	if s != nil || !l.lossy {
		return s
	}
	s = &Stream{log: l, id: id, name: fmt.Sprintf("%s%d", LostName, id), nameless: true}
	l.index.define(s)
	return s
}

// LostName is what the names of streams begin with whose own names were lost with a batch that could not be read.
const LostName = "lost-"

// concerned names the streams of what can be read of a payload.
func (l *Log) concerned(payload []byte) (out []string) {
	seen := map[*Stream]bool{}
	for len(payload) > 0 {
		p, rest, _ := parseRecord(payload)
		if p.size == 0 {
			return out
		}
		if s := l.index.streams[p.id]; s != nil && !seen[s] {
			seen[s] = true
			out = append(out, s.name)
		}
		payload = rest
	}
	return out
}
