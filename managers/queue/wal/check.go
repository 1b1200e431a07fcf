package wal

import (
	"errors"
	"io"
	"io/fs"
)

// Report is what Check found.
type Report struct {
	Segments int
	Bytes    int64
	Batches  uint64 // in them
	Streams  []StreamReport
	Torn     int // batches at the end that a crash had cut short, and that nobody was told about
	Damages  []Damage
}

// StreamReport is what Check found of a stream.
type StreamReport struct {
	Name    string
	Entries int
	Bytes   int64 // of the entries that are alive, as they are on the disk
}

// Check reads a folder, and changes nothing. The error is a *FormatError, ErrLocked where a program has the folder, or
// one of reading. Damage is no error.
func Check(f FS) (*Report, error) {
	l, err := lockLog(f, nil)
	if err != nil {
		return nil, err
	}
	defer l.letGo()
	return l.check()
}

func (l *Log) check() (*Report, error) {
	var err error
	if l.salt, err = openFormat(l.fs); errors.Is(err, fs.ErrNotExist) {
		err = &FormatError{File: formatFile}
	}
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if r.Damages, err = l.read(); err != nil {
		return nil, err
	}
	r.Segments, r.Bytes, r.Torn = len(l.segments), l.stats.Bytes, l.stats.Torn
	if len(l.segments) > 0 && l.batch >= l.segments[0].first {
		r.Batches = l.batch - l.segments[0].first + 1
	}
	reader := reader{log: l}
	for _, s := range l.index.sorted() {
		sr := StreamReport{Name: s.name}
		for _, n := range s.numbers() {
			e, alive, err := reader.read(s, n)
			if err != nil {
				return nil, err
			}
			if alive {
				sr.Entries++
				sr.Bytes += int64(len(e.Data))
			}
		}
		r.Streams = append(r.Streams, sr)
	}
	return r, nil
}

// Backup copies a folder as it is now, also while a program has it, into one that is empty.
func Backup(from, to FS) error {
	names, err := to.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != lockFile {
			return errNotEmpty
		}
	}
	for {
		err := backup(from, to)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		numbers, err := segmentNumbers(to) // the oldest one went meanwhile: all over again
		for _, n := range numbers {
			err = errors.Join(err, to.Remove(segmentName(n)))
		}
		if err != nil {
			return err
		}
	}
}

var errNotEmpty = errors.New("wal: the folder for the copy is not empty")

func backup(from, to FS) error {
	s, err := openFormat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return &FormatError{File: formatFile}
	}
	if err != nil {
		return err
	}
	numbers, err := segmentNumbers(from)
	if err != nil {
		return err
	}
	for i, n := range numbers {
		if err := copySegment(from, to, s, n, i == len(numbers)-1); err != nil {
			return err
		}
	}
	file, err := makeFile(to, formatFile, appendFormat(nil, s), 0)
	if err != nil {
		return err
	}
	return file.Close()
}

// copySegment copies a segment; of the last one what is whole now.
func copySegment(from, to FS, s salt, number uint32, last bool) error {
	in, err := from.Open(segmentName(number))
	if err != nil {
		return err
	}
	defer in.Close()
	size, err := in.Size()
	if err != nil {
		return err
	}
	if last {
		seg := &segment{number: number, file: in}
		head := make([]byte, segmentHead)
		if _, err := in.ReadAt(head, 0); err != nil {
			return err
		}
		h, err := parseSegmentHeader(head)
		if err != nil {
			return &DamageError{[]Damage{{Segment: segmentName(number), Length: segmentHead, Records: -1}}}
		}
		scan := frames{salt: s, next: h.first, onLoss: func() {},
			each: func(*segment, frameHeader, int64, []byte) bool { return true }}
		if err := scan.segment(seg, 0); err != nil {
			return err
		}
		if size = seg.end; len(scan.damages) > 0 {
			size = seg.room // as it is
		}
	}
	out, err := to.Create(segmentName(number))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.NewOffsetWriter(out, 0), io.NewSectionReader(in, 0, size))
	return errors.Join(err, out.Sync(), out.Close())
}
