package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"sync"
)

// Protocol0 chooses protocol 0 in EncodeOptions, where 0 itself means the default.
const Protocol0 = -1

// defaultProtocol is one that every Python 3 reads.
const defaultProtocol = 4

// EncodeOptions say who is going to read a pickle. They may be shared by many goroutines and must
// not be changed while in use.
type EncodeOptions struct {
	// Protocol is 1 to 5, or Protocol0. Zero means 4, and 2 with NativeBytes.
	Protocol int
	// NativeBytes says that the reader's native string is a byte string: Python 2. It reads protocol 2
	// at most. bytes become its str; what has no counterpart there is an *UnsupportedError.
	NativeBytes bool
	// Meter, if any, is told how many bytes are written. Values are counted where they are made.
	Meter Meter
}

// Marshaler is implemented by types that are pickled as another value: the one that MarshalPickle
// returns.
type Marshaler interface {
	MarshalPickle() (any, error)
}

// Marshal returns v pickled in protocol 4. See the package comment for what becomes what. The error
// is an *UnsupportedError for what cannot be pickled and a *LimitError for what nests too deep.
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
	out := make([][]byte, 0, 2*len(e.splices)+1)
	from := 0
	for _, c := range e.splices {
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

// minPart is how large a byte string must be to become a part of its own: below it copying is
// cheaper than another element of a writev.
const minPart = 32 << 10

// encoder writes one pickle. It recurses into values, at most maxDepth levels.
type encoder struct {
	buf      []byte
	splices  []splice // parts that stand between bytes of buf
	parts    bool     // large byte strings become splices
	proto    int
	native   bool
	depth    int
	known    idents
	globals  map[Global]int
	next     int // free memo number
	reenters int

	meter Meter
	until int // values to write before the Meter is told
	told  int // how much of what was written it knows
}

// splice is a part of the pickle that is not copied: it stands before buf[at].
type splice struct {
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
		return 0, &OptionError{
			Package: "pickle", Option: "Protocol", Value: int64(o.Protocol), Low: Protocol0, High: int64(up),
		}
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
	e.until = math.MaxInt
	if o != nil && o.Meter != nil {
		e.meter, e.until = o.Meter, meterEvery
	}
	if proto >= 2 {
		e.buf = append(e.buf, byte(opProto), byte(proto))
	}
	if err := e.value(v); err != nil {
		e.release()
		return nil, err
	}
	e.op(opStop)
	if err := e.tell(); err != nil {
		e.release()
		return nil, err
	}
	return e, nil
}

// cutBytes is what a part that is not copied takes.
const cutBytes = 64

// tell tells the Meter what was written since the last time.
func (e *encoder) tell() error {
	if e.meter == nil {
		e.until = math.MaxInt
		return nil
	}
	all := len(e.buf) + len(e.splices)*cutBytes + len(e.known.more)*memoBytes
	bytes := all - e.told
	e.told, e.until = all, meterEvery
	return e.meter.Spend(0, bytes)
}

// weigh counts a value of so many bytes, of which none may yet be written.
func (e *encoder) weigh(bytes int) error {
	if e.until -= 1 + bytes>>10; e.until > 0 {
		return nil
	}
	return e.tell()
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
	if e.until--; e.until < 0 {
		if err := e.tell(); err != nil {
			return err
		}
	}
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
