package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"mpbridge/pickle"
	"mpbridge/pool"
)

// mapInput are the lines of standard input as calls, and which of them are under way.
type mapInput struct {
	star, kwargs, keepGoing bool
	values                  *reader

	mu    sync.Mutex
	first int   // the item that is the first of lines
	lines []int // their numbers, of items that were read and not taken
	err   error // what ended the input before its end
}

// read sends a call for each line that is not blank, until ctx ends.
func (m *mapInput) read(ctx context.Context, in io.Reader, calls chan<- pool.Arguments) {
	defer close(calls)
	lines := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		text, err := readLine(lines)
		if text = bytes.TrimSpace(text); len(text) > 0 {
			call, bad := m.call(text)
			call.Err = bad
			m.number(n)
			select {
			case calls <- call:
			case <-ctx.Done():
				return
			}
			if bad != nil && !m.keepGoing {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				m.mu.Lock()
				m.err = fmt.Errorf("line %d: %w", n, err)
				m.mu.Unlock()
			}
			return
		}
	}
}

// readLine returns the next line; at the end of the input, and of what cannot be one, with the error.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// call is what a line asks for.
func (m *mapInput) call(text []byte) (a pool.Arguments, err error) {
	v, err := m.values.read(text)
	if err != nil {
		return a, err
	}
	list, isList := v.(*pickle.List)
	dict, isDict := v.(*pickle.Dict)
	switch {
	case m.star && isList:
		a.Args = list.Items
	case m.kwargs && isDict:
		a.Kwargs = pool.Kwargs{}
		for k, v := range dict.All() {
			name, ok := pickle.Text(k)
			if !ok {
				return a, usagef("want an object whose names are text")
			}
			a.Kwargs[name] = v
		}
	case m.star && m.kwargs:
		return a, usagef("want an array of arguments or an object of keyword arguments")
	case m.star:
		return a, usagef("want an array of arguments")
	case m.kwargs:
		return a, usagef("want an object of keyword arguments")
	default:
		a.Args = []any{v}
	}
	return a, nil
}

// number notes the line of the next item.
func (m *mapInput) number(line int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, line)
}

// line is that of an item that is under way.
func (m *mapInput) line(item int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := item - m.first; i >= 0 && i < len(m.lines) {
		return m.lines[i]
	}
	return 0
}

// taken is the line of the next item that has a result.
func (m *mapInput) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := m.lines[0]
	m.lines = m.lines[1:]
	m.first++
	return line
}

// failure is what ended the input before its end.
func (m *mapInput) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}
