package main

import (
	"io"
	"sync"
)

// resultWriter writes from a goroutine of its own, so that a line is written at once, many that come at once
// are written together, and whoever made one may go on while the reader is slow, to a bound.
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

// maxUnwritten is how many bytes of finished lines wait for the reader, or one line that is longer.
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
			l.fail(asGone(err))
			return
		}
		if cap(text) > 2*maxUnwritten {
			text = nil
		}
	}
}

// fail has later calls return err.
func (l *resultWriter) fail(err error) {
	l.giveUp(err)
	l.failed(err)
}

// giveUp has later calls, and those that wait, return err.
func (l *resultWriter) giveUp(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
	l.change.Broadcast()
}

// write hands over a line without its end, waiting while there are too many.
func (l *resultWriter) write(line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.err == nil && len(l.text) > 0 && len(l.text)+len(line) > maxUnwritten {
		l.change.Wait()
	}
	if l.err != nil {
		return l.err
	}
	l.text = append(append(l.text, line...), '\n')
	l.change.Broadcast()
	return nil
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
