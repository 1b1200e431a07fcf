package interop_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// classesOf prints the exceptions of builtins, each with all classes that it derives from.
const classesOf = `
import json
try:
    import builtins
except ImportError:
    import __builtin__ as builtins
every = [c for c in vars(builtins).values() if isinstance(c, type) and issubclass(c, BaseException)]
print(json.dumps({c.__name__: [b.__name__ for b in every if issubclass(c, b)] for c in every}))
`

func TestTheTableOfExceptionsIsThatOfEveryPython(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		out, err := exec.Command(py.Path, "-c", classesOf).Output()
		require.NoError(t, err)
		var bases map[string][]string
		require.NoError(t, json.Unmarshal(out, &bases))
		named := func(name string) pickle.Global { return pickle.Global{Module: "builtins", Name: name} }
		one := func(name string) pickle.Global { return pickle.ExceptionName(named(name)) }
		for class, want := range bases {
			is := map[pickle.Global]bool{}
			for _, base := range want {
				is[one(base)] = true
			}
			for base := range bases {
				if one(base) == one("OSError") && py.Profile.Version.Major == 2 { // Python 2 has several that 3 made one
					continue
				}
				assert.Equal(t, is[one(base)], pickle.ExceptionIs(named(class), nil, named(base)), "%s is %s", class, base)
			}
		}
	})
}

func TestAPoolsErrorsAreTheExceptionsOfManagers(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{Workers: 1})
		for _, c := range []struct {
			fn   string
			args []any
			is   []error
			not  []error
		}{
			{"operator:add", []any{1, "a"}, []error{managers.ErrTypeError, managers.ErrException}, []error{managers.ErrValueError}},
			{"operator:getitem", []any{map[string]int{}, "a"}, []error{managers.ErrKeyError, managers.ErrLookupError},
				[]error{managers.ErrIndexError}},
			{"operator:floordiv", []any{1, 0}, []error{managers.ErrZeroDivision, managers.ErrArithmeticError}, []error{managers.ErrOverflowError}},
			{"os:listdir", []any{"/no/such/folder"}, []error{managers.ErrFileNotFound, managers.ErrOSError}, []error{managers.ErrPermission}},
			{"json:loads", []any{"{"}, []error{managers.ErrValueError}, []error{managers.ErrUnicodeError}},
		} {
			_, err := p.Call(t.Context(), c.fn, c.args...)
			for _, target := range c.is {
				assert.ErrorIs(t, err, target, c.fn)
			}
			for _, target := range c.not {
				assert.NotErrorIs(t, err, target, c.fn)
			}
			_, err = pool.StarMap[any](t.Context(), p, c.fn, [][]any{c.args}, nil)
			assert.ErrorIs(t, err, c.is[0], "%s in a map", c.fn)
		}
	})
}

func TestAManagersErrorsAreInstancesOfTheirBases(t *testing.T) {
	withManager(t, func(t *testing.T, _ interop.Python, c *client.Client) {
		q, err := c.OpenQueue(soon(t), "get_queue")
		require.NoError(t, err)
		_, err = q.TryGet(soon(t))
		require.ErrorIs(t, err, managers.ErrEmpty)
		require.ErrorIs(t, err, managers.ErrException)
		require.NotErrorIs(t, err, managers.ErrFull)
		_, err = c.Open(soon(t), "no such type")
		require.ErrorIs(t, err, managers.ErrLookupError)
		require.ErrorIs(t, q.TaskDone(soon(t)), managers.ErrValueError)
		var remote *managers.RemoteError
		require.True(t, errors.As(err, &remote))
	})
}
