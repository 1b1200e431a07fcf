package pickle

import "unsafe"

// Raw is one value that is still pickled: what json.RawMessage is to JSON. It is extracted from a larger
// pickle without being decoded and can be put into another one.
//
// A Raw stands for itself: it reads no memo entry that it does not write. The zero Raw is None. A Raw
// usually aliases the message that it was extracted from; Clone gives it bytes of its own. A Raw is
// immutable and may be used by many goroutines at once.
type Raw struct {
	code  []byte         // the opcodes of one value, without PROTO and STOP
	frame int            // offset in code of a FRAME that reaches beyond the end, or -1; 0 in the zero Raw only
	opts  *DecodeOptions // how the value is decoded; nil for the defaults
	memo  uint32         // memo entries before it in the message: where MEMOIZE began to count
	proto uint8          // of the pickle that it was extracted from: says how its names are spelled
	flags rawFlags
}

type rawFlags uint8

const (
	rawGets     rawFlags = 1 << iota // reads memo entries
	rawExplicit                      // may write memo entries by number (PUT)
	rawNames                         // may name classes and functions
)

var noneCode = []byte{byte(opNone)}

// ops returns the opcodes; the zero Raw is None.
func (r Raw) ops() []byte {
	if r.code == nil {
		return noneCode
	}
	return r.code
}

// Size returns the number of bytes that the value's opcodes take.
func (r Raw) Size() int { return len(r.ops()) }

// Within tells whether r lies in msg, the message that it was extracted from, and has no bytes of its own.
func (r Raw) Within(msg []byte) bool {
	if len(r.code) == 0 || cap(msg) == 0 {
		return false
	}
	first, last := unsafe.Pointer(&r.code[0]), unsafe.Pointer(unsafe.SliceData(msg[:cap(msg)]))
	return uintptr(first) >= uintptr(last) && uintptr(first) < uintptr(last)+uintptr(cap(msg))
}

// Protocol returns the protocol of the pickle that r was extracted from.
func (r Raw) Protocol() int { return int(r.proto) }

// WithOptions returns r so that it is decoded within the limits and with the hooks of o, wherever that is
// done: by Any and Unmarshal, by Elements, or because a peer cannot read it as it is. So are the values
// that are extracted from it. The options may be nil, for the defaults.
func (r Raw) WithOptions(o *DecodeOptions) Raw {
	r.opts = o
	return r
}

// Metered returns r so that what is done to it draws on m, as what WithOptions says does on the Meter of its
// options. A nil Meter changes nothing.
func (r Raw) Metered(m Meter) Raw {
	if m == nil {
		return r
	}
	o := new(DecodeOptions)
	if r.opts != nil {
		*o = *r.opts
	}
	o.Meter = m
	return r.WithOptions(o)
}

// Clone returns r with bytes of its own, so that the message it was extracted from can be reused.
func (r Raw) Clone() Raw {
	if r.code != nil {
		r.code = append(make([]byte, 0, len(r.code)), r.code...)
	}
	return r
}

// ParseRaw takes a whole pickle as a Raw. Only the outline is checked: that every opcode is one, that lengths fit, that
// numbers, texts and names are some, and that a value is left. Bytes behind STOP are ignored, as pickle.loads ignores
// them. The result aliases doc, unless it has memo numbers for which some readers would take memory, or more values than
// its own on the stack: then it is written anew.
func ParseRaw(doc []byte) (Raw, error) {
	var c extractor
	return c.document(doc)
}

// NewRaw pickles v. The options may be nil.
func NewRaw(v any, o *EncodeOptions) (Raw, error) {
	if r, ok := v.(Raw); ok {
		return r, nil
	}
	doc, err := o.Marshal(v)
	if err != nil {
		return Raw{}, err
	}
	return ParseRaw(doc)
}

// Bytes returns r as a pickle of its own, PROTO to STOP.
func (r Raw) Bytes() []byte {
	segs, _ := r.standalone()
	n := 0
	for _, s := range segs {
		n += len(s)
	}
	out := make([]byte, 0, n)
	for _, s := range segs {
		out = append(out, s...)
	}
	return out
}

// Buffers returns r as a pickle of its own, PROTO to STOP, in pieces that must not be changed: what is long is not copied.
func (r Raw) Buffers() [][]byte {
	segs, _ := r.standalone()
	return segs
}

// standalone lays r out as a pickle of its own.
func (r Raw) standalone() (segs [][]byte, err error) {
	r, err = r.atMemo(0)
	if err != nil {
		return nil, err
	}
	segs = append(segs, []byte{byte(opProto), max(r.proto, 2)})
	if r.proto < 2 {
		segs[0] = nil
	}
	segs = r.appendCode(segs)
	return append(segs, []byte{byte(opStop)}), nil
}

// Unmarshal decodes r into v, as Unmarshal does with a whole pickle. None, booleans, small integers
// and floats take a short way.
func (r Raw) Unmarshal(v any) error {
	if p, ok := v.(*any); ok {
		x, err := r.Any()
		if err == nil {
			*p = x
		}
		return err
	}
	return r.opts.Unmarshal(r.Bytes(), v)
}

// Any decodes r as Unmarshal does into an empty interface.
func (r Raw) Any() (any, error) {
	if x, ok := r.scalar(); ok {
		return x, nil
	}
	var x any
	err := r.opts.Unmarshal(r.Bytes(), &x)
	return x, err
}

// appendCode appends r's opcodes to segs. A FRAME that would reach beyond the value is left out, which
// is legal: a pickle need not be framed.
func (r Raw) appendCode(segs [][]byte) [][]byte {
	code := r.ops()
	if r.frame < 0 || r.code == nil {
		return append(segs, code)
	}
	if r.frame > 0 {
		segs = append(segs, code[:r.frame])
	}
	return append(segs, code[r.frame+9:])
}

// AppendTagged appends to dst the pickle of the tuple (tag, r) for a peer of dialect d: the form of a
// manager's reply. The tag must be ASCII and shorter than 256 bytes.
func (r Raw) AppendTagged(dst []byte, tag string, d Dialect) ([]byte, error) {
	r, proto, err := r.forTag(d)
	if err != nil {
		return dst, err
	}
	dst = r.appendTag(dst, tag, proto)
	code := r.ops()
	if r.frame >= 0 && r.code != nil {
		dst = append(dst, code[:r.frame]...)
		code = code[r.frame+9:]
	}
	dst = append(dst, code...)
	return append(dst, byte(opTuple2), byte(opStop)), nil
}

// TaggedBuffers is AppendTagged without copying r: the parts, written one after the other, are the
// pickle.
func (r Raw) TaggedBuffers(tag string, d Dialect) ([][]byte, error) {
	r, proto, err := r.forTag(d)
	if err != nil {
		return nil, err
	}
	segs := append(make([][]byte, 0, 4), r.appendTag(make([]byte, 0, 64), tag, proto))
	segs = r.appendCode(segs)
	return append(segs, []byte{byte(opTuple2), byte(opStop)}), nil
}

// maxPadding is how many memo entries are made up so that the numbers inside a Raw stay right.
const maxPadding = 32

// forTag makes r ready to stand behind a tag and says which PROTO its message must carry.
func (r Raw) forTag(d Dialect) (Raw, uint8, error) {
	r, err := r.Rewritten(d)
	if err != nil {
		return r, 0, err
	}
	if r.flags&(rawGets|rawExplicit) == rawGets && r.memo > maxPadding {
		if r, err = r.atMemo(0); err != nil {
			return r, 0, err
		}
	}
	if r.proto <= 2 {
		return r, 2, nil
	}
	return r, uint8(d.reads()), nil
}

// appendTag appends what stands before the value. A Raw that counts its memo entries from n finds n of
// them there: the tag, memoized n times.
func (r Raw) appendTag(dst []byte, tag string, proto uint8) []byte {
	dst = append(dst, byte(opProto), proto, byte(opShortBinString), byte(len(tag)))
	dst = append(dst, tag...)
	if r.flags&(rawGets|rawExplicit) == rawGets {
		for range r.memo {
			dst = append(dst, byte(opMemoize))
		}
	}
	return dst
}

// body returns r's opcodes for a stream of the given dialect in which memo numbers from memo on are
// free, and how many of them it takes. The stream's PROTO must be 2 where d says so and 3 or more
// otherwise. What has to be rewritten draws on m, if there is one.
func (r Raw) body(d Dialect, memo int, m Meter) (segs [][]byte, used int, err error) {
	if r, err = r.within(d, m); err != nil {
		return nil, 0, err
	}
	if r, err = r.spelled(d, m); err != nil {
		return nil, 0, err
	}
	needs := r.flags&rawGets != 0
	if r.flags&rawExplicit != 0 {
		needs = memo > 0
	}
	if needs {
		if r, used, err = r.relocated(memo); err != nil {
			return nil, 0, err
		}
	}
	return r.appendCode(nil), used, nil
}

// atMemo returns r for a stream whose memo holds n entries before it.
func (r Raw) atMemo(n int) (Raw, error) {
	if r.flags&rawGets == 0 || r.flags&rawExplicit != 0 || uint64(r.memo) == uint64(n) {
		return r, nil
	}
	moved, _, err := r.relocated(n)
	return moved, err
}

// IsNone tells whether r is None.
func (r Raw) IsNone() bool {
	code := r.ops()
	return len(code) == 1 && Op(code[0]) == opNone
}

// relocated returns r with its memo entries numbered from base on, by explicit PUTs, and how many
// numbers that takes. Entries that nothing reads are dropped.
func (r Raw) relocated(base int) (Raw, int, error) {
	code, used, err := renumber(r.ops(), int(r.memo), base, nil)
	if err != nil {
		return r, 0, err
	}
	if r.memo, err = memoCount(base); err != nil {
		return r, 0, err
	}
	r.code, r.frame = code, -1
	r.flags |= rawExplicit
	if used == 0 {
		r.flags &= rawNames
	}
	return r, used, nil
}
