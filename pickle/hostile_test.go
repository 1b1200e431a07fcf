package pickle_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestLengthsThatLieTakeNoMemory(t *testing.T) {
	length8 := func(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }
	cases := map[string]string{
		"LONG4 of 2**31":            "\x8b\x00\x00\x00\x80",
		"LONG4 of 2**31-1":          "\x8b\xff\xff\xff\x7f",
		"BINSTRING of 2**31-1":      "T\xff\xff\xff\x7f",
		"BINBYTES of 2**31":         "B\x00\x00\x00\x80",
		"BINUNICODE of 2**31":       "X\x00\x00\x00\x80",
		"BINBYTES8 of 2**31":        "\x8e" + length8(1<<31),
		"BINBYTES8 of 2**40":        "\x8e" + length8(1<<40),
		"BINUNICODE8 of 2**63":      "\x8d" + length8(1<<63),
		"BYTEARRAY8 of 2**64-1":     "\x96" + length8(1<<64-1),
		"FRAME of 2**60":            "\x95" + length8(1<<60),
		"PUT of number 2**32-1":     "Nr\xff\xff\xff\xff",
		"GET of number 2**32-1":     "Nj\xff\xff\xff\xff",
		"PUT of number 999999":      "Np999999\n",
		"SHORT_BINUNICODE of 255":   "\x8c\xff",
		"a list that says it is ()": "(l(t",
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			data := []byte(in + "0123456789")
			var v any
			took := allocated(func() { assert.Error(t, pickle.Unmarshal(data, &v)) })
			assert.Less(t, took, uint64(64<<10))
		})
	}
}

// tenMillion is the size of the bulk attacks.
const tenMillion = 10_000_000

func TestBulkIsALimitError(t *testing.T) {
	for _, op := range []string{"(", "}", "]", "\x8f", "N"} {
		t.Run(fmt.Sprintf("%q", op), func(t *testing.T) {
			data := bytes.Repeat([]byte(op), tenMillion)
			var v any
			var limit *pickle.LimitError
			o := &pickle.DecodeOptions{MaxItems: 1 << 20}
			assert.ErrorAs(t, o.Unmarshal(data, &v), &limit)
		})
	}
}

func TestMemoryIsAMultipleOfTheInput(t *testing.T) {
	const n = 20_000
	cases := map[string]string{
		"dicts":           "(" + strings.Repeat("}", n) + "l.",
		"sets":            "(" + strings.Repeat("\x8f", n) + "l.",
		"objects":         "ca\nB\nq\x000(" + strings.Repeat("h\x00)\x81", n) + "l.",
		"memo entries":    "N" + strings.Repeat("\x94", n) + ".",
		"far memo":        "N" + farPuts(n) + ".",
		"nested tuples":   "N" + strings.Repeat("\x85", n) + ".",
		"dict of tuples":  "}(" + strings.Repeat("N\x85N", n) + "u.",
		"dict of numbers": "}(" + numbers(n) + "u.",
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			data := []byte(in)
			took := allocated(func() {
				var v any
				assert.NoError(t, pickle.Unmarshal(data, &v))
			})
			assert.Less(t, took, uint64(len(data)*400+1<<20))
		})
	}
}

func farPuts(n int) string {
	b := []byte{}
	for i := range n {
		b = binary.LittleEndian.AppendUint32(append(b, 'r'), 1<<31+uint32(i))
	}
	return string(b)
}

func numbers(n int) string {
	b := []byte{}
	for i := range n {
		b = append(binary.LittleEndian.AppendUint32(append(b, 'J'), uint32(i)), 'N')
	}
	return string(b)
}

// deepList is a list nested n levels deep.
func deepList(n int) []byte {
	return []byte(strings.Repeat("]", n) + strings.Repeat("a", n-1) + ".")
}

func TestADeepListIsHarmless(t *testing.T) {
	for _, n := range []int{100, 100_000, 1_000_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var v, w any
			require.NoError(t, pickle.Unmarshal(deepList(n), &v))
			require.NoError(t, pickle.Unmarshal(deepList(n), &w))
			assert.True(t, pickle.Equal(v, w))
			assert.Less(t, len(fmt.Sprint(v)), 8192)
			_, err := pickle.Marshal(v)
			var limit *pickle.LimitError
			if n > 10_000 {
				assert.ErrorAs(t, err, &limit)
			} else {
				assert.NoError(t, err)
			}
			type nest []nest
			var into nest
			if err := pickle.Assign(&into, v); n > 10_000 {
				assert.ErrorAs(t, err, &limit)
			} else {
				assert.NoError(t, err)
			}
			assert.NoError(t, pickle.Disassemble(io.Discard, deepList(n)))
		})
	}
}

func TestADeepKeyIsALimitError(t *testing.T) {
	in := "}N" + strings.Repeat("\x85", 100_000) + "Ns."
	var v any
	var limit *pickle.LimitError
	assert.ErrorAs(t, pickle.Unmarshal([]byte(in), &v), &limit)
}

// doubled is a tuple that holds one tuple twice, that holds one tuple twice, and so on: small in
// memory, 2**n when walked without care.
func doubled(n int, dup, pair string) string {
	return "N" + strings.Repeat(dup+pair, n)
}

func TestSharedValuesAreWalkedOnce(t *testing.T) {
	for name, in := range map[string]string{
		"tuples": doubled(300, "2", "\x86") + ".",
		"lists":  "]" + strings.Repeat("q\x00](h\x00h\x00e", 300) + ".",
		"slices": "cbuiltins\nslice\nq\x000N" + strings.Repeat("q\x010h\x00h\x01h\x01N\x87R", 300) + ".",
	} {
		t.Run(name, func(t *testing.T) {
			var v, w any
			require.NoError(t, pickle.Unmarshal([]byte(in), &v))
			require.NoError(t, pickle.Unmarshal([]byte(in), &w))
			data, err := pickle.Marshal(v)
			require.NoError(t, err)
			assert.Less(t, len(data), 10*len(in))
			assert.True(t, pickle.Equal(v, w))
			_ = fmt.Sprint(v)
		})
	}
}

func TestSharedValuesAsKeysAreBounded(t *testing.T) {
	var v any
	var limit *pickle.LimitError
	err := pickle.Unmarshal([]byte("}"+doubled(100, "2", "\x86")+"Ns."), &v)
	assert.ErrorAs(t, err, &limit)

	// A long string from the memo as one key after the other.
	long := "X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20)
	in := long + "q\x000}(" + strings.Repeat("h\x00N", 100_000) + "u."
	_ = pickle.Unmarshal([]byte(in), &v) // allowed or refused, but in no time
}

func TestSharedValuesIntoGoTypesAreBounded(t *testing.T) {
	type tree []tree
	in := "]" + strings.Repeat("q\x00](h\x00h\x00e", 60) + "."
	var v tree
	var limit *pickle.LimitError
	o := &pickle.DecodeOptions{MaxItems: 100_000}
	assert.ErrorAs(t, o.Unmarshal([]byte(in), &v), &limit)
}

func TestALongStringIsWrittenOnce(t *testing.T) {
	in := "X\x00\x00\x10\x00" + strings.Repeat(
		"x",
		1<<20,
	) + "q\x000](" + strings.Repeat(
		"h\x00",
		1000,
	) + "e."
	var v any
	require.NoError(t, pickle.Unmarshal([]byte(in), &v))
	for _, o := range allOptions() {
		data, err := o.Marshal(v)
		require.NoError(t, err)
		assert.Less(t, len(data), 2<<20)
	}
}

func TestATupleFullOfItselfIsBounded(t *testing.T) {
	// n lists, a tuple of them all, and the tuple in each of the lists.
	const n = 3000
	var b bytes.Buffer
	for i := range n {
		b.WriteString("]")
		b.Write(binary.LittleEndian.AppendUint32([]byte{'r'}, uint32(i)))
		b.WriteString("0")
	}
	b.WriteString("(")
	for i := range n {
		b.Write(binary.LittleEndian.AppendUint32([]byte{'j'}, uint32(i)))
	}
	b.WriteString("tr\xff\xff\x00\x00")
	for i := range n {
		b.Write(binary.LittleEndian.AppendUint32([]byte{'j'}, uint32(i)))
		b.WriteString("j\xff\xff\x00\x00a0")
	}
	b.WriteString(".")
	var v any
	require.NoError(t, pickle.Unmarshal(b.Bytes(), &v))
	_, err := pickle.Marshal(v)
	var limit *pickle.LimitError
	assert.ErrorAs(t, err, &limit)
}

func TestNamesCannotSmuggleOpcodes(t *testing.T) {
	for _, g := range []pickle.Global{
		{Module: "os\nsystem\n(", Name: "x"}, {Module: "os", Name: "x\n."}, {Module: "os", Name: "x\r"},
	} {
		for _, p := range []int{pickle.Protocol0, 1, 2, 3} {
			_, err := (&pickle.EncodeOptions{Protocol: p}).Marshal(g)
			var unsupported *pickle.UnsupportedError
			assert.ErrorAs(t, err, &unsupported, "%q in protocol %d", g, p)
		}
	}
	id := &pickle.Object{Kind: pickle.PersistentID, Args: pickle.Tuple{"a\n."}}
	_, err := (&pickle.EncodeOptions{Protocol: pickle.Protocol0}).Marshal(id)
	assert.Error(t, err)
}

func TestABigLongIsReadInNoTime(t *testing.T) {
	in := append([]byte("\x8b\x00\x00\x10\x00"), bytes.Repeat([]byte{0x7f}, 1<<20)...)
	var v any
	took := allocated(func() { require.NoError(t, pickle.Unmarshal(append(in, '.'), &v)) })
	assert.Less(t, took, uint64(8<<20))
	_ = fmt.Sprint(list(v))
	var limit *pickle.LimitError
	_, err := (&pickle.EncodeOptions{Protocol: 1}).Marshal(v)
	assert.ErrorAs(t, err, &limit)
}
