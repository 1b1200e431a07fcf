package values

import (
	"math"
	"strings"

	"mpbridge/pickle"
)

// This file iterates over what pandas keeps in arrays of its own: times, periods, intervals, numbers with a mask, sparse
// ones. The elements are as the pandas that made the array pickles them, so that it can open them.

// extension is an array of pandas, as it was pickled.
type extension struct {
	class   pickle.Global
	dtype   any
	data    any          // the array of numpy in it; nil where there is more than one
	attrs   *pickle.Dict // nil where it has none
	python2 bool
	cython  bool // it was pickled by a function of Cython, as from 1.3 on
}

// extensionOf reads such an array. Releases before 1.3, and classes written in Python, pickle a dict of its attributes,
// and Cython a function that is told the class, and a state: (dtype, array of numpy, attributes), or (attributes,).
//
// Sources: pandas/_libs/arrays.pyx (NDArrayBacked.__reduce__, __setstate__); pandas/core/arrays.
func extensionOf(o *pickle.Object) (e extension, ok bool) {
	g, args, _ := classOf(o)
	if strings.HasPrefix(g.Name, "__pyx_unpickle_") && strings.HasPrefix(g.Module, "pandas.") && len(args) > 0 {
		g, _ = args[0].(pickle.Global)
	}
	if g.Module != "pandas" && !strings.HasPrefix(g.Module, "pandas.") || !o.HasState {
		return e, false
	}
	e.class = g
	e.attrs, _ = o.State.(*pickle.Dict)
	if parts, isTuple := o.State.(pickle.Tuple); isTuple && len(parts) > 0 {
		e.attrs, _ = parts[len(parts)-1].(*pickle.Dict)
		if len(parts) > 1 {
			e.dtype, e.data, e.cython = parts[0], parts[1], true
		}
	}
	if e.data == nil && e.attrs != nil {
		for k := range e.attrs.All() {
			_, e.python2 = k.(pickle.ByteString)
			break
		}
		e.dtype = e.attr("_dtype")
		if e.data = e.attr("_ndarray"); e.data == nil {
			e.data = e.attr("_data")
		}
	}
	return e, true
}

// attr returns an attribute, or nil.
func (e extension) attr(name string) any {
	if e.attrs == nil {
		return nil
	}
	v, ok := e.attrs.Get(name)
	if !ok {
		v, _ = e.attrs.Get(pickle.ByteString(name))
	}
	return v
}

// modern tells the classes of pandas 3, which name the module that users import them from.
func (e extension) modern() bool {
	return e.class.Module == "pandas" || e.class.Module == "pandas.arrays"
}

// missing is pandas.NaT, by the name of its function.
func (e extension) missing() any {
	name := "__nat_unpickle"
	if e.modern() {
		name = "_nat_unpickle"
	}
	return pandasCall("pandas._libs.tslibs.nattype", name, nil)
}

// pandasCall is an object as pandas pickles it: what a function returns for arguments.
func pandasCall(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

// extensionItems are the elements of an array of pandas' own.
func (w *Budget) extensionItems(o *pickle.Object, depth int) ([]any, bool, error) {
	e, ok := extensionOf(o)
	if !ok || depth < 0 {
		return nil, false, nil
	}
	switch e.class.Name {
	case "StringArray":
		return w.columnItems(e.data, depth-1)
	case "PandasArray", "NumpyExtensionArray":
		return w.scalars(e.data)
	case "Categorical":
		if e.data != nil {
			return w.categories(e.dtype, e.data, depth-1)
		}
		return w.categories(e.dtype, e.attr("_codes"), depth-1)
	case "IntegerArray", "FloatingArray", "BooleanArray":
		return w.masked(e)
	case "DatetimeArray", "TimedeltaArray":
		return w.pandasTimes(e, e.data)
	case "PeriodArray":
		return w.periods(e)
	case "IntervalArray":
		return w.intervals(e.attr("_left"), e.attr("_right"), e.closed(), depth-1)
	case "SparseArray":
		return w.sparse(e, depth-1)
	}
	return nil, false, nil
}

// scalars are the elements of an array of numpy of one dimension, as scalars of numpy.
func (w *Budget) scalars(v any) ([]any, bool, error) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return nil, false, nil
	}
	if rows, ok := pickle.NumpyRowsOf(o); !ok || rows.Dims() != 1 {
		return nil, false, nil
	}
	return w.arrayItems(o, 0)
}

// masked are the elements of an array of numbers, where those under the mask are missing: pandas.NA, or NaN in the
// releases before 1, which are those of Python 2.
func (w *Budget) masked(e extension) ([]any, bool, error) {
	items, ok1, err1 := w.scalars(e.data)
	mask, isObject := e.attr("_mask").(*pickle.Object)
	if !ok1 || err1 != nil || !isObject {
		return nil, false, err1
	}
	hidden, ok := pickle.NumpyRowsOf(mask)
	if !ok || hidden.Dims() != 1 || hidden.Kind() != 'b' || hidden.Len() != len(items) {
		return nil, false, nil
	}
	var missing any = pickle.Global{Module: "pandas._libs.missing", Name: "NA"}
	if e.python2 {
		missing = math.NaN()
	} else if e.modern() {
		missing = pickle.Global{Module: "pandas", Name: "NA"}
	}
	for i := range items {
		if under, _ := hidden.Item(i); under == true {
			items[i] = missing
		}
	}
	return items, true, nil
}
