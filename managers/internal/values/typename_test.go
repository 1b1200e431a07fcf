package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
)

func TestTheNamesOfTypes(t *testing.T) {
	instance := call("copyreg", "_reconstructor",
		class("shop", "Item"), class("builtins", "object"), nil)
	for _, c := range []struct {
		value any
		name  string
	}{
		{nil, "NoneType"}, {true, "bool"}, {int64(1), "int"}, {power(2, 64), "int"}, {1.5, "float"},
		{complex(1, 2), "complex"}, {"", "str"}, {pickle.ByteString(""), "str"}, {[]byte{}, "bytes"},
		{&pickle.ByteArray{}, "bytearray"}, {pickle.Tuple{}, "tuple"}, {list(), "list"},
		{pickle.NewDict(), "dict"}, {pickle.NewSet(), "set"}, {pickle.NewFrozenSet(), "frozenset"},
		{pickle.Ellipsis{}, "ellipsis"}, {pickle.NotImplemented{}, "NotImplementedType"},
		{pickle.Slice{}, "slice"}, {pickle.Range{}, "range"},
		{class("builtins", "int"), "type"}, {class("builtins", "len"), "builtin_function_or_method"},
		{class("shop", "Item"), "type"}, {class("shop", "count"), "function"},
		{class("ctypes", "c_int"), "_ctypes.PyCSimpleType"}, {class("ctypes", "sizeof"), "function"},
		{class("numpy", "float64"), "type"}, {class("numpy", "zeros"), "function"},
		{class("shop", "Item._Part"), "type"},
		{call("shop", "Outer.Item"), "Item"}, {instance, "Item"},
		{call("builtins", "ValueError"), "ValueError"}, {counter(), "Counter"},
		{orderedDict(), "collections.OrderedDict"}, {deque(nil), "collections.deque"},
		{array("i"), "array.array"}, {datetime(), "datetime.datetime"}, {decimal("1"), "decimal.Decimal"},
		{fraction("1/2"), "Fraction"}, {uuid(1), "UUID"},
		{&pickle.Object{Class: call("shop", "factory")}, "object"},
		{struct{}{}, "struct {}"},
	} {
		assert.Equal(t, c.name, values.TypeName(c.value))
	}
}
