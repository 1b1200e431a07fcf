package pickle_test

import (
	"errors"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

func decode(t *testing.T, data string) any {
	t.Helper()
	var v any
	require.NoError(t, pickle.Unmarshal([]byte(data), &v), listing([]byte(data)))
	return v
}

func list(items ...any) *pickle.List { return &pickle.List{Items: items} }

func TestUnmarshalEachOpcode(t *testing.T) {
	cases := []struct {
		name string
		in   string
		want any
	}{
		{"NONE", "N.", nil},
		{"NEWTRUE", "\x88.", true},
		{"NEWFALSE", "\x89.", false},
		{"INT", "I-5\n.", int64(-5)},
		{"INT 01 is True", "I01\n.", true},
		{"INT 00 is False", "I00\n.", false},
		{"INT beyond 64 bits", "I9223372036854775808\n.", new(big.Int).SetUint64(1 << 63)},
		{"BININT", "J\xff\xff\xff\xff.", int64(-1)},
		{"BININT1", "K\xff.", int64(255)},
		{"BININT2", "M\x00\x01.", int64(256)},
		{"LONG", "L12L\n.", int64(12)},
		{"LONG without L", "L12\n.", int64(12)},
		{"LONG1", "\x8a\x01\x80.", int64(-128)},
		{"LONG1 of no bytes is zero", "\x8a\x00.", int64(0)},
		{"LONG4", "\x8b\x02\x00\x00\x00\x00\x80.", int64(-32768)},
		{"FLOAT", "F1.5\n.", 1.5},
		{"FLOAT inf", "Finf\n.", math.Inf(1)},
		{"BINFLOAT", "G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5},
		{"STRING", "S'a\\'\\n\\x00b'\n.", pickle.ByteString("a'\n\x00b")},
		{"BINSTRING", "T\x02\x00\x00\x00a\xff.", pickle.ByteString("a\xff")},
		{"SHORT_BINSTRING", "U\x01a.", pickle.ByteString("a")},
		{"BINBYTES", "B\x01\x00\x00\x00a.", []byte("a")},
		{"SHORT_BINBYTES", "C\x01a.", []byte("a")},
		{"BINBYTES8", "\x8e\x01\x00\x00\x00\x00\x00\x00\x00a.", []byte("a")},
		{"BYTEARRAY8", "\x96\x01\x00\x00\x00\x00\x00\x00\x00a.", &pickle.ByteArray{Bytes: []byte("a")}},
		{"UNICODE", "Va\\u20ac\xe9\n.", "a€é"},
		{"BINUNICODE", "X\x03\x00\x00\x00\xe2\x82\xac.", "€"},
		{"SHORT_BINUNICODE", "\x8c\x01a.", "a"},
		{"BINUNICODE8", "\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.", "a"},
		{"a single surrogate", "X\x03\x00\x00\x00\xed\xa0\x80.", "\xed\xa0\x80"},
		{"EMPTY_LIST", "].", list()},
		{"LIST", "(K\x01K\x02l.", list(int64(1), int64(2))},
		{"APPEND", "]K\x01a.", list(int64(1))},
		{"APPENDS", "](K\x01K\x02e.", list(int64(1), int64(2))},
		{"EMPTY_TUPLE", ").", pickle.Tuple{}},
		{"TUPLE", "(K\x01t.", pickle.Tuple{int64(1)}},
		{"TUPLE1", "K\x01\x85.", pickle.Tuple{int64(1)}},
		{"TUPLE2", "K\x01K\x02\x86.", pickle.Tuple{int64(1), int64(2)}},
		{"TUPLE3", "K\x01K\x02K\x03\x87.", pickle.Tuple{int64(1), int64(2), int64(3)}},
		{"EMPTY_DICT", "}.", pickle.NewDict()},
		{"DICT", "(K\x01K\x02d.", pickle.NewDict(1, 2)},
		{"SETITEM", "}K\x01K\x02s.", pickle.NewDict(1, 2)},
		{"SETITEMS", "}(K\x01K\x02u.", pickle.NewDict(1, 2)},
		{"SETITEM of an equal key keeps one", "}(K\x01K\x02\x88K\x03u.", pickle.NewDict(1, 3)},
		{"EMPTY_SET and ADDITEMS", "\x8f(K\x01K\x01\x90.", pickle.NewSet(1)},
		{"FROZENSET", "(K\x01\x91.", pickle.NewFrozenSet(1)},
		{"POP", "K\x01K\x020.", int64(1)},
		{"POP of a mark", "K\x01(0.", int64(1)},
		{"POP_MARK", "K\x01(K\x02K\x031.", int64(1)},
		{"DUP", "K\x012\x86.", pickle.Tuple{int64(1), int64(1)}},
		{"PUT and GET", "K\x01p5\n0g5\n.", int64(1)},
		{"BINPUT and BINGET", "K\x01q\x050h\x05.", int64(1)},
		{"LONG_BINPUT and LONG_BINGET", "K\x01r\x00\x00\x00\xff0j\x00\x00\x00\xff.", int64(1)},
		{"MEMOIZE counts", "K\x01\x94K\x02\x9400h\x01.", int64(2)},
		{"GLOBAL", "cqueue\nEmpty\n.", pickle.Global{Module: "queue", Name: "Empty"}},
		{"GLOBAL of Python 2", "\x80\x02cQueue\nEmpty\n.", pickle.Global{Module: "queue", Name: "Empty"}},
		{"GLOBAL is not respelled in protocol 3", "\x80\x03cQueue\nEmpty\n.",
			pickle.Global{Module: "Queue", Name: "Empty"}},
		{"STACK_GLOBAL", "\x80\x04\x8c\x01a\x8c\x03B.C\x93.", pickle.Global{Module: "a", Name: "B.C"}},
		{"REDUCE", "ca\nB\nK\x01\x85R.", &pickle.Object{
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{int64(1)}}},
		{"BUILD", "ca\nB\n)\x81}b.", &pickle.Object{Kind: pickle.NewObj,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{},
			State: pickle.NewDict(), HasState: true}},
		{"BUILD with None is a state too", "ca\nB\n)\x81Nb.", &pickle.Object{Kind: pickle.NewObj,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{}, HasState: true}},
		{"NEWOBJ_EX", "ca\nB\n)}\x92.", &pickle.Object{Kind: pickle.NewObjEx,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{}, Kwargs: pickle.NewDict()}},
		{"INST", "(K\x01ia\nB\n.", &pickle.Object{Kind: pickle.OldInstance,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{int64(1)}}},
		{"OBJ", "(ca\nB\nK\x01o.", &pickle.Object{Kind: pickle.OldInstance,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{int64(1)}}},
		{"APPENDS on an object", "ca\nB\n)\x81(K\x01e.", &pickle.Object{Kind: pickle.NewObj,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{}, Items: []any{int64(1)}}},
		{"SETITEMS on an object", "ca\nB\n)\x81(K\x01Nu.", &pickle.Object{Kind: pickle.NewObj,
			Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{},
			Pairs: []pickle.Pair{{Key: int64(1)}}}},
		{"EXT1", "\x82\x05.", &pickle.Object{Kind: pickle.Extension, Args: pickle.Tuple{int64(5)}}},
		{"EXT2", "\x83\x00\x01.", &pickle.Object{Kind: pickle.Extension, Args: pickle.Tuple{int64(256)}}},
		{"EXT4", "\x84\x00\x00\x01\x00.", &pickle.Object{Kind: pickle.Extension,
			Args: pickle.Tuple{int64(65536)}}},
		{"an extension as a class", "\x82\x05)\x81.", &pickle.Object{Kind: pickle.NewObj,
			Class: &pickle.Object{
				Kind: pickle.Extension,
				Args: pickle.Tuple{int64(5)},
			}, Args: pickle.Tuple{}}},
		{"PERSID", "Pabc\n.", &pickle.Object{Kind: pickle.PersistentID, Args: pickle.Tuple{"abc"}}},
		{"BINPERSID", "K\x05Q.", &pickle.Object{Kind: pickle.PersistentID, Args: pickle.Tuple{int64(5)}}},
		{"PROTO and FRAME", "\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", nil},
		{"bytes behind STOP are ignored", "N.garbage", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := decode(t, c.in)
			assert.True(t, pickle.Equal(c.want, got), "got %v (%T)", got, got)
			assert.IsType(t, c.want, got)
		})
	}
}

func TestUnmarshalCanonicalForms(t *testing.T) {
	cases := []struct {
		name string
		in   string
		want any
	}{
		{"set as a call", "\x80\x02c__builtin__\nset\n]K\x01a\x85R.", pickle.NewSet(1)},
		{"set() of nothing", "cbuiltins\nset\n)R.", pickle.NewSet()},
		{"frozenset as a call", "\x80\x03cbuiltins\nfrozenset\n]K\x01a\x85R.", pickle.NewFrozenSet(1)},
		{"bytes as text", "c_codecs\nencode\nX\x03\x00\x00\x00a\xc3\xbfX\x06\x00\x00\x00latin1\x86R.",
			[]byte("a\xff")},
		{"empty bytes", "c__builtin__\nbytes\n)R.", []byte{}},
		{
			"bytearray of Python 2",
			"c__builtin__\nbytearray\nX\x02\x00\x00\x00\xc3\xbfX\x07\x00\x00\x00latin-1\x86R.",
			&pickle.ByteArray{Bytes: []byte{0xff}},
		},
		{
			"bytearray of bytes",
			"\x80\x03cbuiltins\nbytearray\nC\x01a\x85R.",
			&pickle.ByteArray{Bytes: []byte("a")},
		},
		{
			"complex",
			"\x80\x03cbuiltins\ncomplex\nG\x3f\xf0\x00\x00\x00\x00\x00\x00G\x80\x00\x00\x00\x00\x00\x00\x00\x86R.",
			complex(1, math.Copysign(0, -1)),
		},
		{"range", "\x80\x03cbuiltins\nrange\nK\x01K\x02K\x03\x87R.",
			pickle.Range{Start: int64(1), Stop: int64(2), Step: int64(3)}},
		{"xrange", "\x80\x02c__builtin__\nxrange\nK\x01K\x02K\x03\x87R.",
			pickle.Range{Start: int64(1), Stop: int64(2), Step: int64(3)}},
		{"slice", "\x80\x03cbuiltins\nslice\nNK\x02N\x87R.", pickle.Slice{Stop: int64(2)}},
		{"list of a list", "\x80\x03cbuiltins\nlist\n]K\x01a\x85R.", list(int64(1))},
		{"Ellipsis", "\x80\x03cbuiltins\nEllipsis\n.", pickle.Ellipsis{}},
		{"NotImplemented", "\x80\x02c__builtin__\nNotImplemented\n.", pickle.NotImplemented{}},
		{"a nested class below protocol 4", "cbuiltins\ngetattr\nca\nB\nX\x01\x00\x00\x00C\x86R.",
			pickle.Global{Module: "a", Name: "B.C"}},
		{
			"__newobj__ is NEWOBJ",
			"ccopy_reg\n__newobj__\n(ca\nB\nK\x01tR.",
			&pickle.Object{Kind: pickle.NewObj,
				Class: pickle.Global{Module: "a", Name: "B"}, Args: pickle.Tuple{int64(1)}},
		},
		{"__newobj_ex__ is NEWOBJ_EX", "ccopyreg\n__newobj_ex__\n(ca\nB\n)}tR.",
			&pickle.Object{Kind: pickle.NewObjEx, Class: pickle.Global{Module: "a", Name: "B"},
				Args: pickle.Tuple{}, Kwargs: pickle.NewDict()}},
		{"a date of Python 2 has bytes", "cdatetime\ndate\nU\x04\x07\x6a\x01\x02\x85R.", &pickle.Object{
			Class: pickle.Global{
				Module: "datetime",
				Name:   "date",
			}, Args: pickle.Tuple{[]byte{7, 0x6a, 1, 2}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := decode(t, c.in)
			assert.True(t, pickle.Equal(c.want, got), "got %v (%T)", got, got)
			assert.IsType(t, c.want, got)
		})
	}
}

func TestUnmarshalLeavesOtherCallsAlone(t *testing.T) {
	for name, in := range map[string]string{
		"encode in another codec":    "c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00rot13\x86R.",
		"encode of wide text":        "c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacX\x06\x00\x00\x00latin1\x86R.",
		"bytes of a number":          "cbuiltins\nbytes\nK\x05\x85R.",
		"range of one number":        "cbuiltins\nrange\nK\x05\x85R.",
		"slice of a list":            "cbuiltins\nslice\n]NN\x87R.",
		"set of a number":            "cbuiltins\nset\nK\x05\x85R.",
		"complex of integers":        "cbuiltins\ncomplex\nK\x01K\x02\x86R.",
		"getattr of a value":         "cbuiltins\ngetattr\nX\x01\x00\x00\x00aX\x05\x00\x00\x00upper\x86R.",
		"getattr of a dotted name":   "cbuiltins\ngetattr\nca\nB\nX\x03\x00\x00\x00C.D\x86R.",
		"getattr of a long name":     "cbuiltins\ngetattr\nca\nB\nX\x00\x02\x00\x00" + strings.Repeat("x", 512) + "\x86R.",
		"__newobj__ without a class": "ccopyreg\n__newobj__\n)R.",
		"list of a string":           "cbuiltins\nlist\nX\x01\x00\x00\x00a\x85R.",
	} {
		t.Run(name, func(t *testing.T) {
			assert.IsType(t, &pickle.Object{}, decode(t, in))
		})
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	cases := []struct {
		name   string
		in     string
		offset int64
		cause  error
	}{
		{"LONG1 cut short", "\x80\x02\x8a\x04\x01", 2, io.ErrUnexpectedEOF},
		{"a line without end", "I5", 0, io.ErrUnexpectedEOF},
		{"a second line without end", "ca\nb", 0, io.ErrUnexpectedEOF},
		{"the end before STOP", "N", 1, io.ErrUnexpectedEOF},
		{"BINBYTES8 beyond the end", "\x8e\xff\xff\xff\xff\xff\xff\xff\xff", 0, io.ErrUnexpectedEOF},
		{"a frame beyond the end", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00N.", 2, nil},
		{"INT of letters", "Iabc\n.", 0, nil},
		{"INT of nothing", "I\n.", 0, nil},
		{"FLOAT of letters", "Fabc\n.", 0, nil},
		{"FLOAT in hexadecimal", "F0x1p4\n.", 0, nil},
		{"STRING without quotes", "Sabc\n.", 0, nil},
		{"STRING with one quote", "S'\n.", 0, nil},
		{"STRING with a bad escape", "S'\\xg0'\n.", 0, nil},
		{"UNICODE with a bad escape", "V\\u12\n.", 0, nil},
		{"UNICODE beyond the last character", "V\\U00110000\n.", 0, nil},
		{"REDUCE without a tuple", "ca\nB\nNR.", 6, nil},
		{"REDUCE of a number", "K\x01)R.", 3, nil},
		{"NEWOBJ of a number", "K\x01)\x81.", 3, nil},
		{"NEWOBJ_EX without a dict", "ca\nB\n)N\x92.", 7, nil},
		{"STACK_GLOBAL of numbers", "K\x01K\x02\x93.", 4, nil},
		{"GLOBAL that is not UTF-8", "c\xff\nb\n.", 0, nil},
		{"OBJ of nothing", "(o.", 1, nil},
		{"BUILD on a list", "]}b.", 2, nil},
		{"BUILD of attributes of a class", "ca\nB\n}NNsb.", 9, nil},
		{"BUILD of an exception with a number", "c__builtin__\nOSError\n)RK\x01b.", 25, nil},
		{"BUILD of a Counter with a list", "ccollections\nCounter\n)R]b.", 24, nil},
		{"BUILD of slots that are no dict", "ccollections\nCounter\n)RNN\x86b.", 26, nil},
		{"BUILD of an object with attributes", "c__builtin__\nobject\n)\x81}b.", 23, nil},
		{"NEWOBJ of a function", "c__builtin__\nlen\n)\x81.", 18, nil},
		{"NEWOBJ_EX of a function", "c__builtin__\neval\n)}\x92.", 20, nil},
		{"NEWOBJ_EX with a number for a name", "ca\nB\n)}K\x01Ns\x92.", 11, nil},
		{"GLOBAL without a module", "c\nb\n.", 0, nil},
		{"INST without a name", "(ia\n\n.", 1, nil},
		{"FLOAT beyond a float", "F1e999\n.", 0, nil},
		{"STRING behind a blank", "S 'a'\n.", 0, nil},
		{"PUT of a negative number", "Np-1\n.", 1, nil},
		{"PUT beyond 2**63", "Np9223372036854775808\n.", 1, nil},
		{"READONLY_BUFFER of a bytearray", "\x96\x00\x00\x00\x00\x00\x00\x00\x00\x98.", 9, nil},
		{"a frame in a frame", "\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", 9, nil},
		{"an argument across the end of a frame", "\x95\x02\x00\x00\x00\x00\x00\x00\x00M\x01\x00.", 9, nil},
		{"a line across the end of a frame", "\x95\x02\x00\x00\x00\x00\x00\x00\x00I12\n.", 9, nil},
		{"BUILD twice", "ca\nB\n)\x81NbNb.", 10, nil},
		{"APPEND to a tuple", ")Na.", 2, nil},
		{"APPEND after BUILD", "ca\nB\n)\x81NbNa.", 10, nil},
		{"SETITEM after BUILD", "ca\nB\n)\x81NbNNs.", 11, nil},
		{"SETITEM on a list", "]NNs.", 3, nil},
		{"ADDITEMS on an object", "ca\nB\n)\x81(N\x90.", 9, nil},
		{"a dict as a key", "}}Ns.", 3, pickle.ErrUnhashable},
		{"a list inside a key", "}]\x85Ns.", 5, pickle.ErrUnhashable},
		{"a bytearray in a set", "(\x96\x00\x00\x00\x00\x00\x00\x00\x00\x91.", 10, pickle.ErrUnhashable},
		{"EXT1 of zero", "\x82\x00.", 0, nil},
		{"GET of a text number", "gx\n.", 0, nil},
		{"BINGET of what was not put", "K\x01q\x05h\x04.", 4, nil},
		{"PUT of nothing", "q\x00.", 0, nil},
		{"PUT of what is below the mark", "N(q\x00.", 2, nil},
		{"DUP of nothing", "2.", 0, nil},
		{"TUPLE3 of two", "NN\x87.", 2, nil},
		{"a call that is thrown away", "ca\nB\n)RN0" + "0N.", 9, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var v any
			err := pickle.Unmarshal([]byte(c.in), &v)
			var syntax *pickle.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Equal(t, c.offset, syntax.Offset, err.Error())
			if c.cause != nil {
				assert.ErrorIs(t, err, c.cause)
			}
			assert.Nil(t, v)
		})
	}
}

func TestUnmarshalKeepsTheSetterOfReduce(t *testing.T) {
	// obj = B(); setter(obj, 1), as save_reduce writes a six-element tuple.
	got := decode(t, "\x80\x04ca\nB\n)R\x94ca\nsetter\nh\x00K\x01\x86R0.")
	o := got.(*pickle.Object)
	assert.Equal(t, pickle.Global{Module: "a", Name: "setter"}, o.Setter)
	assert.Equal(t, int64(1), o.State)
	assert.True(t, o.HasState)
}

func TestUnmarshalPersistentLoad(t *testing.T) {
	o := &pickle.DecodeOptions{PersistentLoad: func(id any) (any, error) {
		if id == any("bad") {
			return nil, errors.New("unknown")
		}
		return int64(7), nil
	}}
	var v any
	require.NoError(t, o.Unmarshal([]byte("Pabc\n."), &v))
	assert.Equal(t, int64(7), v)
	assert.ErrorContains(t, o.Unmarshal([]byte("X\x03\x00\x00\x00badQ."), &v), "unknown")
}

func TestUnmarshalAlias(t *testing.T) {
	data := []byte("C\x03abc.")
	for _, alias := range []bool{false, true} {
		var v any
		require.NoError(t, (&pickle.DecodeOptions{Alias: alias}).Unmarshal(data, &v))
		b := v.([]byte)
		assert.Equal(t, alias, &b[0] == &data[2])
		assert.Equal(t, len(b), cap(b), "appending must not write into the pickle")
	}
}

func TestUnmarshalIntoRaw(t *testing.T) {
	var r pickle.Raw
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04K\x05."), &r))
	var n int
	require.NoError(t, r.Unmarshal(&n))
	assert.Equal(t, 5, n)
}

func TestDecodeOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]*pickle.DecodeOptions{
		"MaxDepth":  {MaxDepth: 1},
		"MaxMemo":   {MaxMemo: -1},
		"MaxItems":  {MaxItems: 1},
		"MaxDigits": {MaxDigits: 1 << 30},
		"MaxBytes":  {MaxBytes: -5},
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			var option *pickle.OptionError
			require.ErrorAs(t, o.Unmarshal([]byte("N."), &v), &option)
			assert.Equal(t, name, option.Option)
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	cases := []struct {
		name string
		o    *pickle.DecodeOptions
		in   string
		what string
	}{
		{"open marks", &pickle.DecodeOptions{MaxDepth: 16}, strings.Repeat("(", 17), "open marks"},
		{
			"memo entries",
			&pickle.DecodeOptions{MaxMemo: 16},
			"N" + strings.Repeat("\x94", 17),
			"memo entries",
		},
		{"far memo entries", &pickle.DecodeOptions{MaxMemo: 16},
			"N" + strings.Repeat("\x94", 16) + "r\xff\xff\xff\xff", "memo entries"},
		{"values", &pickle.DecodeOptions{MaxItems: 16}, strings.Repeat("N", 17), "values"},
		{
			"digits",
			&pickle.DecodeOptions{MaxDigits: 640},
			"I" + strings.Repeat("1", 700) + "\n.",
			"digits",
		},
		{"digits in binary form", &pickle.DecodeOptions{MaxDigits: 640},
			"\x8b\x00\x02\x00\x00" + strings.Repeat("1", 512), "bytes of an integer"},
		{"bytes", &pickle.DecodeOptions{MaxBytes: 16}, strings.Repeat("N", 17), "bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var v any
			var limit *pickle.LimitError
			require.ErrorAs(t, c.o.Unmarshal([]byte(c.in), &v), &limit)
			assert.Equal(t, c.what, limit.What)
			assert.Greater(t, limit.Got, limit.Limit)
		})
	}
}
