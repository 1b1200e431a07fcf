package pool_test

import (
	"context"
	"strings"
	"testing"

	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChunkSizesAreThoseOfCPython: the numbers are those of Pool._map_async.
func TestChunkSizesAreThoseOfCPython(t *testing.T) {
	for _, c := range []struct{ items, workers, want int }{
		{0, 4, 0}, {1, 4, 1}, {16, 4, 1}, {17, 4, 2}, {32, 4, 2}, {100, 4, 7}, {100_000, 4, 6250},
		{100_001, 4, 6251}, {10, 1, 3}, {5, 8, 1},
	} {
		assert.Equal(t, c.want, pool.ChunkSize(c.items, c.workers), "%+v", c)
	}
}

func TestAFunctionIsNamedByModuleAndName(t *testing.T) {
	for text, want := range map[string]pickle.Global{
		"math:sqrt":          {Module: "math", Name: "sqrt"},
		"os.path:join":       {Module: "os.path", Name: "join"},
		"m:Class.method":     {Module: "m", Name: "Class.method"},
		"__main__:f":         {Module: "__main__", Name: "f"},
		"paquet.été:naïveté": {Module: "paquet.été", Name: "naïveté"},
	} {
		name, value, err := pool.Function(text)
		require.NoError(t, err)
		assert.Equal(t, text, name)
		assert.Equal(t, want, value)
	}
}

func TestAPickledFunctionHasItsName(t *testing.T) {
	raw, err := pickle.NewRaw(pickle.Global{Module: "math", Name: "sqrt"}, nil)
	require.NoError(t, err)
	name, value, err := pool.Function(raw)
	require.NoError(t, err)
	assert.Equal(t, "math:sqrt", name)
	assert.Equal(t, raw, value)
}

func TestWhatNamesNoFunctionIsRefused(t *testing.T) {
	for _, fn := range []any{"", "math", ":sqrt", "math:", "math.sqrt", "a:b:c", "a..b:c", "a:b\n.",
		"a b:c", "f():g", 5, nil} {
		_, _, err := pool.Function(fn)
		var wrong *pool.FunctionError
		assert.ErrorAs(t, err, &wrong, "%v", fn)
	}
}

func TestOptionsOutOfRangeAreRefused(t *testing.T) {
	for name, o := range map[string]pool.Options{
		"Workers":          {Workers: -1},
		"MaxTasksPerChild": {MaxTasksPerChild: -1},
		"TaskTimeout":      {TaskTimeout: -1},
		"Retries":          {Retries: -1},
		"MaxResult":        {MaxResult: -1},
		"SendAhead":        {SendAhead: 1 << 20},
		"StartTimeout":     {StartTimeout: -1},
		"StartAttempts":    {StartAttempts: -1},
	} {
		_, err := pool.New(context.Background(), &o)
		var wrong *pool.OptionError
		require.ErrorAs(t, err, &wrong, name)
		assert.Equal(t, name, wrong.Option)
	}
}

func TestAnInterpreterThatIsNotThereIsAStartError(t *testing.T) {
	_, err := pool.New(context.Background(), &pool.Options{Python: "/nosuch/python"})
	var start *pool.StartError
	require.ErrorAs(t, err, &start)
	assert.Equal(t, "/nosuch/python", start.Python)
	_, err = pool.New(context.Background(), &pool.Options{Venv: "/nosuch"})
	require.ErrorAs(t, err, &start)
	assert.Equal(t, "/nosuch/bin/python", start.Python)
}

func TestAProgramThatIsNoPythonEndsTheStart(t *testing.T) {
	_, err := pool.New(context.Background(), &pool.Options{Python: "/bin/false", StartAttempts: 2})
	var start *pool.StartError
	require.ErrorAs(t, err, &start)
	assert.Equal(t, 1, start.Exit.Code)
	assert.Equal(t, 2, start.Attempts)
}

func TestTheTailKeepsTheLastLinesAndCutsLongOnes(t *testing.T) {
	var lines []string
	for range 30 {
		lines = append(lines, "line")
	}
	lines = append(lines, strings.Repeat("x", 5000), "last")
	kept := pool.Tail(lines...)
	assert.Len(t, kept, 20)
	assert.Equal(t, "last", kept[19])
	assert.Less(t, len(kept[18]), 1100)
}

func TestOptionsOfAMapOutOfRangeAreRefused(t *testing.T) {
	for name, o := range map[string]pool.MapOptions{"Chunk": {Chunk: -1}, "LookAhead": {LookAhead: -1}} {
		t.Run(name, func(t *testing.T) {
			_, err := pool.Map[int](t.Context(), nil, "math:sqrt", []int{1}, &o)
			var wrong *pool.OptionError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, name, wrong.Option)
		})
	}
}
