package pickle_test

import (
	"math/big"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dill returns a call of one of dill's functions.
func dill(name string, args ...any) *pickle.Object { return exception("dill._dill", name, args...) }

// read returns what v is after it was pickled and read.
func read(t *testing.T, v any) any {
	t.Helper()
	raw, err := pickle.NewRaw(v, &pickle.EncodeOptions{Protocol: 4})
	require.NoError(t, err)
	v, err = raw.Any()
	require.NoError(t, err)
	return v
}

func TestDillsBuiltinsAreBuiltins(t *testing.T) {
	call := func(class *pickle.Object, args ...any) *pickle.Object {
		return &pickle.Object{Kind: pickle.Reduce, Class: class, Args: pickle.Tuple(args)}
	}
	reconstruct := pickle.Global{Module: "numpy._core.multiarray", Name: "_reconstruct"}
	big1, _ := new(big.Int).SetString("-100000000000000000000", 10)
	for name, c := range map[string]struct{ given, want any }{
		"a slice":             {call(dill("_load_type", "slice"), int64(1), nil, int64(2)), pickle.Slice{Start: int64(1), Step: int64(2)}},
		"a slice of Python 2": {call(dill("_load_type", "SliceType"), nil, int64(3), nil), pickle.Slice{Stop: int64(3)}},
		"a range":             {dill("_eval_repr", "range(1, 9, -2)"), pickle.Range{Start: int64(1), Stop: int64(9), Step: int64(-2)}},
		"an xrange":           {dill("_eval_repr", "xrange(5)"), pickle.Range{Start: int64(0), Stop: int64(5), Step: int64(1)}},
		"a long range":        {dill("_eval_repr", "range(0, -100000000000000000000)"), pickle.Range{Start: int64(0), Stop: big1, Step: int64(1)}},
		"Ellipsis":            {dill("_eval_repr", "Ellipsis"), pickle.Ellipsis{}},
		"a bytearray":         {call(dill("_load_type", "bytearray"), []byte("x")), &pickle.ByteArray{Bytes: []byte("x")}},
		"a complex number":    {call(dill("_load_type", "complex"), 1.0, 2.0), complex(1, 2)},
		"a class":             {dill("_load_type", "KeyError"), pickle.Global{Module: "builtins", Name: "KeyError"}},
		"a new class":         {dill("_load_type", "ExceptionGroup"), pickle.Global{Module: "builtins", Name: "ExceptionGroup"}},
		"an attribute":        {dill("_getattr", dill("_load_type", "dict"), "keys", "<method>"), pickle.Global{Module: "builtins", Name: "dict.keys"}},
		"an exception":        {call(dill("_load_type", "ValueError"), "x"), exception("builtins", "ValueError", "x")},
		"an array": {dill("_create_array", reconstruct, pickle.Tuple{int64(0)}, pickle.Tuple{int64(1)}, nil),
			&pickle.Object{Kind: pickle.Reduce, Class: reconstruct, Args: pickle.Tuple{int64(0)}, State: pickle.Tuple{int64(1)}, HasState: true}},
		"no array of numpy": {dill("_create_array", pickle.Global{Module: "os", Name: "system"}, pickle.Tuple{}, nil, nil),
			dill("_create_array", pickle.Global{Module: "os", Name: "system"}, pickle.Tuple{}, nil, nil)},
		"no builtin":            {dill("_load_type", "CodeType"), dill("_load_type", "CodeType")},
		"an expression":         {dill("_eval_repr", "range(f(), 2)"), dill("_eval_repr", "range(f(), 2)")},
		"a range without steps": {dill("_eval_repr", "range(0, 2, 0)"), dill("_eval_repr", "range(0, 2, 0)")},
	} {
		assert.True(t, pickle.Equal(c.want, read(t, c.given)), "%s is %v", name, read(t, c.given))
	}
}

func TestWhatDillPickledLoadsWithoutDill(t *testing.T) {
	doc := []byte("\x80\x04\x8c\x0adill._dill\x94\x8c\x0a_load_type\x94\x93\x94\x8c\x0aValueError\x94\x85\x94R\x94\x8c\x01x\x94\x85\x94R\x94.")
	raw, err := pickle.ParseRaw(doc)
	require.NoError(t, err)
	for _, d := range []pickle.Dialect{python2, python3} {
		plain, err := raw.Rewritten(d)
		require.NoError(t, err)
		assert.NotContains(t, string(plain.Bytes()), "dill")
	}
}
