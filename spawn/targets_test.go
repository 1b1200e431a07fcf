package spawn_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
	"mpbridge/spawn"
)

func TestTargetsAreFunctionsThatPythonCanCall(t *testing.T) {
	for _, f := range []any{
		func() {}, func(int, ...string) error { return nil }, func(context.Context, *spawn.CurrentProcess, []byte) (int, error) { return 0, nil },
		func(string, pickle.Kwargs) {}, func(io.Reader) {}, spawn.Function{Func: func(int) {}, Params: []string{"n"}},
	} {
		assert.NoError(t, spawn.Check(spawn.Targets{"package.module:f": f, "f": f}), "%T", f)
	}
}

func TestWhatCannotBeATargetIsNamed(t *testing.T) {
	for reason, targets := range map[string]spawn.Targets{
		"the value is no function":                                       {"m:f": 7},
		`is no name of a function: want "package.module:name" or "name"`: {"m:f:g": func() {}},
		"a parameter cannot be a chan int":                               {"m:f": func(chan int) {}},
		"a result cannot be a func()":                                    {"m:f": func() func() { return nil }},
		"1 names for 2 parameters":                                       {"m:f": spawn.Function{Func: func(int, int) {}, Params: []string{"a"}}},
		"parameter names are different names that Python can use":        {"m:f": spawn.Function{Func: func(int, int) {}, Params: []string{"a", "a"}}},
		"a function that takes pickle.Kwargs names no parameters":        {"m:f": spawn.Function{Func: func(int, pickle.Kwargs) {}, Params: []string{"a"}}},
	} {
		err := spawn.Check(targets)
		var bad *spawn.TargetError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, reason, bad.Reason)
	}
	assert.Error(t, spawn.Check(spawn.Targets{"m:f": (func())(nil)}))
}
