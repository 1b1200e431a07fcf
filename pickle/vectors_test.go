package pickle_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// vector is a file of testdata/vectors, as interop/testdata/make_vectors.py writes them.
type vector struct {
	name   string
	python []string
	expect string // "value", or the kind of error
	value  string // for people
	data   []byte
}

// python2 tells whether only Python 2 writes these bytes.
func (v vector) python2() bool { return len(v.python) == 1 && v.python[0] == "2.7" }

func readVectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob("testdata/vectors/*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var out []vector
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		head, data, ok := bytes.Cut(content, []byte("\n\n"))
		require.True(t, ok, f)
		v := vector{name: filepath.Base(f), data: data}
		for line := range strings.SplitSeq(string(head), "\n") {
			key, value, _ := strings.Cut(line, ": ")
			switch key {
			case "python":
				v.python = strings.Fields(value)
			case "expect":
				v.expect = value
			case "value":
				v.value = value
			case "protocol":
				if _, err := strconv.Atoi(value); value != "-" {
					require.NoError(t, err, f)
				}
			}
		}
		out = append(out, v)
	}
	return out
}

func listing(data []byte) string {
	var b strings.Builder
	err := pickle.Disassemble(&b, data)
	if err != nil {
		b.WriteString(err.Error())
	}
	return b.String()
}

// allOptions are the ways to write a pickle.
func allOptions() []*pickle.EncodeOptions {
	var all []*pickle.EncodeOptions
	for _, p := range []int{pickle.Protocol0, 1, 2, 3, 4, 5} {
		all = append(all, &pickle.EncodeOptions{Protocol: p})
		if p <= 2 {
			all = append(all, &pickle.EncodeOptions{Protocol: p, NativeBytes: true})
		}
	}
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.name, func(t *testing.T) {
			if v.expect != "value" {
				testRefusal(t, v)
				return
			}
			require.NoError(t, pickle.Disassemble(io.Discard, v.data))
			var x any
			require.NoError(t, pickle.Unmarshal(v.data, &x), listing(v.data))
			for _, o := range allOptions() {
				testRewritten(t, v, x, o)
			}
		})
	}
}

func testRefusal(t *testing.T, v vector) {
	var x any
	err := pickle.Unmarshal(v.data, &x)
	if v.expect == "limit" {
		var limit *pickle.LimitError
		require.ErrorAs(t, err, &limit)
		return
	}
	var syntax *pickle.SyntaxError
	require.ErrorAs(t, err, &syntax)
}

// testRewritten writes x, reads it again and expects the same. Where Python 2 is on one side only,
// str and bytes change places, so that there the second time must be like the first.
func testRewritten(t *testing.T, v vector, x any, o *pickle.EncodeOptions) {
	data, err := o.Marshal(x)
	if strings.HasPrefix(v.name, "new_args_ex.p4") && o.NativeBytes {
		var unsupported *pickle.UnsupportedError
		require.ErrorAs(t, err, &unsupported, "Python 2 has no such call")
		return
	}
	require.NoError(t, err, "%+v", *o)
	var y any
	require.NoError(t, pickle.Unmarshal(data, &y), listing(data))
	if v.python2() == o.NativeBytes && !respelled(v.name) {
		assert.True(t, pickle.Equal(x, y), "%+v: %v became %v\n%s", *o, x, y, listing(data))
	}
	again, err := o.Marshal(y)
	require.NoError(t, err)
	var z any
	require.NoError(t, pickle.Unmarshal(again, &z))
	assert.True(t, pickle.Equal(y, z), "%+v: %v became %v", *o, y, z)
}

// respelled names the cases that older readers are given in another way on purpose: arrays,
// arguments that must be native strings, and FileNotFoundError, which is an OSError in Python 2.
func respelled(name string) bool {
	for _, prefix := range []string{"array_", "forking_array", "unicode_error", "os_error"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func TestVectorsKeepSharingAndCycles(t *testing.T) {
	cases := map[string]func(x any) bool{
		"list_in_itself": func(x any) bool { l := x.(*pickle.List); return l.Items[0] == any(l) },
		"dict_in_itself": func(x any) bool {
			d := x.(*pickle.Dict)
			for _, v := range d.All() {
				return v == any(d)
			}
			return false
		},
		"tuple_in_itself": func(x any) bool {
			t := x.(pickle.Tuple)
			inner := t[0].(*pickle.List).Items[0].(pickle.Tuple)
			return &t[0] == &inner[0]
		},
		"long_tuple_in_itself": func(x any) bool {
			t := x.(pickle.Tuple)
			inner := t[3].(*pickle.List).Items[0].(pickle.Tuple)
			return &t[0] == &inner[0]
		},
		"shared_list": func(x any) bool {
			l := x.(*pickle.List).Items
			return l[0] == l[1] && l[2].(pickle.Tuple)[0] == l[0]
		},
		"object_in_itself": func(x any) bool {
			o := x.(*pickle.Object)
			for k, v := range o.Attrs().All() {
				if k == any("me") || k == any(pickle.ByteString("me")) {
					return v == any(o)
				}
			}
			return false
		},
		"object_in_its_set": func(x any) bool {
			o := x.(*pickle.Object)
			for _, v := range o.Attrs().All() {
				return v.(*pickle.Set).Contains(o)
			}
			return false
		},
		"object_as_key_of_itself": func(x any) bool {
			o := x.(*pickle.Object)
			for _, v := range o.Attrs().All() {
				got, _ := v.(*pickle.Dict).Get(o)
				return got == any(int64(1))
			}
			return false
		},
	}
	for _, v := range readVectors(t) {
		check := cases[strings.Split(v.name, ".")[0]]
		if check == nil {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			var x any
			require.NoError(t, pickle.Unmarshal(v.data, &x))
			assert.True(t, check(x), "as read")
			for _, o := range allOptions() {
				data, err := o.Marshal(x)
				require.NoError(t, err)
				var y any
				require.NoError(t, pickle.Unmarshal(data, &y))
				assert.True(t, check(y), "%+v\n%s", *o, listing(data))
			}
		})
	}
}
