package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// called is a call of what a name in a module means, as dill writes it.
func called(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func TestTheViewOfADictThatDillMadeUpIsIteratedOver(t *testing.T) {
	list := &pickle.List{Items: []any{int64(3), int64(4)}}
	numbered := called("builtins", "enumerate", called("builtins", "iter", list), int64(0))
	for _, of := range []pickle.Global{{Module: "builtins", Name: "dict"}, {Module: "collections", Name: "OrderedDict"}} {
		for name, made := range map[string]any{
			"keys":   called(of.Module, of.Name+".fromkeys", list),
			"values": called(of.Module, of.Name, numbered),
		} {
			got, err := values.Iterate(called(of.Module, of.Name+"."+name, made))
			require.NoError(t, err, "%s.%s", of.Name, name)
			assert.Equal(t, []any{int64(3), int64(4)}, got, "%s.%s", of.Name, name)
		}
	}
}

func TestTheViewOfWhatIsNoDictIsNotIterable(t *testing.T) {
	list := &pickle.List{Items: []any{&pickle.List{}}}
	for name, v := range map[string]any{
		"an unhashable key": called("builtins", "dict.keys", called("builtins", "dict.fromkeys", list)),
		"no pairs":          called("builtins", "dict.values", called("builtins", "dict", called("builtins", "iter", list))),
		"a list":            called("builtins", "dict.keys", list),
		"another class":     called("mine", "dict.keys", pickle.NewDict()),
	} {
		_, err := values.Iterate(v)
		assert.Error(t, err, name)
	}
}
