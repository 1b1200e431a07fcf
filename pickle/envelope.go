package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Envelope is a message of the form (ident, method, args, kwds), the request of
// multiprocessing.managers, of which only the outline is read: the arguments stay pickled.
//
// An Envelope is meant to be reused: Parse allocates nothing for messages in the shape that CPython's
// picklers give them. It must not be used by two goroutines at once. Everything it returns is valid
// until the next Parse and aliases the message.
type Envelope struct {
	// Dialect is what the sender was seen to write, and so can read.
	Dialect Dialect
	// Ident is the object's ident; nil where the sender sent None.
	Ident []byte
	// Method is the method's name.
	Method []byte
	// Args are the positional arguments.
	Args []Raw
	// Kwargs are the keyword arguments in the order of their dict.
	Kwargs []Kwarg

	// Decode is how the arguments will be decoded, and how a message in an unusual shape is. It is set
	// before Parse; nil means the defaults.
	Decode *DecodeOptions

	msg, parts extractor
}

// Kwarg is one keyword argument, its value still pickled.
type Kwarg struct {
	Name  []byte
	Value Raw
}

// The most arguments that are extracted from a message without decoding it. Stock proxies send at most
// three.
const fastArgs = 16

// Parse reads msg, a whole pickle. It fails with a *SyntaxError for what is no pickle and with a
// *ShapeError for what is no such tuple.
func (e *Envelope) Parse(msg []byte) error {
	e.Ident, e.Method, e.Args, e.Kwargs = nil, nil, e.Args[:0], e.Kwargs[:0]
	e.parts.opts = e.Decode
	proto, off, err := readProto(msg)
	if err != nil {
		return err
	}
	s := &e.msg.s
	s.begin(msg, off, 0, fastArgs)
	if _, err := s.run(true); errors.Is(err, errNotOne) {
		return e.decode(msg, proto)
	} else if err != nil {
		return err
	}
	if err := e.outline(msg, proto, off); err == errIrregular {
		return e.decode(msg, proto)
	} else if err != nil {
		return err
	}
	return nil
}

// outline reads the four parts of a message in the usual shape.
func (e *Envelope) outline(msg []byte, proto uint8, off int) error {
	s := &e.msg.s
	if s.irregular() || s.container != opTuple || len(s.children) != 4 {
		return errIrregular
	}
	var ok, native bool
	if e.Ident, _, ok = s.text(&s.children[0]); !ok && !s.isNone(&s.children[0]) {
		return errIrregular
	}
	if e.Method, native, ok = s.text(&s.children[1]); !ok {
		return errIrregular
	}
	e.Dialect = Dialect{Protocol: max(int(proto), 2), NativeBytes: native && proto <= 2}
	if err := e.extractArgs(msg, proto, off); err != nil {
		return err
	}
	return e.extractKwargs(msg, proto, off)
}

func (e *Envelope) extractArgs(msg []byte, proto uint8, off int) error {
	ch := &e.msg.s.children[2]
	if ch.gets > 0 && steps[msg[ch.off]].effect == effMemoGet {
		return errIrregular
	}
	if err := e.parts.elements(msg, ch.off, ch.end, ch.memo, fastArgs); err != nil {
		return err
	}
	if !e.parts.s.isTuple() || len(e.parts.s.children) > fastArgs {
		return errIrregular
	}
	e.parts.s.explicit = e.msg.s.explicit
	for i := range e.parts.s.children {
		r, err := e.parts.raw(i, proto, off, 0)
		if err != nil {
			return err
		}
		e.Args = append(e.Args, r)
	}
	return nil
}

func (e *Envelope) extractKwargs(msg []byte, proto uint8, off int) error {
	ch := &e.msg.s.children[3]
	if e.msg.s.isEmptyDict(ch) {
		return nil
	}
	if err := e.parts.elements(msg, ch.off, ch.end, ch.memo, 2*fastArgs); err != nil {
		return err
	}
	s := &e.parts.s
	if !s.isDict() || len(s.children) > 2*fastArgs {
		return errIrregular
	}
	s.explicit = e.msg.s.explicit
	for i := 0; i < len(s.children); i += 2 {
		name, _, ok := s.text(&s.children[i])
		if !ok {
			return errIrregular
		}
		r, err := e.parts.raw(i+1, proto, off, 0)
		if err != nil {
			return err
		}
		e.Kwargs = append(e.Kwargs, Kwarg{name, r})
	}
	return nil
}

// maxUnusual bounds the values of what is decoded whole, to be taken apart afterwards: each takes memory twice.
const maxUnusual = 1 << 20

// unusual are the options for a message in an unusual shape.
func (e *Envelope) unusual() *DecodeOptions {
	o := DecodeOptions{MaxItems: maxUnusual}
	if e.Decode != nil {
		o = *e.Decode
		if o.MaxItems == 0 || o.MaxItems > maxUnusual {
			o.MaxItems = maxUnusual
		}
	}
	return &o
}

// decode is Parse for messages in an unusual shape.
func (e *Envelope) decode(msg []byte, proto uint8) error {
	var v any
	if err := e.unusual().Unmarshal(msg, &v); err != nil {
		return err
	}
	e.Args, e.Kwargs = e.Args[:0], e.Kwargs[:0]
	parts, ok := sequence(v)
	if !ok || len(parts) != 4 {
		return &ShapeError{Got: typeName(v), Want: "tuple of ident, method, args and kwds"}
	}
	if parts[0] != nil {
		ident, ok := Text(parts[0])
		if !ok {
			return &ShapeError{Got: typeName(parts[0]), Want: "str as ident"}
		}
		e.Ident = []byte(ident)
	}
	method, ok := Text(parts[1])
	if !ok {
		return &ShapeError{Got: typeName(parts[1]), Want: "str as method"}
	}
	_, native := parts[1].(ByteString)
	e.Method = []byte(method)
	e.Dialect = Dialect{Protocol: max(int(proto), 2), NativeBytes: native && proto <= 2}
	return e.decodeArgs(parts[2], parts[3], proto)
}

func (e *Envelope) decodeArgs(args, kwds any, proto uint8) error {
	m, err := e.within()
	if err != nil {
		return err
	}
	items, ok := sequence(args)
	if !ok {
		return &ShapeError{Got: typeName(args), Want: "tuple of arguments"}
	}
	raws, err := rawsOf(items, proto, e.Decode, m)
	if err != nil {
		return err
	}
	e.Args = append(e.Args, raws...)
	dict, ok := kwds.(*Dict)
	if !ok {
		return &ShapeError{Got: typeName(kwds), Want: "dict of keyword arguments"}
	}
	for k, v := range dict.All() {
		name, ok := Text(k)
		if !ok {
			return &ShapeError{Got: typeName(k), Want: "str as the name of an argument"}
		}
		value, err := rawsOf([]any{v}, proto, e.Decode, m)
		if err != nil {
			return err
		}
		e.Kwargs = append(e.Kwargs, Kwarg{[]byte(name), value[0]})
	}
	return nil
}

// ceiling is a Meter for what is made of one message: what its parts share, each of them gets for itself.
type ceiling struct{ bytes, limit int }

// Spend counts bytes.
func (c *ceiling) Spend(_, bytes int) error {
	if c.bytes += bytes; c.bytes > c.limit {
		return &LimitError{What: "bytes of arguments", Limit: int64(c.limit), Got: int64(c.bytes)}
	}
	return nil
}

// within bounds what the arguments take to what a message may have.
func (e *Envelope) within() (Meter, error) {
	lim, err := e.Decode.check()
	return &ceiling{limit: lim.bytes}, err
}

// text returns the text that an element is, if one opcode holds it.
func (s *scanner) text(ch *child) (text []byte, native, ok bool) {
	skip := 0
	switch Op(s.code[ch.off]) {
	case opShortBinString:
		native, skip = true, 2
	case opBinString:
		native, skip = true, 5
	case opShortBinUnicode:
		skip = 2
	case opBinUnicode:
		skip = 5
	default:
		return nil, false, false
	}
	end, _ := argEnd(s.code, ch.off+1, steps[s.code[ch.off]].arg)
	return s.code[ch.off+skip : end : end], native, s.onlyMemo(end, ch.end)
}

func (s *scanner) isNone(ch *child) bool {
	return Op(s.code[ch.off]) == opNone && s.onlyMemo(ch.off+1, ch.end)
}

func (s *scanner) isEmptyDict(ch *child) bool {
	return Op(s.code[ch.off]) == opEmptyDict && s.onlyMemo(ch.off+1, ch.end)
}

// onlyMemo tells whether nothing happens in code[off:end] but that the value is memoized.
func (s *scanner) onlyMemo(off, end int) bool {
	for off < end {
		op := Op(s.code[off])
		if steps[op].effect != effMemoPut && op != opFrame {
			return false
		}
		off, _ = argEnd(s.code, off+1, steps[op].arg)
	}
	return true
}

// Float returns the float or integer that r is. ok is false for anything else.
func (r Raw) Float() (f float64, ok bool) {
	if code := r.ops(); Op(code[0]) == opBinFloat && len(code) == 9 {
		return math.Float64frombits(binary.BigEndian.Uint64(code[1:])), true
	}
	v, err := r.Any()
	if err != nil {
		return 0, false
	}
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// String describes r without showing what it holds.
func (r Raw) String() string {
	return fmt.Sprintf("pickled value of %d bytes, protocol %d", r.Size(), r.proto)
}
