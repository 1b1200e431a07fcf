package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"mpbridge/pickle"
)

// maxRaw bounds one pickle that is read.
const maxRaw = 1 << 30

// pickles yields the pickles that follow one another in a stream, unopened, each as soon as it is there
// whole. Where one ends its opcodes say. It holds one pickle in memory, and what came with its end.
func pickles(in io.Reader) iter.Seq2[pickle.Raw, error] {
	return func(yield func(pickle.Raw, error) bool) {
		s := pickleStream{in: in}
		for {
			doc, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			var r pickle.Raw
			if err == nil {
				r, err = pickle.ParseRaw(doc)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// pickleStream cuts a stream into pickles.
type pickleStream struct {
	in   io.Reader
	data []byte // read and not given out
	end  bool
}

// next returns the next pickle, in bytes of its own; io.EOF where there is none.
func (s *pickleStream) next() ([]byte, error) {
	for looked := 0; ; {
		if len(s.data) == 0 && s.end {
			return nil, io.EOF
		}
		if s.worthScanning(looked) {
			n, err := pickle.DocumentSize(s.data)
			if err == nil {
				doc := bytes.Clone(s.data[:n])
				s.data = s.data[n:]
				return doc, nil
			}
			if s.end || !errors.Is(err, io.ErrUnexpectedEOF) {
				return nil, err
			}
			looked = len(s.data)
		}
		if len(s.data) > maxRaw {
			return nil, fmt.Errorf("a pickle of more than %d bytes", maxRaw)
		}
		if err := s.read(); err != nil {
			return nil, err
		}
	}
}

// worthScanning tells whether it makes sense to look for the end of a pickle, which was not among so many bytes:
// where much came since, or what came may end in STOP. Looking at each read would take time that grows
// with the square of the length.
func (s *pickleStream) worthScanning(looked int) bool {
	n := len(s.data)
	return s.end || n > looked && (n >= 2*looked || s.data[n-1] == '.')
}

// read reads what is there.
func (s *pickleStream) read() error {
	s.data = slices.Grow(s.data, 64<<10)
	n, err := s.in.Read(s.data[len(s.data):cap(s.data)])
	s.data = s.data[:len(s.data)+n]
	if errors.Is(err, io.EOF) {
		s.end, err = true, nil
	}
	if err != nil {
		return &inputError{err}
	}
	return nil
}
