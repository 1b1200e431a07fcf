package pickle

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"time"
)

// DecodeOptions are the limits of decoding and its hooks. Zero numbers mean the defaults, see the
// constants in limits.go; a number out of its range is an *OptionError. Options may be shared by
// many goroutines and must not be changed while in use.
type DecodeOptions struct {
	MaxDepth  int // marks that may be open at once; levels that Assign follows into Go types
	MaxMemo   int // memo entries
	MaxItems  int // values that one pickle may make, those fetched from the memo included
	MaxDigits int // decimal digits of one integer; by default those in binary form may have any number
	MaxBytes  int // length of the pickle

	// Alias lets bytes values alias the pickle instead of copying them. The pickle must then never be
	// written to again.
	Alias bool

	// Naive is the time zone of datetimes, dates and numpy's datetime64 that have none, where they are put
	// into a time.Time. nil means that they are refused, by a *TypeError that wraps ErrNaive: Python takes
	// them for local time here and for UTC there.
	Naive *time.Location

	// PersistentLoad says what a persistent id stands for. Where it is nil such a value becomes an
	// Object of kind PersistentID.
	PersistentLoad func(id any) (any, error)

	// Meter, if any, is told what is made, here and by Unmarshal into Go types.
	Meter Meter
}

// Unmarshal decodes the pickle in data and stores the value in what v points to, as Assign does.
// Bytes behind the end of the pickle are ignored, as pickle.loads ignores them. Nothing in a pickle
// is ever imported or called.
func Unmarshal(data []byte, v any) error {
	return (*DecodeOptions)(nil).Unmarshal(data, v)
}

// Unmarshal is the function Unmarshal with options; o may be nil.
func (o *DecodeOptions) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*Raw); ok && raw != nil {
		return o.raw(data, raw)
	}
	x, err := o.decode(data)
	if err != nil {
		return err
	}
	if p, ok := v.(*any); ok && p != nil {
		*p = x
		return nil
	}
	lim, err := o.check()
	if err != nil {
		return err
	}
	return assign(v, x, lim, o.naive(), o.meter())
}

// Assign is the function Assign with options, of which MaxDepth, MaxItems, MaxDigits, Naive and Meter matter; o
// may be nil.
func (o *DecodeOptions) Assign(dst, v any) error {
	lim, err := o.check()
	if err != nil {
		return err
	}
	return assign(dst, v, lim, o.naive(), o.meter())
}

func (o *DecodeOptions) naive() *time.Location {
	if o == nil {
		return nil
	}
	return o.Naive
}

// raw leaves the pickle as it is: the options hold for whoever decodes it.
func (o *DecodeOptions) raw(data []byte, to *Raw) error {
	lim, err := o.check()
	if err != nil {
		return err
	}
	if err := lim.size(data); err != nil {
		return err
	}
	c := extractor{opts: o}
	r, err := c.document(data)
	if err == nil {
		*to = r
	}
	return err
}

// meter returns the Meter; o may be nil.
func (o *DecodeOptions) meter() Meter {
	if o == nil {
		return nil
	}
	return o.Meter
}

func (l *limits) size(data []byte) error {
	if len(data) > l.bytes {
		return &LimitError{What: "bytes", Limit: int64(l.bytes), Got: int64(len(data))}
	}
	return nil
}

// decoder turns opcodes into values: each opcode has a method, found through handlers.
type decoder struct {
	reader
	machine
	proto      int
	alias      bool
	persistent func(id any) (any, error)
	keys       meter
	late       []*table // tables with keys that are compared when all objects are complete
	copied     string   // the pickle, where it is short; see text
	tally      tally
}

// maxCopied is how long a pickle may be for its strings to be slices of one copy of it: that saves an
// allocation for each, and no string keeps more than this alive.
const maxCopied = 256

// text returns the argument that was read last as a string.
func (d *decoder) text(arg []byte) string {
	if len(d.code) > maxCopied {
		return string(arg)
	}
	if d.copied == "" {
		d.copied = string(d.code)
	}
	return d.copied[d.pos-len(arg) : d.pos]
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decode makes the graph of values that data describes.
func (o *DecodeOptions) decode(data []byte) (any, error) {
	lim, err := o.check()
	if err != nil {
		return nil, err
	}
	if err := lim.size(data); err != nil {
		return nil, err
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.prepare(data, lim, o)
	v, err := d.run()
	if err == nil && d.spent != nil {
		if err = d.spent(); err == nil {
			err = d.tally.tell()
		}
	}
	return v, err
}

// prepare makes the decoder ready for a pickle; o may be nil.
func (d *decoder) prepare(data []byte, lim limits, o *DecodeOptions) {
	d.reader = newReader(data)
	d.tally.meter = o.meter()
	d.limit(lim, d.spending())
	d.keys.left = keyWorkBase + len(data)*keyWorkFactor
	if o != nil {
		d.alias, d.persistent = o.Alias, o.PersistentLoad
	}
}

// spending returns what tells a Meter of the values and bytes that were read since it was told last; nil
// where there is no Meter.
func (d *decoder) spending() func() error {
	if d.tally.meter == nil {
		return nil
	}
	pushed, pos := 0, 0
	return func() error {
		values, bytes := d.pushed-pushed, d.pos-pos
		pushed, pos = d.pushed, d.pos
		return d.tally.add(values, bytes)
	}
}

// made pushes a value of so many bytes beyond its place, of which little is in the pickle.
func (d *decoder) made(v any, bytes int) error {
	d.tally.bytes += bytes
	return d.push(v)
}

func (d *decoder) release() {
	d.machine.reset()
	*d = decoder{machine: d.machine}
	decoders.Put(d)
}

// run executes opcodes until STOP.
func (d *decoder) run() (any, error) {
	for {
		op, arg, err := d.next()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return d.stop()
		}
		h := handlers[op]
		if h == nil {
			return nil, d.fail(errUnknownOp)
		}
		if err := h(d, arg); err != nil {
			return nil, d.placed(err)
		}
	}
}

// placed gives an error its place. Limits, and what a Meter says, are told as they are.
func (d *decoder) placed(err error) error {
	var limit *LimitError
	if errors.As(err, &limit) || d.refusal != nil && err == d.refusal {
		return err
	}
	return d.fail(err)
}

func (d *decoder) stop() (any, error) {
	if err := d.need(1); err != nil {
		return nil, d.fail(err)
	}
	v := d.top(0)
	for _, t := range d.late {
		if err := t.settle(&d.keys); err != nil {
			return nil, d.placed(err)
		}
	}
	return v, nil
}

// handlers has the method of each opcode but STOP.
var handlers = [256]func(*decoder, []byte) error{
	opProto: (*decoder).doProto, opFrame: func(*decoder, []byte) error { return nil },
	opNone:     func(d *decoder, _ []byte) error { return d.push(nil) },
	opNewTrue:  func(d *decoder, _ []byte) error { return d.push(true) },
	opNewFalse: func(d *decoder, _ []byte) error { return d.push(false) },
	opInt:      (*decoder).doInt, opLong: (*decoder).doLong,
	opBinInt: (*decoder).doBinInt, opBinInt1: (*decoder).doBinInt1, opBinInt2: (*decoder).doBinInt2,
	opLong1: (*decoder).doLongBytes, opLong4: (*decoder).doLongBytes,
	opFloat: (*decoder).doFloat, opBinFloat: (*decoder).doBinFloat,
	opString: (*decoder).doString, opBinString: (*decoder).doBinString,
	opShortBinString: (*decoder).doBinString,
	opBinBytes:       (*decoder).doBytes, opShortBinBytes: (*decoder).doBytes,
	opBinBytes8: (*decoder).doBytes, opByteArray8: (*decoder).doByteArray,
	opNextBuffer: (*decoder).doNextBuffer, opReadOnlyBuffer: (*decoder).doReadOnlyBuffer,
	opUnicode: (*decoder).doUnicode, opShortBinUnicode: (*decoder).doText,
	opBinUnicode: (*decoder).doText, opBinUnicode8: (*decoder).doText,
	opEmptyList:  func(d *decoder, _ []byte) error { return d.push(new(List)) },
	opEmptyTuple: func(d *decoder, _ []byte) error { return d.push(Tuple{}) },
	opEmptyDict:  func(d *decoder, _ []byte) error { return d.made(new(Dict), tableBytes) },
	opEmptySet:   func(d *decoder, _ []byte) error { return d.made(new(Set), tableBytes) },
	opAppend:     (*decoder).doAppend, opAppends: (*decoder).doAppends, opList: (*decoder).doList,
	opTuple: (*decoder).doTuple, opTuple1: (*decoder).doTuple1, opTuple2: (*decoder).doTuple2,
	opTuple3: (*decoder).doTuple3, opDict: (*decoder).doDict, opSetItem: (*decoder).doSetItem,
	opSetItems: (*decoder).doSetItems, opAddItems: (*decoder).doAddItems,
	opFrozenSet: (*decoder).doFrozenSet,
	opPop:       (*decoder).doPop, opDup: (*decoder).doDup,
	opMark:    func(d *decoder, _ []byte) error { return d.mark() },
	opPopMark: (*decoder).doPopMark,
	opGet:     (*decoder).doGet, opBinGet: (*decoder).doGet, opLongBinGet: (*decoder).doGet,
	opPut: (*decoder).doPut, opBinPut: (*decoder).doPut, opLongBinPut: (*decoder).doPut,
	opMemoize: func(d *decoder, _ []byte) error { return d.put(int64(d.recorded)) },
	opExt1:    (*decoder).doExt, opExt2: (*decoder).doExt, opExt4: (*decoder).doExt,
	opGlobal: (*decoder).doGlobal, opStackGlobal: (*decoder).doStackGlobal,
	opReduce: (*decoder).doReduce, opBuild: (*decoder).doBuild, opInst: (*decoder).doInst,
	opObj: (*decoder).doObj, opNewObj: (*decoder).doNewObj, opNewObjEx: (*decoder).doNewObjEx,
	opPersID: (*decoder).doPersID, opBinPersID: (*decoder).doBinPersID,
}

func (d *decoder) doProto(arg []byte) error {
	d.proto = int(arg[0])
	return checkProto(arg)
}

func (d *decoder) doInt(arg []byte) error {
	v, err := parseInt(arg, d.lim.digits)
	if err != nil {
		return err
	}
	return d.push(v)
}

func (d *decoder) doLong(arg []byte) error {
	v, err := parseLong(arg, d.lim.digits)
	if err != nil {
		return err
	}
	return d.push(v)
}

func (d *decoder) doBinInt(arg []byte) error {
	return d.push(int64(int32(binary.LittleEndian.Uint32(arg))))
}

func (d *decoder) doBinInt1(arg []byte) error { return d.push(int64(arg[0])) }

func (d *decoder) doBinInt2(arg []byte) error {
	return d.push(int64(binary.LittleEndian.Uint16(arg)))
}

func (d *decoder) doLongBytes(arg []byte) error {
	if d.lim.long > 0 && len(arg) > d.lim.long {
		return &LimitError{What: "bytes of an integer", Limit: int64(d.lim.long), Got: int64(len(arg))}
	}
	return d.push(parseLongBytes(arg))
}

func (d *decoder) doFloat(arg []byte) error {
	f, err := parseFloat(arg)
	if err != nil {
		return err
	}
	return d.push(f)
}

func (d *decoder) doBinFloat(arg []byte) error {
	return d.push(math.Float64frombits(binary.BigEndian.Uint64(arg)))
}

func (d *decoder) doString(arg []byte) error {
	s, err := parseQuoted(arg)
	if err != nil {
		return err
	}
	return d.push(ByteString(s))
}

func (d *decoder) doBinString(arg []byte) error { return d.push(ByteString(d.text(arg))) }

func (d *decoder) doBytes(arg []byte) error {
	if !d.alias {
		arg = append([]byte{}, arg...) // not make: that would clear the memory first
	}
	return d.push(arg[:len(arg):len(arg)])
}

func (d *decoder) doByteArray(arg []byte) error {
	return d.push(&ByteArray{append([]byte{}, arg...)})
}

func (d *decoder) doNextBuffer([]byte) error { return errOutOfBand }

// doReadOnlyBuffer leaves bytes as they are. Of a bytearray Python makes a memoryview, which cannot be pickled.
func (d *decoder) doReadOnlyBuffer([]byte) error {
	if err := d.need(1); err != nil {
		return err
	}
	if _, ok := d.top(0).([]byte); !ok {
		return errOutOfBand
	}
	return nil
}

func (d *decoder) doUnicode(arg []byte) error {
	s, err := parseRawUnicode(arg)
	if err != nil {
		return err
	}
	return d.push(s)
}

func (d *decoder) doText(arg []byte) error {
	if !validText(arg) {
		return errText
	}
	return d.push(d.text(arg))
}

func (d *decoder) doPop([]byte) error {
	if len(d.stack) > d.fence() {
		if o, ok := d.top(0).(*Object); ok {
			return d.popObject(o)
		}
	}
	return d.pop()
}

// popObject is POP where an object is on top. Picklers throw away the second copy of an object that
// contains itself, and then fetch the first one or take away more; they also throw away what the
// setter of a six-element __reduce__ returns. Any other call would be lost, which is an error.
func (d *decoder) popObject(o *Object) error {
	if below := d.setBy(o); below != nil {
		if below.HasState {
			return errStateTwice
		}
		below.Setter, below.State, below.HasState = o.Class, o.args()[1], true
		return d.pop()
	}
	if !d.followedBy(opsAfterDiscard) {
		return errLostCall
	}
	return d.pop()
}

// setBy returns the object below the top, where what is on top is the call of its setter.
func (d *decoder) setBy(o *Object) *Object {
	if o.Kind != Reduce || len(o.args()) != 2 || d.need(2) != nil {
		return nil
	}
	below, ok := d.top(1).(*Object)
	if !ok || o.args()[0] != any(below) {
		return nil
	}
	return below
}

// opsAfterDiscard may follow the POP of a value that was made in vain.
const opsAfterDiscard = string(rune(opPop)) + string(rune(opPopMark)) + string(rune(opGet)) +
	string(rune(opBinGet)) + string(rune(opLongBinGet))

func (d *decoder) doDup([]byte) error {
	if err := d.need(1); err != nil {
		return err
	}
	return d.push(d.top(0))
}

func (d *decoder) doPopMark([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	d.drop(len(items))
	return nil
}

func (d *decoder) doGet(arg []byte) error {
	n, err := memoNumber(Op(d.code[d.at]), arg)
	if err != nil {
		return err
	}
	return d.get(n)
}

func (d *decoder) doPut(arg []byte) error {
	n, err := memoNumber(Op(d.code[d.at]), arg)
	if err != nil {
		return err
	}
	return d.put(n)
}
