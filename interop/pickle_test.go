package interop_test

import (
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is one value as an interpreter pickles it.
type sample struct {
	Name  string
	Dumps []struct {
		Way    string
		Pickle []byte
		Canon  string
	}
}

// outcome is what an interpreter finds in a pickle.
type outcome struct{ Canon, Error, Text string }

// TestWhatPythonPicklesComesBackEqual decodes what each version pickles, in every way it has, pickles
// it again in every protocol that the version reads, and asks it what it finds.
func TestWhatPythonPicklesComesBackEqual(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		oracle := startPeer(t, py, "oracle.py")
		samples := ask[[]sample](t, oracle, map[string]any{"op": "corpus"})
		require.Greater(t, len(samples), 40)
		compare(t, py, oracle, samples)
	})
}

// TestGeneratedValuesComeBackEqual does the same with values that nobody thought of.
func TestGeneratedValuesComeBackEqual(t *testing.T) {
	seeds := make([]int, generated(t))
	for i := range seeds {
		seeds[i] = i
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		oracle := startPeer(t, py, "oracle.py")
		compare(t, py, oracle,
			ask[[]sample](t, oracle, map[string]any{"op": "generate", "seeds": seeds}))
	})
}

// generated is how many values are made up: MPBRIDGE_GENERATED, or a few.
func generated(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MPBRIDGE_GENERATED")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// trip is one way of one value through Go.
type trip struct {
	label, want string
}

func compare(t *testing.T, py interop.Python, oracle *interop.Peer, samples []sample) {
	t.Helper()
	var trips []trip
	var docs [][]byte
	for _, s := range samples {
		for _, dump := range s.Dumps {
			for how, doc := range reencodings(t, py, dump.Pickle) {
				label := fmt.Sprintf("%s, %s, %s", s.Name, dump.Way, how)
				trips = append(trips, trip{label, dump.Canon})
				docs = append(docs, doc)
			}
		}
	}
	const batch = 500
	for at := 0; at < len(docs); at += batch {
		end := min(at+batch, len(docs))
		got := ask[[]outcome](t, oracle, map[string]any{"op": "load", "pickles": docs[at:end]})
		require.Len(t, got, end-at)
		for i, o := range got {
			tr := trips[at+i]
			if known(py, tr.label) {
				continue
			}
			assert.Equal(t, tr.want, o.Canon, "%s: %s %s\n%q", tr.label, o.Error, o.Text, docs[at+i])
		}
	}
}

// reencodings are what Go makes of a pickle for the Python that wrote it: the decoded value in each
// protocol, and the value passed through unopened.
func reencodings(t *testing.T, py interop.Python, doc []byte) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	var v any
	if !assert.NoError(t, pickle.Unmarshal(doc, &v), "%q", doc) {
		return out
	}
	protocols := []int{pickle.Protocol0}
	for proto := 1; proto <= py.Profile.HighestProtocol; proto++ {
		protocols = append(protocols, proto)
	}
	for _, proto := range protocols {
		o := &pickle.EncodeOptions{Protocol: proto, NativeBytes: py.Profile.NativeBytes}
		b, err := o.Marshal(v)
		if assert.NoError(t, err, "protocol %d: %q", proto, doc) {
			out[fmt.Sprintf("again in protocol %d", max(proto, 0))] = b
		}
	}
	raw, err := pickle.ParseRaw(doc)
	if assert.NoError(t, err, "%q", doc) {
		out["unopened"] = raw.Bytes()
	}
	return out
}

// TestWhatGoPicklesIsWhatPythonExpects pickles Go values for each version and compares what it finds
// with the value of a Python expression.
func TestWhatGoPicklesIsWhatPythonExpects(t *testing.T) {
	cases := []struct {
		expression string
		value      any
	}{
		{"None", nil},
		{"[True, False]", []bool{true, false}},
		{"[0, -1, 2**31, 2**63 - 1, -2**63]", []int64{0, -1, 1 << 31, math.MaxInt64, math.MinInt64}},
		{"2**64 - 1", uint64(math.MaxUint64)},
		{"2**200", new(big.Int).Lsh(big.NewInt(1), 200)},
		{"[1.5, float('inf'), -0.0]", []float64{1.5, math.Inf(1), math.Copysign(0, -1)}},
		{"complex(1, -2)", complex(1, -2)},
		{"u'a\\xe9\\u20ac\\x00'", "aé€\x00"},
		{"b'\\x00\\xff'", []byte{0, 255}},
		{"bytearray(b'ab')", &pickle.ByteArray{Bytes: []byte("ab")}},
		{"(1, (2,), ())", pickle.Tuple{1, pickle.Tuple{2}, pickle.Tuple{}}},
		{"{u'a': [1, 2]}", map[string][]int{"a": {1, 2}}},
		{"{u'id': 1, u'Name': u'x'}", struct {
			ID   int `pickle:"id"`
			Name string
		}{1, "x"}},
		{"set([1, 2])", pickle.NewSet(1, 2)},
		{"frozenset([1])", pickle.NewFrozenSet(1)},
		{"datetime.timedelta(1, 2, 3)", 24*time.Hour + 2*time.Second + 3*time.Microsecond},
		{"fractions.Fraction(3, 4)", big.NewRat(3, 4)},
		{"datetime.datetime(2026, 11, 21, 1, 2, 3, 4)",
			pickle.NaiveDatetime(time.Date(2026, 11, 21, 1, 2, 3, 4000, time.UTC))},
		{"ValueError(u'x', 1)", managers.ErrValueError.New("x", 1)},
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		oracle := startPeer(t, py, "oracle.py")
		var expressions []string
		var docs [][]byte
		for _, c := range cases {
			o := &pickle.EncodeOptions{
				Protocol: py.Profile.Protocol, NativeBytes: py.Profile.NativeBytes}
			doc, err := o.Marshal(c.value)
			require.NoError(t, err, c.expression)
			expressions, docs = append(expressions, c.expression), append(docs, doc)
		}
		want := ask[[]outcome](t, oracle, map[string]any{"op": "describe", "expressions": expressions})
		got := ask[[]outcome](t, oracle, map[string]any{"op": "load", "pickles": docs})
		for i, c := range cases {
			require.NotEmpty(t, want[i].Canon, c.expression)
			assert.Equal(t, want[i], got[i], c.expression)
		}
	})
}
