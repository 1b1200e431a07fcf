package arrow

import (
	"fmt"
	"io"

	"mpbridge/sharedmem"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// Create writes record batches into a new segment, whose size is just that of what is written: Python needs no more than its
// name. The batches must not change meanwhile. The name and the options are those of sharedmem.Create; the options may be nil,
// and Fill and Write mean nothing in them.
//
// Who creates a segment has to Unlink it.
func Create(
	name string, schema *arrow.Schema, batches []arrow.RecordBatch, o *sharedmem.CreateOptions,
) (*sharedmem.SharedMemory, error) {
	var size counter
	if err := write(&size, schema, batches); err != nil {
		return nil, err
	}
	set := sharedmem.CreateOptions{}
	if o != nil {
		set = *o
	}
	set.Fill = nil
	set.Write = func(w io.Writer) error { return write(w, schema, batches) }
	return sharedmem.Create(name, int(size), &set)
}

// write writes the file form. Arrow leaves what was written in an unfinished state behind; nobody sees it.
func write(w io.Writer, schema *arrow.Schema, batches []arrow.RecordBatch) (err error) {
	defer caught("write", &err)
	file, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return fmt.Errorf("sharedmem/arrow: write: %w", err)
	}
	for i, batch := range batches {
		if err := file.Write(batch); err != nil {
			return fmt.Errorf("sharedmem/arrow: write batch %d: %w", i, err)
		}
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("sharedmem/arrow: write: %w", err)
	}
	return nil
}

// caught makes an error of a panic of arrow-go: of what is malformed, say.
func caught(op string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("sharedmem/arrow: %s: it is malformed: %v", op, r)
	}
}

// counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
