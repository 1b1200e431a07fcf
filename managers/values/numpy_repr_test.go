package values_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"mpbridge/managers/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReprOfNumpy has what numpy 2.4.6 and 1.26.4 show of scalars and arrays, and the pickles that they make of them.
func TestReprOfNumpy(t *testing.T) {
	file, err := os.Open("testdata/numpy_repr.jsonl")
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := 0
	for ; lines.Scan(); count++ {
		var row struct {
			Pickle []byte
			Repr   string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		var v any
		require.NoError(t, pickle.Unmarshal(row.Pickle, &v))
		text, err := values.Repr(v, python3)
		require.NoError(t, err)
		assert.Equal(t, row.Repr, text)
	}
	assert.Greater(t, count, 100)
}

func TestTheReprOfAnArrayHasALimit(t *testing.T) {
	wide := numpyArrayOf(7, 7, 7, 7, 7, 7, 7) // of which 6**7 elements are shown
	much := values.BudgetLimits{Values: 1 << 30, Bytes: 1 << 30, Steps: 1 << 30}
	text, err := values.NewBudget(much, nil, nil).ReprStart(wide, python3, 100)
	require.NoError(t, err)
	assert.Less(t, len(text), 200)
	few := values.BudgetLimits{Values: 1000, Bytes: 1 << 30, Steps: 1 << 30}
	_, err = values.NewBudget(few, nil, nil).Repr(wide, python3)
	var over *values.BudgetError
	assert.ErrorAs(t, err, &over)
}

// numpyArrayOf is an array of zeros.
func numpyArrayOf(shape ...int64) *pickle.Object {
	size, dims := int64(1), pickle.Tuple{}
	for _, n := range shape {
		size *= n
		dims = append(dims, n)
	}
	dtype := call("numpy", "dtype", "i1", false, true)
	dtype.State, dtype.HasState = pickle.Tuple{int64(3), "|", nil, nil, nil, int64(-1), int64(-1), int64(0)}, true
	return call("numpy._core.numeric", "_frombuffer", make([]byte, size), dtype, dims, "C")
}
