package pickle_test

import (
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// odd are pickles that no pickler writes and that Python takes.
var odd = []struct {
	name, in string
	want     any
}{
	{"PUT with a number of 13 digits", "Np1000000000000\n0g1000000000000\n.", nil},
	{"PUT with blanks and underscores", "K\x05p 1_0 \n0g10\n.", int64(5)},
	{"a number that MEMOIZE counts once", "K\x05p99999\n0K\x06p99999\n\x940h\x01.", int64(6)},
	{"SETITEMS of nothing on a number", "K\x05(u.", int64(5)},
	{"APPENDS of nothing on None", "N(e.", nil},
	{"ADDITEMS of nothing on a tuple", ")(\x90.", pickle.Tuple{}},
	{"BUILD of None", "K\x05Nb.", int64(5)},
	{"BUILD of no slots", "K\x05N}\x86b.", int64(5)},
	{"BUILD of nothing for a class", "ca\nB\n}b.", pickle.Global{Module: "a", Name: "B"}},
	{"READONLY_BUFFER of bytes", "C\x01a\x98.", []byte("a")},
	{"values below the last", "NK\x05.", int64(5)},
	{"a mark below the last", "(K\x05.", int64(5)},
	{"a frame that ends behind STOP", "\x95\x03\x00\x00\x00\x00\x00\x00\x00N..", nil},
	{"a frame that ends between a length and its bytes", "\x95\x02\x00\x00\x00\x00\x00\x00\x00C\x01a.", []byte("a")},
	{"an empty frame", "\x95\x00\x00\x00\x00\x00\x00\x00\x00N.", nil},
	{"a frame that ends with the FRAME of the next",
		"\x95\x09\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", nil},
}

func TestWhatPythonTakesIsTaken(t *testing.T) {
	for _, c := range odd {
		t.Run(c.name, func(t *testing.T) {
			var v any
			require.NoError(t, pickle.Unmarshal([]byte(c.in), &v))
			assert.Equal(t, c.want, v)
		})
	}
}

func TestWhatPythonTakesIsTakenUnopened(t *testing.T) {
	for _, c := range odd {
		t.Run(c.name, func(t *testing.T) {
			r, err := pickle.ParseRaw([]byte(c.in))
			require.NoError(t, err)
			v, err := r.Any()
			require.NoError(t, err)
			assert.Equal(t, c.want, v)
		})
	}
}

func TestTheEndOfAPickleIsFoundWhateverItLeaves(t *testing.T) {
	n, err := pickle.DocumentSize([]byte("NN.N."))
	require.NoError(t, err)
	assert.Equal(t, 3, n)
}

// TestAHighMemoNumberIsNotPassedOn: for Python's unpickler in C, up to 3.13, each number below it takes memory.
func TestAHighMemoNumberIsNotPassedOn(t *testing.T) {
	for name, in := range map[string]string{
		"PUT":         "(lp1000000000000\ng1000000000000\na.",
		"LONG_BINPUT": "]r\xff\xff\xff\x7fj\xff\xff\xff\x7fa.",
		"none read":   "]p1000000000000\n]a.",
	} {
		t.Run(name, func(t *testing.T) {
			r, err := pickle.ParseRaw([]byte(in))
			require.NoError(t, err)
			assert.NotContains(t, listing(r.Bytes()), "PUT      1000000000000")
			assert.NotContains(t, listing(r.Bytes()), "2147483647")
			v, err := r.Any()
			require.NoError(t, err)
			list := v.(*pickle.List)
			if name != "none read" {
				assert.Same(t, list, list.Items[0])
			}
		})
	}
}

func TestAHighMemoNumberInAnArgumentIsNotPassedOn(t *testing.T) {
	var e pickle.Envelope
	require.NoError(t, e.Parse([]byte("(NU\x03put]p1000000000000\ng1000000000000\na\x85}t.")))
	require.Len(t, e.Args, 1)
	assert.NotContains(t, listing(e.Args[0].Bytes()), "1000000000000")
	v, err := e.Args[0].Any()
	require.NoError(t, err)
	assert.Same(t, v.(*pickle.List), v.(*pickle.List).Items[0])
}

// TestWhatNobodyCanOpenIsNotTakenUnopened: an item in a queue that its consumer cannot load is lost.
func TestWhatNobodyCanOpenIsNotTakenUnopened(t *testing.T) {
	for _, in := range []string{
		"Ix\n.", "L\n.", "F1e999\n.", "Sa\n.", "V\\u1\n.", "X\x01\x00\x00\x00\xff.", "\x8c\x01\xff.", "c\nb\n.", "(ia\n\n.",
		"\x82\x00.", "N\x80\x09.", "\x97.", "h\x00.", "N\x94h\x01.", "Nq\x05h\x04.", "Nq\x05h\x06.", "Nq\x05q\x0700h\x06.",
		"N(.", "\x95\x02\x00\x00\x00\x00\x00\x00\x00M\x01\x00.",
	} {
		_, err := pickle.ParseRaw([]byte(in))
		var syntax *pickle.SyntaxError
		assert.ErrorAs(t, err, &syntax, "%q", in)
	}
}

func TestALongLineIsNotTurnedIntoANumberToBePassedOn(t *testing.T) {
	in := "L" + strings.Repeat("7", 1<<20) + "L\n."
	took := allocated(func() {
		_, err := pickle.ParseRaw([]byte(in))
		assert.NoError(t, err)
	})
	assert.Less(t, took, uint64(4<<20))
}
