package main

import (
	"bytes"
	"math/big"
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValuesAsJSON(t *testing.T) {
	dict := pickle.NewDict(int64(1), "a", pickle.Tuple{int64(1), int64(2)}, nil)
	huge, _ := new(big.Int).SetString("1"+strings.Repeat("0", 40), 10)
	cases := []struct {
		name, want string
		value      any
	}{
		{"None", `null`, nil},
		{"a float that is whole", `2.0`, 2.0},
		{"a big int", huge.String(), huge},
		{"bytes", `{"__class__":"bytes","base64":"AP8="}`, []byte{0, 255}},
		{"a list", `[1,["a"]]`, &pickle.List{Items: []any{int64(1), &pickle.List{Items: []any{"a"}}}}},
		{"a dict with other keys", `{"__class__":"dict","items":[[1,"a"],[[1,2],null]]}`, dict},
		{"a complex number", `{"__class__":"complex","real":1.0,"imag":-2.0}`, 1 - 2i},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, err := toJSON(c.value)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(text))
			back, err := fromJSON(text)
			require.NoError(t, err)
			assert.True(t, pickle.Equal(c.value, back), "%v", back)
		})
	}
}

func TestAValueThatContainsItselfIsNoJSON(t *testing.T) {
	l := &pickle.List{}
	l.Items = []any{l}
	_, err := toJSON(l)
	require.ErrorIs(t, err, errTooDeep)
}

func TestWrongUsageIsExitCode2(t *testing.T) {
	cases := map[string][]string{
		"an unknown command":       {"nonsense"},
		"an unknown flag":          {"serve", "--nope"},
		"too few arguments":        {"put", "127.0.0.1:1"},
		"an address without":       {"serve", "--address", "nowhere"},
		"two sources of a key":     {"serve", "--authkey-file", "x", "--authkey-fd", "3"},
		"keys and a key":           {"serve", "--keys", "x", "--authkey-file", "y"},
		"a socket without a mode":  {"serve", "--socket-owner", "root", "--address", "/tmp/s"},
		"a mode without socket":    {"serve", "--socket-mode", "0600"},
		"a socket mode of letters": {"serve", "--socket-mode", "rw", "--address", "/tmp/s"},
		"a socket of nobody": {"serve", "--socket-owner", ":", "--socket-mode", "0600", "--address",
			"/tmp/s"},
		"a socket of a stranger": {"serve", "--socket-owner", ":no-such-group", "--socket-mode", "0600",
			"--address", "/tmp/s"},
		"a log format":          {"serve", "--log-format", "xml"},
		"a queue without name":  {"serve", "--queue", "=3"},
		"the same queue twice":  {"serve", "--queue", "a", "--lifo", "a"},
		"text that is not JSON": {"call", "127.0.0.1:1", "x.y", "{"},
	}
	t.Setenv(envAuthkey, "")
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "queue") || strings.Contains(name, "socket") {
				t.Setenv(envAuthkey, "key")
			}
			var out, err bytes.Buffer
			assert.Equal(t, exitUsage, run(args, strings.NewReader(""), &out, &err), err.String())
			assert.Empty(t, out.String())
			assert.True(t, strings.HasPrefix(err.String(), "error: "))
		})
	}
}

func FuzzJSONValue(f *testing.F) {
	for _, s := range []string{`null`, `[1, 2.5, "x"]`, `{"a": {"__class__": "bytes", "base64": "AA=="}}`,
		`{"__class__": "set", "items": [1]}`, `{"__class__": "dict", "items": [[[1], 2]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := fromJSON(text)
		if err != nil {
			return
		}
		again, err := toJSON(v)
		require.NoError(t, err)
		w, err := fromJSON(again)
		require.NoError(t, err, "%s", again)
		third, err := toJSON(w)
		require.NoError(t, err)
		assert.Equal(t, string(again), string(third))
	})
}
