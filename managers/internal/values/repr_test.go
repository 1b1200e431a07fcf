package values_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var python3, python2 = values.ReprStyle{}, values.ReprStyle{Python2: true}

// shown is what repr() says of a value in Python 3 and, where it differs, in Python 2.
var shown = []struct {
	value any
	three string
	two   string
}{
	{nil, "None", ""},
	{true, "True", ""},
	{int64(-5), "-5", ""},
	{power(2, 64), "18446744073709551616", "18446744073709551616L"},
	{uint8(7), "7", ""},
	{1.0, "1.0", ""},
	{0.1, "0.1", ""},
	{math.Copysign(0, -1), "-0.0", ""},
	{1e16, "1e+16", ""},
	{1e15, "1000000000000000.0", ""},
	{1e-4, "0.0001", ""},
	{1e-5, "1e-05", ""},
	{5e-324, "5e-324", ""},
	{math.NaN(), "nan", ""},
	{math.Inf(-1), "-inf", ""},
	{complex(0, 1), "1j", ""},
	{complex(1, -2), "(1-2j)", ""},
	{complex(math.Copysign(0, -1), 1), "(-0+1j)", ""},
	{"text", "'text'", "u'text'"},
	{"it's", `"it's"`, `u"it's"`},
	{`it's "it"`, `'it\'s "it"'`, `u'it\'s "it"'`},
	{"\\\n\r\t\x00\x7f", `'\\\n\r\t\x00\x7f'`, `u'\\\n\r\t\x00\x7f'`},
	{"é€😀", "'é€😀'", `u'\xe9\u20ac\U0001f600'`},
	{"\u00a0\u200b\u2028\ue000\U000e0001", `'\xa0\u200b\u2028\ue000\U000e0001'`,
		`u'\xa0\u200b\u2028\ue000\U000e0001'`},
	{"\xed\xa0\x80", `'\ud800'`, `u'\ud800'`},
	{pickle.ByteString("a\xff"), `'a\xff'`, ""},
	{pickle.ByteString("ascii"), "'ascii'", ""},
	{[]byte("a'\x00\xff"), `b"a'\x00\xff"`, `"a'\x00\xff"`},
	{&pickle.ByteArray{Bytes: []byte("a")}, "bytearray(b'a')", ""},
	{&pickle.ByteArray{Bytes: []byte("it's")}, `bytearray(b"it's")`, `bytearray(b"it\'s")`},
	{pickle.Tuple{}, "()", ""},
	{pickle.Tuple{int64(1)}, "(1,)", ""},
	{pickle.Tuple{int64(1), "a"}, "(1, 'a')", "(1, u'a')"},
	{list(list(), int64(1)), "[[], 1]", ""},
	{pickle.NewDict("a", int64(1), nil, list()), "{'a': 1, None: []}", "{u'a': 1, None: []}"},
	{pickle.NewSet(), "set()", "set([])"},
	{pickle.NewSet(int64(1)), "{1}", "set([1])"},
	{pickle.NewFrozenSet(), "frozenset()", "frozenset([])"},
	{pickle.NewFrozenSet(int64(1)), "frozenset({1})", "frozenset([1])"},
	{pickle.Ellipsis{}, "Ellipsis", ""},
	{pickle.NotImplemented{}, "NotImplemented", ""},
	{pickle.Slice{Start: int64(1)}, "slice(1, None, None)", ""},
	{call("builtins", "slice", list(), nil, nil), "slice([], None, None)", ""},
	{pickle.Range{Start: int64(0), Stop: int64(3), Step: int64(1)}, "range(0, 3)", "xrange(3)"},
	{pickle.Range{Start: int64(1), Stop: int64(3), Step: int64(2)}, "range(1, 3, 2)",
		"xrange(1, 3, 2)"},
	{class("builtins", "int"), "<class 'int'>", "<type 'int'>"},
	{class("builtins", "ValueError"), "<class 'ValueError'>", "<type 'exceptions.ValueError'>"},
	{class("builtins", "len"), "<built-in function len>", ""},
	{class("collections", "deque"), "<class 'collections.deque'>", "<type 'collections.deque'>"},
	{class("decimal", "Decimal"), "<class 'decimal.Decimal'>", ""},
	{class("shop", "Item"), "<class 'shop.Item'>", ""},
	{decimal("1.50"), "Decimal('1.50')", ""},
	{fraction("6/4"), "Fraction(3, 2)", ""},
	{uuid(1), "UUID('00000000-0000-0000-0000-000000000001')", ""},
	{path("a", ".", "b"), "PosixPath('a/b')", ""},
	{path(), "PosixPath('.')", ""},
	{path("//a"), "PosixPath('//a')", ""},
	{path("///a/.."), "PosixPath('/a/..')", ""},
	{orderedDict(), "OrderedDict()", ""},
	{orderedDict("b", int64(1), "a", nil), "OrderedDict({'b': 1, 'a': None})",
		"OrderedDict([(u'b', 1), (u'a', None)])"},
	{defaultDict(class("builtins", "int")), "defaultdict(<class 'int'>, {})",
		"defaultdict(<type 'int'>, {})"},
	{counter("a", int64(1), "b", int64(3)), "Counter({'b': 3, 'a': 1})",
		"Counter({u'b': 3, u'a': 1})"},
	{counter("a", "x", "b", int64(3)), "Counter({'a': 'x', 'b': 3})",
		"Counter({u'a': u'x', u'b': 3})"},
	{deque(nil, int64(1)), "deque([1])", ""},
	{deque(int64(2)), "deque([], maxlen=2)", ""},
	{array("i"), "array('i')", ""},
	{array("d", 1.0), "array('d', [1.0])", ""},
	{array("I", int64(1)), "array('I', [1])", "array('I', [1L])"},
	{array("u", "a", "b"), "array('u', 'ab')", "array('u', u'ab')"},
	{call("types", "SimpleNamespace"), "namespace()", ""},
	{call("builtins", "ValueError"), "ValueError()", ""},
	{call("builtins", "ValueError", int64(1)), "ValueError(1)", "ValueError(1,)"},
	{call("shop", "PriceError", int64(1), "x"), "PriceError(1, 'x')", "PriceError(1, u'x')"},
	{call("builtins", "OSError", int64(2), "no", "file"), "OSError(2, 'no')", "OSError(2, u'no')"},
	{delta(0, 0, 0), "datetime.timedelta(0)", ""},
	{delta(-1, 2, 3), "datetime.timedelta(days=-1, seconds=2, microseconds=3)",
		"datetime.timedelta(-1, 2, 3)"},
	{zone(0), "datetime.timezone.utc", ""},
	{zone(60), "datetime.timezone(datetime.timedelta(seconds=60))",
		"datetime.timezone(datetime.timedelta(0, 60))"},
	{call("datetime", "date", []byte(dateState)), "datetime.date(2026, 11, 21)", ""},
	{call("datetime", "time", []byte(timeState)), "datetime.time(1, 2, 3, 4)", ""},
	{call("datetime", "time", []byte("\x81\x02\x00\x00\x00\x00"), zone(0)),
		"datetime.time(1, 2, tzinfo=datetime.timezone.utc, fold=1)", ""},
	{datetime(), "datetime.datetime(2026, 11, 21, 1, 2, 3, 4)", ""},
	{call("datetime", "datetime", []byte("\x07\xea\x8b\x15\x01\x02\x00\x00\x00\x00"), zone(0)),
		"datetime.datetime(2026, 11, 21, 1, 2, fold=1, tzinfo=datetime.timezone.utc)", ""},
}

func TestReprLooksAsInPython3(t *testing.T) {
	for _, s := range shown {
		got, err := values.Repr(s.value, python3)
		require.NoError(t, err, s.three)
		assert.Equal(t, s.three, got)
	}
}

func TestReprLooksAsInPython2(t *testing.T) {
	for _, s := range shown {
		want := s.two
		if want == "" {
			want = s.three
		}
		got, err := values.Repr(s.value, python2)
		require.NoError(t, err, want)
		assert.Equal(t, want, got)
	}
}

func TestWhatIsInItselfIsShownAsDots(t *testing.T) {
	dict := pickle.NewDict()
	require.NoError(t, dict.Set("me", dict))
	queue := deque(nil)
	queue.Items = []any{queue}
	inside := list()
	tuple := pickle.Tuple{inside}
	inside.Items = []any{tuple}
	space := call("types", "SimpleNamespace")
	space.HasState, space.State = true, pickle.NewDict("me", space)
	ordered := orderedDict("a", nil)
	ordered.Pairs[0].Value = ordered
	for want, v := range map[string]any{
		"[[...]]":                      inItself(),
		"{'me': {...}}":                dict,
		"deque([[...]])":               queue,
		"([(...)],)":                   tuple,
		"namespace(me=namespace(...))": space,
		"OrderedDict({'a': ...})":      ordered,
	} {
		got, err := values.Repr(v, python3)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestWhatStandsTwiceIsShownTwice(t *testing.T) {
	l := list(int64(1))
	got, err := values.Repr(list(l, l), python3)
	require.NoError(t, err)
	assert.Equal(t, "[[1], [1]]", got)
}

func TestAnUnknownObjectIsShownWithOneAddress(t *testing.T) {
	o := call("shop", "Item")
	first, err := values.Repr(o, python3)
	require.NoError(t, err)
	assert.Regexp(t, `^<shop.Item object at 0x[0-9a-f]+>$`, first)
	again, err := values.Repr(o, python3)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	o.Kind = pickle.OldInstance
	old, err := values.Repr(o, python2)
	require.NoError(t, err)
	assert.Contains(t, old, "<shop.Item instance at 0x")
}

func TestReprHasALimitOfDepth(t *testing.T) {
	_, err := values.Repr(deep(900), python3)
	require.NoError(t, err)
	_, err = values.Repr(deep(1001), python3)
	assert.ErrorContains(t, err, "RecursionError")
}

func TestReprHasALimitOfSize(t *testing.T) {
	var v any = list()
	for range 100 { // 2**100 empty lists
		v = list(v, v)
	}
	text, err := values.ReprUpTo(v, python3, 1<<16)
	require.EqualError(t, err, "MemoryError: a repr takes more than 65536 bytes")
	assert.LessOrEqual(t, len(text), 1<<16)
}

func TestIntegersOfTooManyDigitsHaveNoText(t *testing.T) {
	most := new(big.Int).Sub(power(10, 4300), big.NewInt(1))
	text, err := values.Repr(most.Neg(most), python3)
	require.NoError(t, err)
	assert.Equal(t, "-"+strings.Repeat("9", 4300), text)
	_, err = values.Repr(power(10, 4300), python3)
	assert.EqualError(t, err, "ValueError: Exceeds the limit (4300 digits) for integer string"+
		" conversion; use sys.set_int_max_str_digits() to increase the limit")
}

func TestStrLooksAsInPython(t *testing.T) {
	cases := []struct {
		value any
		style values.ReprStyle
		want  string
	}{
		{"it's", python3, "it's"},
		{"it's", python2, "it's"},
		{[]byte("a"), python3, "b'a'"},
		{[]byte("a"), python2, "a"},
		{&pickle.ByteArray{Bytes: []byte("a")}, python2, "a"},
		{0.30000000000000004, python3, "0.30000000000000004"},
		{0.30000000000000004, python2, "0.3"},
		{123456789012.0, python2, "1.23456789012e+11"},
		{complex(123456789012, 0.30000000000000004), python2, "(123456789012+0.3j)"},
		{power(2, 64), python2, "18446744073709551616"},
		{list("a"), python3, "['a']"},
		{decimal("1.50"), python3, "1.50"},
		{fraction("3/2"), python3, "3/2"},
		{fraction("4/2"), python3, "2"},
		{uuid(1), python3, "00000000-0000-0000-0000-000000000001"},
		{path("a/b"), python3, "a/b"},
		{datetime(zone(3600)), python3, "2026-11-21 01:02:03.000004+01:00"},
		{call("datetime", "date", []byte(dateState)), python3, "2026-11-21"},
		{call("datetime", "time", []byte(timeState)), python3, "01:02:03.000004"},
		{delta(-1, 3723, 5), python3, "-1 day, 1:02:03.000005"},
		{delta(2, 0, 0), python3, "2 days, 0:00:00"},
		{zone(0), python3, "UTC"},
		{zone(5400), python3, "UTC+01:30"},
		{call("datetime", "timezone", delta(-1, 86399, 0)), python3, "UTC-00:00:01"},
		{call("datetime", "timezone", delta(0, 0, 0), "home"), python3, "home"},
		{call("builtins", "ValueError"), python3, ""},
		{call("builtins", "ValueError", "x"), python3, "x"},
		{call("builtins", "ValueError", "x", int64(1)), python3, "('x', 1)"},
		{call("builtins", "KeyError", "x"), python3, "'x'"},
		{call("builtins", "OSError", int64(2), "no", "f", nil, "g"), python3, "[Errno 2] no: 'f' -> 'g'"},
		{call("builtins", "OSError", int64(2), "no", "f", nil), python2, "(2, u'no', u'f', None)"},
	}
	for _, c := range cases {
		got, err := values.Str(c.value, c.style)
		require.NoError(t, err, c.want)
		assert.Equal(t, c.want, got)
	}
}
