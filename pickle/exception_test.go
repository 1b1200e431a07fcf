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

func class(module, name string) pickle.Global { return pickle.Global{Module: module, Name: name} }

func TestExceptionsAreInstancesOfTheirBases(t *testing.T) {
	for _, c := range []struct {
		class, base pickle.Global
		args        []any
		want        bool
	}{
		{class("builtins", "KeyError"), class("builtins", "LookupError"), nil, true},
		{class("builtins", "KeyError"), class("builtins", "Exception"), nil, true},
		{class("builtins", "KeyError"), class("builtins", "KeyError"), nil, true},
		{class("builtins", "LookupError"), class("builtins", "KeyError"), nil, false},
		{class("builtins", "KeyError"), class("builtins", "IndexError"), nil, false},
		{class("builtins", "ZeroDivisionError"), class("builtins", "ArithmeticError"), nil, true},
		{class("exceptions", "IOError"), class("builtins", "OSError"), nil, true},
		{class("builtins", "FileNotFoundError"), class("builtins", "EnvironmentError"), nil, true},
		{class("builtins", "OSError"), class("builtins", "FileNotFoundError"), []any{int64(2), "x"}, true},
		{class("builtins", "OSError"), class("builtins", "ConnectionError"), []any{int64(111), "x"}, true},
		{class("builtins", "OSError"), class("builtins", "PermissionError"), []any{int64(2), "x"}, false},
		{class("builtins", "OSError"), class("builtins", "FileNotFoundError"), []any{int64(2)}, false},
		{class("exceptions", "StandardError"), class("builtins", "Exception"), nil, true},
		{class("_queue", "Empty"), class("queue", "Empty"), nil, true},
		{class("queue", "Empty"), class("queue", "Full"), nil, false},
		{class("multiprocessing", "BufferTooShort"), class("multiprocessing.context", "ProcessError"), nil, true},
		{class("json.decoder", "JSONDecodeError"), class("builtins", "ValueError"), nil, true},
		{class("io", "UnsupportedOperation"), class("builtins", "ValueError"), nil, true},
		{class("io", "UnsupportedOperation"), class("builtins", "OSError"), nil, true},
		{class("builtins", "KeyboardInterrupt"), class("builtins", "Exception"), nil, false},
		{class("builtins", "KeyboardInterrupt"), class("builtins", "BaseException"), nil, true},
		{class("app", "JobError"), class("app", "JobError"), nil, true},
		{class("app", "JobError"), class("builtins", "Exception"), nil, true},
		{class("app", "JobError"), class("builtins", "ValueError"), nil, false},
		{class("app", "KeyError"), class("builtins", "KeyError"), nil, false},
	} {
		assert.Equal(t, c.want, pickle.ExceptionIs(c.class, c.args, c.base), "%v is %v", c.class, c.base)
	}
}
