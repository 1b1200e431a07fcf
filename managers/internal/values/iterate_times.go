package values

import (
	"cmp"
	"math"
	"strings"

	"mpbridge/pickle"
)

// This file makes the times, spans, periods and intervals of pandas from the arrays in which it keeps many of them.

// pandasResolutions are the units of pandas' times, by name: NPY_DATETIMEUNIT. Releases before 2 have nanoseconds alone.
var pandasResolutions = map[string]int64{"D": 4, "h": 5, "m": 6, "s": 7, "ms": 8, "us": 9, "ns": 10}

// pandasTimes are the Timestamps or Timedeltas of an array of datetime64 or timedelta64. Where the unit is the one that
// all releases know, it is not said, for those before 1.5 do not ask for it.
//
// Sources: pandas/_libs/tslibs/timestamps.pyx, timedeltas.pyx: __reduce__, _unpickle_timestamp, _timedelta_unpickle.
func (w *Budget) pandasTimes(e extension, data any) ([]any, bool, error) {
	o, isObject := data.(*pickle.Object)
	if !isObject {
		return nil, false, nil
	}
	a, ok := pickle.Numpy(o)
	if !ok || len(a.Shape()) != 1 || a.Kind() != 'M' && a.Kind() != 'm' {
		return nil, false, nil
	}
	name, num := a.Unit()
	unit := pandasResolutions[name]
	if num != 1 || unit == 0 {
		return nil, false, nil
	}
	zone, freq := e.zone(), e.attr("_freq")
	make := func(count int64) any {
		switch {
		case a.Kind() == 'm' && name == "ns":
			return pandasCall("pandas._libs.tslibs.timedeltas", "Timedelta", count)
		case a.Kind() == 'm':
			return pandasCall("pandas._libs.tslibs.timedeltas", "_timedelta_unpickle", count, unit)
		case e.cython && name == "ns":
			return pandasCall("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", count, nil, zone)
		case e.cython:
			return pandasCall("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", count, nil, zone, unit)
		}
		return pandasCall("pandas._libs.tslibs.timestamps", "Timestamp", count, freq, zone)
	}
	return w.eachCount(e, a, make)
}

// withoutFreq is a Timestamp of the releases from 1.1 to 1.2 without the frequency of the index that it was taken from.
// Older ones, in which frequencies are made by their classes, leave it there.
func withoutFreq(v any) any {
	o, isObject := v.(*pickle.Object)
	if !isObject || className(o) != "Timestamp" {
		return v
	}
	args, _ := o.Args.(pickle.Tuple)
	if len(args) != 3 {
		return v
	}
	if freq, _ := args[1].(*pickle.Object); freq != nil && freq.Kind == pickle.Reduce {
		return pandasCall("pandas._libs.tslibs.timestamps", "Timestamp", args[0], nil, args[2])
	}
	return v
}

// eachCount makes an object of each number in an array of int64, datetime64 or timedelta64. The smallest is NaT.
func (w *Budget) eachCount(e extension, a pickle.NumpyArray, make func(int64) any) ([]any, bool, error) {
	n := a.Shape()[0]
	if err := w.MakeEach(n, 8*ValueBytes); err != nil {
		return nil, false, err
	}
	var items []any
	for i := range n {
		v, err := a.At(i)
		count, isInt := v.(int64)
		switch {
		case err != nil || !isInt:
			return nil, false, nil
		case count == pickle.NotATime:
			items = append(items, e.missing())
		default:
			items = append(items, make(count))
		}
	}
	return items, true, nil
}

// zone is the time zone of an array of datetimes, nil where it has none.
func (e extension) zone() any {
	d, isObject := e.dtype.(*pickle.Object)
	if !isObject || !strings.HasSuffix(TypeName(d), "DatetimeTZDtype") {
		return nil
	}
	tz, _ := field(d, "tz")
	return tz
}

// periods are those that an array of numbers counts, of the length that its dtype says.
func (w *Budget) periods(e extension) ([]any, bool, error) {
	o, isObject := e.data.(*pickle.Object)
	d, isDtype := e.dtype.(*pickle.Object)
	if !isObject || !isDtype {
		return nil, false, nil
	}
	a, ok := pickle.Numpy(o)
	if !ok || len(a.Shape()) != 1 || a.Kind() != 'i' || a.ItemSize() != 8 {
		return nil, false, nil
	}
	freq, _ := field(d, "freq")
	if _, args, _ := classOf(d); freq == nil && len(args) == 1 {
		freq = args[0]
	}
	if text, isText := freq.(string); isText { // period[M]
		freq = strings.TrimSuffix(strings.TrimPrefix(text, "period["), "]")
	}
	if freq == nil {
		return nil, false, nil
	}
	return w.eachCount(e, a, func(count int64) any {
		return pandasCall("pandas._libs.tslibs.period", "Period", nil, freq, count)
	})
}

// closed says which ends of an array's intervals belong to them.
func (e extension) closed() any {
	if v := e.attr("_closed"); v != nil {
		return v
	}
	d, isObject := e.dtype.(*pickle.Object)
	if !isObject {
		return nil
	}
	for _, name := range []string{"closed", "_closed"} {
		if v, ok := field(d, name); ok {
			return v
		}
	}
	return nil
}

// intervals are those between two arrays of bounds. One without bounds is missing: NaN.
func (w *Budget) intervals(left, right, closed any, depth int) ([]any, bool, error) {
	from, ok1, err1 := w.bounds(left, depth)
	to, ok2, err2 := w.bounds(right, depth)
	if err1 != nil || err2 != nil {
		return nil, false, cmp.Or(err1, err2)
	}
	if !ok1 || !ok2 || closed == nil || len(from) != len(to) {
		return nil, false, nil
	}
	if err := w.MakeEach(len(from), 8*ValueBytes); err != nil {
		return nil, false, err
	}
	items := make([]any, len(from))
	for i := range items {
		items[i] = pandasCall("pandas._libs.interval", "Interval", from[i], to[i], closed)
		if isMissing(from[i]) {
			items[i] = math.NaN()
		}
	}
	return items, true, nil
}

// bounds are the elements of an index or an array as the bounds of intervals have them: scalars of numpy, Timestamps.
func (w *Budget) bounds(v any, depth int) ([]any, bool, error) {
	o, isObject := v.(*pickle.Object)
	if !isObject || depth < 0 {
		return nil, false, nil
	}
	if data := indexData(o); data != nil {
		return w.bounds(data, depth-1)
	}
	if items, ok, err := w.scalars(o); ok || err != nil {
		return items, ok, err
	}
	return w.extensionItems(o, depth-1)
}

// indexData is the array that an index has, nil for what is none.
func indexData(o *pickle.Object) any {
	_, args, _ := classOf(o)
	if !strings.HasPrefix(className(o), "_new_") || len(args) != 2 {
		return nil
	}
	attrs, _ := args[1].(*pickle.Dict)
	return extension{attrs: attrs}.attr("data")
}

func className(o *pickle.Object) string {
	g, _, _ := classOf(o)
	return g.Name
}

// isMissing tells whether a bound is none: NaN or NaT.
func isMissing(v any) bool {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return false
	}
	if strings.HasSuffix(className(o), "nat_unpickle") {
		return true
	}
	n, isScalar := pickle.NumpyScalar(o)
	f, isFloat := n.(float64)
	return isScalar && isFloat && math.IsNaN(f)
}

// sparse are the elements of an array that has only those that are not the usual one.
//
// Source: pandas/_libs/sparse.pyx (IntIndex, BlockIndex).
func (w *Budget) sparse(e extension, depth int) ([]any, bool, error) {
	index, isObject := e.attr("_sparse_index").(*pickle.Object)
	d, isDtype := e.dtype.(*pickle.Object)
	some, ok, err := w.scalars(e.attr("_sparse_values"))
	if !isObject || !isDtype || !ok || err != nil {
		return nil, false, err
	}
	fill, ok := field(d, "_fill_value")
	_, args, _ := classOf(index)
	if !ok || len(args) < 2 {
		return nil, false, nil
	}
	length, isInt := args[0].(int64)
	places, ok, err := w.sparsePlaces(className(index), args[1:], len(some), depth)
	if !isInt || length < 0 || !ok || err != nil || int(length) < len(some) {
		return nil, false, err
	}
	if length > maxIterated {
		return nil, false, raise("MemoryError", "a SparseArray has more than %d elements, too many to be written out", maxIterated)
	}
	if err := w.MakeEach(int(length), ValueBytes); err != nil {
		return nil, false, err
	}
	items := make([]any, length)
	for i := range items {
		items[i] = fill
	}
	for i, at := range places {
		if at < 0 || at >= length {
			return nil, false, nil
		}
		items[at] = some[i]
	}
	return items, true, nil
}

// sparsePlaces are where the n elements of a sparse array are: an array of that, or arrays of where blocks of them begin
// and how long these are.
func (w *Budget) sparsePlaces(class string, args []any, n, depth int) (places []int64, ok bool, err error) {
	numbers := make([][]any, len(args))
	for i, v := range args {
		if numbers[i], ok, err = w.columnItems(v, depth); !ok || err != nil {
			return nil, false, err
		}
	}
	for i, v := range numbers[0] {
		from, isInt := v.(int64)
		long := int64(1)
		if class == "BlockIndex" && len(numbers) == 2 && i < len(numbers[1]) {
			long, _ = numbers[1][i].(int64)
		}
		if !isInt || long < 0 || long > int64(n-len(places)) {
			return nil, false, nil
		}
		for k := range long {
			places = append(places, from+k)
		}
	}
	return places, len(places) == n, nil
}
