package pickle

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"
)

// What calls are full of, None, booleans, small integers, floats and short texts, is one opcode
// each. They are read and written here without a decoder or an encoder.

// shortText is the length of texts, in bytes, that count as short.
const shortText = 255

// scalar decodes a value that one opcode holds, whatever is memoized behind it.
func (r Raw) scalar() (any, bool) {
	code := r.ops()
	if len(code) > 16+shortText {
		return nil, false
	}
	end, err := argEnd(code, 1, steps[code[0]].arg)
	if err != nil || !isMemo(code[end:]) {
		return nil, false
	}
	switch Op(code[0]) {
	case opNone:
		return nil, true
	case opNewTrue:
		return true, true
	case opNewFalse:
		return false, true
	case opBinInt1:
		return int64(code[1]), true
	case opBinInt2:
		return int64(binary.LittleEndian.Uint16(code[1:])), true
	case opBinInt:
		return int64(int32(binary.LittleEndian.Uint32(code[1:]))), true
	case opBinFloat:
		return math.Float64frombits(binary.BigEndian.Uint64(code[1:])), true
	case opShortBinString:
		return ByteString(code[2:end]), true
	case opShortBinUnicode:
		return plainText(code[2:end])
	case opBinUnicode:
		return plainText(code[5:end])
	}
	return nil, false
}

// plainText leaves lone surrogates, and errors, to the decoder.
func plainText(b []byte) (any, bool) {
	if !utf8.Valid(b) {
		return nil, false
	}
	return string(b), true
}

// isMemo tells whether nothing happens in code but that a value is memoized.
func isMemo(code []byte) bool {
	for len(code) > 0 {
		if steps[code[0]].effect != effMemoPut {
			return false
		}
		end, err := argEnd(code, 1, steps[code[0]].arg)
		if err != nil {
			return false
		}
		code = code[end:]
	}
	return true
}

// AppendTaggedScalar is Raw.AppendTagged for None, booleans, integers that fit 32 bits, floats and
// texts of up to 255 bytes, given as decoded values. It returns false, and dst as it was, for
// anything else.
func AppendTaggedScalar(dst []byte, tag string, v any, d Dialect) ([]byte, bool) {
	start := len(dst)
	dst = Raw{}.appendTag(dst, tag, 2)
	dst, ok := appendScalar(dst, v, d)
	if !ok {
		return dst[:start], false
	}
	return append(dst, byte(opTuple2), byte(opStop)), true
}

// appendScalar writes opcodes of protocol 2 alone, which every Python reads.
func appendScalar(dst []byte, v any, d Dialect) ([]byte, bool) {
	switch v := v.(type) {
	case nil:
		return append(dst, byte(opNone)), true
	case bool:
		if v {
			return append(dst, byte(opNewTrue)), true
		}
		return append(dst, byte(opNewFalse)), true
	case int64:
		if v != int64(int32(v)) {
			return dst, false
		}
		return binary.LittleEndian.AppendUint32(append(dst, byte(opBinInt)), uint32(v)), true
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, byte(opBinFloat)), math.Float64bits(v)), true
	case string:
		if len(v) > shortText {
			return dst, false
		}
		dst = binary.LittleEndian.AppendUint32(append(dst, byte(opBinUnicode)), uint32(len(v)))
		return append(dst, v...), true
	case ByteString:
		if len(v) > shortText || !d.NativeBytes {
			return dst, false // how another reader takes it depends on what is in it
		}
		return append(append(dst, byte(opShortBinString), byte(len(v))), v...), true
	}
	return dst, false
}

// Names tells whether r names the global module.name, or may: it looks for the name alone.
func (r Raw) Names(g Global) bool {
	code := r.ops()
	name := unsafe.Slice(unsafe.StringData(g.Name), len(g.Name))
	if len(code) <= smallCode {
		return bytes.Contains(code, name)
	}
	for pos := 0; pos < len(code); {
		end, err := argEnd(code, pos+1, steps[code[pos]].arg)
		if err != nil {
			return false // it was scanned before, so that this cannot happen
		}
		switch Op(code[pos]) {
		case opGlobal, opInst, opShortBinUnicode, opBinUnicode, opUnicode:
			if bytes.Contains(code[pos:end], name) {
				return true
			}
		}
		pos = end
	}
	return false
}

// smallCode is the size up to which searching bytes is cheaper than stepping from opcode to opcode.
const smallCode = 4 << 10
