package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// step is the part of an opcode's row that a scan needs, packed so that the whole table fits a few
// cache lines.
type step struct {
	arg    argKind
	effect effect
	pops   uint8
	pushes uint8
	check  bool // the argument may be none: see checks
	size   int8 // of an argument that has always the same, else -1
}

var steps = func() (t [256]step) {
	for b, row := range ops {
		t[b] = step{row.arg, row.effect, row.pops, row.pushes, checks[b] != nil, sizeOf(row.arg)}
	}
	return t
}()

// sizeOf returns the size of the arguments of one kind, where all have the same, else -1.
func sizeOf(kind argKind) int8 {
	switch kind {
	case argNone:
		return 0
	case argUint1:
		return 1
	case argUint2:
		return 2
	case argInt4, argUint4:
		return 4
	case argUint8, argFloat8:
		return 8
	}
	return -1
}

// Limits of a scan. It keeps a few words per open mark and per recorded value and nothing else, so
// they bound its memory, not what a value may hold.
const (
	maxMarks    = 1 << 20
	maxRecorded = 1 << 20
)

// maxGap is by how much a memo number may be higher than there are entries, for the value to be passed on as it
// is. Python's unpickler in C, up to 3.13, takes 16 bytes for each number up to the highest.
const maxGap = 1 << 12

var (
	errUnderflow = errors.New("stack underflow")
	errNoMark    = errors.New("no mark on the stack")
	errUnknownOp = errors.New("not an opcode")
	errNegative  = errors.New("negative length")
	errFrameLong = fmt.Errorf("frame is longer than the rest of the pickle: %w", io.ErrUnexpectedEOF)
	errNotOne    = errors.New("does not leave exactly one value")
	errMarkMemo  = errors.New("no value to memoize")
)

// argEnd returns the offset behind the argument that starts at pos. It compares every length with the
// bytes that are there before it adds it.
func argEnd(code []byte, pos int, kind argKind) (int, error) {
	left := len(code) - pos
	size := int(sizeOf(kind))
	switch kind {
	case argBytes1:
		if left < 1 {
			return 0, io.ErrUnexpectedEOF
		}
		size = 1 + int(code[pos])
	case argBytes4, argBytes4s:
		if left < 4 {
			return 0, io.ErrUnexpectedEOF
		}
		n := binary.LittleEndian.Uint32(code[pos:])
		if kind == argBytes4s && n > 1<<31-1 {
			return 0, errNegative
		}
		if uint64(n) > uint64(left-4) {
			return 0, io.ErrUnexpectedEOF
		}
		size = 4 + int(n)
	case argBytes8:
		if left < 8 {
			return 0, io.ErrUnexpectedEOF
		}
		n := binary.LittleEndian.Uint64(code[pos:])
		if n > uint64(left-8) {
			return 0, io.ErrUnexpectedEOF
		}
		size = 8 + int(n)
	case argLine:
		size = 1 + bytes.IndexByte(code[pos:], '\n')
		if size == 0 {
			return 0, io.ErrUnexpectedEOF
		}
	case argTwoLines:
		first := 1 + bytes.IndexByte(code[pos:], '\n')
		second := 1 + bytes.IndexByte(code[pos+first:], '\n')
		if first == 0 || second == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		size = first + second
	}
	if size > left {
		return 0, io.ErrUnexpectedEOF
	}
	return pos + size, nil
}

// place is the state of a scan where a value begins.
type place struct {
	off    int
	memo   int // memo entries written before
	gets   int // memo reads seen before
	frames int // FRAMEs seen before
}

// child is one element of the container that a scan took apart.
type child struct {
	place
	end        int
	gets, last int // memo reads inside; offset of the last FRAME inside, or -1
}

// scanner walks over one value without building it: it follows the height of the stack and the marks,
// counts memo traffic, and notes where the elements of the outermost container begin and end.
//
// A scanner is reused: its slices keep their room between values.
type scanner struct {
	code  []byte
	start place
	whole bool // the code is a whole pickle, so its FRAMEs must fit
	frame int  // of a whole pickle: where the current frame ends, unframed where there is none

	height    int
	marks     []mark
	places    []place // where the value at each height began, up to keep
	keep      int
	children  []child
	container Op // what the outermost value is; 0 when it is not a plain container

	memo, gets, frames int
	lastFrame          int
	frameEnd           int   // where the last frame ends
	chained            bool  // a frame holds the FRAME of the next, or its first byte: none can be left out alone
	explicit           bool  // PUT with a number was seen
	memoize            bool  // MEMOIZE was seen
	names              bool  // GLOBAL, STACK_GLOBAL or INST was seen
	odd                bool  // DUP: take the long way
	muddled            bool  // numbers out of order, or both kinds of memo: likewise if something is read back
	sparse             bool  // a number that is far above those before, for which some readers would take memory
	gappy              bool  // PUTs left out numbers between
	least, most        int64 // the numbers of PUTs
	lastPut            int64
}

type mark struct {
	place
	height int
}

// begin prepares a scan of code[off:] that records the elements at heights below keep.
func (s *scanner) begin(code []byte, off, memo, keep int) {
	s.code, s.keep = code, keep
	s.height, s.marks, s.places, s.children = 0, s.marks[:0], s.places[:0], s.children[:0]
	s.container = 0
	s.memo, s.gets, s.frames, s.lastFrame, s.lastPut = memo, 0, 0, -1, -1
	s.explicit, s.memoize, s.names, s.odd = false, false, false, false
	s.muddled, s.sparse, s.gappy, s.chained, s.frameEnd = false, false, false, false, 0
	s.start = place{off: off, memo: memo}
}

func (s *scanner) fail(off int, err error) error {
	op := Op(0)
	if off < len(s.code) {
		op = Op(s.code[off])
	}
	return &SyntaxError{Offset: int64(off), Op: op, Err: err}
}

// run scans from the beginning to STOP, or to the end of the code where toStop is false, and returns
// the offset behind it. Exactly one value must be left: where a STOP leaves others below its value, as it may, the
// error is errNotOne, and the value can be had by decoding alone.
func (s *scanner) run(toStop bool) (int, error) {
	s.whole, s.frame = toStop, unframed
	pos := s.start.off
	for {
		if pos >= len(s.code) {
			if toStop {
				return pos, s.fail(pos, io.ErrUnexpectedEOF)
			}
			break
		}
		at := pos
		op := Op(s.code[at])
		st := &steps[op]
		end, err := at+1+int(st.size), error(nil)
		if st.size < 0 || end > len(s.code) {
			if end, err = argEnd(s.code, at+1, st.arg); err != nil {
				return at, s.fail(at, err)
			}
		}
		if end > s.frame {
			if s.frame, err = outOfFrame(s.code, at, end, st.arg, s.frame); err != nil {
				return at, s.fail(at, err)
			}
		}
		if st.check && toStop { // what is no whole pickle is part of one that was scanned
			if err := checks[op](s.code[at+1+int(prefixes[st.arg]) : end]); err != nil {
				return at, s.fail(at, err)
			}
		}
		if st.effect == effPlain && st.pops == 0 {
			if st.pushes == 0 {
				return at, s.fail(at, errUnknownOp)
			}
			s.push(op, at)
		} else if op == opMemoize && s.height > s.fence() {
			s.memoized()
		} else if st.effect == effStop {
			if !toStop {
				return at, s.fail(at, errNotOne)
			}
			if pos = end; s.height <= s.fence() {
				return at, s.fail(at, errUnderflow)
			}
			break
		} else if err := s.apply(op, st, at, end); err != nil {
			return at, s.fail(at, err)
		}
		pos = end
	}
	if s.height != 1 || len(s.marks) != 0 {
		return pos, s.fail(pos, errNotOne)
	}
	return pos, nil
}

func (s *scanner) here(at int) place {
	return place{off: at, memo: s.memo, gets: s.gets, frames: s.frames}
}

// push notes where a new value begins.
func (s *scanner) push(op Op, at int) {
	s.note(s.height, s.here(at))
	if s.height == 0 {
		s.opened(op)
	}
	if op == opGlobal {
		s.names = true
	}
	s.height++
}

func (s *scanner) note(height int, p place) {
	switch {
	case height >= s.keep:
	case height < len(s.places):
		s.places[height] = p
	default:
		s.places = append(s.places, p)
	}
}

// opened is called when a value begins at the bottom of the stack.
func (s *scanner) opened(op Op) {
	s.children = s.children[:0]
	s.container = 0
	switch op {
	case opEmptyList, opEmptyTuple, opEmptyDict, opEmptySet:
		s.container = op
	}
}

// fence is the height below which the innermost mark lets nothing be taken.
func (s *scanner) fence() int {
	if n := len(s.marks); n > 0 {
		return s.marks[n-1].height
	}
	return 0
}

// apply follows an opcode that does more than push a value.
func (s *scanner) apply(op Op, st *step, at, end int) error {
	switch st.effect {
	case effMark:
		if len(s.marks) >= maxMarks {
			return &LimitError{What: "open marks", Limit: maxMarks, Got: maxMarks + 1}
		}
		s.marks = append(s.marks, mark{s.here(at), s.height})
	case effPlain:
		return s.combine(op, st, at)
	case effToMark:
		return s.toMark(op, st, at)
	case effPop:
		return s.pop()
	case effMemoPut:
		return s.put(op, at+1)
	case effMemoGet:
		s.push(op, at)
		s.gets++
		return s.get(op, s.code[at+1:end])
	case effHeader:
		if op == opFrame {
			s.frames, s.lastFrame = s.frames+1, at
			return s.enter(at, end)
		}
	}
	return nil
}

// enter begins a frame.
func (s *scanner) enter(at, end int) (err error) {
	n := binary.LittleEndian.Uint64(s.code[at+1:])
	long := n > uint64(len(s.code)-end)
	if s.whole && long {
		return errFrameLong
	}
	if s.whole {
		s.frame, err = framed(end, n, s.frame)
	}
	s.chained = s.chained || at < s.frameEnd
	if s.frameEnd = len(s.code); !long {
		s.frameEnd = end + int(n)
	}
	return err
}

// combine follows an opcode that takes a fixed number of values and leaves others.
func (s *scanner) combine(op Op, st *step, at int) error {
	low := s.height - int(st.pops)
	if low < s.fence() {
		return errUnderflow
	}
	if low == 0 {
		s.combined(op, at)
	}
	switch op {
	case opDup:
		s.odd = true
		s.note(s.height, s.here(at))
	case opStackGlobal:
		s.names = true
	}
	s.height = low + int(st.pushes)
	return nil
}

// combined keeps book of the outermost container when op changed or made it.
func (s *scanner) combined(op Op, at int) {
	switch op {
	case opTuple1, opTuple2, opTuple3:
		s.children, s.container = s.children[:0], op
		s.collect(0, at)
	case opAppend:
		s.grow(opEmptyList, at)
	case opSetItem:
		s.grow(opEmptyDict, at)
	case opDup:
	default:
		s.container = 0
	}
}

// grow adds the values above the outermost container to its elements.
func (s *scanner) grow(want Op, at int) {
	if s.container != want {
		s.container = 0
		return
	}
	s.collect(1, at)
}

// collect records the values from height low upwards as elements that end at offset at, at the latest.
func (s *scanner) collect(low, at int) {
	if s.height > len(s.places) || len(s.children)+s.height-low > maxRecorded {
		s.container = 0
		return
	}
	for h := low; h < s.height; h++ {
		next := s.here(at)
		if h+1 < s.height {
			next = s.places[h+1]
		}
		p := s.places[h]
		c := child{place: p, end: next.off, gets: next.gets - p.gets, last: -1}
		if next.frames > p.frames {
			c.last = s.frameBefore(p.off, next.off)
		}
		s.children = append(s.children, c)
	}
}

// frameBefore finds the last FRAME in code[off:end].
func (s *scanner) frameBefore(off, end int) int {
	if s.lastFrame < end {
		return s.lastFrame
	}
	last := -1
	for pos := off; pos < end; {
		if Op(s.code[pos]) == opFrame {
			last = pos
		}
		pos, _ = argEnd(s.code, pos+1, steps[s.code[pos]].arg)
	}
	return last
}

// toMark follows an opcode that takes all values down to the innermost mark.
func (s *scanner) toMark(op Op, st *step, at int) error {
	n := len(s.marks)
	if n == 0 {
		return errNoMark
	}
	m := s.marks[n-1]
	s.marks = s.marks[:n-1]
	low := m.height - int(st.pops)
	if low < s.fence() {
		return errUnderflow
	}
	if op == opInst {
		s.names = true
	}
	switch {
	case low != 0 || op == opPopMark:
	case st.pops == 0:
		s.children, s.container = s.children[:0], op
		s.collect(0, at)
	case op == opAppends:
		s.grow(opEmptyList, at)
	case op == opSetItems:
		s.grow(opEmptyDict, at)
	default:
		s.grow(opEmptySet, at)
	}
	if st.pops == 0 && st.pushes == 1 {
		s.note(m.height, m.place)
	}
	s.height = low + int(st.pushes)
	return nil
}

func (s *scanner) pop() error {
	if n := len(s.marks); n > 0 && s.marks[n-1].height == s.height {
		s.marks = s.marks[:n-1]
		return nil
	}
	if s.height == 0 {
		return errUnderflow
	}
	s.height--
	return nil
}

// put counts a memo entry. CPython's picklers number upwards, all in one way.
func (s *scanner) put(op Op, arg int) error {
	if s.height <= s.fence() {
		return errMarkMemo
	}
	if op == opMemoize {
		s.memoized()
		return nil
	}
	n, err := memoNumber(op, s.code[arg:])
	if err != nil {
		return err
	}
	if s.explicit {
		s.gappy = s.gappy || n > s.most+1 || n < s.least-1
		s.least, s.most = min(s.least, n), max(s.most, n)
	} else {
		s.explicit, s.least, s.most = true, n, n
	}
	s.muddled = s.muddled || s.memoize || n <= s.lastPut
	s.sparse = s.sparse || n > int64(s.memo)+maxGap
	s.lastPut = n
	s.memo++
	return nil
}

func (s *scanner) memoized() {
	s.memoize = true
	s.muddled = s.muddled || s.explicit
	s.memo++
}

// get checks that what is read from the memo was written. Where numbers were left out that takes decoding.
func (s *scanner) get(op Op, arg []byte) error {
	n, err := memoNumber(op, arg)
	if err != nil || !s.whole {
		return err
	}
	switch {
	case s.memoize && s.explicit: // decoded, too
	case s.memoize && n >= int64(s.memo), s.explicit && (n < s.least || n > s.most),
		!s.memoize && !s.explicit:
		return errNoMemo
	}
	return nil
}

// irregular tells whether the value must be decoded to be taken apart. What a Go client sends often has both
// kinds of memo, its own and that of an item from Python: that matters to what reads the memo alone.
func (s *scanner) irregular() bool { return s.odd || s.muddled && s.gets > 0 }
