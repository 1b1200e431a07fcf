package interop_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"sync"
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

// trips are the pickles that Go made for a Python, each once: many ways of pickling a value lead to the same bytes,
// which have to be loaded once, and be what each of the ways had.
type trips struct {
	docs  [][]byte
	ways  [][]trip // by document
	index map[string]int
}

// trip is one way of one value through Go.
type trip struct {
	label, want string
}

func (ts *trips) add(doc []byte, label, want string) {
	i, ok := ts.index[string(doc)]
	if !ok {
		i = len(ts.docs)
		ts.index[string(doc)] = i
		ts.docs, ts.ways = append(ts.docs, doc), append(ts.ways, nil)
	}
	ts.ways[i] = append(ts.ways[i], trip{label, want})
}

func compare(t *testing.T, py interop.Python, oracle *interop.Peer, samples []sample) {
	t.Helper()
	ts := trips{index: make(map[string]int)}
	for _, s := range samples {
		for _, dump := range s.Dumps {
			for how, doc := range reencodings(t, py, dump.Pickle) {
				ts.add(doc, fmt.Sprintf("%s, %s, %s", s.Name, dump.Way, how), dump.Canon)
			}
		}
	}
	at := 0
	for docs := range slices.Chunk(ts.docs, 500) {
		got := ask[[]outcome](t, oracle, map[string]any{"op": "load", "pickles": docs})
		require.Len(t, got, len(docs))
		for _, o := range got {
			for _, way := range ts.ways[at] {
				if way.want != o.Canon && !known(py, way.label) {
					t.Errorf("%s: want %s, got %s %s %s\n%q", way.label, way.want, o.Canon, o.Error, o.Text, ts.docs[at])
				}
			}
			at++
		}
	}
}

// reencoded is what reencodings has made, by what it was asked: most Pythons pickle most values alike.
var reencoded sync.Map

// asked is a pickle, and what of the Python that wrote it its reencodings depend on.
type asked struct {
	doc             string
	highestProtocol int
	nativeBytes     bool
}

// reencodings are what Go makes of a pickle for the Python that wrote it: the decoded value in each
// protocol, and the value passed through unopened.
func reencodings(t *testing.T, py interop.Python, doc []byte) map[string][]byte {
	t.Helper()
	key := asked{string(doc), py.Profile.HighestProtocol, py.Profile.NativeBytes}
	made, _ := reencoded.LoadOrStore(key, sync.OnceValues(key.reencode))
	out, err := made.(func() (map[string][]byte, error))()
	assert.NoError(t, err, "%q", doc)
	return out
}

func (a asked) reencode() (map[string][]byte, error) {
	out := make(map[string][]byte)
	var v any
	if err := pickle.Unmarshal([]byte(a.doc), &v); err != nil {
		return out, err
	}
	var failed []error
	for proto := range a.highestProtocol + 1 {
		o := &pickle.EncodeOptions{Protocol: proto, NativeBytes: a.nativeBytes}
		if proto == 0 {
			o.Protocol = pickle.Protocol0
		}
		b, err := o.Marshal(v)
		if err != nil {
			failed = append(failed, fmt.Errorf("protocol %d: %w", proto, err))
			continue
		}
		out[fmt.Sprintf("again in protocol %d", proto)] = b
	}
	raw, err := pickle.ParseRaw([]byte(a.doc))
	if err == nil {
		out["unopened"] = raw.Bytes()
	}
	return out, errors.Join(append(failed, err)...)
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
