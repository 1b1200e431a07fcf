package jsonvalue

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// TooLargeError says that the JSON of a value is longer than it may be.
type TooLargeError struct{ Limit int64 } // in bytes

// Error names the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the value takes more than %d bytes of JSON", e.Limit)
}

// ErrTooDeep says that a value nests deeper than JSON is written or read here.
var ErrTooDeep = fmt.Errorf("nested deeper than %d arrays and objects of JSON", maxNesting)

// maxNesting bounds how many arrays and objects of JSON may be open at once.
const maxNesting = 4000

// flushSize is how much is written at once.
const flushSize = 32 << 10

// errOver ends writing into a sink that keeps its bytes.
var errOver = errors.New("too long to keep")

// sink takes JSON, counts it, and keeps the first error, after which it takes nothing.
type sink struct {
	ctx   context.Context
	w     io.Writer // nil: what is flushed is kept, or dropped
	keep  bool
	limit int64
	n     int64
	buf   []byte
	err   error
}

func (s *sink) raw(text string) {
	if s.room(len(text)) {
		s.buf = append(s.buf, text...)
	}
}

func (s *sink) char(c byte) {
	if s.room(1) {
		s.buf = append(s.buf, c)
	}
}

// Write takes bytes; it is what an encoder writes to.
func (s *sink) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), flushSize)
		if !s.room(n) {
			return 0, s.err
		}
		s.buf = append(s.buf, rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// room counts n bytes that are about to be appended, and tells whether they may.
func (s *sink) room(n int) bool {
	if s.err != nil {
		return false
	}
	if s.n += int64(n); s.n > s.limit {
		if s.err = errOver; !s.keep {
			s.err = &TooLargeError{s.limit}
		}
		return false
	}
	if len(s.buf)+n > flushSize && !s.keep {
		s.flush()
	}
	return s.err == nil
}

func (s *sink) flush() {
	if s.err == nil {
		s.err = context.Cause(s.ctx)
	}
	if s.err == nil && s.w != nil && len(s.buf) > 0 {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}
