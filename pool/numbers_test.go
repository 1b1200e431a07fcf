package pool_test

import (
	"math"
	"testing"

	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// borders are where integers change their opcode.
var borders = []int64{0, 1, 255, 256, 65535, 65536, math.MaxInt32, math.MaxInt32 + 1, -1, -128, -129,
	math.MinInt32, math.MinInt32 - 1, math.MaxInt64, math.MinInt64}

func TestNumbersArePickledForEachPython(t *testing.T) {
	floats := []float64{0, -1.5, math.Inf(1), math.MaxFloat64}
	for _, o := range []*pickle.EncodeOptions{{Protocol: 2, NativeBytes: true}, {Protocol: 5}} {
		r, ok := pool.RawNumbers(borders, o)
		require.True(t, ok)
		var ints []int64
		require.NoError(t, r.Unmarshal(&ints))
		assert.Equal(t, borders, ints)
		assert.LessOrEqual(t, r.Protocol(), o.Protocol)
		r, ok = pool.RawNumbers(floats, o)
		require.True(t, ok)
		var back []float64
		require.NoError(t, r.Unmarshal(&back))
		assert.Equal(t, floats, back)
	}
	_, ok := pool.RawNumbers([]string{"x"}, &pickle.EncodeOptions{})
	assert.False(t, ok)
}

func TestChunksOfNumbersAreReadInEveryProtocol(t *testing.T) {
	for _, n := range []int{1, 2, 15, 999, 1000, 1001, 2001, 30_000} {
		want := make([]int64, n)
		values := make([]any, n)
		for i := range want {
			want[i] = borders[i%len(borders)]
			values[i] = want[i]
		}
		for protocol := 2; protocol <= 5; protocol++ {
			msg := marshal(t, protocol, chunk(values, nil))
			got := make([]int64, n)
			require.True(t, pool.ReadNumbers(msg, got), "%d, protocol %d", n, protocol)
			assert.Equal(t, want, got)
			assert.False(t, pool.ReadNumbers(msg, make([]int64, n+1)))
			assert.False(t, pool.ReadNumbers(msg, make([]int64, n-1)))
			for cut := range min(len(msg)-1, 60) {
				assert.False(t, pool.ReadNumbers(msg[:cut], got))
			}
		}
	}
}

func TestWhatIsNotAllNumbersTakesTheUsualWay(t *testing.T) {
	failed := []any{pickle.Tuple{0, raised("builtins", "ValueError"), ""}}
	for name, v := range map[string]pickle.Tuple{
		"a failure": chunk([]any{1, 2}, failed),
		"None":      chunk([]any{1, nil}, nil),
		"True":      chunk([]any{1, true}, nil),
		"a float":   chunk([]any{1, 2.5}, nil),
		"a text":    chunk([]any{"x", 1}, nil),
		"a tuple":   {1, 2, pickle.Tuple{true, pickle.Tuple{pickle.Tuple{1, 2}, &pickle.List{}}}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.False(t, pool.ReadNumbers(marshal(t, 4, v), make([]int, 2)))
		})
	}
	assert.False(t, pool.ReadNumbers(marshal(t, 4, chunk([]any{1, 2}, nil)), make([]float64, 2)))
	assert.False(t, pool.ReadNumbers(marshal(t, 4, chunk([]any{1, 2}, nil)), make([]string, 2)))
}
