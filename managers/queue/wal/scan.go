package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// window reads a file in stretches.
type window struct {
	file File
	size int64
	buf  []byte
	at   int64 // of buf in the file
}

const windowSize = 1 << 20

func openWindow(f File) (*window, error) {
	size, err := f.Size()
	return &window{file: f, size: size}, err
}

// bytes returns up to n bytes at off, fewer at the end of the file only. They are valid until the next call.
func (w *window) bytes(off, n int64) ([]byte, error) {
	n = max(min(n, w.size-off), 0)
	if off >= w.at && off+n <= w.at+int64(len(w.buf)) {
		return w.buf[off-w.at : off-w.at+n], nil
	}
	want := min(max(n, w.stretch()), w.size-off)
	if want <= 0 {
		return nil, nil
	}
	if int64(cap(w.buf)) < want || int64(cap(w.buf)) > max(want, windowSize) {
		w.buf = make([]byte, want)
	}
	w.buf, w.at = w.buf[:want], off
	got, err := w.file.ReadAt(w.buf, off)
	w.buf = w.buf[:got]
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return w.buf[:min(n, int64(got))], nil
}

// stretch is how much is read at once: less of a small file.
func (w *window) stretch() int64 { return min(windowSize, w.size/8+4<<10) }

// frameAt returns the frame at an offset. known says that there is a header, whole that the payload is good, too.
func (w *window) frameAt(off int64, s salt) (h frameHeader, payload []byte, known, whole bool, err error) {
	head, err := w.bytes(off, frameHead)
	if err != nil {
		return h, nil, false, false, err
	}
	if h, known = parseFrameHeader(head, s); !known || off+frameHead+int64(h.length)+frameTail > w.size {
		return h, nil, known, false, nil
	}
	body, err := w.bytes(off+frameHead, int64(h.length)+frameTail)
	if err != nil || int64(len(body)) < int64(h.length)+frameTail {
		return h, nil, true, false, err
	}
	return h, body[:h.length], true, h.whole(body), nil
}

// nextHeader looks for a frame header from off on, which is a multiple of frameAlign. It returns -1 where there is none.
func (w *window) nextHeader(off int64, s salt) (int64, frameHeader, error) {
	magic := binary.LittleEndian.AppendUint32(nil, s.magic)
	for off+frameHead <= w.size {
		b, err := w.bytes(off, w.stretch())
		if err != nil {
			return -1, frameHeader{}, err
		}
		i := bytes.Index(b, magic)
		if i < 0 {
			off += max(int64(len(b))-frameAlign, frameAlign) &^ (frameAlign - 1)
			continue
		}
		at := off + int64(i)
		if at%frameAlign == 0 {
			head, err := w.bytes(at, frameHead)
			if err != nil {
				return -1, frameHeader{}, err
			}
			if h, ok := parseFrameHeader(head, s); ok {
				return at, h, nil
			}
		}
		off = at&^(frameAlign-1) + frameAlign
	}
	return -1, frameHeader{}, nil
}

// frames is what a scan of segments found.
type frames struct {
	salt    salt
	next    uint64 // the batch that comes next
	synced  uint64 // the highest that a frame vouched for
	damages []Damage
	torn    int  // frames that were cut off, at most one more than were written unsynced
	lost    bool // there was a frame that stands for batches that were lost
	onLoss  func()
	// each gets the frames in order.
	each func(seg *segment, h frameHeader, off int64, payload []byte) bool
	// concerned names the streams of a payload that is not whole; nil where nobody wants to know.
	concerned func(payload []byte) []string
}

// segment reads one segment. until is the first batch of the next one, 0 where this is the last. It sets the segment's
// end to the end of its last good frame.
func (f *frames) segment(seg *segment, until uint64) error {
	w, err := openWindow(seg.file)
	if err != nil {
		return err
	}
	for off := int64(segmentHead); ; off = seg.end {
		seg.end, seg.room = off, w.size
		if until != 0 && f.next == until {
			return nil
		}
		h, payload, known, whole, err := w.frameAt(off, f.salt)
		if err != nil {
			return err
		}
		good := whole && f.follows(h)
		switch {
		case good && h.records == lostRecords:
			f.lost = true
			f.onLoss()
		case good && !f.each(seg, h, off, payload): // it is whole: who wrote it knew more than this program does
			return &FormatError{File: segmentName(seg.number), Offset: off}
		}
		if good {
			f.next, f.synced = h.batch+1, max(f.synced, h.synced)
			seg.end = off + h.size()
			continue
		}
		if off >= w.size && until == 0 {
			return nil
		}
		more, err := f.bad(w, seg, off, until, h, known)
		if err != nil || !more {
			return err
		}
	}
}

// follows tells whether a frame is the one that comes next.
func (f *frames) follows(h frameHeader) bool {
	return h.batch == f.next || h.records == lostRecords && h.batch > f.next
}

// bad is what there is where a good frame should be: a torn tail, which ends the segment, or damage. It returns true
// where the segment goes on.
func (f *frames) bad(w *window, seg *segment, off int64, until uint64, h frameHeader, known bool) (bool, error) {
	d := Damage{Segment: segmentName(seg.number), Offset: off, First: f.next, Records: -1}
	from := off + frameAlign
	if known && h.batch == f.next { // its header is good: it is the payload that is not
		d.Records, from = int(h.records), off+h.size()
		if f.concerned != nil {
			if b, err := w.bytes(off+frameHead, int64(h.length)); err == nil {
				d.Streams = f.concerned(b)
			}
		}
	}
	at, next, err := w.nextHeader(from, f.salt)
	if err != nil {
		return false, err
	}
	for at >= 0 && next.batch <= f.next {
		if at, next, err = w.nextHeader(at+frameAlign, f.salt); err != nil {
			return false, err
		}
	}
	switch {
	case at >= 0 && (until != 0 || f.vouched(w, at)):
		d.Length, d.Last = at-off, next.batch-1
		seg.end, f.next = at, next.batch
	case until != 0:
		d.Length, d.Last = w.size-off, until-1
		f.next = until
	default:
		if head, err := w.bytes(off, frameHead); err != nil || len(bytes.Trim(head, "\x00")) > 0 {
			f.torn++
		}
		return false, nil
	}
	f.damages = append(f.damages, d)
	f.onLoss()
	return until == 0 || f.next < until, nil
}

// vouched tells whether a frame from off on says that the next batch was synced.
func (f *frames) vouched(w *window, off int64) bool {
	if f.synced >= f.next {
		return true
	}
	for off >= 0 {
		at, h, err := w.nextHeader(off, f.salt)
		if err != nil || at < 0 {
			return false
		}
		if h.synced >= f.next {
			return true
		}
		off = at + frameAlign
	}
	return false
}
