package files

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"
)

// lines reads a file that grows, line by line.
type lines struct {
	f        *os.File
	most     int       // bytes of a line
	buf      []byte    // read, and not yet handed out
	seen     int       // how much of buf has no line end
	skipping bool      // the rest of a line that was too long, or began before this did
	replaced time.Time // when another file got the name; zero while it has it
}

const readSize = 64 << 10

// next returns a line without its end, or io.EOF where there is none yet.
func (l *lines) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.seen:], '\n'); i >= 0 {
			line := l.buf[:l.seen+i]
			l.buf, l.seen = l.buf[l.seen+i+1:], 0
			switch {
			case l.skipping:
				l.skipping = false
				continue
			case len(line) > l.most:
				return nil, l.tooLong()
			}
			return append([]byte{}, line...), nil
		}
		l.seen = len(l.buf)
		if l.skipping {
			l.buf, l.seen = l.buf[:0], 0
		} else if len(l.buf) > l.most {
			l.skipping = true
			return nil, l.tooLong()
		}
		if err := l.fill(); err != nil {
			return nil, err
		}
	}
}

func (l *lines) tooLong() error { return &LimitError{"bytes of a record", int64(l.most)} }

// fill reads some more.
func (l *lines) fill() error {
	part := make([]byte, readSize)
	n, err := l.f.Read(part)
	l.buf = append(l.buf, part[:n]...)
	switch {
	case n > 0:
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return io.EOF
	}
	return failed("read", err)
}

// restart goes back to the beginning of a file that was cut, and tells whether it did.
func (l *lines) restart() (torn []byte, cut bool, err error) {
	info, err := l.f.Stat()
	if err != nil {
		return nil, false, failed("read", err)
	}
	at, err := l.f.Seek(0, io.SeekCurrent)
	if err != nil || info.Size() >= at {
		return nil, false, failed("read", err)
	}
	torn = l.rest()
	_, err = l.f.Seek(0, io.SeekStart)
	return torn, true, failed("read", err)
}

// rest returns what there is of a line that gets no end any more.
func (l *lines) rest() []byte {
	rest := l.buf
	if l.skipping {
		rest = nil
	}
	l.buf, l.seen, l.skipping = nil, 0, false
	return rest
}

// toEnd goes to the end, in the middle of a line if it has to, of which the rest is left out.
func (l *lines) toEnd() error {
	end, err := l.f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return failed("read", err)
	}
	var last [1]byte
	if _, err := l.f.ReadAt(last[:], end-1); err != nil {
		return failed("read", err)
	}
	l.skipping = last[0] != '\n'
	return nil
}
