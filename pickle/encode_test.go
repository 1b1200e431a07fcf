package pickle_test

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

func encode(t *testing.T, o *pickle.EncodeOptions, v any) string {
	t.Helper()
	data, err := o.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func TestMarshalBytes(t *testing.T) {
	p := func(n int) *pickle.EncodeOptions { return &pickle.EncodeOptions{Protocol: n} }
	p0 := p(pickle.Protocol0)
	native := &pickle.EncodeOptions{NativeBytes: true}
	cases := []struct {
		name string
		o    *pickle.EncodeOptions
		v    any
		want string
	}{
		{"None by default in protocol 4", nil, nil, "\x80\x04N."},
		{"the zero options too", &pickle.EncodeOptions{}, nil, "\x80\x04N."},
		{"NativeBytes means protocol 2", native, nil, "\x80\x02N."},
		{"protocol 0 has no header", p0, nil, "N."},
		{"booleans of protocol 0", p0, pickle.Tuple{true, false}, "(I01\nI00\ntp0\n."},
		{"booleans of protocol 2", p(2), true, "\x80\x02\x88."},
		{"an integer of one byte", p(2), 255, "\x80\x02K\xff."},
		{"an integer of two bytes", p(2), 256, "\x80\x02M\x00\x01."},
		{"a negative integer", p(2), -1, "\x80\x02J\xff\xff\xff\xff."},
		{"an integer beyond 32 bits", p(2), int64(1) << 31, "\x80\x02\x8a\x05\x00\x00\x00\x80\x00."},
		{"the same for Python 2, whose int has 64", native, int64(1) << 31, "\x80\x02I2147483648\n."},
		{"the same in protocol 1", p(1), int64(1) << 31, "L2147483648L\n."},
		{"an integer of protocol 0", p0, 5, "I5\n."},
		{"an unsigned integer beyond int64", p(2), uint64(1) << 63,
			"\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00."},
		{"a big integer that is small", p(2), big.NewInt(5), "\x80\x02K\x05."},
		{"-128 in one byte", p(2), new(big.Int).Lsh(big.NewInt(-1), 63),
			"\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."},
		{"a float", p(1), 1.5, "G\x3f\xf8\x00\x00\x00\x00\x00\x00."},
		{"a float of protocol 0", p0, 1.5, "F1.5\n."},
		{"infinity of protocol 0", p0, math.Inf(-1), "F-inf\n."},
		{"text of protocol 0", p0, "a\n\\é€\x00", "Va\\u000a\\u005c\xe9\\u20ac\\u0000\n."},
		{"text of protocol 2", p(2), "é", "\x80\x02X\x02\x00\x00\x00\xc3\xa9."},
		{"text of protocol 4", p(4), "é", "\x80\x04\x8c\x02\xc3\xa9."},
		{"bytes of protocol 3", p(3), []byte("a"), "\x80\x03C\x01a."},
		{"bytes of protocol 2", p(2), []byte("\xff"),
			"\x80\x02c_codecs\nencode\nq\x00X\x02\x00\x00\x00\xc3\xbfX\x06\x00\x00\x00latin1\x86R."},
		{"no bytes of protocol 2", p(2), []byte{}, "\x80\x02c__builtin__\nbytes\nq\x00)R."},
		{"bytes for Python 2", native, []byte("\xff"), "\x80\x02U\x01\xff."},
		{
			"bytes for Python 2 in protocol 0",
			&pickle.EncodeOptions{Protocol: pickle.Protocol0, NativeBytes: true},
			[]byte("a'\xff"),
			"S'a\\'\\xff'\n.",
		},
		{"a str of Python 2 in protocol 2", p(2), pickle.ByteString("a"), "\x80\x02U\x01a."},
		{"a str of Python 2 in protocol 4", p(4), pickle.ByteString("a"), "\x80\x04\x8c\x01a."},
		{"one that is not ASCII in protocol 4", p(4), pickle.ByteString("\xff"), "\x80\x04C\x01\xff."},
		{"one that is not ASCII for Python 2", native, pickle.ByteString("\xff"), "\x80\x02U\x01\xff."},
		{"a bytearray of protocol 5", p(5), &pickle.ByteArray{Bytes: []byte("a")},
			"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00aq\x00."},
		{"a bytearray for Python 2", native, &pickle.ByteArray{Bytes: []byte("a")},
			"\x80\x02c__builtin__\nbytearray\nq\x00U\x01a\x85Rq\x01."},
		{"the empty tuple", p(2), pickle.Tuple{}, "\x80\x02)."},
		{"a tuple of one", p(2), pickle.Tuple{nil}, "\x80\x02N\x85q\x00."},
		{"a tuple of four", p(2), pickle.Tuple{nil, nil, nil, nil}, "\x80\x02(NNNNtq\x00."},
		{"an empty list", p(2), list(), "\x80\x02]q\x00."},
		{"a list of one", p(2), list(nil), "\x80\x02]q\x00Na."},
		{"a list of two", p(2), list(nil, nil), "\x80\x02]q\x00(NNe."},
		{"a list of two in protocol 0", p0, list(nil, nil), "(lp0\nNaNa."},
		{"a dict", p(2), pickle.NewDict("a", nil), "\x80\x02}q\x00X\x01\x00\x00\x00aNs."},
		{"a set of protocol 4", p(4), pickle.NewSet(1), "\x80\x04\x8fq\x00(K\x01\x90."},
		{
			"a set of protocol 3",
			p(3),
			pickle.NewSet(1),
			"\x80\x03cbuiltins\nset\nq\x00]K\x01a\x85Rq\x01.",
		},
		{
			"a set for Python 2",
			native,
			pickle.NewSet(1),
			"\x80\x02c__builtin__\nset\nq\x00]K\x01a\x85Rq\x01.",
		},
		{"a frozenset", p(4), pickle.NewFrozenSet(1), "\x80\x04(K\x01\x91q\x00."},
		{"a global of protocol 4", p(4), pickle.Global{Module: "queue", Name: "Empty"},
			"\x80\x04\x8c\x05queue\x8c\x05Empty\x93q\x00."},
		{"a global of protocol 2", p(2), pickle.Global{Module: "queue", Name: "Empty"},
			"\x80\x02cQueue\nEmpty\nq\x00."},
		{"the C class of queue.Empty", p(2), pickle.Global{Module: "_queue", Name: "Empty"},
			"\x80\x02cQueue\nEmpty\nq\x00."},
		{"int for Python 2", native, pickle.Global{Module: "builtins", Name: "int"},
			"\x80\x02c__builtin__\nint\nq\x00."},
		{"a nested class below protocol 4", p(3), pickle.Global{Module: "a", Name: "B.C"},
			"\x80\x03cbuiltins\ngetattr\nq\x00ca\nB\nq\x01X\x01\x00\x00\x00C\x86Rq\x02."},
		{"Ellipsis", p(4), pickle.Ellipsis{}, "\x80\x04\x8c\x08builtins\x8c\x08Ellipsis\x93q\x00."},
		{"a slice of Go values", p(2), []int{1, 2}, "\x80\x02](K\x01K\x02e."},
		{
			"a map in order",
			p(4),
			map[string]int{"b": 2, "a": 1},
			"\x80\x04}(\x8c\x01aK\x01\x8c\x01bK\x02u.",
		},
		{"a nil slice is None", p(4), []int(nil), "\x80\x04N."},
		{"a nil pointer is None", p(4), (*int)(nil), "\x80\x04N."},
		{"an extension", p(2), &pickle.Object{Kind: pickle.Extension, Args: pickle.Tuple{int64(300)}},
			"\x80\x02\x83\x2c\x01q\x00."},
		{"a persistent id", p(1), &pickle.Object{Kind: pickle.PersistentID, Args: pickle.Tuple{int64(3)}},
			"K\x03Qq\x00."},
		{"an old instance in protocol 0", p0, &pickle.Object{Kind: pickle.OldInstance,
			Class: pickle.Global{
				Module: "a",
				Name:   "B",
			}, Args: pickle.Tuple{int64(1)}}, "(I1\nia\nB\np0\n."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := encode(t, c.o, c.v)
			assert.Equal(t, c.want, got, listing([]byte(got)))
		})
	}
}

func TestMarshalUsesNoOpcodeAboveItsProtocol(t *testing.T) {
	for _, v := range readVectors(t) {
		if v.expect != "value" {
			continue
		}
		var x any
		require.NoError(t, pickle.Unmarshal(v.data, &x))
		for _, o := range allOptions() {
			data, err := o.Marshal(x)
			if err != nil {
				continue
			}
			text := listing(data)
			highest := int(text[len(text)-2] - '0')
			assert.LessOrEqual(t, highest, max(0, o.Protocol), "%s: %s", v.name, text)
		}
	}
}

type withNames struct {
	ID     int    `pickle:"id"`
	Note   string `pickle:"note,omitempty"`
	Hidden int    `pickle:"-"`
	Plain  *int
	hidden int
}

type base struct {
	A int `pickle:"a"`
	B int `pickle:"b"`
}

type withBase struct {
	base
	B string `pickle:"b"`
}

func TestMarshalStructs(t *testing.T) {
	v := withNames{ID: 5, Hidden: 1, hidden: 2}
	assert.Equal(t, "\x80\x04}\x8c\x02idK\x05s\x8c\x05PlainNs.", encode(t, nil, v))
	assert.Equal(t, encode(t, nil, v), encode(t, nil, &v), "a pointer is its value")
	assert.Equal(t, "\x80\x04}\x8c\x01aK\x01s\x8c\x01b\x8c\x01xs.",
		encode(t, nil, withBase{base{1, 2}, "x"}), "the field of the outer struct hides the inner one")
}

type celsius float64

func (c celsius) MarshalPickle() (any, error) {
	if c < -273.15 {
		return nil, errors.New("too cold")
	}
	return pickle.Tuple{"celsius", float64(c)}, nil
}

type counter struct{ n int }

func (c *counter) MarshalPickle() (any, error) { return c.n, nil }

func TestMarshalerIsAskedWhereverItStands(t *testing.T) {
	want := encode(t, nil, pickle.Tuple{"celsius", 20.0})
	assert.Equal(t, want, encode(t, nil, celsius(20)))
	for name, v := range map[string]any{
		"slice": []celsius{20}, "map": map[string]celsius{"a": 20}, "struct": struct{ C celsius }{20},
		"any": []any{celsius(20)},
	} {
		assert.Contains(t, encode(t, nil, v), "celsius", name)
	}
	assert.Equal(t, "\x80\x04K\x03.", encode(t, nil, &counter{3}))
	assert.Equal(t, "\x80\x04](K\x03K\x04e.", encode(t, nil, []*counter{{3}, {4}}))
	assert.Equal(
		t,
		"\x80\x04]K\x03a.",
		encode(t, nil, []counter{{3}}),
		"elements of a slice have an address",
	)
	assert.Equal(t, "\x80\x04N.", encode(t, nil, (*counter)(nil)))
	_, err := pickle.Marshal([]celsius{-300})
	assert.ErrorContains(t, err, "too cold")
}

func TestMarshalKeepsIdentityOfGraphValuesInsideGoTypes(t *testing.T) {
	shared := list(int64(1))
	type holder struct {
		A *pickle.List
		B []*pickle.List
		C pickle.List
	}
	var back pickle.Dict
	data := encode(t, nil, &holder{shared, []*pickle.List{shared}, pickle.List{Items: []any{"c"}}})
	require.NoError(t, pickle.Unmarshal([]byte(data), &back))
	a, _ := back.Get("A")
	b, _ := back.Get("B")
	c, _ := back.Get("C")
	assert.Same(t, a, b.(*pickle.List).Items[0])
	assert.True(t, pickle.Equal(list("c"), c))
}

func TestMarshalRefuses(t *testing.T) {
	type loop struct{ Next *loop }
	cyclic := &loop{}
	cyclic.Next = cyclic
	type bad struct{ F func() }
	cases := map[string]any{
		"a function":              func() {},
		"a channel in a struct":   struct{ C chan int }{},
		"a function in a struct":  bad{},
		"text that is not UTF-8":  "\xff",
		"a map with struct keys":  map[base]int{{1, 2}: 3},
		"a map with array keys":   map[[2]int]int{{1, 2}: 3},
		"an any key that is one":  map[any]int{base{}: 3},
		"a list as a key":         map[any]int{list(): 3},
		"an object without class": &pickle.Object{},
		"arguments that are none": &pickle.Object{Class: pickle.Global{}, Args: 5},
		"a year beyond datetime":  time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"a cycle of Go pointers":  cyclic,
	}
	for name, v := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := pickle.Marshal(v)
			var unsupported *pickle.UnsupportedError
			var limit *pickle.LimitError
			if !errors.As(err, &unsupported) && !errors.As(err, &limit) {
				require.ErrorIs(t, err, pickle.ErrUnhashable)
			}
		})
	}
}

func TestMarshalRefusesWhatAProtocolLacks(t *testing.T) {
	native := &pickle.EncodeOptions{NativeBytes: true}
	one := &pickle.EncodeOptions{Protocol: 1}
	zero := &pickle.EncodeOptions{Protocol: pickle.Protocol0}
	class := pickle.Global{Module: "a", Name: "B"}
	cases := []struct {
		name string
		o    *pickle.EncodeOptions
		v    any
	}{
		{"keywords of __new__ for Python 2", native, &pickle.Object{Kind: pickle.NewObjEx, Class: class}},
		{"a time zone for Python 2", native, time.Now()},
		{
			"an extension in protocol 1",
			one,
			&pickle.Object{Kind: pickle.Extension, Args: pickle.Tuple{int64(1)}},
		},
		{"an object as a persistent id in protocol 0", zero,
			&pickle.Object{Kind: pickle.PersistentID, Args: pickle.Tuple{int64(1)}}},
		{"an old class without a name in protocol 0", zero,
			&pickle.Object{Kind: pickle.OldInstance, Class: &pickle.Object{Class: class}}},
		{"a name that is not ASCII in protocol 2", native, pickle.Global{Module: "é", Name: "a"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.o.Marshal(c.v)
			var unsupported *pickle.UnsupportedError
			require.ErrorAs(t, err, &unsupported)
			assert.NotEmpty(t, unsupported.Error())
		})
	}
}

func TestEncodeOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]*pickle.EncodeOptions{
		"too high": {Protocol: 6}, "too low": {Protocol: -2}, "too high for Python 2": {Protocol: 3, NativeBytes: true},
	} {
		_, err := o.Marshal(nil)
		var option *pickle.OptionError
		assert.ErrorAs(t, err, &option, name)
	}
}

func TestBuffersAreMarshalInParts(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 64<<10)
	raw, err := pickle.NewRaw(bytes.Repeat([]byte("y"), 64<<10), nil)
	require.NoError(t, err)
	v := pickle.Tuple{"a", big, []byte("small"), raw, &pickle.ByteArray{Bytes: big}, big}
	for _, p := range []int{4, 5} {
		o := &pickle.EncodeOptions{Protocol: p}
		parts, err := o.Buffers(v)
		require.NoError(t, err)
		whole := encode(t, o, v)
		assert.Equal(t, whole, string(bytes.Join(parts, nil)))
		shared := 0
		for _, part := range parts {
			assert.NotEmpty(t, part)
			if &part[0] == &big[0] {
				shared++
			}
		}
		assert.Positive(t, shared)
	}
}

func TestMarshalRaw(t *testing.T) {
	inner := pickle.Tuple{
		list("a", "b"),
		pickle.NewDict("k", pickle.Global{Module: "queue", Name: "Empty"}),
	}
	for _, from := range allOptions() {
		raw, err := pickle.NewRaw(inner, from)
		require.NoError(t, err)
		outer := list("x", raw, raw, pickle.Tuple{raw, list("y")}, list("z"))
		want := list("x", inner, inner, pickle.Tuple{inner, list("y")}, list("z"))
		for _, o := range allOptions() {
			var got any
			require.NoError(t, pickle.Unmarshal([]byte(encode(t, o, outer)), &got))
			if from.NativeBytes == o.NativeBytes {
				assert.True(t, pickle.Equal(want, got), "%+v in %+v: %v", *from, *o, got)
			}
		}
	}
}
