package values

import (
	"strings"

	"mpbridge/pickle"
)

// plain returns the value that v is equal to, and has the hash of: see pickle.Plain.
func plain(v any) any {
	switch v.(type) {
	case pickle.Global, *pickle.Object:
		return pickle.Plain(v)
	}
	return v
}

// isArray tells whether an object of the class g is an array of numpy, which functions make.
func isArray(o *pickle.Object, g pickle.Global) bool {
	return o.Kind == pickle.Reduce && strings.HasPrefix(g.Module, "numpy.") &&
		(strings.HasSuffix(g.Module, ".multiarray") && g.Name == "_reconstruct" ||
			strings.HasSuffix(g.Module, ".numeric") && g.Name == "_frombuffer")
}

// unhashable are the classes, and the functions that make their objects, of which no object has a hash: "module.name",
// where the module may be a package, ending in a dot.
//
// Sources: __hash__ = None, or __eq__ alone, in Lib/collections/__init__.py, Modules/arraymodule.c, dateutil/tz,
// numpy/ma/core.py and pandas/core.
var unhashable = map[string]string{
	"array":       " array ",
	"collections": " UserDict UserList ChainMap ",
	"dateutil.":   " tzutc tzoffset tzlocal tzrange tzstr tzfile ",
	"numpy.ma.":   " MaskedConstant _mareconstruct ",
	"pandas":      " Series DataFrame _new_Index _new_DatetimeIndex _new_PeriodIndex ",
	"pandas.": " Series DataFrame _new_Index _new_DatetimeIndex _new_PeriodIndex __pyx_unpickle_NDArrayBacked" +
		" Categorical DatetimeArray TimedeltaArray IntegerArray FloatingArray BooleanArray StringArray ",
}

// isUnhashable tells whether an object of the class g has no hash, besides those whose content is known.
func isUnhashable(o *pickle.Object, g pickle.Global) bool {
	name := " " + g.Name + " "
	if strings.Contains(unhashable[g.Module], name) {
		return true
	}
	for module, names := range unhashable {
		if strings.HasSuffix(module, ".") && strings.HasPrefix(g.Module, module) && strings.Contains(names, name) {
			return true
		}
	}
	return isArray(o, g) || isRecord(o, g)
}

// isRecord tells whether an object of the class g is a numpy.void, a row of a structured array: those that are unpickled
// can be written to, and have no hash.
func isRecord(o *pickle.Object, g pickle.Global) bool {
	args, _ := o.Args.(pickle.Tuple)
	if !strings.HasPrefix(g.Module, "numpy.") || g.Name != "scalar" || len(args) == 0 {
		return false
	}
	d, _ := args[0].(*pickle.Object)
	if d == nil {
		return false
	}
	of, _ := d.Args.(pickle.Tuple)
	if len(of) == 0 {
		return false
	}
	name, _ := pickle.Text(of[0])
	return strings.HasPrefix(name, "V")
}
