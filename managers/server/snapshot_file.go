package server

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers"
)

// A snapshot is a line that names the format, records, and a record that ends them and the file. A record
// is a byte that says what it is, the number of its parts in a byte, and the parts: a length in 8 bytes,
// big-endian, and as many bytes. The last record has the number of all bytes before it in 8 bytes and their
// CRC-32 (IEEE) in 4. Format 1 had no head, skipped nothing, and ended with the checksum alone.
const (
	snapshotMagic  = "mpbridge snapshot 2\n"
	snapshotMagic1 = "mpbridge snapshot 1\n"
)

const (
	recordHead    = 'h' // generation, nanoseconds since 1970, headFinal or headServing: the first
	recordObject  = 'o' // kind, typeid, member: what follows belongs to this object
	recordCall    = 'c' // method, arguments
	recordItem    = 'i' // deliveries, item; "deliveries/unread" where some were not read
	recordUse     = 'u' // key, references: who uses a queue of a family; the first is who made it
	recordSkipped = 's' // typeid, member: an object that could not be read in time
	recordEnd     = 'e'
)

const (
	headFinal   = "final"
	headServing = "serving"
)

// ErrSnapshot says that what was to be a snapshot is none, or a damaged one: each *SnapshotError is it.
var ErrSnapshot = errors.New("managers: not a snapshot, or a damaged one")

// SnapshotError says what is wrong with a snapshot, and where.
type SnapshotError struct {
	Reason string
	Offset int64 // bytes that were read until then
}

func (e *SnapshotError) Error() string {
	return fmt.Sprintf("managers: a damaged snapshot: %s (at byte %d)", e.Reason, e.Offset)
}

// Unwrap returns ErrSnapshot.
func (e *SnapshotError) Unwrap() error { return ErrSnapshot }

// recordWriter writes a snapshot.
type recordWriter struct {
	out     *bufio.Writer
	sum     hash.Hash32
	written int64
	info    managers.SnapshotInfo
}

func newRecordWriter(out io.Writer, head managers.SnapshotInfo) (*recordWriter, error) {
	w := &recordWriter{out: bufio.NewWriterSize(out, 64<<10), sum: crc32.NewIEEE(), info: head}
	if err := w.bytes([]byte(snapshotMagic)); err != nil {
		return nil, err
	}
	state := headServing
	if head.Final {
		state = headFinal
	}
	return w, w.write(recordHead, strconv.AppendUint(nil, head.Generation, 10),
		strconv.AppendInt(nil, head.Time.UnixNano(), 10), []byte(state))
}

func (w *recordWriter) bytes(p []byte) error {
	n, err := w.out.Write(p)
	_, _ = w.sum.Write(p[:n])
	w.written += int64(n)
	return err
}

func (w *recordWriter) write(kind byte, parts ...[]byte) error {
	if len(parts) > math.MaxUint8 {
		return fmt.Errorf("managers: a record of %d parts", len(parts))
	}
	if err := w.bytes([]byte{kind, byte(len(parts))}); err != nil {
		return err
	}
	for _, p := range parts {
		if err := w.bytes(binary.BigEndian.AppendUint64(nil, uint64(len(p)))); err != nil {
			return err
		}
		if err := w.bytes(p); err != nil {
			return err
		}
	}
	countRecord(&w.info, kind, parts)
	return nil
}

// end writes the last record.
func (w *recordWriter) end() error {
	length, sum := binary.BigEndian.AppendUint64(nil, uint64(w.written)), w.sum.Sum(nil)
	if err := w.write(recordEnd, length, sum); err != nil {
		return err
	}
	w.info.Bytes = w.written
	return w.out.Flush()
}

// recordReader reads a snapshot.
type recordReader struct {
	in     *bufio.Reader
	sum    hash.Hash32
	most   int64 // bytes of one part
	closed bool  // parts are looked at by the checksum alone, except for short ones
	read   int64
	info   managers.SnapshotInfo
}

func newRecordReader(in io.Reader, most int64) (*recordReader, error) {
	r := &recordReader{in: bufio.NewReaderSize(in, 64<<10), sum: crc32.NewIEEE(), most: most}
	magic, err := r.bytes(int64(len(snapshotMagic)))
	if err != nil && r.read == 0 {
		return nil, r.damaged("it is empty")
	}
	switch {
	case string(magic) == snapshotMagic:
		r.info.Format = 2
		return r, r.head()
	case string(magic) == snapshotMagic1:
		r.info.Format = 1
		return r, nil
	case err == nil:
		err = r.damaged("its first line is not that of a snapshot")
	}
	return nil, err
}

func (r *recordReader) damaged(reason string, args ...any) error {
	return &SnapshotError{fmt.Sprintf(reason, args...), r.read}
}

// head reads the first record.
func (r *recordReader) head() error {
	kind, parts, err := r.record()
	if err != nil {
		return err
	}
	if kind != recordHead || len(parts) != 3 {
		return r.damaged("it begins without a head")
	}
	generation, err := strconv.ParseUint(string(parts[0]), 10, 64)
	nanoseconds, wrong := strconv.ParseInt(string(parts[1]), 10, 64)
	state := string(parts[2])
	if err != nil || wrong != nil || state != headFinal && state != headServing {
		return r.damaged("its head cannot be read")
	}
	r.info.Generation, r.info.Time = generation, time.Unix(0, nanoseconds)
	r.info.Final = state == headFinal
	return nil
}

// shortPart is what a closed reader reads all the same: the names of objects.
const shortPart = 64 << 10

// bytes reads n bytes, in steps: a damaged length must not take memory that the file does not fill.
func (r *recordReader) bytes(n int64) ([]byte, error) {
	if r.closed && n > shortPart {
		k, err := io.CopyN(r.sum, r.in, n)
		r.read += k
		return nil, r.cut(err)
	}
	const step = 1 << 20
	var out []byte
	for n > 0 {
		k := min(n, step)
		out = append(out, make([]byte, k)...)
		done, err := io.ReadFull(r.in, out[int64(len(out))-k:])
		r.read += int64(done)
		if err != nil {
			return nil, r.cut(err)
		}
		n -= k
	}
	_, _ = r.sum.Write(out)
	return out, nil
}

// cut is the error for a file that ends too early, or that cannot be read.
func (r *recordReader) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.damaged("it is cut off")
	}
	return err
}

// record reads a record of any kind.
func (r *recordReader) record() (kind byte, parts [][]byte, err error) {
	head, err := r.bytes(2)
	if err != nil {
		return 0, nil, err
	}
	for range head[1] {
		length, err := r.bytes(8)
		if err != nil {
			return 0, nil, err
		}
		n := binary.BigEndian.Uint64(length)
		if n > uint64(r.most) {
			return 0, nil, r.damaged("a part of %d bytes, where %d are the most", n, r.most)
		}
		p, err := r.bytes(int64(n))
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, p)
	}
	return head[0], parts, nil
}

// next reads a record. It returns io.EOF behind the last, which must be the end of the file.
func (r *recordReader) next() (kind byte, parts [][]byte, err error) {
	length, sum := binary.BigEndian.AppendUint64(nil, uint64(r.read)), r.sum.Sum(nil)
	kind, parts, err = r.record()
	if err != nil {
		return 0, nil, err
	}
	if kind != recordEnd {
		countRecord(&r.info, kind, parts)
		return kind, parts, nil
	}
	want := [][]byte{length, sum}
	if r.info.Format == 1 {
		want = want[1:]
	}
	if len(parts) != len(want) || string(parts[len(parts)-1]) != string(sum) {
		return 0, nil, r.damaged("the checksum is wrong")
	}
	if string(parts[0]) != string(want[0]) {
		return 0, nil, r.damaged("the length is wrong")
	}
	r.info.Bytes = r.read
	if _, err := r.in.ReadByte(); err == nil {
		return 0, nil, r.damaged("there is more behind its end")
	} else if !errors.Is(err, io.EOF) {
		return 0, nil, err
	}
	return 0, nil, io.EOF
}

// memberName is what an object is called that a record names.
func memberName(typeid, member string) string {
	if member == "" {
		return typeid
	}
	return fmt.Sprintf("%s(%s)", typeid, strings.ToValidUTF8(member, "?"))
}
