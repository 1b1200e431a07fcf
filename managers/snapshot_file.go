package managers

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// A snapshot is a line that names the format, records, and a record that ends them. A record is a byte
// that says what it is, the number of its parts in a byte, and the parts: a length in 8 bytes, big-endian,
// and as many bytes. The last has the CRC-32 (IEEE) of all bytes before it in 4 bytes.
const snapshotMagic = "mpbridge snapshot 1\n"

const (
	recordObject = 'o' // kind, typeid, member: what follows belongs to this object
	recordCall   = 'c' // method, arguments
	recordItem   = 'i' // deliveries, item; "deliveries/unread" where some were not read
	recordEnd    = 'e'
)

// ErrSnapshot says that what was to be a snapshot is none, or a damaged one.
var ErrSnapshot = errors.New("managers: not a snapshot, or a damaged one")

// recordWriter writes a snapshot.
type recordWriter struct {
	out *bufio.Writer
	sum hash.Hash32
	w   io.Writer // both
}

func newRecordWriter(out io.Writer) (*recordWriter, error) {
	w := &recordWriter{out: bufio.NewWriter(out), sum: crc32.NewIEEE()}
	w.w = io.MultiWriter(w.out, w.sum)
	_, err := io.WriteString(w.w, snapshotMagic)
	return w, err
}

func (w *recordWriter) write(kind byte, parts ...[]byte) error {
	if _, err := w.w.Write([]byte{kind, byte(len(parts))}); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := w.w.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p)))); err != nil {
			return err
		}
		if _, err := w.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// end writes the last record.
func (w *recordWriter) end() error {
	sum := w.sum.Sum(nil)
	if err := w.write(recordEnd, sum); err != nil {
		return err
	}
	return w.out.Flush()
}

// recordReader reads a snapshot.
type recordReader struct {
	in   *bufio.Reader
	sum  hash.Hash32
	most int64 // bytes of one part
}

func newRecordReader(in io.Reader, most int64) (*recordReader, error) {
	r := &recordReader{in: bufio.NewReader(in), sum: crc32.NewIEEE(), most: most}
	magic, err := r.bytes(int64(len(snapshotMagic)))
	if err != nil || string(magic) != snapshotMagic {
		return nil, ErrSnapshot
	}
	return r, nil
}

// bytes reads n bytes, in steps: a damaged length must not take memory that the file does not fill.
func (r *recordReader) bytes(n int64) ([]byte, error) {
	const step = 1 << 20
	var out []byte
	for n > 0 {
		k := min(n, step)
		out = append(out, make([]byte, k)...)
		if _, err := io.ReadFull(r.in, out[int64(len(out))-k:]); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrSnapshot, err) // io.EOF is the end of a whole one
		}
		n -= k
	}
	_, _ = r.sum.Write(out)
	return out, nil
}

// next reads a record. It returns io.EOF behind the last.
func (r *recordReader) next() (kind byte, parts [][]byte, err error) {
	before := r.sum.Sum(nil)
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
			return 0, nil, fmt.Errorf("%w: a part of %d bytes", ErrSnapshot, n)
		}
		p, err := r.bytes(int64(n))
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, p)
	}
	if head[0] != recordEnd {
		return head[0], parts, nil
	}
	if len(parts) != 1 || string(parts[0]) != string(before) {
		return 0, nil, fmt.Errorf("%w: the checksum is wrong", ErrSnapshot)
	}
	return 0, nil, io.EOF
}
