package main

import (
	"io"
	"sync"
)

// resultWriter writes from a goroutine of its own, so that a line is written at once, many that come at once
// are written together, and whoever made one may go on while the reader is slow, to a bound. A long line comes
// in pieces.
type resultWriter struct {
	out    io.Writer
	failed func(error) // is told of the first error
	ended  chan struct{}

	mu     sync.Mutex
	change sync.Cond // of what is below
	text   []byte    // to be written
	closed bool
	err    error // of a write, or why no more are waited for
}

// maxUnwritten is how many bytes wait for the reader, or one piece that is longer.
const maxUnwritten = 1 << 20

func newResultWriter(out io.Writer, failed func(error)) *resultWriter {
	l := &resultWriter{out: out, failed: failed, ended: make(chan struct{})}
	l.change.L = &l.mu
	go l.run()
	return l
}

func (l *resultWriter) run() {
	defer close(l.ended)
	var text []byte
	for {
		l.mu.Lock()
		for len(l.text) == 0 && !l.closed {
			l.change.Wait()
		}
		text, l.text = l.text, text[:0]
		l.change.Broadcast()
		l.mu.Unlock()
		if len(text) == 0 {
			return
		}
		if _, err := l.out.Write(text); err != nil {
			l.fail(readerGone(err))
			return
		}
		if cap(text) > 2*maxUnwritten {
			text = nil
		}
	}
}

// fail has later calls return err.
func (l *resultWriter) fail(err error) {
	l.abort(err)
	l.failed(err)
}

// abort has later calls, and those that wait, return err.
func (l *resultWriter) abort(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
	l.change.Broadcast()
}

// Write hands over lines, or a piece of one, waiting while there is too much.
func (l *resultWriter) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.err == nil && len(l.text) > 0 && len(l.text)+len(text) > maxUnwritten {
		l.change.Wait()
	}
	if l.err != nil {
		return 0, l.err
	}
	l.text = append(l.text, text...)
	l.change.Broadcast()
	return len(text), nil
}

// close has what was handed over written; then ended is closed.
func (l *resultWriter) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.change.Broadcast()
}

// failure is the error of a write.
func (l *resultWriter) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
