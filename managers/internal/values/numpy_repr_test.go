package values_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"mpbridge/managers/internal/values"
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
	size := int64(1)
	for _, n := range shape {
		size *= n
	}
	return numpyOf("i1", make([]byte, size), shape...)
}

// numpyOf is an array of a dtype.
func numpyOf(name string, data []byte, shape ...int64) *pickle.Object {
	dims, size := pickle.Tuple{}, int64(-1)
	for _, n := range shape {
		dims = append(dims, n)
	}
	if name[0] == 'U' {
		size = 4 * int64(name[1]-'0')
	}
	dtype := call("numpy", "dtype", name, false, true)
	state := pickle.Tuple{int64(3), "<", nil, nil, nil, size, int64(-1), int64(0)}
	if name[0] == 'M' {
		state = append(state, pickle.Tuple{pickle.NewDict(), pickle.Tuple{[]byte("s"), int64(1), int64(1), int64(1)}})
	}
	dtype.State, dtype.HasState = state, true
	return call("numpy._core.numeric", "_frombuffer", data, dtype, dims, "C")
}
