package pickle_test

import (
	"fmt"
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPickleThatIsAValueIsPlain(t *testing.T) {
	for _, v := range readVectors(t) {
		if strings.HasPrefix(v.name, "refused") {
			continue
		}
		x := pickle.Examine(v.data)
		require.NoError(t, x.Err, v.name)
		assert.True(t, x.Plain(), "%s: %+v", v.name, x)
		assert.Equal(t, len(v.data), x.Size, v.name)
	}
}

func TestACallThatIsThrownAwayIsSeen(t *testing.T) {
	for name, in := range map[string]string{
		"by POP":                   "cos\nsystem\n(S'x'\ntR0N.",
		"by POP_MARK":              "(cos\nsystem\n(S'x'\ntR1N.",
		"in a list":                "](cos\nsystem\n(S'x'\ntRe0N.",
		"in a tuple of tuples":     "cos\nsystem\n(S'x'\ntR\x85\x850N.",
		"and fetched from nowhere": "cos\nsystem\n(S'x'\ntRq\x000K\x01q\x000h\x000N.",
		"as the state of an int":   "K\x01cos\nsystem\n(S'x'\ntRb0N.",
		"below the value":          "cos\nsystem\n(S'x'\ntRN.",
		"under a mark":             "cos\nsystem\n(S'x'\ntR(N.",
	} {
		t.Run(name, func(t *testing.T) {
			x := pickle.Examine([]byte(in))
			require.NoError(t, x.Err)
			assert.Nil(t, x.Value)
			assert.Contains(t, fmt.Sprint(x.Discarded, x.Stack, x.Steps), "os.system('x')")
		})
	}
}

func TestACallThatIsThrownAwayAndKeptIsNotDiscarded(t *testing.T) {
	// What picklers write for an object whose arguments contain it.
	x := pickle.Examine([]byte("](ca\nB\nh\x00\x85Rq\x010h\x01e0ca\nB\n)R."))
	assert.Error(t, x.Err, "the memo is empty")
	x = pickle.Examine([]byte("]q\x00(ca\nB\nh\x00\x85Rq\x01h\x010e."))
	require.NoError(t, x.Err)
	assert.Empty(t, x.Discarded)
	assert.True(t, x.Plain())
}

func TestWhatAValueDoesNotTakeIsAStep(t *testing.T) {
	cases := []struct {
		name, in string
		op       string
		on, with any
	}{
		{"BUILD of a list", "]K\x01b.", "BUILD", list(), int64(1)},
		{"APPEND to None", "NK\x01a.", "APPEND", nil, int64(1)},
		{"APPENDS to a number", "K\x01(K\x02e.", "APPENDS", int64(1), pickle.Tuple{int64(2)}},
		{"SETITEM of a list", "]K\x00K\x01s.", "SETITEM", list(), pickle.Tuple{int64(0), int64(1)}},
		{"SETITEMS with half a pair", "}(K\x01u.", "SETITEMS", pickle.NewDict(), pickle.Tuple{int64(1)}},
		{"a list as a key", "}]Ns.", "SETITEM", pickle.NewDict(), pickle.Tuple{list(), nil}},
		{"ADDITEMS of a list", "\x8f(]\x90.", "ADDITEMS", pickle.NewSet(), pickle.Tuple{list()}},
		{"READONLY_BUFFER of None", "N\x98.", "READONLY_BUFFER", nil, nil},
		{"names that are numbers", "K\x01K\x02\x93.", "STACK_GLOBAL", nil, pickle.Tuple{int64(1), int64(2)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := pickle.Examine([]byte(c.in))
			require.NoError(t, x.Err)
			require.Len(t, x.Steps, 1)
			s := x.Steps[0]
			assert.Equal(t, c.op, s.Op.String())
			assert.Equal(t, c.in[s.Offset], byte(s.Op))
			assert.True(t, pickle.Equal(c.on, s.On), "%v", s.On)
			assert.True(t, pickle.Equal(c.with, s.With), "%v", s.With)
			assert.Error(t, s.Err)
		})
	}
}

func TestASecondStateIsAStep(t *testing.T) {
	x := pickle.Examine([]byte("ca\nB\n)\x81K\x01bK\x02b."))
	require.NoError(t, x.Err)
	assert.Equal(t, int64(1), x.Value.(*pickle.Object).State)
	require.Len(t, x.Steps, 1)
	assert.Same(t, x.Value, x.Steps[0].On)
	assert.Equal(t, int64(2), x.Steps[0].With)
}

func TestWhatIsNoClassIsSeenAsWhatIsCalled(t *testing.T) {
	for in, want := range map[string]string{
		"K\x01)R.":                      "1()",
		"K\x01(K\x02t\x81.":             "1(2)",
		"(K\x01K\x02o.":                 "1(2)",
		"cbuiltins\neval\n(K\x02t\x81.": "builtins.eval(2)",
		"(]\x91.":                       "builtins.frozenset([[]])",
		"(]Nd.":                         "builtins.dict([[], None])",
	} {
		x := pickle.Examine([]byte(in))
		require.NoError(t, x.Err, "%q", in)
		assert.Equal(t, want, fmt.Sprint(x.Value), "%q", in)
	}
}

func TestAPickleThatIsCutShowsWhatWasMade(t *testing.T) {
	x := pickle.Examine([]byte("\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00](K\x01\x8c\x04ab"))
	syntax := (*pickle.SyntaxError)(nil)
	require.ErrorAs(t, x.Err, &syntax)
	assert.EqualValues(t, 15, syntax.Offset)
	assert.False(t, x.Whole)
	assert.Equal(t, []any{list(), pickle.Mark{}, int64(1)}, x.Stack)
	require.Len(t, x.Steps, 1, "the frame is longer than the rest")
}

func TestFramesThatSomePythonsTakeNoNoticeOfAreReadThrough(t *testing.T) {
	x := pickle.Examine([]byte("\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01."))
	require.NoError(t, x.Err)
	assert.Equal(t, int64(1), x.Value)
	require.Len(t, x.Steps, 1)
	assert.EqualValues(t, 9, x.Steps[0].Offset)
}

func TestAnIntegerOfTooManyDigitsIsPassedOver(t *testing.T) {
	x := pickle.Examine([]byte("(I" + strings.Repeat("7", 200_000) + "\nK\x01l."))
	require.NoError(t, x.Err)
	require.Len(t, x.Steps, 1)
	assert.Equal(t, int64(1), x.Value.(*pickle.List).Items[1])
}

func TestWhatIsThrownAwayOftenIsLookedAtOnce(t *testing.T) {
	in := "(" + strings.Repeat("N", 100_000) + "t" + strings.Repeat("20", 100_000) + "."
	x := pickle.Examine([]byte(in))
	require.NoError(t, x.Err)
	assert.Empty(t, x.Discarded)
}

func TestSpanIsTheLengthOfWhateverIsNearlyAPickle(t *testing.T) {
	for in, want := range map[string]int{
		"N.": 2, "N.N.": 2, "00000.": 6, "](a.": 4, "": 0, "N": 0, "N\xff.": 0, "\x80\x09.": 3,
		"\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.": 20,
	} {
		assert.Equal(t, want, pickle.Span([]byte(in)), "%q", in)
	}
}

func FuzzExamine(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		x := pickle.Examine(data)
		if x.Whole && (x.Err != nil || pickle.Span(data) != x.Size) {
			t.Fatalf("a whole pickle of %d bytes: %v", x.Size, x.Err)
		}
		var v any
		if (&pickle.DecodeOptions{MaxBytes: 1 << 16}).Unmarshal(data, &v) != nil {
			return
		}
		if !x.Whole || len(x.Steps) > 0 || !pickle.Equal(v, x.Value) {
			t.Fatalf("%v is seen as %+v", v, x)
		}
	})
}
