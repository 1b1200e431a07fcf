package pickle

import (
	"bytes"
	"errors"
	"math"
)

// This file has the rule of frames. FRAME says that so many of the bytes that follow are read at once. Python's
// unpicklers then read out of these, and none of their reads may take bytes of the frame and others behind it: a
// frame ends between two opcodes, or between a length and what is so long. There is no frame in a frame.
//
// Source: class _Unframer in Lib/pickle.py. From Python 3.14 on the unpickler in C has the same rule; before, it
// takes no notice of frames.

var (
	errFrameEnds = errors.New("crosses the end of its frame")
	errFrameIn   = errors.New("a frame begins before the end of the one before")
)

// unframed is where a frame ends that there is not.
const unframed = math.MaxInt

// outOfFrame is called for an opcode with its argument, code[at:end], that ends behind its frame. It returns where
// the frame ends that is read from then on.
func outOfFrame(code []byte, at, end int, kind argKind, frame int) (int, error) {
	for from := at; from < end; {
		to := readEnd(code, at, from, end, kind)
		switch {
		case from >= frame:
			return unframed, nil
		case to > frame:
			return frame, errFrameEnds
		}
		from = to
	}
	return frame, nil
}

// readEnd returns where the read ends that begins at from: the opcode's byte, a length, a line, or the rest.
func readEnd(code []byte, at, from, end int, kind argKind) int {
	switch {
	case from == at:
		return at + 1
	case kind == argTwoLines:
		return from + 1 + bytes.IndexByte(code[from:], '\n')
	case from == at+1 && prefixes[kind] > 0:
		return from + int(prefixes[kind])
	}
	return end
}

// framed returns where the frame ends that a FRAME begins, whose argument ends at pos, while another ends at frame.
func framed(pos int, n uint64, frame int) (int, error) {
	if frame != unframed && frame > pos {
		return frame, errFrameIn
	}
	return pos + int(n), nil // it was compared with the bytes that are there
}
