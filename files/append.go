package files

import (
	"bytes"
	"io/fs"
	"os"
	"sync"
)

// Appender appends records to a file that others may append to at the same time. When the file gets another name, as
// by logrotate or Python's RotatingFileHandler, it goes on with a new one, as WatchedFileHandler does. Its methods may
// be called from any goroutine.
type Appender struct {
	path string
	mode fs.FileMode

	mu     sync.Mutex
	file   *os.File // nil between a rotation that failed and the next record
	closed bool
	torn   bool // the last line of file has no end
}

// OpenAppender opens a file to append to, and makes it where there is none.
func OpenAppender(path string, o *AppendOptions) (*Appender, error) {
	mode, err := o.mode()
	if err != nil {
		return nil, err
	}
	a := &Appender{path: path, mode: mode}
	if err := a.open(); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Appender) open() (err error) {
	a.file, err = os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, a.mode)
	a.torn = false
	return failed("open", err)
}

// Append writes a record and the end of its line in one write. It may have no line end in it: ErrNewline.
func (a *Appender) Append(record []byte) error {
	if bytes.IndexByte(record, '\n') >= 0 {
		return ErrNewline
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return ErrClosed
	}
	if err := a.reopen(); err != nil {
		return err
	}
	line := make([]byte, 0, len(record)+2)
	if a.torn {
		line = append(line, '\n')
	}
	line = append(append(line, record...), '\n')
	n, err := writeOnce(a.file, line)
	if n == len(line) && err == nil {
		a.torn = false
		return nil
	}
	a.torn = a.torn || n > 0
	return &WriteError{Written: n, Length: len(line), Err: err}
}

// reopen goes on with the file that has the name now.
func (a *Appender) reopen() error {
	if a.file != nil {
		ours, err := a.file.Stat()
		if err != nil {
			return failed("append", err)
		}
		if there, err := os.Stat(a.path); err == nil && os.SameFile(ours, there) {
			return nil
		}
		_ = a.file.Close()
		a.file = nil
	}
	return a.open()
}

// Close closes the file.
func (a *Appender) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return ErrClosed
	}
	a.closed = true
	if a.file == nil {
		return nil
	}
	return failed("close", a.file.Close())
}
