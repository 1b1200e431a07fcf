package pickle

import (
	"encoding/binary"
	"io"
)

// reader takes opcodes one by one from a pickle. Every length is compared with the bytes that are
// left before an argument is handed out: what comes after the reader need not check.
type reader struct {
	code  []byte
	pos   int // of the next opcode
	at    int // of the current one
	frame int // where the current frame ends, unframed where there is none

	lenient bool  // what is wrong with frames is no error but a fault, which does not end the reading
	fault   error // of the opcode that was read last
}

func newReader(code []byte) reader { return reader{code: code, frame: unframed} }

// prefixes is how many bytes of an argument are its length.
var prefixes = [argKinds]uint8{argBytes1: 1, argBytes4: 4, argBytes4s: 4, argBytes8: 8}

// next returns the next opcode and its argument: fixed bytes as they are, strings without their
// length, lines without the last newline. The argument aliases the pickle.
func (r *reader) next() (Op, []byte, error) {
	r.at, r.fault = r.pos, nil
	if r.pos >= len(r.code) {
		return 0, nil, r.fail(io.ErrUnexpectedEOF)
	}
	op := Op(r.code[r.at])
	kind := steps[op].arg
	if kind == argNone {
		if r.pos++; r.pos > r.frame {
			r.frame = unframed // a byte is on one side of the end or on the other
		}
		return op, nil, nil
	}
	end, err := argEnd(r.code, r.at+1, kind)
	if err != nil {
		return op, nil, r.fail(err)
	}
	r.pos = end
	if end > r.frame {
		if r.frame, err = outOfFrame(r.code, r.at, end, kind, r.frame); r.broken(err) {
			return op, nil, r.fail(err)
		}
	}
	start := r.at + 1 + int(prefixes[kind])
	switch kind {
	case argLine, argTwoLines:
		end--
	case argUint8:
		if err := r.enter(binary.LittleEndian.Uint64(r.code[start:]), end); r.broken(err) {
			return op, nil, r.fail(err)
		}
	}
	return op, r.code[start:end], nil
}

// enter begins a frame: the opcodes that FRAME announces must be there.
func (r *reader) enter(n uint64, end int) (err error) {
	if n > uint64(len(r.code)-end) {
		r.frame = unframed
		return errFrameLong
	}
	r.frame, err = framed(end, n, r.frame)
	return err
}

// broken tells whether what is wrong with a frame ends the reading.
func (r *reader) broken(err error) bool {
	if err != nil && r.lenient {
		r.frame, r.fault = unframed, err
		return false
	}
	return err != nil
}

// fail puts the place of the current opcode to an error.
func (r *reader) fail(err error) error {
	op := Op(0)
	if r.at < len(r.code) {
		op = Op(r.code[r.at])
	}
	return &SyntaxError{Offset: int64(r.at), Op: op, Err: err}
}

// followedBy tells whether the next opcode is one of those given.
func (r *reader) followedBy(ops string) bool {
	if r.pos >= len(r.code) {
		return false
	}
	for i := range len(ops) {
		if ops[i] == r.code[r.pos] {
			return true
		}
	}
	return false
}
