package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

var (
	// ErrNewline says that a record has a line end in it.
	ErrNewline = errors.New("files: a record is one line")
	// ErrTorn comes with the last record of a file that has another's name now, or was cut: its line has no end.
	ErrTorn = errors.New("files: the record was not finished")
	// ErrClosed says that Close was called. It is os.ErrClosed too.
	ErrClosed = fmt.Errorf("files: %w", os.ErrClosed)
)

// LimitError says that a record or a file is longer than the options allow. What comes after it is read.
type LimitError struct {
	What  string // "bytes of a record" or "bytes of the file"
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("files: %s: more than the limit of %d", e.What, e.Limit)
}

// WriteError says that a record got into the file in part, as on a full disk. The next one begins a new line.
type WriteError struct {
	Written, Length int // bytes
	Err             error
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("files: append: %d of %d bytes were written: %v", e.Written, e.Length, e.Err)
}

// Unwrap returns Err.
func (e *WriteError) Unwrap() error { return e.Err }

// failed puts what the system said behind what was to be done, without the file's name.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("files: %s: %w", op, err)
}
