package values

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"mpbridge/pickle"
)

// This file iterates over what pandas keeps in arrays of numpy, and in its own.

// pandasItems are the elements of a Series or an Index of pandas, or the names of a DataFrame's columns. Numbers and
// texts are plain, as iterating over these gives them; what else
// there is pandas keeps in arrays of its own.
//
// Sources: pandas/core/base.py (IndexOpsMixin.__iter__), core/indexes/base.py (_new_Index), core/internals/managers.py
// (SingleBlockManager.__reduce__, BlockManager.__reduce__), _libs/arrays.pyx (NDArrayBacked).
func (w *Budget) pandasItems(o *pickle.Object, depth int) (items []any, ok bool, err error) {
	g, args, ok := classOf(o)
	if !ok || !strings.HasPrefix(g.Module, "pandas.") && g.Module != "pandas" || depth < 0 {
		return nil, false, nil
	}
	switch g.Name {
	case "Series":
		_, content, ok := seriesParts(o)
		if !ok {
			return nil, false, nil
		}
		return w.columnItems(content, depth-1)
	case "DataFrame":
		axes, ok := axesOf(o)
		if !ok {
			return nil, false, nil
		}
		items, err = w.iterate(axes[0], depth-1)
		return items, err == nil, err
	case "_new_Index", "_new_DatetimeIndex", "_new_TimedeltaIndex", "_new_PeriodIndex", "_new_IntervalIndex":
		return w.indexItems(args, depth-1)
	}
	return w.extensionItems(o, depth-1)
}

// manager returns the object that has what a Series or a DataFrame holds.
func manager(o *pickle.Object) (*pickle.Object, bool) {
	for _, name := range []string{"_mgr", "_data"} {
		if v, ok := field(o, name); ok {
			m, isObject := v.(*pickle.Object)
			return m, isObject
		}
	}
	return nil, false
}

// seriesParts returns the index of a Series, and the array, or what pandas uses for one, that it holds: the only one of
// its blocks.
func seriesParts(o *pickle.Object) (index, content any, ok bool) {
	m, ok := manager(o)
	if !ok || !m.HasState {
		return nil, nil, false
	}
	state, _ := m.State.(pickle.Tuple) // (axes, the blocks' values, the blocks' items, more)
	if len(state) < 3 {
		return nil, nil, false
	}
	axes, ok1 := itemsOf(state[0])
	blocks, ok2 := itemsOf(state[1])
	if !ok1 || !ok2 || len(axes) != 1 || len(blocks) != 1 {
		return nil, nil, false
	}
	return axes[0], blocks[0], true
}

// pandasMapping are the items of what has keys: of a Series, its index, and under each name what stands there, a number
// as numpy has it; of a DataFrame, its columns. What is not read is an error: the pairs that it may seem to have are
// others.
func (w *Budget) pandasMapping(o *pickle.Object) (pairs []pickle.Pair, ok bool, err error) {
	g, _, ok := classOf(o)
	if !ok || !strings.HasPrefix(g.Module, "pandas.") && g.Module != "pandas" {
		return nil, false, nil
	}
	switch g.Name {
	case "Series":
		pairs, ok, err = w.seriesMapping(o)
	case "DataFrame":
		pairs, ok, err = w.frameMapping(o)
	default:
		return nil, false, nil
	}
	if err == nil && !ok {
		err = cmp.Or[error](w.Refused(), typeError("the items of a '%s' object cannot be read here", g.Name))
	}
	return pairs, ok, err
}

// seriesMapping are the items of a Series. It tells false where a name stands twice, of which a Series has a Series.
func (w *Budget) seriesMapping(o *pickle.Object) ([]pickle.Pair, bool, error) {
	index, content, ok := seriesParts(o)
	if !ok {
		return nil, false, nil
	}
	keys, ok, err := w.levelItems(index, maxNested)
	if err != nil || !ok {
		return nil, false, err
	}
	items, ok, err := w.columnValues(content)
	if err != nil || !ok || len(items) != len(keys) {
		return nil, false, err
	}
	all := new(pickle.Dict)
	for i, k := range keys {
		if !w.setItem(all, k, items[i]) {
			return nil, false, w.Refused()
		}
	}
	if all.Len() != len(keys) {
		return nil, false, nil
	}
	return w.Mapping(all)
}

// columnValues are the elements of a Series as its __getitem__ returns them.
func (w *Budget) columnValues(v any) ([]any, bool, error) {
	if o, isObject := v.(*pickle.Object); isObject {
		if rows, ok := pickle.NumpyRowsOf(o); ok && rows.Dims() == 1 && strings.IndexByte("biufcO", rows.Kind()) >= 0 {
			return w.arrayItems(o, 0)
		}
	}
	return w.columnItems(v, maxNested)
}

// axesOf returns the two indices of a DataFrame: its columns and its rows.
func axesOf(o *pickle.Object) ([]any, bool) {
	m, ok := manager(o)
	if !ok {
		return nil, false
	}
	var axes any
	if state, ok := m.State.(pickle.Tuple); ok && len(state) > 0 {
		axes = state[0]
	} else if args, ok := m.Args.(pickle.Tuple); ok && len(args) == 2 { // BlockManager(blocks, axes)
		axes = args[1]
	}
	out, ok := itemsOf(axes)
	return out, ok && len(out) == 2
}

// columnItems are the elements of a Series or an Index, by what it keeps them in.
func (w *Budget) columnItems(v any, depth int) ([]any, bool, error) {
	o, ok := v.(*pickle.Object)
	if !ok || depth < 0 {
		return nil, false, nil
	}
	if rows, ok := pickle.NumpyRowsOf(o); ok {
		switch {
		case rows.Dims() != 1:
			return nil, false, nil
		case rows.Kind() == 'M' || rows.Kind() == 'm': // times of releases before 1.3
			return w.pandasTimes(extension{}, o)
		case strings.IndexByte("biufcO", rows.Kind()) < 0:
			return nil, false, nil
		}
		items, err := w.plainItems(rows)
		return items, err == nil, err
	}
	return w.extensionItems(o, depth-1)
}

// categories are the elements of a Categorical, which has an index of those that there are. What has the code -1 is
// missing.
func (w *Budget) categories(dtype, codes any, depth int) ([]any, bool, error) {
	d, isObject := dtype.(*pickle.Object)
	if !isObject || !strings.HasSuffix(TypeName(d), "CategoricalDtype") {
		return nil, false, nil
	}
	of, _ := field(d, "categories")
	return w.coded(of, codes, depth)
}

// coded are the elements of an index that an array of numbers names.
func (w *Budget) coded(index, codes any, depth int) ([]any, bool, error) {
	numbers, ok, err := w.columnItems(codes, depth)
	if !ok || err != nil {
		return nil, false, err
	}
	all, ok, err := w.levelItems(index, depth)
	if !ok || err != nil {
		return nil, false, err
	}
	if err := w.MakeEach(len(numbers), ValueBytes/2); err != nil {
		return nil, false, err
	}
	out := slices.Clone(numbers)
	for i, n := range numbers {
		at, isInt := n.(int64)
		switch {
		case !isInt || at < -1 || at >= int64(len(all)):
			return nil, false, nil
		case at == -1:
			out[i] = math.NaN()
		default:
			out[i] = all[at]
		}
	}
	return out, true, nil
}

// levelItems are the elements of an index; ok is false where it is none that is read, or one of several levels.
func (w *Budget) levelItems(index any, depth int) ([]any, bool, error) {
	o, ok := index.(*pickle.Object)
	if !ok {
		return nil, false, nil
	}
	if _, args, _ := classOf(o); len(args) > 0 {
		if class, _ := args[0].(pickle.Global); class.Name == "MultiIndex" {
			return nil, false, nil // which cannot be a level, but be claimed to be that of each of many
		}
	}
	return w.pandasItems(o, depth)
}

// indexItems are the elements of an Index: _new_Index(class, attributes).
func (w *Budget) indexItems(args pickle.Tuple, depth int) ([]any, bool, error) {
	if len(args) != 2 {
		return nil, false, nil
	}
	class, ok1 := args[0].(pickle.Global)
	attrs, ok2 := args[1].(*pickle.Dict)
	if !ok1 || !ok2 {
		return nil, false, nil
	}
	get := extension{attrs: attrs}.attr
	switch class.Name {
	case "RangeIndex":
		items, err := w.rangeItems(pickle.Range{Start: get("start"), Stop: get("stop"), Step: get("step")})
		return items, err == nil, err
	case "MultiIndex":
		return w.multiIndex(get("levels"), get("codes"), depth)
	case "IntervalIndex":
		return w.intervals(get("left"), get("right"), get("closed"), depth)
	case "Index", "Int64Index", "UInt64Index", "Float64Index", "CategoricalIndex", "DatetimeIndex", "TimedeltaIndex",
		"PeriodIndex":
		return w.columnItems(get("data"), depth)
	}
	return nil, false, nil
}

// multiIndex are the tuples of a MultiIndex, which has an index and an array of codes for each of their places.
func (w *Budget) multiIndex(levels, codes any, depth int) ([]any, bool, error) {
	indices, ok1 := itemsOf(levels)
	numbers, ok2 := itemsOf(codes)
	if !ok1 || !ok2 || len(indices) == 0 || len(indices) != len(numbers) {
		return nil, false, nil
	}
	var out []any
	for k, index := range indices {
		column, ok, err := w.coded(index, numbers[k], depth)
		if !ok || err != nil || k > 0 && len(column) != len(out) {
			return nil, false, err
		}
		if k == 0 {
			if err := w.MakeEach(len(column), rowBytes+len(indices)*ValueBytes/2); err != nil {
				return nil, false, err
			}
			out = make([]any, len(column))
			for i := range out {
				out[i] = make(pickle.Tuple, len(indices))
			}
		}
		for i, v := range column {
			out[i].(pickle.Tuple)[k] = withoutFreq(v)
		}
	}
	return out, true, nil
}
