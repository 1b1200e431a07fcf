package pickle

import (
	"math/big"
	"strings"
)

// This file knows the names that stand for Python's own values: a pickler's detour, such as
// builtins.set([...]) below protocol 4, and the value itself become the same. Nothing is called:
// each form is recognised by its arguments, and one that looks different is carried as an Object.

// named returns what a global stands for, usually itself.
func named(g Global) any {
	if g.Module == "builtins" {
		switch g.Name {
		case "Ellipsis":
			return Ellipsis{}
		case "NotImplemented":
			return NotImplemented{}
		}
	}
	return g
}

// canonicalForms has, by name, what makes a value of a callable's arguments. ok is false where the
// arguments are not those that picklers write.
var canonicalForms = map[Global]func(d *decoder, args Tuple) (v any, ok bool, err error){
	{"_codecs", "encode"}:        plainForm(encodedBytes),
	{"builtins", "bytes"}:        plainForm(emptyBytes),
	{"builtins", "bytearray"}:    plainForm(byteArrayForm),
	{"builtins", "complex"}:      plainForm(complexForm),
	{"builtins", "range"}:        plainForm(rangeForm),
	{"builtins", "slice"}:        plainForm(sliceForm),
	{"builtins", "getattr"}:      plainForm(attributeForm),
	{"builtins", "list"}:         plainForm(listForm),
	{"builtins", "set"}:          (*decoder).setForm,
	{"builtins", "frozenset"}:    (*decoder).frozenSetForm,
	{"copyreg", "__newobj__"}:    plainForm(newObjForm),
	{"copyreg", "__newobj_ex__"}: plainForm(newObjExForm),
	{"datetime", "datetime"}:     plainForm(python2State("datetime")),
	{"datetime", "date"}:         plainForm(python2State("date")),
	{"datetime", "time"}:         plainForm(python2State("time")),
}

func plainForm(f func(Tuple) (any, bool)) func(*decoder, Tuple) (any, bool, error) {
	return func(_ *decoder, args Tuple) (any, bool, error) {
		v, ok := f(args)
		return v, ok, nil
	}
}

// reduceKnown recognises a canonical form.
func (d *decoder) reduceKnown(g Global, args Tuple) (v any, ok bool, err error) {
	form := canonicalForms[g]
	if form == nil {
		return nil, false, nil
	}
	return form(d, args)
}

// encodedBytes is codecs.encode(text, 'latin1'): how bytes look below protocol 3.
func encodedBytes(args Tuple) (any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	text, ok1 := asText(args[0])
	name, ok2 := asText(args[1])
	if !ok1 || !ok2 || name != "latin1" && name != "latin-1" {
		return nil, false
	}
	b, ok := latin1(text)
	return b, ok
}

func emptyBytes(args Tuple) (any, bool) { return []byte{}, len(args) == 0 }

func byteArrayForm(args Tuple) (any, bool) {
	switch len(args) {
	case 0:
		return &ByteArray{}, true
	case 1:
		switch b := args[0].(type) {
		case []byte:
			return &ByteArray{append([]byte(nil), b...)}, true
		case ByteString:
			return &ByteArray{[]byte(b)}, true
		}
	case 2:
		if b, ok := encodedBytes(args); ok {
			return &ByteArray{b.([]byte)}, true
		}
	}
	return nil, false
}

func complexForm(args Tuple) (any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	re, ok1 := args[0].(float64)
	im, ok2 := args[1].(float64)
	return complex(re, im), ok1 && ok2
}

func isInt(v any) bool {
	switch v.(type) {
	case int64, *big.Int:
		return true
	}
	return false
}

func rangeForm(args Tuple) (any, bool) {
	if len(args) != 3 || !isInt(args[0]) || !isInt(args[1]) || !isInt(args[2]) {
		return nil, false
	}
	return Range{args[0], args[1], args[2]}, true
}

// sliceForm takes only parts that cannot nest: a Slice is a Go value without identity, so that
// slices of slices would lose what they share.
func sliceForm(args Tuple) (any, bool) {
	if len(args) != 3 {
		return nil, false
	}
	for _, v := range args {
		switch v.(type) {
		case nil, bool, int64, *big.Int, float64, string:
		default:
			return nil, false
		}
	}
	return Slice{args[0], args[1], args[2]}, true
}

func listForm(args Tuple) (any, bool) {
	if len(args) == 0 {
		return new(List), true
	}
	l, ok := args[0].(*List)
	if !ok || len(args) != 1 {
		return nil, false
	}
	return &List{copied(l.Items)}, true
}

// elements returns the items that a set is made of.
func elements(args Tuple) ([]any, bool) {
	if len(args) == 0 {
		return nil, true
	}
	switch items := args[0].(type) {
	case *List:
		return items.Items, len(args) == 1
	case Tuple:
		return items, len(args) == 1
	}
	return nil, false
}

func (d *decoder) setForm(args Tuple) (any, bool, error) {
	items, ok := elements(args)
	if !ok {
		return nil, false, nil
	}
	set := new(Set)
	return set, true, d.addAll(&set.t, items)
}

func (d *decoder) frozenSetForm(args Tuple) (any, bool, error) {
	items, ok := elements(args)
	if !ok {
		return nil, false, nil
	}
	set := new(FrozenSet)
	return set, true, d.addAll(&set.t, items)
}

// python2State turns the state of a date or time that a Python 2 pickled, a str, into the bytes
// that it is: seen as text it could not be told from text later. The value stays an Object.
func python2State(name string) func(Tuple) (any, bool) {
	return func(args Tuple) (any, bool) {
		if len(args) == 0 {
			return nil, false
		}
		s, ok := args[0].(ByteString)
		if !ok {
			return nil, false
		}
		args = append(Tuple{[]byte(s)}, args[1:]...)
		return &Object{Kind: Reduce, Class: Global{"datetime", name}, Args: args}, true
	}
}

// newObjForm is what picklers below protocol 2 would write for NEWOBJ if they had to: the function
// that does the same.
func newObjForm(args Tuple) (any, bool) {
	if len(args) == 0 || callee(args[0]) != nil {
		return nil, false
	}
	return &Object{Kind: NewObj, Class: args[0], Args: args[1:len(args):len(args)]}, true
}

// newObjExForm is the same for NEWOBJ_EX, below protocol 4.
func newObjExForm(args Tuple) (any, bool) {
	if len(args) != 3 || callee(args[0]) != nil {
		return nil, false
	}
	inner, ok1 := args[1].(Tuple)
	kwargs, ok2 := args[2].(*Dict)
	return &Object{Kind: NewObjEx, Class: args[0], Args: inner, Kwargs: kwargs}, ok1 && ok2
}

// maxAttribute bounds dotted names that are put together: without it each of many calls could name
// a longer one.
const maxAttribute = 256

// attributeForm is getattr(class, name): how names with a dot look below protocol 4. The attribute
// of anything but a global, a bound method for example, stays an Object.
func attributeForm(args Tuple) (any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	g, ok := args[0].(Global)
	name, isText := asText(args[1])
	if !ok || !isText || name == "" || len(g.Name)+len(name) > maxAttribute ||
		strings.ContainsRune(name, '.') {
		return nil, false
	}
	return Global{g.Module, g.Name + "." + name}, true
}
