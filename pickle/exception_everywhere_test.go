package pickle_test

import (
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// python3 and python2 are readers.
var (
	python3 = pickle.Dialect{Protocol: 4}
	python2 = pickle.Dialect{Protocol: 2, NativeBytes: true}
)

// forReader returns what a reader is sent of v, pickled in protocol 4.
func forReader(t *testing.T, v any, d pickle.Dialect) pickle.Raw {
	t.Helper()
	raw, err := pickle.NewRaw(v, &pickle.EncodeOptions{Protocol: 4})
	require.NoError(t, err)
	raw, err = raw.Rewritten(d)
	require.NoError(t, err)
	return raw
}

func exception(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func TestAClassThatNotEveryPythonHasIsSearchedFor(t *testing.T) {
	group := exception("builtins", "ExceptionGroup", "text", &pickle.List{Items: []any{int64(1)}})
	raw := forReader(t, group, python3)
	assert.Contains(t, string(raw.Bytes()), "__dict__.get")
	v, err := raw.Any()
	require.NoError(t, err)
	assert.True(t, pickle.Equal(group, v), "read again it is the class itself: %v", v)
}

func TestAnItemWithAStockPickleOfANewClassIsRewritten(t *testing.T) {
	doc := "\x80\x04\x95\x2c\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94\x8c\x0fEncodingWarning\x94\x93\x94\x8c\x04text\x94\x85\x94R\x94."
	doc = strings.Replace(doc, "\x2c", string(rune(len(doc)-11)), 1)
	for _, d := range []pickle.Dialect{python3, {Protocol: 3}, {Protocol: 5}} {
		raw, err := pickle.ParseRaw([]byte(doc))
		require.NoError(t, err)
		raw, err = raw.Rewritten(d)
		require.NoError(t, err)
		assert.Contains(t, string(raw.Bytes()), "__dict__")
	}
}

func TestPython2GetsTheNearestBaseThatItHas(t *testing.T) {
	for class, want := range map[pickle.Global]string{
		{Module: "builtins", Name: "RecursionError"}:          "exceptions\nRuntimeError\n",
		{Module: "json.decoder", Name: "JSONDecodeError"}:     "exceptions\nValueError\n",
		{Module: "subprocess", Name: "TimeoutExpired"}:        "exceptions\nException\n",
		{Module: "subprocess", Name: "CalledProcessError"}:    "subprocess\nCalledProcessError\n",
		{Module: "queue", Name: "ShutDown"}:                   "exceptions\nEOFError\n",
		{Module: "builtins", Name: "PythonFinalizationError"}: "exceptions\nRuntimeError\n",
	} {
		raw := forReader(t, exception(class.Module, class.Name, "text"), python2)
		assert.Contains(t, string(raw.Bytes()), want)
	}
}

func TestAClassThatMovedIsNamedWhereEveryPythonHasIt(t *testing.T) {
	assert.Contains(t, string(forReader(t, exception("_queue", "Empty"), python3).Bytes()), "\x05queue")
	assert.Contains(t, string(forReader(t, exception("re", "PatternError", "text"), python3).Bytes()), "\x05error")
	assert.Contains(t, string(forReader(t, exception("sre_constants", "error", "text"), python2).Bytes()), "re\nerror\n")
}

func TestArgumentsOfAnExceptionHaveTheTypesThatItsReaderAsksFor(t *testing.T) {
	native := &pickle.EncodeOptions{Protocol: 2, NativeBytes: true}
	s := func(s string) any { return pickle.ByteString(s) }
	raw, err := pickle.NewRaw(exception("builtins", "UnicodeDecodeError", s("ascii"), s("abc"), int64(0), int64(1), s("caf\xe9")), native)
	require.NoError(t, err)
	raw, err = raw.Rewritten(python3)
	require.NoError(t, err)
	v, err := raw.Any()
	require.NoError(t, err)
	assert.Equal(t, pickle.Tuple{"ascii", []byte("abc"), int64(0), int64(1), "café"}, v.(*pickle.Object).Args)
}

func TestASyntaxErrorHasTheEndOfItsPlaceAsItsState(t *testing.T) {
	place := pickle.Tuple{"file", int64(1), int64(2), "line", int64(3), int64(4)}
	e := exception("builtins", "SyntaxError", "text", place)
	e.State, e.HasState = pickle.NewDict("__notes__", "note"), true
	v, err := forReader(t, e, python3).Any()
	require.NoError(t, err)
	o := v.(*pickle.Object)
	assert.Equal(t, pickle.Tuple{"text", place[:4]}, o.Args)
	want := pickle.NewDict("args", pickle.Tuple{"text", place}, "end_lineno", int64(3), "end_offset", int64(4), "__notes__", "note")
	assert.True(t, pickle.Equal(want, o.State), "%v", o.State)
}
