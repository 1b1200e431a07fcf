package pickle

import (
	"fmt"

	"mpbridge/internal/printable"
)

// TypeName returns what Python calls the type of a decoded value: "int", "list",
// "datetime.datetime". For a Go value that stands for none of Python's it returns the Go type.
func TypeName(v any) string { return typeName(v) }

// maxTypeName bounds the name of a class, in bytes: in a pickle anything can be one.
const maxTypeName = 200

func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case *ndarray:
		return "numpy " + v.dtype.String()
	case bool:
		return "bool"
	case float64, float32:
		return "float"
	case complex128, complex64:
		return "complex"
	case string:
		return "str"
	case ByteString:
		return "str (of Python 2)"
	case []byte:
		return "bytes"
	case *ByteArray:
		return "bytearray"
	case Tuple:
		return "tuple"
	case *List:
		return "list"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case *FrozenSet:
		return "frozenset"
	case Ellipsis:
		return "ellipsis"
	case NotImplemented:
		return "NotImplementedType"
	case Slice:
		return "slice"
	case Range:
		return "range"
	case Global:
		return printable.Line("global "+v.String(), maxTypeName)
	case *Object:
		return printable.Line(v.typeName(), maxTypeName)
	}
	if _, ok := integer(v); ok {
		return "int"
	}
	return fmt.Sprintf("%T", v)
}

func (o *Object) typeName() string {
	switch o.Kind {
	case PersistentID:
		return "persistent id"
	case Extension:
		return "extension"
	}
	if g, _, ok := o.class(); ok {
		return g.String()
	}
	return "object"
}
