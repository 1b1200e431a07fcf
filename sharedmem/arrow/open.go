package arrow

import (
	"bytes"
	"errors"
	"fmt"

	"mpbridge/sharedmem"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// Table is the record batches in a segment. Nothing of them is copied: the arrays of a batch are in the segment; but where a
// column has a dictionary, as pandas' categories do, all is copied. A segment that another process writes to, or cuts, meanwhile changes the arrays, or ends this process: it is for segments of
// processes that one trusts. Who does not reads a copy, with ipc.NewFileReader from an io.NewSectionReader of a
// sharedmem.SharedMemory.
//
// Its methods may be called from one goroutine at a time.
type Table struct {
	segment *sharedmem.SharedMemory
	view    *sharedmem.View
	file    *ipc.FileReader
}

// ErrNoFile is returned for a segment that does not end in what Arrow ends files with.
var ErrNoFile = errors.New("sharedmem/arrow: the segment holds no file of Arrow")

// Open opens the record batches that are in a segment, in the file form. Zeros at the end of the segment do not count: it may
// be larger than what was written to it. Where it held something else before, size is the number of bytes that count; 0 means
// all. The options are those of sharedmem.Attach, and may be nil.
func Open(name string, size int, o *sharedmem.AttachOptions) (*Table, error) {
	set := sharedmem.AttachOptions{}
	if o != nil {
		set = *o
	}
	segment, err := sharedmem.Attach(name, &set)
	if err != nil {
		return nil, err
	}
	t := &Table{segment: segment}
	if t.view, err = segment.View(); err == nil {
		err = t.open(size)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Table) open(size int) (err error) {
	buf := t.view.Bytes()
	if size < 0 || size > len(buf) {
		return fmt.Errorf("sharedmem/arrow: %d bytes of a segment of %d: %w", size, len(buf), sharedmem.ErrRange)
	}
	if size > 0 {
		buf = buf[:size]
	}
	if t.file, err = read(buf, mapped); err != nil && !errors.Is(err, ErrNoFile) {
		// NewMappedFileReader of arrow-go 18.8 has no map for dictionaries, and panics where there are some.
		t.file, err = read(buf, copied)
	}
	return err
}

// The two ways to read a file in memory.
func mapped(buf []byte) (*ipc.FileReader, error) { return ipc.NewMappedFileReader(buf) }
func copied(buf []byte) (*ipc.FileReader, error) { return ipc.NewFileReader(bytes.NewReader(buf)) }

// magic is what a file of Arrow begins and ends with.
var magic = []byte("ARROW1")

// read opens a file in memory, behind whose end there may be zeros.
func read(buf []byte, how func([]byte) (*ipc.FileReader, error)) (f *ipc.FileReader, err error) {
	defer caught("open", &err)
	buf = bytes.TrimRight(buf, "\x00")
	if !bytes.HasPrefix(buf, magic) || !bytes.HasSuffix(buf, magic) {
		return nil, ErrNoFile
	}
	if f, err = how(buf[:len(buf):len(buf)]); err != nil {
		return nil, fmt.Errorf("sharedmem/arrow: open: %w", err)
	}
	return f, nil
}

// Schema is that of all batches.
func (t *Table) Schema() *arrow.Schema { return t.file.Schema() }

// Len is the number of batches.
func (t *Table) Len() int { return t.file.NumRecords() }

// RecordBatch returns a batch, which the caller must Release before Close.
func (t *Table) RecordBatch(i int) (arrow.RecordBatch, error) { return batch(t.file, i) }

func batch(f *ipc.FileReader, i int) (b arrow.RecordBatch, err error) {
	defer caught("read", &err)
	if i < 0 || i >= f.NumRecords() {
		return nil, fmt.Errorf("sharedmem/arrow: batch %d of %d: %w", i, f.NumRecords(), sharedmem.ErrRange)
	}
	if b, err = f.RecordBatchAt(i); err != nil {
		return nil, fmt.Errorf("sharedmem/arrow: read batch %d: %w", i, err)
	}
	return b, nil
}

// Close ends the use of the segment. No array of a batch may be used any more.
func (t *Table) Close() error {
	var err error
	if t.file != nil {
		err = t.file.Close()
	}
	if t.view != nil {
		t.view.Release()
	}
	return errors.Join(err, t.segment.Close())
}

// Segment is where the table is.
func (t *Table) Segment() *sharedmem.SharedMemory { return t.segment }
