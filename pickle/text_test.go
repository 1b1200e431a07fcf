package pickle_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

func TestRawUnicodeThereAndBack(t *testing.T) {
	cases := []struct{ text, escaped string }{
		{"", ""},
		{"abc", "abc"},
		{"é\u00ff\u0080", "\xe9\xff\x80"},
		{"€", `\u20ac`},
		{"\U0001f40d", `\U0001f40d`},
		{"\\", `\u005c`},
		{"a\nb\rc\x00d\x1ae", `a\u000ab\u000dc\u0000d\u001ae`},
		{"\xed\xa0\xbd\xed\xb8\x80", `\ud83d\ude00`},
	}
	for _, c := range cases {
		assert.Equal(t, c.escaped, string(pickle.AppendRawUnicode(nil, c.text)))
		got, err := pickle.ParseRawUnicode([]byte(c.escaped))
		require.NoError(t, err)
		assert.Equal(t, c.text, got)
	}
}

func TestRawUnicodeTakesOtherBackslashesAsTheyAre(t *testing.T) {
	for in, want := range map[string]string{
		`\\u0041`:  `\\u0041`,
		`\\\u0041`: `\\A`,
		`\n`:       `\n`,
		`a\`:       `a\`,
		`\u00E9`:   "é",
	} {
		got, err := pickle.ParseRawUnicode([]byte(in))
		require.NoError(t, err)
		assert.Equal(t, want, got, in)
	}
}

func TestQuotedThereAndBack(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, s := range []string{"", "abc", "'", `"`, `\`, `\'`, "\n\r\t\x00\x7f\xff", string(all)} {
		got, err := pickle.ParseQuoted(pickle.AppendQuoted(nil, s))
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
}

func TestQuotedEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`"a'b"`:                 "a'b",
		`'\a\b\f\v\"'`:          "\a\b\f\v\"",
		`'\0\12\1234\8'`:        "\x00\nS4\\8",
		`'\x41\X41\u0041\q'`:    `A\X41\u0041\q`,
		"'a\\\nb'":              "ab",
		"'a' \r":                "a",
		`'\377\x00' `:           "\xff\x00",
		`'` + `\\` + `'`:        `\`,
		`"` + `\"` + `"`:        `"`,
		`'` + `\'\'` + `'`:      `''`,
		`'` + "tab\there" + `'`: "tab\there",
	} {
		got, err := pickle.ParseQuoted([]byte(in))
		require.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "a", "'", "'a", `'a"`, `'\'`, `'\x4'`, " 'a'", "' "} {
		_, err := pickle.ParseQuoted([]byte(in))
		assert.Error(t, err, in)
	}
}

func TestValidText(t *testing.T) {
	for _, s := range []string{"", "abc", "é€\U0001f40d", "\xed\xa0\x80", "a\xed\xbf\xbfb", "\ufffd"} {
		assert.True(t, pickle.ValidText([]byte(s)), "%q", s)
	}
	for _, s := range []string{"\xff", "\xc3", "\xed\xa0", "\xc0\x80", "\xf5\x80\x80\x80", "\xed\xa0\xff"} {
		assert.False(t, pickle.ValidText([]byte(s)), "%q", s)
	}
}

func TestLongBytesThereAndBack(t *testing.T) {
	numbers := []*big.Int{new(big.Int)}
	for _, bits := range []uint{0, 6, 7, 8, 15, 16, 31, 32, 62, 63, 64, 127, 128, 2039, 2040} {
		n := new(big.Int).Lsh(big.NewInt(1), bits)
		for _, add := range []int64{-1, 0, 1} {
			m := new(big.Int).Add(n, big.NewInt(add))
			numbers = append(numbers, m, new(big.Int).Neg(m))
		}
	}
	for _, n := range numbers {
		b := pickle.AppendLongBytes([]byte("x"), n)[1:]
		got := pickle.ParseLongBytes(b)
		assert.True(t, pickle.Equal(n, got), "%v became %v", n, got)
		if len(b) > 1 {
			short := b[len(b)-1] == 0 && b[len(b)-2] < 0x80 || b[len(b)-1] == 0xff && b[len(b)-2] >= 0x80
			assert.False(t, short, "%v has a byte too many: % x", n, b)
		}
	}
	assert.Equal(t, int64(-1), pickle.ParseLongBytes([]byte(strings.Repeat("\xff", 20))))
}

func TestParseNumbers(t *testing.T) {
	for in, want := range map[string]any{
		"00": false, "01": true, "0": int64(0), "1": int64(1), "-0": int64(0), "+5": int64(5), " 7 ": int64(7), "000": int64(0),
		"1_000": int64(1000), "0x1F": int64(31), "-0b11": int64(-3), "0o_17": int64(15), "5L": int64(5), "5 L ": int64(5),
		"010": int64(10),
	} {
		got, err := pickle.ParseInt([]byte(in), 640)
		require.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "-", "1__0", "_1", "1_", "0x", "0b2", "1.5", "--1", "1-", "5LL", "L", "1 2"} {
		_, err := pickle.ParseInt([]byte(in), 640)
		assert.Error(t, err, in)
	}
	got, err := pickle.ParseLong([]byte("-9223372036854775809L"), 640)
	require.NoError(t, err)
	assert.Equal(t, "-9223372036854775809", got.(*big.Int).String())
}

func TestFloatTextThereAndBack(t *testing.T) {
	for _, f := range []float64{0, math.Copysign(0, -1), 1, 0.1, 1e300, 5e-324, math.MaxFloat64,
		math.Inf(1), math.Inf(-1), math.NaN()} {
		got, err := pickle.ParseFloat(pickle.AppendFloat(nil, f))
		require.NoError(t, err)
		assert.Equal(t, math.Float64bits(f), math.Float64bits(got), "%v", f)
	}
	got, err := pickle.ParseFloat([]byte("-nan"))
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got))
	for _, in := range []string{"1e999", " 1", "1 ", "1_0", "0x1p4", ""} {
		_, err := pickle.ParseFloat([]byte(in))
		assert.Error(t, err, in)
	}
}

func TestNamesOfPython2(t *testing.T) {
	both := []struct{ old, now pickle.Global }{
		{
			pickle.Global{Module: "__builtin__", Name: "set"},
			pickle.Global{Module: "builtins", Name: "set"},
		},
		{
			pickle.Global{Module: "__builtin__", Name: "xrange"},
			pickle.Global{Module: "builtins", Name: "range"},
		},
		{
			pickle.Global{Module: "exceptions", Name: "KeyError"},
			pickle.Global{Module: "builtins", Name: "KeyError"},
		},
		{pickle.Global{Module: "Queue", Name: "Empty"}, pickle.Global{Module: "queue", Name: "Empty"}},
		{pickle.Global{Module: "copy_reg", Name: "_reconstructor"},
			pickle.Global{Module: "copyreg", Name: "_reconstructor"}},
		{pickle.Global{Module: "multiprocessing", Name: "TimeoutError"},
			pickle.Global{Module: "multiprocessing.context", Name: "TimeoutError"}},
		{
			pickle.Global{Module: "itertools", Name: "imap"},
			pickle.Global{Module: "builtins", Name: "map"},
		},
		{pickle.Global{Module: "mine", Name: "Thing"}, pickle.Global{Module: "mine", Name: "Thing"}},
	}
	for _, c := range both {
		assert.Equal(t, c.now, pickle.FromPython2(c.old.Module, c.old.Name))
		assert.Equal(t, c.old, pickle.ToPython2(c.now))
	}
	read := map[pickle.Global]pickle.Global{
		{Module: "exceptions", Name: "StandardError"}: {Module: "builtins", Name: "Exception"},
		{Module: "cStringIO", Name: "StringIO"}:       {Module: "io", Name: "StringIO"},
		{Module: "__builtin__", Name: "basestring"}:   {Module: "builtins", Name: "str"},
	}
	for old, now := range read {
		assert.Equal(t, now, pickle.FromPython2(old.Module, old.Name))
	}
	written := map[pickle.Global]pickle.Global{
		{Module: "builtins", Name: "FileNotFoundError"}:   {Module: "exceptions", Name: "OSError"},
		{Module: "builtins", Name: "ModuleNotFoundError"}: {Module: "exceptions", Name: "ImportError"},
		{Module: "_functools", Name: "reduce"}:            {Module: "__builtin__", Name: "reduce"},
		{Module: "_queue", Name: "Empty"}:                 {Module: "Queue", Name: "Empty"},
	}
	for now, old := range written {
		assert.Equal(t, old, pickle.ToPython2(now))
	}
}
