package pickle

import (
	"fmt"
	"strings"
)

// UnhashableError says that a value was to be a dict key or a set element, which Python could not hash. It wraps
// ErrUnhashable.
type UnhashableError struct {
	Value     any  // what has no hash: the key, or what is in it
	Signaling bool // it is Decimal('sNaN'), whose class has a hash
}

// Error names the type.
func (e *UnhashableError) Error() string {
	if e.Signaling {
		return "pickle: " + ErrUnhashable.Error() + ": a signaling NaN"
	}
	switch e.Value.(type) {
	case *List, *Dict, *Set, *ByteArray, *Object:
		return "pickle: " + ErrUnhashable.Error() + ": " + TypeName(e.Value)
	}
	return fmt.Sprintf("pickle: %v: %T", ErrUnhashable, e.Value)
}

// Unwrap returns ErrUnhashable.
func (e *UnhashableError) Unwrap() error { return ErrUnhashable }

// hashable says at once that a value can never be a key, whatever state it still gets.
func hashable(k any) error {
	switch k.(type) {
	case *List, *Dict, *Set, *ByteArray:
		return &UnhashableError{Value: k}
	case nil, string, ByteString, []byte, Global, Ellipsis, NotImplemented, Tuple, *FrozenSet,
		Slice, Range, *Object:
		return nil
	}
	if _, ok := numberKey(k); ok {
		return nil
	}
	return &UnhashableError{Value: k}
}

// unhashable are the classes, and the functions that make their objects, of which no object has a hash, by the module,
// or by the package with a dot at the end.
//
// Sources: __hash__ = None, or __eq__ alone, in Lib/collections/__init__.py, Modules/_collectionsmodule.c,
// Modules/arraymodule.c, Lib/types.py, dateutil/tz, numpy/ma/core.py and pandas/core.
var unhashable = map[string]string{
	"array":       " array _array_reconstructor ",
	"collections": " UserDict UserList ChainMap OrderedDict Counter defaultdict deque ",
	"types":       " SimpleNamespace ",
	"dateutil.":   " tzutc tzoffset tzlocal tzrange tzstr tzfile ",
	"numpy.ma.":   " MaskedConstant _mareconstruct ",
	"pandas":      " Series DataFrame _new_Index _new_DatetimeIndex _new_PeriodIndex ",
	"pandas.": " Series DataFrame _new_Index _new_DatetimeIndex _new_PeriodIndex __pyx_unpickle_NDArrayBacked" +
		" Categorical DatetimeArray TimedeltaArray IntegerArray FloatingArray BooleanArray StringArray ",
}

// Unhashable tells whether an object is of a class that is known and whose objects have no hash.
func Unhashable(o *Object) bool {
	g, _, ok := o.class()
	if !ok {
		return false
	}
	if strings.Contains(unhashable[g.Module], " "+g.Name+" ") {
		return true
	}
	root, _, nested := strings.Cut(g.Module, ".")
	if !nested {
		return false
	}
	switch root {
	case "dateutil", "pandas":
		return strings.Contains(unhashable[root+"."], " "+g.Name+" ")
	case "numpy":
		return strings.HasPrefix(g.Module, "numpy.ma.") && strings.Contains(unhashable["numpy.ma."], " "+g.Name+" ") ||
			IsArray(o) || isRecord(o, g)
	}
	return false
}

// IsArray tells whether an object is an array of numpy, which functions make.
func IsArray(o *Object) bool {
	g, ok := o.Class.(Global)
	return ok && o.Kind == Reduce && strings.HasPrefix(g.Module, "numpy.") &&
		(strings.HasSuffix(g.Module, ".multiarray") && g.Name == "_reconstruct" ||
			strings.HasSuffix(g.Module, ".numeric") && g.Name == "_frombuffer")
}

// isRecord tells whether an object of the class g is a numpy.void, a row of a structured array: those that are unpickled
// can be written to, and have no hash.
func isRecord(o *Object, g Global) bool {
	args := o.args()
	if g.Name != "scalar" || len(args) == 0 {
		return false
	}
	d, _ := args[0].(*Object)
	if d == nil || len(d.args()) == 0 {
		return false
	}
	name, _ := Text(d.args()[0])
	return strings.HasPrefix(name, "V")
}
