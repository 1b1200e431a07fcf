package pickle

import (
	"errors"
	"fmt"
	"math"
)

// extractor takes pickles apart into Raws.
type extractor struct {
	s         scanner
	fragments *fragments
	opts      *DecodeOptions // of what is extracted
}

// memoCount is a number of memo entries as a Raw has it: more cannot be referred to by LONG_BINGET.
func memoCount(n int) (uint32, error) {
	if uint64(n) > math.MaxUint32 {
		return 0, &LimitError{What: "memo entries", Limit: math.MaxUint32, Got: int64(n)}
	}
	return uint32(n), nil
}

// readProto returns the protocol that a pickle names and the offset behind it. Protocols 0 and 1 name
// none.
func readProto(doc []byte) (proto uint8, off int, err error) {
	if len(doc) < 2 || Op(doc[0]) != opProto {
		return 0, 0, nil
	}
	if doc[1] > HighestProtocol {
		err = fmt.Errorf("unknown protocol %d; the highest known is %d", doc[1], HighestProtocol)
		return 0, 0, &SyntaxError{Offset: 0, Op: opProto, Err: err}
	}
	return doc[1], 2, nil
}

// DocumentSize returns the length of the pickle that data begins with, STOP included. It fails as
// ParseRaw does.
func DocumentSize(data []byte) (int, error) {
	_, off, err := readProto(data)
	if err != nil {
		return 0, err
	}
	var s scanner
	s.begin(data, off, 0, 0)
	end, err := s.run(true)
	if errors.Is(err, errNotOne) {
		err = nil
	}
	return end, err
}

// document cuts the one value out of a whole pickle.
func (c *extractor) document(doc []byte) (Raw, error) {
	proto, off, err := readProto(doc)
	if err != nil {
		return Raw{}, err
	}
	s := &c.s
	s.begin(doc, off, 0, 0)
	end, err := s.run(true)
	if errors.Is(err, errNotOne) || err == nil && s.gappy && s.gets > 0 {
		return c.decoded(doc, proto)
	} else if err != nil {
		return Raw{}, err
	}
	r := Raw{code: doc[off : end-1 : end-1], opts: c.opts, proto: proto, frame: -1}
	if s.frames > 0 {
		r.frame = s.lastFrame - off
	}
	if s.memoize && s.explicit && s.gets > 0 {
		// Which number a MEMOIZE gets depends here on which PUTs came twice: decode to know.
		return r.rewritten(Dialect{Protocol: int(proto)}, nil)
	}
	r.flags = s.flags(s.gets)
	return s.dense(r)
}

// decoded is document for a pickle that leaves more than its value on the stack.
func (c *extractor) decoded(doc []byte, proto uint8) (Raw, error) {
	v, err := c.opts.decode(doc)
	if err != nil {
		return Raw{}, err
	}
	raws, err := rawsOf([]any{v}, proto, c.opts, c.opts.meter())
	if err != nil {
		return Raw{}, err
	}
	return raws[0], nil
}

// dense returns r with low memo numbers where it may have others, which cost us nothing, but perhaps who reads r;
// and without frames, where they cannot stay when one is left out.
func (s *scanner) dense(r Raw) (Raw, error) {
	if !s.sparse && !s.chained {
		return r, nil
	}
	r, _, err := r.relocated(0)
	return r, err
}

// flags returns what is known of a value with so many memo reads.
func (s *scanner) flags(gets int) (f rawFlags) {
	if gets > 0 {
		f |= rawGets
	}
	if s.explicit {
		f |= rawExplicit
	}
	if s.names {
		f |= rawNames
	}
	return f
}

// elements scans code[off:end] and leaves the elements of the container that it holds in c.s.children.
func (c *extractor) elements(code []byte, off, end, memo, keep int) error {
	c.fragments = nil
	c.s.begin(code[:end], off, memo, keep)
	_, err := c.s.run(false)
	return err
}

// errIrregular says that a pickle has none of the shapes that CPython's picklers give it, so that it
// must be decoded to be taken apart.
var errIrregular = errors.New("not in the form that picklers write")

// raw returns element i as a Raw. The memo before the element is what code[ctx:…] wrote, counted from
// ctxMemo.
func (c *extractor) raw(i int, proto uint8, ctx, ctxMemo int) (Raw, error) {
	ch := &c.s.children[i]
	code := c.s.code[ch.off:ch.end:ch.end]
	memo, err := memoCount(ch.memo)
	if err != nil {
		return Raw{}, err
	}
	r := Raw{code: code, opts: c.opts, memo: memo, proto: proto, frame: -1, flags: c.s.flags(ch.gets)}
	if ch.last >= 0 {
		r.frame = ch.last - ch.off
	}
	if ch.gets == 0 || !readsOutside(code, ch.memo, c.s.explicit) {
		return c.s.dense(r)
	}
	if c.fragments == nil {
		last := c.s.children[len(c.s.children)-1]
		c.fragments = newFragments(c.s.code, ctx, last.off, ctxMemo)
	}
	out, used, err := renumber(code, ch.memo, 0, c.fragments)
	if err != nil {
		return r, errIrregular
	}
	if m := c.opts.meter(); m != nil {
		if err := m.Spend(0, len(out)); err != nil {
			return r, err
		}
	}
	r = Raw{code: out, opts: c.opts, proto: proto, frame: -1, flags: rawExplicit | rawNames}
	if used > 0 {
		r.flags |= rawGets
	}
	return r, nil
}

// isTuple tells whether the outermost value is a tuple that was taken apart.
func (s *scanner) isTuple() bool {
	switch s.container {
	case opEmptyTuple, opTuple, opTuple1, opTuple2, opTuple3:
		return true
	}
	return false
}

func (s *scanner) isList() bool { return s.container == opEmptyList || s.container == opList }

func (s *scanner) isDict() bool {
	return (s.container == opEmptyDict || s.container == opDict) && len(s.children)%2 == 0
}

// Elements takes a list or a tuple apart without decoding its elements. It fails with a *ShapeError for
// anything else. The elements alias r.
func (r Raw) Elements() ([]Raw, error) {
	c := extractor{opts: r.opts}
	code, memo := r.ops(), int(r.memo)
	err := c.elements(code, 0, len(code), memo, maxRecorded)
	if err != nil {
		return nil, err
	}
	if c.s.irregular() || !c.s.isTuple() && !c.s.isList() {
		return r.decodedElements()
	}
	if m := r.opts.meter(); m != nil {
		if err := m.Spend(len(c.s.children), len(c.s.children)*2*rawBytes); err != nil {
			return nil, err
		}
	}
	out := make([]Raw, len(c.s.children))
	for i := range out {
		if out[i], err = c.raw(i, r.proto, 0, memo); err == errIrregular {
			return r.decodedElements()
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// decodedElements is Elements for shapes that CPython's picklers do not write.
func (r Raw) decodedElements() ([]Raw, error) {
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	items, ok := sequence(v)
	if !ok {
		return nil, &ShapeError{Got: typeName(v), Want: "list or tuple"}
	}
	return rawsOf(items, r.proto, r.opts, r.opts.meter())
}

// rawBytes is what a Raw takes beside the pickle.
const rawBytes = 64

// rawsOf pickles each item for itself, in a protocol that can carry what a pickle of protocol proto
// carried.
func rawsOf(items []any, proto uint8, opts *DecodeOptions, m Meter) ([]Raw, error) {
	if m != nil {
		if err := m.Spend(len(items), len(items)*rawBytes); err != nil {
			return nil, err
		}
	}
	out := make([]Raw, len(items))
	o := &EncodeOptions{Protocol: max(int(proto), 2), NativeBytes: proto <= 2, Meter: m}
	for i, v := range items {
		r, err := NewRaw(v, o)
		if unsupported := (*UnsupportedError)(nil); errors.As(err, &unsupported) {
			r, err = NewRaw(v, &EncodeOptions{Protocol: HighestProtocol, Meter: m})
		}
		if err != nil {
			return nil, err
		}
		out[i] = r.WithOptions(opts)
	}
	return out, nil
}

// ShapeError says that a value is not of the shape that its place in a message asks for.
type ShapeError struct {
	Got  string // the Python type that was there
	Want string
}

// Error names both.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("pickle: found %s where a %s belongs", e.Got, e.Want)
}
