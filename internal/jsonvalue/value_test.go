package jsonvalue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"mpbridge/internal/jsonvalue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, w *jsonvalue.Writer, v any) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, w.Write(context.Background(), &b, v))
	assert.True(t, json.Valid(b.Bytes()), b.String())
	return b.String()
}

func call(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func list(items ...any) *pickle.List { return &pickle.List{Items: items} }

func timedelta(days, seconds, micros int64) *pickle.Object {
	return call("datetime", "timedelta", days, seconds, micros)
}

func TestAValueIsSpelledAndReadBack(t *testing.T) {
	huge, _ := new(big.Int).SetString("1"+strings.Repeat("0", 40), 10)
	moment := []byte{7, 234, 11, 27, 12, 30, 0, 7, 161, 32}
	cases := []struct {
		name, want string
		value      any
	}{
		{"None", `null`, nil},
		{"a float that is whole", `2.0`, 2.0},
		{"a float that is no number", `{"__class__":"float","value":"-inf"}`, -1 / zero},
		{"a big int", huge.String(), huge},
		{"bytes", `{"__class__":"bytes","base64":"AP8="}`, []byte{0, 255}},
		{"a bytearray", `{"__class__":"bytearray","base64":"AA=="}`, &pickle.ByteArray{Bytes: []byte{0}}},
		{"a list", `[1,["a"]]`, list(int64(1), list("a"))},
		{"a tuple", `{"__class__":"tuple","items":[1,[2]]}`, pickle.Tuple{int64(1), list(int64(2))}},
		{"a set of tuples", `{"__class__":"set","items":[[1,[2]]]}`,
			pickle.NewSet(pickle.Tuple{int64(1), pickle.Tuple{int64(2)}})},
		{"a frozenset in a set", `{"__class__":"set","items":[{"__class__":"frozenset","items":[[]]}]}`,
			pickle.NewSet(pickle.NewFrozenSet(pickle.Tuple{}))},
		{"a dict with other keys", `{"__class__":"dict","items":[[1,"a"],[[1,2],null]]}`,
			pickle.NewDict(int64(1), "a", pickle.Tuple{int64(1), int64(2)}, nil)},
		{"a dict that has the key of a class", `{"__class__":"dict","items":[["__class__","set"]]}`,
			pickle.NewDict("__class__", "set")},
		{"a complex number", `{"__class__":"complex","real":1.0,"imag":-2.0}`, 1 - 2i},
		{"a range", `{"__class__":"range","args":[0,10,2]}`,
			pickle.Range{Start: int64(0), Stop: int64(10), Step: int64(2)}},
		{"a slice", `{"__class__":"slice","args":[null,3,null]}`, pickle.Slice{Stop: int64(3)}},
		{"an ellipsis", `{"__class__":"ellipsis"}`, pickle.Ellipsis{}},
		{"what a terminal would obey", `"\u001b[2J\u007f\u009b\u202e😀"`, "\x1b[2J\x7f\u009b\u202e😀"},
		{"a single surrogate", `"\udcff"`, "\xed\xb3\xbf"},
		{"a naive datetime", `{"__class__":"datetime.datetime","value":"2026-11-27T12:30:00.500000"}`,
			call("datetime", "datetime", moment)},
		{"a datetime with an offset",
			`{"__class__":"datetime.datetime","value":"2026-11-27T12:30:00.500000-03:30"}`,
			call("datetime", "datetime", moment, call("datetime", "timezone", timedelta(-1, 73800, 0)))},
		{"a datetime of a zone", `{"__class__":"datetime.datetime","value":"2026-11-27T12:30:00.500000",` +
			`"tzinfo":{"__class__":"zoneinfo.ZoneInfo","key":"Europe/Berlin"}}`,
			call("datetime", "datetime", moment, call("zoneinfo", "ZoneInfo", "Europe/Berlin"))},
		{"a date", `{"__class__":"datetime.date","value":"2026-11-27"}`,
			call("datetime", "date", []byte{7, 234, 11, 27})},
		{"a time in its second pass", `{"__class__":"datetime.time","value":"02:30:00","fold":1}`,
			call("datetime", "time", []byte{0x82, 30, 0, 0, 0, 0})},
		{"a timedelta", `{"__class__":"datetime.timedelta","days":-1,"seconds":1,"microseconds":2}`,
			timedelta(-1, 1, 2)},
		{"a zone with a name", `{"__class__":"datetime.timezone","offset":"+01:00","name":"CET"}`,
			call("datetime", "timezone", timedelta(0, 3600, 0), "CET")},
		{"a Decimal", `{"__class__":"decimal.Decimal","value":"1.10"}`, call("decimal", "Decimal", "1.10")},
		{"a Fraction", `{"__class__":"fractions.Fraction","value":"-1/3"}`, call("fractions", "Fraction", "-1/3")},
		{"a UUID", `{"__class__":"uuid.UUID","value":"12345678-1234-5678-1234-567812345678"}`,
			call("uuid", "UUID", "12345678-1234-5678-1234-567812345678")},
		{"a deque", `{"__class__":"collections.deque","args":[[],3],"items":[1]}`, &pickle.Object{
			Class: pickle.Global{Module: "collections", Name: "deque"},
			Args:  pickle.Tuple{list(), int64(3)}, Items: []any{int64(1)},
		}},
		{"a defaultdict", `{"__class__":"collections.defaultdict",` +
			`"args":[{"__class__":"global","name":"builtins.list"}],"pairs":[[[1],2]]}`, &pickle.Object{
			Class: pickle.Global{Module: "collections", Name: "defaultdict"},
			Args:  pickle.Tuple{pickle.Global{Module: "builtins", Name: "list"}},
			Pairs: []pickle.Pair{{Key: pickle.Tuple{int64(1)}, Value: int64(2)}},
		}},
		{"an exception", `{"__class__":"builtins.ValueError","args":["x"]}`, call("builtins", "ValueError", "x")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := write(t, &jsonvalue.Writer{}, c.value)
			assert.Equal(t, c.want, text)
			back, err := (&jsonvalue.Reader{}).Read([]byte(c.want))
			require.NoError(t, err)
			assert.True(t, pickle.Equal(c.value, back), "%v", back)
		})
	}
}

var zero float64

func TestAHugeIntIsHexadecimal(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(-1), 40_000)
	text := write(t, &jsonvalue.Writer{}, n)
	assert.True(t, strings.HasPrefix(text, `{"__class__":"int","hex":"-1000`), text[:40])
	back, err := (&jsonvalue.Reader{}).Read([]byte(text))
	require.NoError(t, err)
	assert.True(t, pickle.Equal(n, back))
	_, err = (&jsonvalue.Reader{}).Read([]byte(n.String()))
	require.ErrorContains(t, err, "4300 digits")
}

func TestPlainValuesAreForPeople(t *testing.T) {
	cases := []struct {
		name, want string
		value      any
	}{
		{"a tuple", `[1]`, pickle.Tuple{int64(1)}},
		{"a set", `[1]`, pickle.NewSet(int64(1))},
		{"bytes that are text", `"abc"`, []byte("abc")},
		{"other bytes", `{"__class__":"bytes","base64":"/w=="}`, []byte{255}},
		{"other keys", `{"1":0,"None":0,"[1,\"a\"]":0}`,
			pickle.NewDict(int64(1), int64(0), "None", int64(0), pickle.Tuple{int64(1), "a"}, int64(0))},
		{"a date", `"2026-11-27"`, call("datetime", "date", []byte{7, 234, 11, 27})},
		{"a timedelta", `"-1 day, 0:00:01.000002"`, timedelta(-1, 1, 2)},
		{"a Decimal", `"1.10"`, call("decimal", "Decimal", "1.10")},
		{"a UUID that was put as its text", `"12345678-1234-5678-1234-567812345678"`,
			call("uuid", "UUID", "12345678-1234-5678-1234-567812345678")},
		{"an exception", `"ValueError: x"`, call("builtins", "ValueError", "x")},
		{"a complex number", `"(1-2j)"`, 1 - 2i},
		{"an infinity", `"inf"`, 1 / zero},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, write(t, &jsonvalue.Writer{Plain: true}, c.value))
		})
	}
}

// doubled is a tuple of two times the same tuple, n times.
func doubled(n int) any {
	var v any = "leaf"
	for range n {
		v = pickle.Tuple{v, v}
	}
	return v
}

func TestWhatIsSharedALotIsWrittenOnce(t *testing.T) {
	text := write(t, &jsonvalue.Writer{}, doubled(40))
	assert.Less(t, len(text), 8<<10)
	back, err := (&jsonvalue.Reader{}).Read([]byte(text))
	require.NoError(t, err)
	pickled, err := pickle.Marshal(back)
	require.NoError(t, err)
	assert.Less(t, len(pickled), 1<<10, "it is still shared")
}

func TestWhatIsSharedALittleIsWrittenOut(t *testing.T) {
	assert.Equal(t, `[["a"],["a"]]`, func() string {
		l := list("a")
		return write(t, &jsonvalue.Writer{}, list(l, l))
	}())
}

func TestALongTextThatIsSharedIsWrittenOnce(t *testing.T) {
	s := strings.Repeat("x", 1<<20)
	text := write(t, &jsonvalue.Writer{}, list(s, s, s, s))
	assert.Less(t, len(text), 1<<20+1<<10)
}

func TestAValueThatContainsItselfIsReadBack(t *testing.T) {
	l, d := &pickle.List{}, pickle.NewDict()
	o := &pickle.Object{Class: pickle.Global{Module: "builtins", Name: "ValueError"}, Args: pickle.Tuple{}}
	o.State, o.HasState = pickle.NewDict("itself", o), true
	tuple := pickle.Tuple{l}
	l.Items = []any{l, d, tuple, o}
	require.NoError(t, d.Set("list", l))
	text := write(t, &jsonvalue.Writer{}, l)
	back, err := (&jsonvalue.Reader{}).Read([]byte(text))
	require.NoError(t, err, text)
	assert.True(t, pickle.Equal(l, back), text)
	again := write(t, &jsonvalue.Writer{}, back)
	assert.Equal(t, text, again)
}

func TestWhatIsTooLargeWritesNothing(t *testing.T) {
	large := list()
	for range 1 << 20 {
		large.Items = append(large.Items, "text")
	}
	var out bytes.Buffer
	err := (&jsonvalue.Writer{MaxBytes: 2 << 20}).Write(context.Background(), &out, large)
	limit := (*jsonvalue.TooLargeError)(nil)
	require.ErrorAs(t, err, &limit)
	assert.EqualValues(t, 2<<20, limit.Limit)
	assert.Zero(t, out.Len())
}

func TestASmallLimitIsKept(t *testing.T) {
	err := (&jsonvalue.Writer{MaxBytes: 3}).Write(context.Background(), io.Discard, "text")
	require.ErrorAs(t, err, new(*jsonvalue.TooLargeError))
}

func TestWhatNestsTooDeepIsAnErrorOnBothWays(t *testing.T) {
	var v any
	for range 100_000 {
		v = list(v)
	}
	err := (&jsonvalue.Writer{}).Write(context.Background(), io.Discard, v)
	require.ErrorIs(t, err, jsonvalue.ErrTooDeep)
	_, err = (&jsonvalue.Reader{}).Read([]byte(strings.Repeat("[", 100_000)))
	require.ErrorIs(t, err, jsonvalue.ErrTooDeep)
}

func TestWritingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("why")
	cancel(why)
	large := list()
	for range 1 << 18 {
		large.Items = append(large.Items, "text text")
	}
	err := (&jsonvalue.Writer{}).Write(ctx, io.Discard, large)
	require.ErrorIs(t, err, why)
}

func TestJSONThatIsNoneSaysWhere(t *testing.T) {
	cases := map[string]string{
		`{"a":1`: "want , or }, at byte 7", `[1 2]`: "want , or ], at byte 4", `"a`: "the text has no end, at byte 3",
		"\"\xff\"": "the text is no UTF-8, at byte 4", `01`: "this is no number, at byte 3", `1 x`: "something follows the value, at byte 3",
		`nul`: "this begins no value, at byte 1", ``: "a value is missing, at byte 1", `1e999`: "a float cannot be so large, at byte 6",
		`{"__class__":"bytes"}`:                              "bytes: base64: want a text",
		`{"__class__":"bytes","base64":"","more":1}`:         "bytes: a member is not known, or there twice",
		`{"__class__":"set","items":[{}]}`:                   "set: pickle: unhashable: dict",
		`{"__class__":"os.system","args":["true"]}`:          `"os.system" is not among the classes`,
		`{"__class__":"global","name":"os.system"}`:          `"os.system" is not among the classes`,
		`{"__class__":"builtins.eval","args":["1"]}`:         `"builtins.eval" is not among the classes`,
		`{"__class__":"builtins.bytes","args":[9]}`:          `"builtins.bytes" is not among the classes`,
		`{"__class__":"ref","id":1}`:                         "ref: id: want the number of a shared value",
		`{"__class__":"decimal.Decimal","value":"x"}`:        "decimal.Decimal: value: want a decimal number",
		`{"__class__":"datetime.date","value":"2026-02-30"}`: "datetime.date: value: want a date",
		`{"__class__":"numpy.int8","value":128}`:             "numpy.int8: value: want a number that fits int8",
		`{"__class__":"fractions.Fraction","value":"1/0"}`:   "fractions.Fraction: value: want a fraction",
		`{"__class__":"shared","id":1,"value":{"__class__":"frozenset","items":[{"__class__":"ref","id":1}]}}`: "ref: id: want",
	}
	for text, want := range cases {
		_, err := (&jsonvalue.Reader{}).Read([]byte(text))
		require.ErrorAs(t, err, new(*jsonvalue.Error), text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestAClassThatTheUserNamesIsRead(t *testing.T) {
	const text = `{"__class__":"app.Point","new":true,"args":[1],"state":{"x":1}}`
	_, err := (&jsonvalue.Reader{}).Read([]byte(text))
	require.ErrorContains(t, err, "--class")
	v, err := (&jsonvalue.Reader{Classes: []string{"app.*"}}).Read([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, text, write(t, &jsonvalue.Writer{}, v))
}

func FuzzJSONValue(f *testing.F) {
	for _, s := range []string{`null`, `[1, 2.5, "x\ud800\u0000"]`, `{"a": {"__class__": "bytes", "base64": "AA=="}}`,
		`{"__class__": "set", "items": [1]}`, `{"__class__": "dict", "items": [[[1], 2]]}`,
		`{"__class__":"shared","id":1,"value":[{"__class__":"ref","id":1}]}`,
		`{"__class__":"datetime.datetime","value":"2026-11-27T12:30:00+01:00","fold":1}`,
		`{"__class__":"numpy.ndarray","dtype":"float16","shape":[1,2],"items":[[1.5,"nan"]]}`,
		`{"__class__":"numpy.complex64","value":1}`, `{"__class__":"uuid.UUID","args":[1],"pairs":[[1,2]]}`,
		`{"__class__":"datetime.timezone","offset":"-23:59:59.9","name":"x"}`, `NaN`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := (&jsonvalue.Reader{}).Read(text)
		if err != nil {
			return
		}
		if !bytes.Contains(text, []byte("N")) && !bytes.Contains(text, []byte("I")) { // NaN and Infinity
			require.True(t, json.Valid(text), "%q", text)
		}
		for _, w := range []*jsonvalue.Writer{{}, {Plain: true}} {
			var out bytes.Buffer
			if err := w.Write(context.Background(), &out, v); errors.Is(err, jsonvalue.ErrTooDeep) {
				return
			}
			require.True(t, json.Valid(out.Bytes()), out.String())
			if w.Plain {
				return
			}
			back, err := (&jsonvalue.Reader{}).Read(out.Bytes())
			require.NoError(t, err, out.String())
			require.Equal(t, out.String(), write(t, w, back))
			require.True(t, pickle.Equal(v, back), out.String())
		}
	})
}
