package wal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// segment is one file of frames.
type segment struct {
	slot   uint16
	number uint32
	first  uint64 // batch
	file   File
	end    int64 // of the last frame
	room   int64 // how far the file is allocated
	live   int64 // bytes of entries that are alive
	alive  int   // entries that are
}

func segmentName(number uint32) string { return fmt.Sprintf("%08d%s", number, segmentExt) }

// segmentNumber is the number of a segment's file, 0 for any other.
func segmentNumber(name string) uint32 {
	text, ok := strings.CutSuffix(name, segmentExt)
	n, err := strconv.ParseUint(text, 10, 32)
	if !ok || err != nil || segmentName(uint32(n)) != name {
		return 0
	}
	return uint32(n)
}

// segmentNumbers returns those of all segments in a folder.
func segmentNumbers(f FS) (out []uint32, err error) {
	names, err := f.List()
	for _, name := range names {
		if n := segmentNumber(name); n > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, err
}

// allocate makes room for n bytes behind the end, in steps: so many bytes more than it takes.
func (s *segment) allocate(n, step int64) error {
	if s.end+n <= s.room {
		return nil
	}
	more := s.end + n - s.room
	for ; ; step /= 4 { // the last room of a disk is less than a step
		n := more
		if step > smallestStep {
			n = (more + step - 1) / step * step
		}
		err := s.file.Allocate(s.room, n)
		switch {
		case err == nil:
			s.room += n
			return nil
		case errors.Is(err, errors.ErrUnsupported):
			return nil
		case !noSpace(err):
			return err
		case n == more:
			return &SpaceError{err}
		}
	}
}

// smallestStep is how little is not allocated in steps any more.
const smallestStep = 4 << 10

// write writes a frame, in pieces, at the end. Where there is no room the file is as before.
func (s *segment) write(pieces [][]byte) error {
	at := s.end
	for _, p := range pieces {
		if _, err := s.file.WriteAt(p, at); err != nil {
			return s.unwritten(err)
		}
		at += int64(len(p))
	}
	s.end = (at + frameAlign - 1) &^ (frameAlign - 1)
	s.room = max(s.room, at)
	return nil
}

// unwritten takes back what was written of a frame.
func (s *segment) unwritten(cause error) error {
	if !noSpace(cause) && !errors.Is(cause, io.ErrShortWrite) {
		return cause
	}
	if err := s.file.Truncate(s.end); err != nil {
		return err
	}
	s.room = s.end
	return &SpaceError{cause}
}

// makeFile makes a whole file of the given beginning: it has its name once it is on stable storage.
func makeFile(f FS, name string, head []byte, room int64) (File, error) {
	file, err := f.Create(newFile)
	if err != nil {
		return nil, spaceOr(err)
	}
	if room > 0 {
		err = file.Allocate(0, room)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	if err == nil {
		_, err = file.WriteAt(head, 0)
	}
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = f.Rename(newFile, name)
	}
	if err == nil {
		err = f.SyncDir()
	}
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if noSpace(err) {
		_ = f.Remove(newFile) // it holds nothing; the room is needed
	}
	return nil, spaceOr(err)
}

// spaceOr makes an error a SpaceError where it is one.
func spaceOr(err error) error {
	if err != nil && noSpace(err) {
		return &SpaceError{err}
	}
	return err
}
