package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"sync"
	"unsafe"
)

// Protocol0 chooses protocol 0 in EncodeOptions, where 0 itself means the default.
const Protocol0 = -1

// defaultProtocol is one that every Python 3 reads.
const defaultProtocol = 4

// EncodeOptions say who is going to read a pickle. They may be shared by many goroutines and must not
// be changed while in use.
type EncodeOptions struct {
	// Protocol is 1 to 5, or Protocol0. Zero means 4, and 2 with NativeBytes.
	Protocol int
	// NativeBytes says that the reader's native string is a byte string: Python 2. It reads protocol 2
	// at most. bytes become its str; what has no counterpart there is an *UnsupportedError.
	NativeBytes bool
}

// Marshaler is implemented by types that are pickled as another value: the one that MarshalPickle
// returns.
type Marshaler interface {
	MarshalPickle() (any, error)
}

// Marshal returns v pickled in protocol 4. See the package comment for what becomes what. The error is
// an *UnsupportedError for what cannot be pickled and a *LimitError for what nests too deep.
func Marshal(v any) ([]byte, error) { return (*EncodeOptions)(nil).Marshal(v) }

// Marshal is the function Marshal with options; o may be nil.
func (o *EncodeOptions) Marshal(v any) ([]byte, error) {
	e, err := o.encode(v, false)
	if err != nil {
		return nil, err
	}
	out := e.take()
	e.release()
	return out, nil
}

// take returns the bytes written. A large buffer is handed out, since it would not be kept anyway.
func (e *encoder) take() []byte {
	if cap(e.buf) > keptBuffer {
		out := e.buf
		e.buf = nil
		return out
	}
	return append([]byte(nil), e.buf...)
}

// Buffers is Marshal without copying large byte strings and Raws: the parts, written one after the
// other, are the pickle. They alias v, which must not change before they are written.
func (o *EncodeOptions) Buffers(v any) ([][]byte, error) {
	e, err := o.encode(v, true)
	if err != nil {
		return nil, err
	}
	buf := e.take()
	out := make([][]byte, 0, 2*len(e.cuts)+1)
	from := 0
	for _, c := range e.cuts {
		if c.at > from {
			out = append(out, buf[from:c.at:c.at])
		}
		out = append(out, c.part)
		from = c.at
	}
	out = append(out, buf[from:])
	e.release()
	return out, nil
}

// minPart is how large a byte string must be to become a part of its own: below it copying is cheaper
// than another element of a writev.
const minPart = 32 << 10

// encoder writes one pickle. It recurses into values, at most maxDepth levels.
type encoder struct {
	buf      []byte
	cuts     []cut // parts that stand between bytes of buf
	parts    bool  // large byte strings become cuts
	proto    int
	native   bool
	depth    int
	known    idents
	globals  map[Global]int
	next     int // free memo number
	reenters int
}

// cut is a part of the pickle that is not copied: it stands before buf[at].
type cut struct {
	at   int
	part []byte
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// keptBuffer is how much of an encoder's buffer is kept for the next pickle.
const keptBuffer = 64 << 10

func (e *encoder) release() {
	buf := e.buf[:0]
	if cap(buf) > keptBuffer {
		buf = nil
	}
	e.known.reset()
	*e = encoder{buf: buf}
	encoders.Put(e)
}

// protocol checks the options and returns the protocol to write.
func (o *EncodeOptions) protocol() (int, error) {
	up := HighestProtocol
	switch {
	case o == nil:
		return defaultProtocol, nil
	case o.NativeBytes:
		up = 2
	}
	switch {
	case o.Protocol == 0:
		return min(defaultProtocol, up), nil
	case o.Protocol == Protocol0:
		return 0, nil
	case o.Protocol < 0 || o.Protocol > up:
		return 0, &OptionError{"Protocol", int64(o.Protocol), Protocol0, int64(up)}
	}
	return o.Protocol, nil
}

func (o *EncodeOptions) encode(v any, parts bool) (*encoder, error) {
	proto, err := o.protocol()
	if err != nil {
		return nil, err
	}
	e := encoders.Get().(*encoder)
	e.proto, e.native, e.parts = proto, o != nil && o.NativeBytes, parts
	if proto >= 2 {
		e.buf = append(e.buf, byte(opProto), byte(proto))
	}
	if err := e.value(v); err != nil {
		e.release()
		return nil, err
	}
	e.op(opStop)
	return e, nil
}

func (e *encoder) op(op Op) { e.buf = append(e.buf, byte(op)) }

func (e *encoder) op1(op Op, arg byte) { e.buf = append(e.buf, byte(op), arg) }

func (e *encoder) op4(op Op, arg uint32) {
	e.buf = binary.LittleEndian.AppendUint32(append(e.buf, byte(op)), arg)
}

// line writes an opcode of protocol 0 with its text.
func (e *encoder) line(op Op, arg string) {
	e.buf = append(append(append(e.buf, byte(op)), arg...), '\n')
}

func (e *encoder) unsupported(v any, reason string) error {
	return &UnsupportedError{GoType: reflect.TypeOf(v), Protocol: e.proto, Reason: reason}
}

// put gives the value that was just written a memo number.
func (e *encoder) put(id ident) {
	e.known.set(id, e.putNumber())
}

func (e *encoder) putNumber() int {
	n := e.next
	e.next++
	switch {
	case e.proto == 0:
		e.line(opPut, strconv.Itoa(n))
	case n < 256:
		e.op1(opBinPut, byte(n))
	default:
		e.op4(opLongBinPut, uint32(n))
	}
	return n
}

func (e *encoder) get(n int) {
	switch {
	case e.proto == 0:
		e.line(opGet, strconv.Itoa(n))
	case n < 256:
		e.op1(opBinGet, byte(n))
	default:
		e.op4(opLongBinGet, uint32(n))
	}
}

// recall writes a reference where the value was written before.
func (e *encoder) recall(id ident) bool {
	n, ok := e.known.get(id)
	if !ok || n == unfinished {
		return false
	}
	e.get(n)
	return true
}

// value writes any value.
func (e *encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.op(opNone)
	case bool:
		e.bool(v)
	case string:
		return e.text(v)
	case int64:
		e.int(v)
	case int:
		e.int(int64(v))
	case float64:
		e.float(v)
	case []byte:
		return e.sharedBytes(v)
	case ByteString:
		return e.byteString(v)
	case Tuple:
		return e.tuple(v)
	case *List:
		return e.list(v)
	case *Dict:
		return e.dict(v)
	case Global:
		return e.global(v)
	case *Object:
		return e.object(v)
	case Raw:
		return e.raw(v)
	default:
		return e.other(v)
	}
	return nil
}

// other writes the rarer types, and at last whatever Go has.
func (e *encoder) other(v any) error {
	switch v := v.(type) {
	case *big.Int:
		if v == nil {
			e.op(opNone)
			return nil
		}
		return e.bigInt(v)
	case complex128:
		return e.form("complex", Tuple{real(v), imag(v)})
	case *Set:
		return e.set(v)
	case *FrozenSet:
		return e.frozenSet(v)
	case *ByteArray:
		return e.byteArray(v)
	case Ellipsis:
		return e.global(Global{"builtins", "Ellipsis"})
	case NotImplemented:
		return e.global(Global{"builtins", "NotImplemented"})
	case Slice:
		return e.form("slice", Tuple{v.Start, v.Stop, v.Step})
	case Range:
		return e.form("range", Tuple{v.Start, v.Stop, v.Step})
	case Marshaler:
		return e.marshaler(v)
	}
	return e.goValue(reflect.ValueOf(v))
}

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

// maxTextBits is what fits into as many digits as Python reads of a text.
const maxTextBits = defaultMaxDigits * 3321 / 1000

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
		e.cuts = append(e.cuts, cut{len(e.buf), b})
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

// byteString writes a str of Python 2: as it is where the reader takes it for what it is, else as the
// str or bytes that Python 3 would have used. A Python 3 takes the opcodes of Python 2's str for ASCII.
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
