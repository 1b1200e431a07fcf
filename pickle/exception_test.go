package pickle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mpbridge/pickle"
)

func TestAnExceptionIsShownAsATracebackShowsIt(t *testing.T) {
	for want, e := range map[string]struct {
		class pickle.Global
		args  []any
	}{
		"KeyError":            {pickle.Global{Module: "builtins", Name: "KeyError"}, nil},
		"ValueError: x, 1":    {pickle.Global{Module: "builtins", Name: "ValueError"}, []any{"x", int64(1)}},
		"queue.Full":          {pickle.Global{Module: "queue", Name: "Full"}, nil},
		"shop.Broken: a vase": {pickle.Global{Module: "shop", Name: "Broken"}, []any{"a vase"}},
	} {
		assert.Equal(t, want, pickle.ExceptionText(e.class, e.args))
	}
}
