package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// callBudget are those of a call of the server.
func callBudget() *values.Budget {
	return values.NewBudget(limits(1<<23, 1<<30, 1<<31), nil, nil)
}

func BenchmarkAProductTillTheBudgetEnds(b *testing.B) {
	ten := pickle.Range{Start: int64(0), Stop: int64(10), Step: int64(1)}
	pools := make([]any, 9)
	for i := range pools {
		pools[i] = ten
	}
	for b.Loop() {
		if _, err := callBudget().Iterate(call("itertools", "product", pools...)); err == nil {
			b.Fatal("it ends")
		}
	}
}
