package pool

import (
	"encoding/binary"
	"math"

	"mpbridge/pickle"
)

// Maps over numbers are many items with little to do for each, where making a value of every number
// would take more time than all else. Chunks of numbers therefore have a short way in both
// directions; whatever does not fit it takes the usual one.

// More opcodes: Lib/pickle.py.
const (
	opMark      = '('
	opTuple     = 't'
	opStop      = '.'
	opBinFloat  = 'G'
	opLong1     = 0x8a
	opEmptyList = ']'
	opAppend    = 'a'
	opAppends   = 'e'
	opMemoize   = 0x94
	opBinPut    = 'q'
	opLongBin   = 'r'
	opTuple2    = 0x86
	opTuple3    = 0x87
)

// rawNumbers pickles a slice of numbers as a tuple, in a protocol that the workers load as it is;
// ok is false for any other slice.
func rawNumbers(items any, o *pickle.EncodeOptions) (r pickle.Raw, ok bool) {
	proto := byte(3)
	if o.NativeBytes {
		proto = 2
	}
	b := []byte{opProto, proto, opMark}
	switch items := items.(type) {
	case []int:
		for _, n := range items {
			b = appendInt(b, int64(n))
		}
	case []int64:
		for _, n := range items {
			b = appendInt(b, n)
		}
	case []float64:
		for _, f := range items {
			b = append(b, opBinFloat)
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(f))
		}
	default:
		return r, false
	}
	r, err := pickle.ParseRaw(append(b, opTuple, opStop))
	return r, err == nil
}

// appendInt appends an integer as CPython's picklers write it, but that LONG1 has all its bytes.
func appendInt(b []byte, n int64) []byte {
	switch {
	case n >= 0 && n < 1<<8:
		return append(b, opBinInt1, byte(n))
	case n >= 0 && n < 1<<16:
		return append(b, opBinInt2, byte(n), byte(n>>8))
	case n == int64(int32(n)):
		return binary.LittleEndian.AppendUint32(append(b, opBinInt), uint32(n))
	}
	return binary.LittleEndian.AppendUint64(append(b, opLong1, 8), uint64(n))
}

// readNumbers reads the message of a chunk whose results are all numbers of out's type, and none
// failed. It returns false, and leaves out in any state, for every other message.
func readNumbers(message []byte, out any) bool {
	h := head{rest: message}
	var job, index int64
	if !h.proto() || !h.int(&job) || !h.int(&index) || !h.op(opNewTrue) || !h.op(opEmptyList) {
		return false
	}
	switch out := out.(type) {
	case []int:
		return readList(&h, out, (*head).goInt) && h.noFailures()
	case []int64:
		return readList(&h, out, (*head).long) && h.noFailures()
	case []float64:
		return readList(&h, out, (*head).float) && h.noFailures()
	}
	return false
}

// readList reads the elements of a list, in the batches in which picklers write them.
func readList[T any](h *head, out []T, read func(*head, *T) bool) bool {
	for i := 0; i < len(out); {
		h.between()
		marked := h.op(opMark)
		for first := true; i < len(out) && (first || marked); first = false {
			h.between()
			if len(h.rest) > 0 && h.rest[0] == opAppends && !first {
				break
			}
			if !read(h, &out[i]) {
				return false
			}
			i++
		}
		h.between()
		if marked && !h.op(opAppends) || !marked && !h.op(opAppend) {
			return false
		}
	}
	return true
}

// op reads one opcode.
func (h *head) op(op byte) bool { return len(h.rest) > 0 && h.rest[0] == op && h.skip(1) }

// between skips what may stand between two values: frames, and writing to the memo.
func (h *head) between() {
	for len(h.rest) > 0 {
		n := 0
		switch h.rest[0] {
		case opFrame:
			n = 9
		case opMemoize:
			n = 1
		case opBinPut:
			n = 2
		case opLongBin:
			n = 5
		}
		if n == 0 || !h.skip(n) {
			return
		}
	}
}

// noFailures reads the empty list of failures, and the end of the message.
func (h *head) noFailures() bool {
	for _, op := range []byte{opEmptyList, opTuple2, opTuple2, opTuple3} {
		h.between()
		if !h.op(op) {
			return false
		}
	}
	h.between()
	return h.op(opStop)
}

func (h *head) goInt(n *int) bool {
	var v int64
	ok := h.long(&v)
	*n = int(v)
	return ok && int64(*n) == v
}

// long reads an integer of up to 64 bits.
func (h *head) long(n *int64) bool {
	if h.int(n) {
		return true
	}
	if len(h.rest) < 2 || h.rest[0] != opLong1 {
		return false
	}
	size := int(h.rest[1])
	if size == 0 || size > 8 || len(h.rest) < 2+size {
		return false
	}
	v := int64(int8(h.rest[1+size])) // its sign
	for i := size - 2; i >= 0; i-- {
		v = v<<8 | int64(h.rest[2+i])
	}
	*n = v
	return h.skip(2 + size)
}

func (h *head) float(f *float64) bool {
	if len(h.rest) < 9 || h.rest[0] != opBinFloat {
		return false
	}
	*f = math.Float64frombits(binary.BigEndian.Uint64(h.rest[1:]))
	return h.skip(9)
}
