package pickle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mpbridge/pickle"
)

func TestDisassembleAsPickletoolsDoes(t *testing.T) {
	// What pickletools.dis of CPython 3.13 prints.
	const want = `    0: \x80 PROTO      4
    2: \x95 FRAME      39
   11: (    MARK
   12: \x8c     SHORT_BINUNICODE 'id'
   16: \x94     MEMOIZE    (as 0)
   17: M        BININT2    300
   20: ]        EMPTY_LIST
   21: (        MARK
   22: K            BININT1    1
   24: G            BINFLOAT   1.5
   33: e            APPENDS    (MARK at 21)
   34: C        SHORT_BINBYTES b'a\xff'
   38: h        BINGET     0
   40: \x8a     LONG1      -1
   43: (        MARK
   44: 1            POP_MARK   (MARK at 43)
   45: N        NONE
   46: 0        POP
   47: (        MARK
   48: 0            POP        (MARK at 47)
   49: t        TUPLE      (MARK at 11)
   50: .    STOP
highest protocol among opcodes = 4
`
	in := "\x80\x04\x95\x27\x00\x00\x00\x00\x00\x00\x00(\x8c\x02id\x94M\x2c\x01](K\x01" +
		"G\x3f\xf8\x00\x00\x00\x00\x00\x00eC\x02a\xffh\x00\x8a\x01\xff(1N0(0t."
	assert.Equal(t, want, listing([]byte(in)))
}

func TestDisassembleTextOpcodes(t *testing.T) {
	out := listing([]byte("(I01\nL5L\nF1.5\nS'a'\nVb\\u20ac\ncm\nn\np1\ng1\n(im\nn\nPid\nt."))
	for _, want := range []string{
		"I        INT        True", "L        LONG       5", "F        FLOAT      1.5", "S        STRING     'a'",
		"V        UNICODE    'b€'", "c        GLOBAL     'm n'", "p        PUT        1", "g        GET        1",
		"i            INST       'm n' (MARK at", "P        PERSID     'id'",
	} {
		assert.Contains(t, out, want)
	}
}

func TestDisassembleListsWhatComesBeforeAnError(t *testing.T) {
	cases := map[string]struct{ in, before, err string }{
		"an unknown opcode": {"N\xff", "0: N    NONE\n", "not an opcode at offset 1"},
		"a cut":             {"NK", "0: N    NONE\n", "unexpected EOF at offset 1"},
		"an underflow":      {"Na", "1: a    APPEND\n", "stack underflow at offset 1"},
		"no mark":           {"Nt", "1: t    TUPLE\n", "no mark on the stack at offset 1"},
		"too many values":   {"NN.", "left on the stack below the value: 1\n", ""},
		"a frame in a frame": {"\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x95\x00\x00\x00\x00\x00\x00\x00\x00N.",
			"FRAME      0 <a frame begins before the end of the one before>\n", ""},
		"a frame that is cut": {"\x95\x0a\x00\x00\x00\x00\x00\x00\x00N", "9: N    NONE\n", "unexpected EOF at offset 10"},
		"a mark's fence":      {"](a", "2: a        APPEND\n", "stack underflow"},
		"bad text":            {"VA\\u1\n.", "<malformed escape>", ""},
		"bad number":          {"Ix\n.", "<malformed number>", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out := listing([]byte(c.in))
			assert.Contains(t, out, c.before)
			assert.Contains(t, out, c.err)
		})
	}
}

func TestDisassembleIsBounded(t *testing.T) {
	marks := listing([]byte(strings.Repeat("(", 10_000)))
	assert.Less(t, len(marks), 10_000*300)
	long := listing([]byte("X\x00\x00\x01\x00" + strings.Repeat("x", 1<<16) + "."))
	assert.Less(t, len(long), 1000)
	number := listing([]byte("\x8b\x00\x00\x01\x00" + strings.Repeat("x", 1<<16) + "."))
	assert.Contains(t, number, "<int of 65536 bytes>")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestDisassembleTellsWhatTheWriterSaid(t *testing.T) {
	assert.EqualError(t, pickle.Disassemble(brokenWriter{}, []byte("N.")), "no room")
}
