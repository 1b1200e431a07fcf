package values

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mpbridge/pickle"
)

// TypeName returns the name of a value's type as the texts of Python 3's exceptions have it: "int",
// "NoneType", "collections.deque". It is the field tp_name, which has a module for the classes
// written in C alone.
func TypeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case float64, float32:
		return "float"
	case complex128, complex64:
		return "complex"
	case string, pickle.ByteString:
		return "str"
	case []byte:
		return "bytes"
	case *pickle.ByteArray:
		return "bytearray"
	case pickle.Tuple:
		return "tuple"
	case *pickle.List:
		return "list"
	case *pickle.Dict:
		return "dict"
	case *pickle.Set:
		return "set"
	case *pickle.FrozenSet:
		return "frozenset"
	case pickle.Ellipsis:
		return "ellipsis"
	case pickle.NotImplemented:
		return "NotImplementedType"
	case pickle.Slice:
		return "slice"
	case pickle.Range:
		return "range"
	case pickle.Global:
		return globalType(v)
	case *pickle.Object:
		return objectType(v, false)
	}
	if isInt(v) {
		return "int"
	}
	return fmt.Sprintf("%T", v)
}

// qualified is the name with module that newer texts have: %T of PyUnicode_FromFormat.
func qualified(v any) string {
	if o, ok := v.(*pickle.Object); ok {
		return objectType(o, true)
	}
	return TypeName(v)
}

func objectType(o *pickle.Object, qualified bool) string {
	g, _, ok := classOf(o)
	if !ok {
		return "object"
	}
	if g.Module == "builtins" {
		return g.Name
	}
	if pickle.IsArray(o) {
		return "numpy.ndarray"
	}
	if qualified || compiled[g] {
		return g.Module + "." + g.Name
	}
	return lastName(g)
}

// compiled are the classes written in C that are known here.
var compiled = map[pickle.Global]bool{
	{Module: "collections", Name: "OrderedDict"}: true,
	{Module: "collections", Name: "defaultdict"}: true,
	{Module: "collections", Name: "deque"}:       true,
	{Module: "array", Name: "array"}:             true,
	{Module: "datetime", Name: "date"}:           true,
	{Module: "datetime", Name: "datetime"}:       true,
	{Module: "datetime", Name: "time"}:           true,
	{Module: "datetime", Name: "timedelta"}:      true,
	{Module: "datetime", Name: "timezone"}:       true,
	{Module: "decimal", Name: "Decimal"}:         true,
	{Module: "functools", Name: "partial"}:       true,
	{Module: "types", Name: "SimpleNamespace"}:   true,
}

// pureInPython2 are those of them that Python 2 has in Python.
var pureInPython2 = map[pickle.Global]bool{
	{Module: "collections", Name: "OrderedDict"}: true,
	{Module: "decimal", Name: "Decimal"}:         true,
}

// classOf returns the class of an object and the arguments of its constructor.
func classOf(o *pickle.Object) (pickle.Global, pickle.Tuple, bool) {
	g, ok := o.Class.(pickle.Global)
	args, _ := o.Args.(pickle.Tuple)
	reconstructor := pickle.Global{Module: "copyreg", Name: "_reconstructor"}
	if o.Kind == pickle.Reduce && ok && g == reconstructor && len(args) > 0 {
		inner, isGlobal := args[0].(pickle.Global)
		return inner, nil, isGlobal
	}
	return remapped(g), args, ok
}

// remapped is the name of a class whose instances are made through a function.
func remapped(g pickle.Global) pickle.Global {
	if g.Module == "array" && g.Name == "_array_reconstructor" {
		g.Name = "array"
	}
	return g
}

func lastName(g pickle.Global) string { return g.Name[strings.LastIndexByte(g.Name, '.')+1:] }

// isClass guesses from the spelling whether a global is a class.
func isClass(g pickle.Global) bool {
	if g.Module == "builtins" || compiled[g] {
		return !pickle.BuiltinFunction(g)
	}
	if isSimpleC(g) || isScalarOfNumpy(g) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(lastName(g), "_"))
	return unicode.IsUpper(first)
}

// isSimpleC tells whether a global is one of the simple types of ctypes, which manager.Value takes for its
// typecode.
func isSimpleC(g pickle.Global) bool {
	return g.Module == "ctypes" && (strings.HasPrefix(g.Name, "c_") || g.Name == "py_object")
}

// numpyScalars are how names of numpy's types begin that are written small; others are functions.
var numpyScalars = []string{"int", "uint", "float", "complex", "bool", "str_", "bytes_", "object_", "void",
	"datetime64", "timedelta64", "longdouble", "clongdouble", "longlong", "ulonglong", "ndarray", "generic"}

// numpyFunctions begin as a type does.
const numpyFunctions = " interp intersect1d float_power "

func isScalarOfNumpy(g pickle.Global) bool {
	return g.Module == "numpy" && !strings.Contains(numpyFunctions, " "+g.Name+" ") &&
		slices.ContainsFunc(numpyScalars, func(start string) bool { return strings.HasPrefix(g.Name, start) })
}

func globalType(g pickle.Global) string {
	switch {
	case pickle.BuiltinFunction(g):
		return "builtin_function_or_method"
	case isSimpleC(g):
		return "_ctypes.PyCSimpleType"
	case isClass(g):
		return "type"
	}
	return "function"
}

// isInt tells whether a value is a Python int and no bool.
func isInt(v any) bool {
	switch v := v.(type) {
	case int64, int, int8, int16, int32, uint8, uint16, uint32, uint, uint64, uintptr:
		return true
	case *big.Int:
		return v != nil
	}
	return false
}
