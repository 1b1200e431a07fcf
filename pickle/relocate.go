package pickle

import (
	"encoding/binary"
	"errors"
	"math"
)

// errOutside says that a value reads a memo entry that cannot be carried along with it.
var errOutside = errors.New("reads a memo entry from outside the value")

// renumber copies code with new memo numbers. MEMOIZE counts from memo on in the old code; outside
// supplies what the old stream's memo held before it.
func renumber(code []byte, memo, base int, outside *fragments) ([]byte, int, error) {
	number, memoed := wanted(code), int64(memo)
	out := make([]byte, 0, len(code)+8)
	used, kept := 0, 0
	for pos := 0; pos < len(code); {
		op, at := Op(code[pos]), pos
		end, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			return nil, 0, &SyntaxError{Offset: int64(at), Op: op, Err: err}
		}
		pos = end
		eff := steps[op].effect
		if eff != effMemoPut && eff != effMemoGet && op != opFrame {
			continue
		}
		out = append(out, code[kept:at]...)
		kept = end
		if op == opFrame {
			continue
		}
		n := memoed
		if op != opMemoize {
			if n, err = memoNumber(op, code[at+1:end]); err != nil {
				return nil, 0, &SyntaxError{Offset: int64(at), Op: op, Err: err}
			}
		}
		if eff == effMemoPut {
			memoed++
			if _, read := number[n]; !read {
				continue
			}
		} else if k := number[n]; k >= 0 {
			out = appendMemoOp(out, opBinGet, opLongBinGet, k)
			continue
		} else if out, err = outside.append(out, n); err != nil {
			return nil, 0, err
		}
		number[n] = base + used
		out = appendMemoOp(out, opBinPut, opLongBinPut, base+used)
		used++
	}
	return append(out, code[kept:]...), used, nil
}

// wanted returns the memo numbers that code reads, none of them assigned yet.
func wanted(code []byte) map[int64]int {
	number := make(map[int64]int)
	for pos := 0; pos < len(code); {
		op := Op(code[pos])
		end, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			break // renumber reports it
		}
		if steps[op].effect == effMemoGet {
			if n, err := memoNumber(op, code[pos+1:end]); err == nil {
				number[n] = -1
			}
		}
		pos = end
	}
	return number
}

func appendMemoOp(dst []byte, short, long Op, n int) []byte {
	if n < 256 {
		return append(dst, byte(short), byte(n))
	}
	return binary.LittleEndian.AppendUint32(append(dst, byte(long)), uint32(n))
}

// readsOutside tells whether code reads a memo entry that was written before it. In code that numbers
// upwards, and only in such, that is a number below the first one written inside.
func readsOutside(code []byte, memo int, explicit bool) bool {
	first := int64(memo)
	if explicit {
		first = math.MaxInt64
	}
	for pos := 0; pos < len(code); {
		op := Op(code[pos])
		end, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			return true
		}
		switch steps[op].effect {
		case effMemoPut:
			if n, err := memoNumber(op, code[pos+1:end]); explicit && err == nil {
				first = min(first, n)
			}
		case effMemoGet:
			if n, err := memoNumber(op, code[pos+1:end]); err != nil || n < first {
				return true
			}
		}
		pos = end
	}
	return false
}

// fragments remembers how the memo entries of a stream can be made again: text, bytes and globals,
// which are what CPython's picklers refer back to from one argument to the next (the name of the
// method, the class of the item before). Anything else is errOutside.
type fragments struct {
	code  []byte
	table map[int64]fragment
}

// piece is an opcode with its argument, or a memo number.
type piece struct {
	off, end int
	ref      int64
}

var noPiece = piece{ref: -1}

// fragment makes one memo entry: a, or a and b and STACK_GLOBAL.
type fragment struct {
	a, b   piece
	global bool
}

// maxFragment bounds what one reference to an outside entry adds to a value.
const maxFragment = 4096

// newFragments looks at code[off:end], whose MEMOIZE counts from memo on.
func newFragments(code []byte, off, end, memo int) *fragments {
	f := &fragments{code: code, table: make(map[int64]fragment)}
	memoed := int64(memo)
	prev, last := noPiece, noPiece
	top, known := fragment{}, false
	for pos := off; pos < end; {
		op, at := Op(code[pos]), pos
		next, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			break
		}
		pos = next
		switch {
		case op == opFrame:
		case steps[op].effect == effMemoPut:
			n := memoed
			if op != opMemoize {
				n, _ = memoNumber(op, code[at+1:next])
			}
			memoed++
			delete(f.table, n)
			if known {
				f.table[n] = top
			}
		case steps[op].effect == effMemoGet:
			n, _ := memoNumber(op, code[at+1:next])
			prev, last = last, piece{ref: n, end: 1}
			top, known = fragment{a: last, b: noPiece}, true
		case portable(op):
			prev, last = last, piece{off: at, end: next, ref: -1}
			top, known = fragment{a: last, b: noPiece}, true
		case op == opStackGlobal:
			top, known = fragment{prev, last, true}, prev.end > 0 && last.end > 0
			prev, last = noPiece, noPiece
		default:
			known = false
			prev, last = noPiece, noPiece
		}
	}
	return f
}

// portable tells whether op alone makes a value that never changes.
func portable(op Op) bool {
	switch op {
	case opShortBinString, opBinString, opString, opUnicode, opShortBinUnicode, opBinUnicode,
		opBinUnicode8, opBinBytes, opShortBinBytes, opBinBytes8, opGlobal:
		return true
	}
	return false
}

// append appends the opcodes that make memo entry n.
func (f *fragments) append(dst []byte, n int64) ([]byte, error) {
	if f == nil {
		return dst, errOutside
	}
	return f.appendEntry(dst, n, len(dst)+maxFragment, 3)
}

// appendEntry follows references between entries, which may not be more than depth deep.
func (f *fragments) appendEntry(dst []byte, n int64, most, depth int) ([]byte, error) {
	fr, ok := f.table[n]
	if !ok || depth == 0 {
		return dst, errOutside
	}
	pieces := [2]piece{fr.a, fr.b}
	var err error
	for _, p := range pieces[:] {
		switch {
		case p.end == 0:
		case p.ref >= 0:
			if dst, err = f.appendEntry(dst, p.ref, most, depth-1); err != nil {
				return dst, err
			}
		case len(dst)+p.end-p.off > most:
			return dst, errOutside
		default:
			dst = append(dst, f.code[p.off:p.end]...)
		}
	}
	if fr.global {
		dst = append(dst, byte(opStackGlobal))
	}
	return dst, nil
}
