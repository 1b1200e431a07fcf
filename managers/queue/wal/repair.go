package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Repair makes a folder readable of which Open says that it is damaged. What cannot be read goes to files beside it,
// damaged-SEGMENT-OFFSET, and a frame that says so takes its place; all that can be read stays. It returns what is lost.
func Repair(f FS) (lost []Damage, err error) {
	lock, err := f.Lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	s, err := repairFormat(f)
	if err != nil {
		return nil, err
	}
	if err := repairHeaders(f, s); err != nil {
		return nil, err
	}
	r := repairing{fs: f, salt: s}
	damages, err := r.damages()
	for err == nil && len(damages) > 0 { // what one hides may be damaged, too
		lost = append(lost, damages...)
		for _, d := range damages {
			if err = r.repair(d); err != nil {
				return lost, err
			}
		}
		damages, err = r.damages()
	}
	return lost, err
}

// repairing is one Repair.
type repairing struct {
	fs   FS
	salt salt
}

// damages are those that there are now.
func (r repairing) damages() ([]Damage, error) {
	l, err := lockLog(unlocked{r.fs}, nil)
	if err != nil {
		return nil, err
	}
	defer l.letGo()
	l.salt = r.salt
	return l.read()
}

// unlocked is a folder that this program has locked already.
type unlocked struct{ FS }

func (unlocked) Lock() (io.Closer, error) { return io.NopCloser(nil), nil }

// repairFormat writes the file format again, with the salt that the segments have.
func repairFormat(f FS) (salt, error) {
	s, err := openFormat(f)
	if err == nil {
		return s, nil
	}
	if !errors.As(err, new(*FormatError)) && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	numbers, err := segmentNumbers(f)
	if err != nil {
		return s, err
	}
	for _, n := range numbers {
		h, err := headerOf(f, n)
		if errors.Is(err, errBad) {
			continue
		}
		if err != nil {
			return s, err
		}
		file, err := makeFile(f, formatFile, appendFormat(nil, h.salt), 0)
		if err != nil {
			return s, err
		}
		return h.salt, file.Close()
	}
	return s, &FormatError{File: formatFile}
}

// headerOf reads the header of a segment.
func headerOf(f FS, number uint32) (h segmentHeader, err error) {
	file, err := f.Open(segmentName(number))
	if err != nil {
		return h, err
	}
	defer file.Close()
	head := make([]byte, segmentHead)
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return h, err
	}
	return parseSegmentHeader(head)
}

// repairHeaders writes the headers of segments again that cannot be read.
func repairHeaders(f FS, s salt) error {
	numbers, err := segmentNumbers(f)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		h, err := headerOf(f, n)
		if err == nil && h.salt == s && h.number == n {
			continue
		}
		if err != nil && !errors.Is(err, errBad) {
			return err
		}
		if err := repairHeader(f, s, n); err != nil {
			return err
		}
	}
	return nil
}

func repairHeader(f FS, s salt, number uint32) error {
	file, err := f.Open(segmentName(number))
	if err != nil {
		return err
	}
	defer file.Close()
	w, err := openWindow(file)
	if err != nil {
		return err
	}
	at, h, err := w.nextHeader(segmentHead, s)
	if err != nil {
		return err
	}
	if at < 0 {
		return fmt.Errorf("wal: %s has no frame that can be read", segmentName(number))
	}
	_, err = file.WriteAt(segmentHeader{s, number, h.batch}.append(nil), 0)
	return errors.Join(err, file.Sync())
}

// repair puts a frame in the place of what cannot be read.
func (r repairing) repair(d Damage) error {
	if d.Length == 0 {
		return r.replaceSegments(d)
	}
	file, err := r.fs.Open(d.Segment)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := r.setAside(file, d); err != nil {
		return err
	}
	_, err = file.WriteAt(lostFrame(d.Last, d.Length, r.salt), d.Offset)
	return errors.Join(err, file.Sync())
}

// lostFrame is a frame that stands for all batches up to one, so many bytes long if that is enough.
func lostFrame(batch uint64, size int64, s salt) []byte {
	payload := max(size-frameHead-frameTail, 0) &^ (frameAlign - 1) // its CRC and padding take what is left
	if frameSize(payload) > size && payload >= frameAlign {
		payload -= frameAlign
	}
	h := frameHeader{length: uint32(payload), batch: batch, records: lostRecords}
	b := newBatch()
	b.bytes = append(b.bytes, make([]byte, payload)...)
	return b.frameWith(h, s)[0]
}

// setAside keeps what cannot be read.
func (r repairing) setAside(file File, d Damage) error {
	out, err := r.fs.Create(fmt.Sprintf("damaged-%s-%d", d.Segment, d.Offset))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.NewOffsetWriter(out, 0), io.NewSectionReader(file, d.Offset, d.Length))
	return errors.Join(err, out.Sync(), out.Close(), r.fs.SyncDir())
}

// replaceSegments makes segments in the place of those that are missing before one.
func (r repairing) replaceSegments(d Damage) error {
	numbers, err := segmentNumbers(r.fs)
	if err != nil {
		return err
	}
	after, first := segmentNumber(d.Segment), d.First
	for i, n := range numbers {
		if n != after || i == 0 {
			continue
		}
		for missing := numbers[i-1] + 1; missing < n; missing++ {
			head := segmentHeader{r.salt, missing, first}.append(nil)
			if first <= d.Last {
				head = append(head, lostFrame(d.Last, frameSize(0), r.salt)...)
			}
			file, err := makeFile(r.fs, segmentName(missing), head, 0)
			if err != nil {
				return err
			}
			if err := file.Close(); err != nil {
				return err
			}
			first = d.Last + 1
		}
		if first <= d.Last {
			return fmt.Errorf("wal: %s begins with batch %d, not %d", d.Segment, d.Last+1, d.First)
		}
	}
	return nil
}
