package pickle_test

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errSpent = errors.New("spent")

// purse is a Meter of so many values and bytes.
type purse struct{ values, bytes int }

func (p *purse) Spend(values, bytes int) error {
	p.values, p.bytes = p.values-values, p.bytes-bytes
	if p.values < 0 || p.bytes < 0 {
		return errSpent
	}
	return nil
}

// limit is a purse of so many values.
func limit(values int) *purse { return &purse{values, math.MaxInt} }

func nestedList(n int) any {
	v := any(&pickle.List{})
	for range n {
		v = &pickle.List{Items: []any{v}}
	}
	return v
}

// often is a list in which v stands n times.
func often(n int, v any) *pickle.List {
	l := &pickle.List{}
	for range n {
		l.Items = append(l.Items, v)
	}
	return l
}

func marshalled(t *testing.T, v any) []byte {
	t.Helper()
	doc, err := pickle.Marshal(v)
	require.NoError(t, err)
	return doc
}

func TestAMeterEndsDecoding(t *testing.T) {
	doc := marshalled(t, often(10_000, nil))
	for name, m := range map[string]*purse{
		"by values": limit(5_000), "by bytes": {math.MaxInt, 10_000}, "at the end": limit(9_990),
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			err := (&pickle.DecodeOptions{Meter: m}).Unmarshal(doc, &v)
			require.Equal(t, errSpent, err, "as it is")
			assert.Nil(t, v)
		})
	}
	var v any
	m := limit(20_000)
	require.NoError(t, (&pickle.DecodeOptions{Meter: m}).Unmarshal(doc, &v))
	assert.InDelta(t, 10_000, 20_000-m.values, 10)
}

// TestAMeterIsToldWhatEmptyContainersTake compares with what is really allocated: of an empty set there is a
// byte in the pickle.
func TestAMeterIsToldWhatEmptyContainersTake(t *testing.T) {
	const n = 20_000
	for name, doc := range map[string][]byte{
		"sets":    slices.Concat([]byte("\x80\x04]("), bytes.Repeat([]byte("\x8f"), n), []byte("e.")),
		"dicts":   slices.Concat([]byte("\x80\x04]("), bytes.Repeat([]byte("}"), n), []byte("e.")),
		"objects": slices.Concat([]byte("ca\nb\nq\x00)q\x01]("), bytes.Repeat([]byte("h\x00h\x01\x81"), n), []byte("e.")),
	} {
		t.Run(name, func(t *testing.T) {
			m := &purse{math.MaxInt, math.MaxInt}
			var v any
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			require.NoError(t, (&pickle.DecodeOptions{Meter: m}).Unmarshal(doc, &v))
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(v)
			told := float64(math.MaxInt - m.bytes)
			assert.Greater(t, 2*told, float64(after.TotalAlloc-before.TotalAlloc))
		})
	}
}

func TestAMeterEndsWhatGrowsInGo(t *testing.T) {
	type nested []nested
	v := any(pickle.Tuple{})
	for range 40 {
		v = pickle.Tuple{v, v}
	}
	doc := marshalled(t, v)
	require.ErrorIs(t, (&pickle.DecodeOptions{Meter: limit(10_000)}).Unmarshal(doc, new(nested)), errSpent)
	require.ErrorIs(t, (&pickle.DecodeOptions{Meter: limit(10_000)}).Assign(new(nested), v), errSpent)

	doc = marshalled(t, often(10_000, often(10_000, nil)))
	require.ErrorIs(t, (&pickle.DecodeOptions{Meter: limit(100_000)}).Unmarshal(doc, new([][]any)), errSpent)
	require.ErrorAs(t, pickle.Unmarshal(doc, new([][]any)), new(*pickle.LimitError))

	doc = marshalled(t, often(10_000, strings.Repeat("x", 1<<16)))
	few := &purse{math.MaxInt, 1 << 20}
	require.ErrorIs(t, (&pickle.DecodeOptions{Meter: few}).Unmarshal(doc, new([]pickle.Raw)), errSpent)
}

func TestAMeterEndsEncoding(t *testing.T) {
	raw, err := pickle.NewRaw(strings.Repeat("x", 1000), nil)
	require.NoError(t, err)
	huge, err := pickle.NewRaw(make([]byte, 1<<16), nil)
	require.NoError(t, err)
	for name, v := range map[string]any{
		"many small values":   often(100_000, int64(1<<40)),
		"one value, unopened": often(1_000, raw),
		"a large one":         often(10_000, huge),
		"numbers":             often(10_000, new(big.Int).Lsh(big.NewInt(1), 500)),
	} {
		t.Run(name, func(t *testing.T) {
			o := &pickle.EncodeOptions{Meter: &purse{math.MaxInt, 100_000}}
			_, err := o.Buffers(v)
			require.ErrorIs(t, err, errSpent)
		})
	}
}

func TestAMeterEndsTakingApart(t *testing.T) {
	for name, v := range map[string]any{
		"many elements":       often(100_000, nil),
		"one that is shared":  often(1_000, strings.Repeat("x", 10_000)),
		"more than are cut":   often(1<<20+1, nil),
		"one in many numbers": often(1_000, new(big.Int).Lsh(big.NewInt(1), 80_000)),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := pickle.ParseRaw(marshalled(t, v))
			require.NoError(t, err)
			_, err = r.WithOptions(&pickle.DecodeOptions{Meter: &purse{math.MaxInt, 1_000_000}}).Elements()
			require.ErrorIs(t, err, errSpent)
		})
	}
}

func TestArgumentsThatShareAreAsLongAsAMessageMayBe(t *testing.T) {
	args := pickle.Tuple(often(100, strings.Repeat("x", 100_000)).Items) // more than are extracted unopened
	doc := marshalled(t, pickle.Tuple{nil, "f", args, pickle.NewDict()})
	e := pickle.Envelope{Decode: &pickle.DecodeOptions{MaxBytes: 1 << 20}}
	require.ErrorAs(t, e.Parse(doc), new(*pickle.LimitError))
	e = pickle.Envelope{}
	require.NoError(t, e.Parse(doc))
	assert.Len(t, e.Args, 100)
}

func TestADictOfDistinctItemsIsLikeAnyOther(t *testing.T) {
	pairs := []pickle.Pair{}
	for i := range 20 {
		pairs = append(pairs, pickle.Pair{Key: pickle.Tuple{int64(i)}, Value: int64(i)})
	}
	d := new(pickle.Dict)
	d.SetDistinct(pairs)
	var back any
	require.NoError(t, pickle.Unmarshal(marshalled(t, d), &back))
	assert.True(t, pickle.Equal(back, d))
	v, ok := d.Get(pickle.Tuple{int64(7)})
	assert.True(t, ok)
	assert.Equal(t, int64(7), v)
	require.NoError(t, d.Set(pickle.Tuple{int64(7)}, nil))
	assert.Equal(t, 20, d.Len())
	assert.True(t, d.Delete(pickle.Tuple{int64(7)}))
	assert.Equal(t, 19, d.Len())
	s := pickle.DistinctSet([]any{int64(1), "x"})
	assert.True(t, s.Contains("x"))
	assert.False(t, s.Contains("y"))
}

func TestALongKeyIsFoundByItsContent(t *testing.T) {
	long := func(last string) any { return pickle.Tuple{strings.Repeat("k", 1000), last} }
	d := pickle.NewDict(long("a"), int64(1), long("b"), int64(2))
	v, _ := d.Get(long("b"))
	assert.Equal(t, int64(2), v)
	_, found := d.Get(long("c"))
	assert.False(t, found)
}
