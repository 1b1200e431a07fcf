package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"unsafe"
)

// This file writes numbers, text and bytes.

func (e *encoder) bool(b bool) {
	switch {
	case e.proto >= 2 && b:
		e.op(opNewTrue)
	case e.proto >= 2:
		e.op(opNewFalse)
	case b:
		e.line(opInt, "01")
	default:
		e.line(opInt, "00")
	}
}

// int writes an integer. Beyond 32 bits Python 2 writes its int, which has 64, as text, since the
// binary forms make a long of it.
func (e *encoder) int(n int64) {
	switch {
	case e.proto == 0 && n == int64(int32(n)), e.native && n != int64(int32(n)):
		e.line(opInt, strconv.FormatInt(n, 10))
	case e.proto == 0:
		e.line(opLong, strconv.FormatInt(n, 10)+"L")
	case n >= 0 && n < 1<<8:
		e.op1(opBinInt1, byte(n))
	case n >= 0 && n < 1<<16:
		e.buf = append(e.buf, byte(opBinInt2), byte(n), byte(n>>8))
	case n == int64(int32(n)):
		e.op4(opBinInt, uint32(n))
	case e.proto == 1:
		e.line(opLong, strconv.FormatInt(n, 10)+"L")
	default:
		at := len(e.buf)
		e.op1(opLong1, 0)
		e.buf = appendLongBytes(e.buf, big.NewInt(n))
		e.buf[at+1] = byte(len(e.buf) - at - 2)
	}
}

func (e *encoder) bigInt(b *big.Int) error {
	if b.IsInt64() {
		e.int(b.Int64())
		return nil
	}
	size := b.BitLen()/8 + 1
	if size > freeKey {
		if e.recall(pointerIdent(b)) {
			return nil
		}
		defer e.put(pointerIdent(b))
	}
	switch {
	case e.proto < 2:
		if b.BitLen() > maxTextBits {
			return &LimitError{What: "bits of an integer written as text", Limit: maxTextBits,
				Got: int64(b.BitLen())}
		}
		e.line(opLong, b.String()+"L")
	case size < 256:
		at := len(e.buf)
		e.op1(opLong1, 0)
		e.buf = appendLongBytes(e.buf, b)
		e.buf[at+1] = byte(len(e.buf) - at - 2)
	case size > math.MaxInt32:
		return e.unsupported(b, "longer than 2 GiB")
	default:
		at := len(e.buf)
		e.op4(opLong4, 0)
		e.buf = appendLongBytes(e.buf, b)
		binary.LittleEndian.PutUint32(e.buf[at+1:], uint32(len(e.buf)-at-5))
	}
	return nil
}

func (e *encoder) float(f float64) {
	if e.proto == 0 {
		e.buf = append(appendFloat(append(e.buf, byte(opFloat)), f), '\n')
		return
	}
	e.buf = binary.BigEndian.AppendUint64(append(e.buf, byte(opBinFloat)), math.Float64bits(f))
}

// text writes a str. A long one is written once, however often it stands in the value.
func (e *encoder) text(s string) error {
	if len(s) <= freeKey {
		return e.plainText(s)
	}
	if e.recall(textIdent(s)) {
		return nil
	}
	if err := e.plainText(s); err != nil {
		return err
	}
	e.put(textIdent(s))
	return nil
}

func (e *encoder) plainText(s string) error {
	if !validText(unsafe.Slice(unsafe.StringData(s), len(s))) {
		return e.unsupported(s, "not UTF-8")
	}
	switch {
	case e.proto == 0:
		e.buf = append(appendRawUnicode(append(e.buf, byte(opUnicode)), s), '\n')
	case e.proto >= 4 && len(s) < 256:
		e.op1(opShortBinUnicode, byte(len(s)))
		e.buf = append(e.buf, s...)
	case uint64(len(s)) <= math.MaxUint32:
		e.op4(opBinUnicode, uint32(len(s)))
		e.buf = append(e.buf, s...)
	case e.proto < 4:
		return e.unsupported(s, "longer than 4 GiB")
	default:
		e.op(opBinUnicode8)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(len(s)))
		e.buf = append(e.buf, s...)
	}
	return nil
}

// part writes the content of a byte string.
func (e *encoder) part(b []byte) {
	if e.parts && len(b) >= minPart {
		e.splices = append(e.splices, splice{len(e.buf), b})
		return
	}
	e.buf = append(e.buf, b...)
}

// sharedBytes writes a bytes, a long one only once.
func (e *encoder) sharedBytes(b []byte) error {
	if len(b) <= freeKey {
		return e.bytes(b)
	}
	if e.recall(bytesIdent(b)) {
		return nil
	}
	if err := e.bytes(b); err != nil {
		return err
	}
	e.put(bytesIdent(b))
	return nil
}

func (e *encoder) bytes(b []byte) error {
	switch {
	case e.native:
		return e.nativeString(b)
	case e.proto < 3 && len(b) == 0:
		return e.form("bytes", Tuple{})
	case e.proto < 3:
		return e.call(Global{"_codecs", "encode"}, Tuple{fromLatin1(b), "latin1"})
	case len(b) < 256:
		e.op1(opShortBinBytes, byte(len(b)))
	case uint64(len(b)) <= math.MaxUint32:
		e.op4(opBinBytes, uint32(len(b)))
	case e.proto < 4:
		return e.unsupported(b, "longer than 4 GiB")
	default:
		e.op(opBinBytes8)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(len(b)))
	}
	e.part(b)
	return nil
}

// nativeString writes a str of Python 2.
func (e *encoder) nativeString(b []byte) error {
	switch {
	case e.proto == 0:
		s := unsafe.String(unsafe.SliceData(b), len(b))
		e.buf = append(appendQuoted(append(e.buf, byte(opString)), s), '\n')
		return nil
	case len(b) < 256:
		e.op1(opShortBinString, byte(len(b)))
	case len(b) <= math.MaxInt32:
		e.op4(opBinString, uint32(len(b)))
	default:
		return e.unsupported(b, "longer than 2 GiB")
	}
	e.part(b)
	return nil
}

// byteString writes a str of Python 2: as it is where the reader takes it for what it is, else as
// the str or bytes that Python 3 would have used. A Python 3 takes the opcodes of Python 2's str
// for ASCII.
func (e *encoder) byteString(s ByteString) error {
	b := unsafe.Slice(unsafe.StringData(string(s)), len(s))
	if e.proto >= 3 && ascii(s) {
		return e.text(string(s))
	}
	long := len(s) > freeKey
	if long && e.recall(byteStringIdent(s)) {
		return nil
	}
	write := e.nativeString
	if e.proto >= 3 || !e.native && !ascii(s) {
		write = e.bytes
	}
	if err := write(b); err != nil {
		return err
	}
	if long {
		e.put(byteStringIdent(s))
	}
	return nil
}

func (e *encoder) byteArray(b *ByteArray) error {
	if b == nil {
		e.op(opNone)
		return nil
	}
	if e.recall(pointerIdent(b)) {
		return nil
	}
	if e.proto >= 5 {
		e.op(opByteArray8)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(len(b.Bytes)))
		e.part(b.Bytes)
	} else if err := e.byteArrayCall(b.Bytes); err != nil {
		return err
	}
	e.put(pointerIdent(b))
	return nil
}

// byteArrayCall writes bytearray(bytes); the bytes get no memo number, as a bytearray may change.
func (e *encoder) byteArrayCall(b []byte) error {
	if err := e.global(Global{"builtins", "bytearray"}); err != nil {
		return err
	}
	if e.proto < 2 {
		e.op(opMark)
	}
	if err := e.bytes(b); err != nil {
		return err
	}
	e.closeTuple(1)
	e.op(opReduce)
	return nil
}
