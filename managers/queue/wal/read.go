package wal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Entry is one that is alive.
type Entry struct {
	Number uint64
	Attrs  Attrs
	Data   []byte // the reader's own
}

// State returns the stream's state, its counter, and the highest number that an entry of it ever had, as the last batch
// left them.
func (s *Stream) State() (state []byte, tally int64, last uint64) {
	s.log.ix.RLock()
	defer s.log.ix.RUnlock()
	return s.state, s.tally, s.last
}

// Len is how many entries are alive.
func (s *Stream) Len() int {
	s.log.ix.RLock()
	defer s.log.ix.RUnlock()
	return s.alive
}

// Each calls f for the entries that are alive, in the order of their numbers.
func (s *Stream) Each(f func(Entry) error) error {
	s.log.ix.RLock()
	numbers := s.numbers()
	s.log.ix.RUnlock()
	r := reader{log: s.log}
	for _, n := range numbers {
		e, alive, err := r.read(s, n)
		if err != nil {
			return err
		}
		if !alive {
			continue
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// Read returns an entry; ok is false where it is not alive.
func (s *Stream) Read(number uint64) (e Entry, ok bool, err error) {
	return (&reader{log: s.log}).read(s, number)
}

// reader reads entries that lie close to each other faster than one by one.
type reader struct {
	log     *Log
	windows [2]readerWindow // of the segments that were read last
	turn    int
}

type readerWindow struct {
	segment *segment
	*window
}

// read returns an entry. Its segment cannot go meanwhile.
func (r *reader) read(s *Stream, number uint64) (e Entry, ok bool, err error) {
	r.log.ix.RLock()
	defer r.log.ix.RUnlock()
	p := s.find(number)
	if p == nil {
		return e, false, nil
	}
	seg := r.log.index.segments[p.segment]
	w, err := r.window(seg)
	if err == nil {
		e.Data, err = w.entry(int64(p.off))
	}
	if errors.Is(err, errBad) { // it may have been written since the window was opened
		r.windows = [2]readerWindow{}
		if w, err = r.window(seg); err == nil {
			e.Data, err = w.entry(int64(p.off))
		}
	}
	if errors.Is(err, errBad) {
		err = &DamageError{[]Damage{{Segment: segmentName(seg.number), Offset: int64(p.off), Records: 1,
			Streams: []string{s.name}}}}
	}
	e.Number, e.Attrs = number, s.touched[number]
	return e, err == nil, err
}

func (r *reader) window(seg *segment) (*window, error) {
	for _, w := range r.windows {
		if w.segment == seg {
			return w.window, nil
		}
	}
	w, err := openWindow(seg.file)
	if err != nil {
		return nil, err
	}
	r.turn = 1 - r.turn
	r.windows[r.turn] = readerWindow{seg, w}
	return w, nil
}

// entry returns a copy of the data of the Put at an offset.
func (w *window) entry(off int64) ([]byte, error) {
	const head = 1 + binary.MaxVarintLen64
	b, err := w.bytes(off, head)
	if err != nil {
		return nil, err
	}
	if len(b) < 2 {
		return nil, errBad
	}
	n, used := binary.Uvarint(b[1:])
	if used <= 0 || n > maxPayload || off+1+int64(used)+int64(n) > w.size {
		return nil, errBad
	}
	if b, err = w.bytes(off, 1+int64(used)+int64(n)); err != nil {
		return nil, fmt.Errorf("wal: reading an entry: %w", err)
	}
	p, _, ok := parseRecord(b)
	if !ok || p.Kind != Put {
		return nil, errBad
	}
	return append(make([]byte, 0, len(p.data)), p.data...), nil
}
