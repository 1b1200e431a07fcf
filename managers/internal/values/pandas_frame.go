package values

import (
	"cmp"

	"mpbridge/pickle"
)

// This file takes the columns out of a DataFrame of pandas: each is a Series, as its __getitem__ returns it.

// frameMapping are the columns' names, and the columns. It tells false where they cannot be read: of a name that stands
// twice, a DataFrame has a DataFrame.
func (w *Budget) frameMapping(o *pickle.Object) ([]pickle.Pair, bool, error) {
	axes, ok := axesOf(o)
	if !ok {
		return nil, false, nil
	}
	names, ok, err := w.levelItems(axes[0], maxNested)
	if err != nil || !ok {
		return nil, false, err
	}
	columns, ok, err := w.columns(o, len(names))
	if err != nil || !ok {
		return nil, false, err
	}
	if err := w.MakeEach(len(names), 32*ValueBytes); err != nil {
		return nil, false, err
	}
	all := new(pickle.Dict)
	for i, name := range names {
		n, ok := contentLen(columns[i])
		if !ok || !w.setItem(all, name, seriesOf(o, name, axes[1], columns[i], n)) {
			return nil, false, w.Refused()
		}
	}
	if all.Len() != len(names) {
		return nil, false, nil
	}
	return w.Mapping(all)
}

// columns are what the columns of a frame have in them, by their places.
func (w *Budget) columns(o *pickle.Object, n int) ([]any, bool, error) {
	columns := make([]any, n)
	for _, b := range blocksOf(o) {
		places, ok, err := w.placesOf(b.places, n)
		if err != nil || !ok {
			return nil, false, err
		}
		for i, at := range places {
			if at < 0 || at >= n {
				return nil, false, nil
			}
			if columns[at], err = w.blockRow(b.content, i, len(places)); err != nil {
				return nil, false, err
			}
		}
	}
	return columns, true, nil
}

// block is some columns of a frame that are of one type: its content is an array of numpy of two dimensions, a row for
// each column, or an array of pandas that is one column.
type block struct{ content, places any }

// blocksOf returns the blocks of a DataFrame: BlockManager((_unpickle_block(values, places, dimensions), …), axes), or,
// before 1.3, a state whose last part is {'0.14.1': {'blocks': [{'values': …, 'mgr_locs': …}, …]}}.
func blocksOf(o *pickle.Object) (out []block) {
	m, ok := manager(o)
	if !ok {
		return nil
	}
	if state, isTuple := m.State.(pickle.Tuple); isTuple && len(state) == 4 {
		versions, _ := state[3].(*pickle.Dict)
		now, _ := extension{attrs: versions}.attr("0.14.1").(*pickle.Dict)
		blocks, _ := itemsOf(extension{attrs: now}.attr("blocks"))
		for _, v := range blocks {
			d, _ := v.(*pickle.Dict)
			parts := extension{attrs: d}
			out = append(out, block{parts.attr("values"), parts.attr("mgr_locs")})
		}
		return out
	}
	args, _ := m.Args.(pickle.Tuple)
	if len(args) != 2 {
		return nil
	}
	blocks, _ := itemsOf(args[0])
	for _, v := range blocks {
		if b, isObject := v.(*pickle.Object); isObject && className(b) == "_unpickle_block" {
			if parts, _ := b.Args.(pickle.Tuple); len(parts) >= 2 {
				out = append(out, block{parts[0], parts[1]})
			}
		}
	}
	return out
}

// placesOf are those of a block's columns among n: a slice, or an array of numbers.
func (w *Budget) placesOf(v any, n int) ([]int, bool, error) {
	if s, isSlice := v.(pickle.Slice); isSlice {
		start, _, step, count, err := SliceIndices(s, n)
		if err != nil {
			return nil, false, err
		}
		out := make([]int, count)
		for i := range out {
			out[i] = start + i*step
		}
		return out, true, nil
	}
	numbers, ok, err := w.columnItems(v, maxNested)
	if err != nil || !ok || len(numbers) > n {
		return nil, false, err
	}
	out := make([]int, len(numbers))
	for i, v := range numbers {
		at, isInt := v.(int64)
		if !isInt || at < 0 || at >= int64(n) {
			return nil, false, nil
		}
		out[i] = int(at)
	}
	return out, true, nil
}

// blockRow is the content of one column of a block that has n of them, nil where it cannot be read.
func (w *Budget) blockRow(content any, i, n int) (any, error) {
	o, isObject := content.(*pickle.Object)
	if !isObject {
		return nil, nil
	}
	if rows, ok := pickle.NumpyRowsOf(o); ok {
		if rows.Dims() != 2 || rows.Len() != n {
			return nil, nil
		}
		if err := w.MakeEach(1, rows.Bytes()); err != nil {
			return nil, err
		}
		return rows.Row(i), nil
	}
	parts, ok := o.State.(pickle.Tuple)
	if data, isArray := dataOf(parts); ok && isArray && data.Dims() == 2 { // times, which may have two dimensions, too
		row, err := w.blockRow(parts[1], i, n)
		if row == nil || err != nil {
			return nil, err
		}
		one, state := *o, append(pickle.Tuple(nil), parts...)
		state[1] = row
		one.State = state
		return &one, nil
	}
	if n != 1 {
		return nil, nil
	}
	return o, nil
}

// dataOf returns the array of numpy in the state of an array of pandas.
func dataOf(parts pickle.Tuple) (*pickle.NumpyRows, bool) {
	if len(parts) < 2 {
		return nil, false
	}
	o, isObject := parts[1].(*pickle.Object)
	if !isObject {
		return nil, false
	}
	return pickle.NumpyRowsOf(o)
}

// contentLen returns how many elements a column has.
func contentLen(content any) (int, bool) {
	o, isObject := content.(*pickle.Object)
	if !isObject {
		return 0, false
	}
	if n, ok := arrayLen(o); ok {
		return n, true
	}
	e, ok := extensionOf(o)
	if !ok {
		return 0, false
	}
	if index, isObject := e.attr("_sparse_index").(*pickle.Object); isObject {
		if _, args, _ := classOf(index); len(args) > 0 {
			n, isInt := args[0].(int64)
			return int(n), isInt && n >= 0 && n <= maxIterated
		}
	}
	for _, v := range []any{e.data, e.attr("_codes"), e.attr("_left")} {
		if left, isObject := v.(*pickle.Object); isObject {
			return arrayLen(cmp.Or(indexData(left), v))
		}
	}
	return 0, false
}

// arrayLen returns how many elements an array of numpy of one dimension has.
func arrayLen(v any) (int, bool) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return 0, false
	}
	rows, ok := pickle.NumpyRowsOf(o)
	if !ok || rows.Dims() != 1 {
		return 0, false
	}
	return rows.Len(), true
}

// seriesOf makes the Series of a column as the frame's own release pickles it.
func seriesOf(frame *pickle.Object, name, index, content any, n int) *pickle.Object {
	g, _, _ := classOf(frame)
	class, key := pickle.Global{Module: "pandas.core.series", Name: "Series"}, "name"
	if g.Module == "pandas" {
		class.Module, key = "pandas", "_name"
	}
	axes := &pickle.List{Items: []any{index}}
	blocks := pickle.NewDict("values", content, "mgr_locs", pickle.Slice{Start: int64(0), Stop: int64(n), Step: int64(1)})
	inner := &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: "pandas.core.internals.managers", Name: "SingleBlockManager"},
		Args: pickle.Tuple{}, HasState: true, State: pickle.Tuple{axes, &pickle.List{Items: []any{content}}, axes,
			pickle.NewDict("0.14.1", pickle.NewDict("axes", axes, "blocks", &pickle.List{Items: []any{blocks}}))},
	}
	held := "_mgr"
	if _, ok := field(frame, held); !ok {
		held = "_data"
	}
	state := pickle.NewDict(held, inner, "_typ", "series", "_metadata", &pickle.List{Items: []any{key}}, key, name)
	for _, more := range []string{"attrs", "_flags"} {
		if v, ok := field(frame, more); ok {
			_ = state.Set(more, v) // which is no key without a hash
		}
	}
	return &pickle.Object{Kind: pickle.NewObj, Class: class, Args: pickle.Tuple{}, State: state, HasState: true}
}
