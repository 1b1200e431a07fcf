package pickle

import (
	"math/big"
	"strings"
)

// dill, with which the package multiprocess pickles, spells what is in builtins in ways of its own:
//
//	dill._dill._load_type('slice')(1, None, 2)
//	dill._dill._eval_repr('range(0, 5)')
//	dill._dill._getattr(dill._dill._load_type('dict'), 'keys', "<method 'keys' of 'dict' objects>")({…})
//
//	dill._dill._create_array(numpy._core.multiarray._reconstruct, (numpy.ndarray, (0,), b'b'), state, None)
//
// They become what other picklers write. These are names in a table: nothing is evaluated.
//
// Source: dill/_dill.py, its save_type, save_slice and their like.

// dillModules are where these functions have been.
var dillModules = []string{"dill._dill", "dill.dill"}

// dillTypes are the names of builtins that dill looks up, beside its exceptions; those of Python 2 are the
// names in its module types.
const dillTypes = "bool bytearray bytes classmethod complex dict enumerate filter float frozenset int list map " +
	"memoryview object property range reversed set slice staticmethod str super tuple type zip"

var dillNames = map[string]Global{
	"SliceType": {"builtins", "slice"}, "XRangeType": {"builtins", "range"}, "ComplexType": {"builtins", "complex"},
	"DictType": {"builtins", "dict"}, "ListType": {"builtins", "list"}, "TupleType": {"builtins", "tuple"},
	"FloatType": {"builtins", "float"}, "BooleanType": {"builtins", "bool"}, "ObjectType": {"builtins", "object"},
	"TypeType": {"builtins", "type"}, "SuperType": {"builtins", "super"},
	"PartialType": {"functools", "partial"}, "ItemGetterType": {"operator", "itemgetter"},
	"AttrGetterType": {"operator", "attrgetter"},
}

func init() {
	for name := range strings.FieldsSeq(dillTypes + " " + exceptionNames + " " + osErrorNames) {
		dillNames[name] = Global{"builtins", name}
	}
	for g := range lacked2 {
		if g.Module == "builtins" {
			dillNames[g.Name] = g
		}
	}
	dillNames["ModuleNotFoundError"] = Global{"builtins", "ModuleNotFoundError"}
	for _, module := range dillModules {
		canonicalForms[Global{module, "_load_type"}] = plainForm(dillType)
		canonicalForms[Global{module, "_eval_repr"}] = plainForm(dillRepr)
		canonicalForms[Global{module, "_getattr"}] = plainForm(dillAttribute)
		canonicalForms[Global{module, "_create_array"}] = plainForm(dillArray)
	}
}

// dillType is _load_type(name).
func dillType(args Tuple) (any, bool) {
	name, ok := asText(argument(args, 0))
	g, known := dillNames[name]
	return g, ok && known && len(args) == 1
}

// maxDillRepr bounds the text of a range, so that its numbers cost nothing.
const maxDillRepr = 256

// dillRepr is _eval_repr(text) where that is a range or one of two constants.
func dillRepr(args Tuple) (any, bool) {
	text, ok := asText(argument(args, 0))
	if !ok || len(args) != 1 || len(text) > maxDillRepr {
		return nil, false
	}
	switch text {
	case "Ellipsis":
		return Ellipsis{}, true
	case "NotImplemented":
		return NotImplemented{}, true
	}
	inner, ok := strings.CutPrefix(strings.TrimPrefix(text, "x"), "range(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed {
		return nil, false
	}
	return rangeOf(strings.Split(inner, ", "))
}

// rangeOf is range() of numbers in decimal.
func rangeOf(texts []string) (any, bool) {
	numbers := make([]any, len(texts))
	for i, text := range texts {
		n, ok := new(big.Int).SetString(text, 10)
		if !ok || n.String() != text { // repr() writes no other
			return nil, false
		}
		numbers[i] = n
		if n.IsInt64() {
			numbers[i] = n.Int64()
		}
	}
	switch len(numbers) {
	case 1:
		return Range{int64(0), numbers[0], int64(1)}, true
	case 2:
		return Range{numbers[0], numbers[1], int64(1)}, true
	case 3:
		return Range{numbers[0], numbers[1], numbers[2]}, numbers[2] != int64(0)
	}
	return nil, false
}

// dillAttribute is _getattr(class, name, how the attribute looks).
func dillAttribute(args Tuple) (any, bool) {
	if len(args) != 3 {
		return nil, false
	}
	return attributeForm(args[:2])
}

// dillArray is _create_array(function, arguments, state, attributes), where there are no attributes: an array
// of numpy, as numpy itself pickles it.
func dillArray(args Tuple) (any, bool) {
	g, ok := argument(args, 0).(Global)
	given, isTuple := argument(args, 1).(Tuple)
	if !ok || numpyFunctions[g] == nil || !isTuple || len(args) < 3 || len(args) > 4 || argument(args, 3) != nil {
		return nil, false
	}
	return &Object{Kind: Reduce, Class: g, Args: given, State: args[2], HasState: true}, true
}
